#include "checks/flow/Captures.h"
#include "checks/flow/Engine.h"

namespace latchkey::flow {

CaptureSite captureSite(const ir::Function &Body, size_t Number) {
  const ir::Range &At = Body.Variables[Body.Captures[Number]].Where;
  if (At.valid() && !At.Macro && At.File == Body.Begin.File && At.Offset < Body.Begin.Offset)
    return {At, {}};
  return {{}, Body.CaptureDefault};
}

CaptureSite captureOf(const Program &P, const Resolved &Closure, Loc L) {
  const ir::Function *Body = P.function(Closure.Callee);
  for (size_t I = 0; Body && I < Body->Captures.size() && I < Closure.Captures.size(); ++I)
    if (Closure.Captures[I].L == L)
      return captureSite(*Body, I);
  return {};
}

bool copiesWell(const Program &P, const Resolved &Closure, const ir::Type &T) {
  const ir::Function *Body = P.function(Closure.Callee);
  if (!Body || T.Atomic || (T.K != ir::Type::Kind::Number && T.K != ir::Type::Kind::Pointer))
    return false;
  bool Changes = false;
  forEachNode(Body->Body, [&](const ir::Node &N) {
    const auto *Effect = N.as<ir::Effect>();
    Changes |= Effect && (Effect->O == ir::Op::Assign || Effect->O == ir::Op::Write);
  });
  return !Changes;
}

} // namespace latchkey::flow
