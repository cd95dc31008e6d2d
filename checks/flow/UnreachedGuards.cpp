#include "checks/flow/UnreachedGuards.h"

#include "checks/flow/Program.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

/// A break in Nodes leaves the loop that they are the body of.
static bool breaks(const ir::Nodes &Nodes) {
  return llvm::any_of(Nodes, [](const ir::Node &N) {
    if (N.as<ir::Break>() || N.as<ir::Goto>())
      return true;
    if (const auto *S = N.as<ir::Sequence>())
      return breaks(S->Children);
    if (const auto *I = N.as<ir::If>())
      return breaks(I->Then) || breaks(I->Else);
    if (const auto *T = N.as<ir::Try>())
      return breaks(T->Body) || llvm::any_of(T->Handlers, [](const ir::Handler &H) { return breaks(H.Body); });
    bool Jumps = false;
    auto Look = [&](const ir::Node &Inner) { Jumps |= Inner.as<ir::Goto>() != nullptr; };
    if (const auto *L = N.as<ir::Loop>())
      forEachNode(L->Body, Look);
    if (const auto *E = N.as<ir::Foreach>())
      forEachNode(E->Body, Look);
    if (const auto *W = N.as<ir::Switch>())
      for (const ir::SwitchCase &Case : W->Cases)
        forEachNode(Case.Body, Look);
    return Jumps;
  });
}

static bool neverPasses(const ir::Node &N) {
  if (const auto *L = N.as<ir::Loop>())
    return L->Endless && !breaks(L->Body);
  if (const auto *E = N.as<ir::Effect>())
    return E->O == ir::Op::Exit || (E->O == ir::Op::Call && E->NoReturn);
  if (const auto *S = N.as<ir::Sequence>())
    return !S->Children.empty() && llvm::any_of(S->Children, neverPasses) &&
           llvm::none_of(S->Children, [](const ir::Node &Child) { return Child.as<ir::Label>(); });
  return N.as<ir::Return>() || N.as<ir::Throw>();
}

static void look(const ir::Nodes &Nodes, const ir::Function &F, std::vector<GuardFault> &Found) {
  const ir::Node *Wall = nullptr;
  for (const ir::Node &N : Nodes) {
    if (N.as<ir::Label>())
      Wall = nullptr;
    const auto *E = N.as<ir::Effect>();
    if (Wall && E && E->O == ir::Op::Arm && !llvm::StringRef(E->Input.Callee).starts_with("op:")) {
      GuardFault G;
      G.K = GuardFault::Kind::NeverArmed;
      G.Certain = true;
      G.Where = G.Armed = E->Where;
      G.Cause = Wall->Where;
      G.How = Wall->as<ir::Loop>() ? "loop" : "";
      if (E->Subject.R == ir::Place::Root::Variable && !F.Variables[E->Subject.Index].Where.Macro)
        G.Guard = G.Subject = F.Variables[E->Subject.Index].Name;
      Found.push_back(std::move(G));
    }
    if (!Wall && neverPasses(N))
      Wall = &N;
  }
}

std::vector<GuardFault> unreachedGuards(const ir::Module &, const ir::Function &F) {
  std::vector<GuardFault> Found;
  look(F.Body.Children, F, Found);
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *S = N.as<ir::Sequence>())
      look(S->Children, F, Found);
  });
  return Found;
}

} // namespace latchkey::flow
