// What can be said of a task's start and end alone: exceptions that leave it, handles that are dropped at once, who
// joins it.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

/// An exception that leaves a task whose handle does not carry it to whoever joins.
void Engine::escapingThrows(const Exits &Ends, const TaskSite &Site) {
  for (const Exit &E : Ends) {
    if (E.O.K != Outcome::Kind::Throw || Site.Body->Coroutine)
      continue;
    const TrailStep *Thrown = nullptr;
    for (const TrailStep *T = E.S.Path.get(); T && T != Site.Since.get() && !Thrown; T = T->Before.get())
      if (T->Step.K == PathStep::Kind::Exit && T->Step.Text == "throw")
        Thrown = T;
    if (!Thrown)
      continue;
    EscapingThrow X;
    X.Where = Thrown->Step.Where;
    if (X.Where.valid() && M.Files[X.Where.File].System)
      X.Where = Site.Where;
    X.Started = Site.Where;
    X.Task = Site.Body->Name;
    X.Type = E.O.Types.empty() ? std::string() : E.O.Types.front();
    X.Subject = X.Type;
    report(Facts.Throws, std::move(X), NoLoc);
  }
}

/// A handle that waits for its task when it dies, and does so before anything else was done.
void Engine::discarded(Loc L, const HandleState &H, const Frame &F) {
  const Locations::Entry &Root = Places[L];
  if (F.Number != 1 || TaskDepth > 0 || Root.Parent != NoLoc || Root.Root != Locations::RootKind::Variable ||
      Root.Frame != F.Number)
    return;
  const ir::Variable &V = Root.Owner->Variables[Root.Index];
  bool Temporary = V.K == ir::Variable::Kind::Temporary;
  bool AtOnce = V.K == ir::Variable::Kind::Local && type(L).K == TypeKind::Future && Cleaning.C && Cleaning.C->Last;
  if (!Temporary && !AtOnce)
    return;
  DiscardedTask D;
  D.Subject = V.Name;
  D.Temporary = Temporary;
  D.Where = H.Started;
  D.End = Leaving.Where;
  report(Facts.Discarded, std::move(D), L);
}

/// Somebody waits for the end of a task.
void Engine::joined(Loc Handle, uint32_t Task, ir::Range Where, State &S) {
  if (auto It = TaskBodies.find(Task); It != TaskBodies.end() && !Quiet && TaskDepth == 0) {
    JoinedTask J;
    J.Subject = spell(Handle);
    J.Where = Where;
    J.Started = It->second.second;
    J.Body = It->second.first;
    J.Stops = type(Handle).Stops;
    J.Asked = AskedToEnd.contains(Task);
    if (llvm::none_of(Facts.Joined, [&](const JoinedTask &O) { return O.Body == J.Body && O.Where == J.Where; }))
      Facts.Joined.push_back(std::move(J));
  }
  taskEnded(Task, Where, S);
}

/// Variables that change from turn to turn while what a turn has started still runs, with where they do.
static std::map<uint32_t, ir::Range> changedByLoop(const ir::Nodes &Body, const ir::Nodes *Step,
                                                   const ir::Condition *Test, const ir::Foreach *Items,
                                                   ir::Range Where) {
  std::map<uint32_t, ir::Range> Changed;
  auto Add = [&](const ir::Place &P, ir::Range At) {
    bool Part = llvm::all_of(P.Path, [](const ir::Step &S) { return S.K == ir::Step::Kind::Field; });
    if (P.R == ir::Place::Root::Variable && Part)
      Changed.try_emplace(P.Index, At);
  };
  auto Given = [&](const ir::Effect &E) {
    for (const ir::Value &A : E.Args)
      if (A.K == ir::Value::Kind::Address && !A.Const)
        Add(A.P, E.Where);
  };
  auto Written = [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    if ((E->O == ir::Op::Assign || E->O == ir::Op::Write) && !E->Initial)
      Add(E->Subject, E->Where);
    if (E->O == ir::Op::Call && E->System)
      Given(*E);
  };
  if (Items && Items->ByValue)
    Changed.try_emplace(Items->Item, Where);
  if (Step)
    forEachNode(*Step, Written);
  if (Test)
    forEachNode(Test->Before, [&](const ir::Node &N) {
      Written(N);
      if (const auto *E = N.as<ir::Effect>(); E && E->O == ir::Op::Call) // `while (read(request))`
        Given(*E);
    });
  bool Locks = false;
  forEachNode(Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Locks |= E && (E->O == ir::Op::Lock || E->O == ir::Op::TryLock);
  });
  if (!Locks)
    forEachNode(Body, Written);
  return Changed;
}

void Engine::loopCaptures(const ir::Nodes &Body, const ir::Nodes *Step, const ir::Condition *Test,
                          const ir::Foreach *Items, ir::Range Where, const State &Head, States &Ends, Frame &F) {
  if (F.Number != 1 || TaskDepth > 0)
    return;
  for (State &E : Ends)
    for (const auto &[Id, T] : E.Tasks) {
      if (Head.Tasks.contains(Id) || !running(Id, T, E))
        continue;
      std::map<uint32_t, ir::Range> Changed = changedByLoop(Body, Step, Test, Items, Where);
      for (const Loan::Object &O : T.What->Objects) {
        const Locations::Entry &Root = Places[O.L];
        if (Root.Parent != NoLoc || Root.Frame != F.Number)
          continue;
        auto It = Changed.find(Root.Index);
        if (It == Changed.end() || type(O.L).Atomic || type(O.L).K == TypeKind::Handle ||
            type(O.L).K == TypeKind::Container)
          continue;
        LoopCapture C;
        C.Subject = spell(O.L);
        C.Where = T.What->Site;
        C.Changed = It->second;
        C.Capture = O.Capture;
        report(Facts.LoopCaptures, std::move(C), O.L);
      }
    }
}

} // namespace latchkey::flow
