// Callables that one branch runs or hands on, although the other one comes to the wait for their result as well.
#include "checks/flow/Endless.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Items = std::vector<const ir::Node *>;

static bool names(const ir::Value &V, uint32_t Variable) {
  auto Inside = [&](const ir::Value &Part) { return names(Part, Variable); };
  return (V.P.R == ir::Place::Root::Variable && V.P.valid() && V.P.Index == Variable) ||
         llvm::any_of(V.Captures, Inside) || llvm::any_of(V.Args, Inside);
}

static bool names(const ir::Node &N, uint32_t Variable) {
  if (const auto *R = N.as<ir::Return>())
    return names(R->Result, Variable);
  const auto *E = N.as<ir::Effect>();
  if (!E || E->O == ir::Op::Destroy)
    return false;
  bool Subject = E->Subject.valid() && E->Subject.R == ir::Place::Root::Variable && E->Subject.Index == Variable;
  return Subject || names(E->Input, Variable) ||
         llvm::any_of(E->Args, [&](const ir::Value &A) { return names(A, Variable); });
}

static bool namedIn(const ir::Nodes &Children, uint32_t Variable) {
  bool Found = false;
  forEachNode(Children, [&](const ir::Node &N) { Found |= names(N, Variable); });
  return Found;
}

/// Some way does not come to the end: the branch that leads to it may be the one that did not run the task.
static bool mayLeave(const ir::Nodes &Children) {
  bool Found = false;
  forEachNode(Children, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Found |= N.as<ir::Return>() || N.as<ir::Throw>() || N.as<ir::Break>() || N.as<ir::Continue>() || N.as<ir::Goto>() ||
             N.as<ir::Label>() || (E && (E->O == ir::Op::Exit || E->NoReturn));
  });
  return Found;
}

static void flatten(const ir::Nodes &Children, Items &Into) {
  for (const ir::Node &N : Children)
    if (const auto *S = N.as<ir::Sequence>())
      flatten(S->Children, Into);
    else
      Into.push_back(&N);
}

/// What the node holds, as far as it is no effect.
static std::vector<const ir::Nodes *> parts(const ir::Node &N) {
  std::vector<const ir::Nodes *> Parts;
  if (const auto *I = N.as<ir::If>())
    Parts = {&I->Test.Before, &I->Then, &I->Else};
  else if (const auto *L = N.as<ir::Loop>())
    Parts = {&L->Test.Before, &L->Body, &L->Step};
  else if (const auto *E = N.as<ir::Foreach>())
    Parts = {&E->Body};
  else if (const auto *C = N.as<ir::Cleanup>())
    Parts = {&C->Body};
  else if (const auto *W = N.as<ir::Switch>())
    for (const ir::SwitchCase &Case : W->Cases)
      Parts.push_back(&Case.Body);
  else if (const auto *T = N.as<ir::Try>()) {
    Parts = {&T->Body};
    for (const ir::Handler &H : T->Handlers)
      Parts.push_back(&H.Body);
  }
  return Parts;
}

/// The branch that leaves the task alone; null if both or none do, or if it need not come to what follows.
static const ir::Nodes *sparingBranch(const ir::If &I, uint32_t Task, uint32_t Future) {
  bool Then = namedIn(I.Then, Task), Else = namedIn(I.Else, Task);
  const ir::Nodes &Other = Then ? I.Else : I.Then;
  bool Plain = Then != Else && !namedIn(I.Test.Before, Task) && I.Test.Parts.empty();
  return Plain && !mayLeave(Other) && !namedIn(Other, Future) ? &Other : nullptr;
}

/// The wait for Future that a way without Task comes to, from the place on where the future was taken.
static const ir::Effect *awaitedUnrun(llvm::ArrayRef<const ir::Node *> Rest, uint32_t Task, uint32_t Future,
                                      ir::Range &Branch) {
  for (const ir::Node *N : Rest) {
    const auto *E = N->as<ir::Effect>();
    bool Waits =
        E && (E->O == ir::Op::Get || E->O == ir::Op::Await) && !E->Timed && E->Subject == ir::Place::variable(Future);
    if (Waits)
      return Branch.valid() ? E : nullptr;
    if (names(*N, Task) || N->as<ir::Return>() || N->as<ir::Goto>() || N->as<ir::Label>())
      return nullptr;
    if (const auto *I = N->as<ir::If>(); I && !Branch.valid() && sparingBranch(*I, Task, Future)) {
      Branch = N->Where;
      continue;
    }
    for (const ir::Nodes *Part : parts(*N))
      if (namedIn(*Part, Task) || (Branch.valid() && mayLeave(*Part)))
        return nullptr;
  }
  return nullptr;
}

std::vector<DiscardedTask> skippedTasks(const ir::Module &M, const ir::Function &F) {
  std::vector<DiscardedTask> Found;
  auto IsLocal = [&](const ir::Place &P, TypeKind K) {
    return P.valid() && P.R == ir::Place::Root::Variable && P.Path.empty() &&
           F.Variables[P.Index].K == ir::Variable::Kind::Local && M.Types[F.Variables[P.Index].Type].K == K;
  };
  Items All;
  flatten(F.Body.Children, All);
  for (size_t I = 0; I < All.size(); ++I) {
    const auto *E = All[I]->as<ir::Effect>();
    bool Takes = E && E->O == ir::Op::Call && E->System && E->Args.size() == 1 &&
                 IsLocal(E->Args[0].P, TypeKind::Callable) && IsLocal(E->Result, TypeKind::Future);
    if (!Takes)
      continue;
    uint32_t Task = E->Args[0].P.Index;
    DiscardedTask D;
    if (const ir::Effect *Wait = awaitedUnrun(llvm::ArrayRef(All).drop_front(I + 1), Task, E->Result.Index, D.Branch)) {
      D.Subject = F.Variables[Task].Name;
      D.NeverRun = true;
      D.Where = Wait->Where;
      D.End = F.Variables[Task].Where;
      Found.push_back(std::move(D));
    }
  }
  return Found;
}

} // namespace latchkey::flow
