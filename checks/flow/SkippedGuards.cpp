// The program ends, and what is armed there never fires.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::flow {

void Defers::enterScope(const ir::Cleanup &C, const Frame &F) {
  Pending.push_back({&C, &F, E.TaskDepth});
}

/// The end is the answer to a wrong command line, where nothing has been done yet.
static bool isUsageError(const State &S, const ir::Function &In, llvm::StringRef LastCall) {
  auto Asks = [&](const ir::Condition &C, auto &Self) -> bool {
    bool Found = false;
    forEachPlace(C.Test, [&](const ir::Place &P) {
      Found |= P.R == ir::Place::Root::Variable && llvm::is_contained(In.Parameters, P.Index);
    });
    return Found || llvm::any_of(C.Parts, [&](const ir::Condition &Part) { return Self(Part, Self); });
  };
  for (llvm::StringRef Word : {"usage", "help", "version"})
    if (LastCall.contains_insensitive(Word))
      return true;
  if (In.Name != "main")
    return false;
  for (const TrailStep *T = S.Path.get(); T; T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Branch)
      return T->In == &In && T->Test && Asks(*T->Test, Asks);
  return false;
}

void Defers::exits(const ir::Effect &Exit, const State &S, const Frame &F) {
  if (!Exit.Ends || E.Quiet || S.Defers.Forked || isUsageError(S, *F.F, LastCall) || F.F->Test)
    return;
  for (const Scope &Open : llvm::reverse(Pending)) {
    if (Open.TaskDepth != E.TaskDepth)
      break;
    if (Open.C->On == ir::Cleanup::Mask::Throw || Open.F->Number != 1)
      continue;
    for (const ir::Node &N : Open.C->Body) {
      const auto *Destroy = N.as<ir::Effect>();
      if (!Destroy || Destroy->O != ir::Op::Destroy)
        continue;
      Loc L = E.resolve(Destroy->Subject, S, *Open.F);
      std::string By;
      ir::Range Armed;
      const ir::Effect *Source = nullptr;
      if (auto It = S.Guards.find(L); It != S.Guards.end()) {
        Source = It->second.Source;
        const ir::Function *Body = E.P.function(It->second.Callee);
        if (Body ? !Outside.acts(*Body, By) : !(Source && Source->Lasting))
          continue;
      } else if (const ir::Class *C = E.P.classById(E.type(L).Class)) {
        const ir::Function *Destructor = E.P.function(C->Destructor);
        if (!Destructor || !Outside.acts(*Destructor, By))
          continue;
        if (Destroy->Subject.R == ir::Place::Root::Variable)
          Armed = Open.F->F->Variables[Destroy->Subject.Index].Where;
      } else {
        continue;
      }
      GuardFault G = fault(GuardFault::Kind::Skipped, L, Exit.Where, Source, S);
      G.Subject = E.spell(L);
      G.Guard = nameOf(L);
      G.By = By;
      G.How = Exit.Text;
      if (Armed.valid())
        G.Armed = Armed;
      report(std::move(G));
      return;
    }
  }
}

} // namespace latchkey::flow
