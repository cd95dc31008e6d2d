#include "checks/flow/Lasting.h"

namespace latchkey::flow {

bool Lasting::acts(const ir::Effect &Call, std::string &By) {
  if (Call.O == ir::Op::Call) {
    if (const ir::Function *Callee = P.function(Call.Callee))
      return acts(*Callee, By);
    if (Call.Lasting)
      By = Call.Text;
    return Call.Lasting;
  }
  const ir::Function *Body = nullptr;
  if (Call.O == ir::Op::Invoke && Call.Input.K == ir::Value::Kind::Closure)
    Body = P.function(Call.Input.Callee);
  return Body && acts(*Body, By);
}

bool Lasting::acts(const ir::Function &F, std::string &By) {
  auto [It, New] = Known.try_emplace(&F);
  if (!New) {
    By = It->second;
    return !By.empty();
  }
  std::string Found;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>(); E && Found.empty())
      acts(*E, Found);
  });
  By = Known[&F] = Found;
  return !Found.empty();
}

} // namespace latchkey::flow
