#include "checks/flow/WaysOut.h"
#include "checks/flow/Program.h"

namespace latchkey::flow {

WayOut wayOut(const ir::Function &F, const ir::Range &Where, bool Unbraced) {
  if (!Unbraced)
    return {Where, false};
  WayOut Found;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *R = N.as<ir::Return>(); R && N.Where == Where && R->Bare.valid())
      Found = {R->Bare, true};
  });
  return Found;
}

} // namespace latchkey::flow
