// The liveness domain: which tasks may still run when something that they were lent dies.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using TaskKind = RunningTask::Kind;

/// A start of a task is told by its place and by the object that becomes the handle: the same method starts another
/// task for another object.
uint32_t Engine::taskAt(ir::Range Where, Loc Handle, const Frame &F) {
  auto Key = std::make_tuple(Where, Handle, Handle == NoLoc ? F.Number : 0);
  return TaskNumbers.try_emplace(Key, static_cast<uint32_t>(TaskNumbers.size()) + 1).first->second;
}

/// A variable of an activation, or a part of it: dies with its block.
bool Engine::isLocal(Loc L) const {
  for (; Places[L].Parent != NoLoc; L = Places[L].Parent)
    if (Places[L].Via.K == ir::Step::Kind::Deref)
      return false;
  const Locations::Entry &Root = Places[L];
  if (Root.Root != Locations::RootKind::Variable)
    return false;
  const ir::Variable &V = Root.Owner->Variables[Root.Index];
  return !V.Static && (V.K == ir::Variable::Kind::Local || V.K == ir::Variable::Kind::Parameter);
}

/// The function to which the variable belongs moves all of it somewhere.
static bool movesAway(const ir::Function &F, uint32_t Variable) {
  auto Moves = [&](const ir::Value &V, auto &Self) -> bool {
    auto Inside = [&](const ir::Value &Part) { return Self(Part, Self); };
    return (V.K == ir::Value::Kind::Move && V.P == ir::Place::variable(Variable)) || llvm::any_of(V.Captures, Inside) ||
           llvm::any_of(V.Args, Inside);
  };
  bool Found = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *R = N.as<ir::Return>())
      Found |= Moves(R->Result, Moves);
    if (const auto *E = N.as<ir::Effect>())
      Found |= (E->O == ir::Op::Swap &&
                (E->Subject == ir::Place::variable(Variable) || E->Input.P == ir::Place::variable(Variable))) ||
               Moves(E->Input, Moves) || llvm::any_of(E->Args, [&](const ir::Value &A) { return Moves(A, Moves); });
  });
  return Found;
}

void Engine::lendPlace(Loc L, bool This, const State &S, Loan &Into, unsigned Depth) {
  if (L == NoLoc || Depth > 4)
    return;
  if (isLocal(L)) {
    // Elements go where their container is moved to.
    const Locations::Entry &Root = Places[Places.root(L)];
    if (elementOf(L) != NoLoc && movesAway(*Root.Owner, Root.Index))
      return;
    if (llvm::none_of(Into.Objects, [&](const Loan::Object &O) { return O.L == L; }))
      Into.Objects.push_back({L, This});
  } else if (!Into.Shared.insert(L).second) {
    return;
  }
  Into.Counts |= type(L).K == TypeKind::Counter;
  // Whoever has the address of an object has what its pointers lead to.
  for (const auto &[Pointer, Target] : S.Pointers)
    if (Places.within(Pointer, L) && Pointer != L)
      lendPlace(Target, false, S, Into, Depth + 1);
  if (auto It = S.Callables.find(L); It != S.Callables.end())
    lendValue(It->second, S, Into, Depth + 1);
}

/// The function to which the variable belongs moves from it somewhere, or gives it another value.
static bool givesUp(const ir::Function &F, uint32_t Variable) {
  auto Moves = [&](const ir::Value &V, auto &Self) -> bool {
    auto Inside = [&](const ir::Value &Part) { return Self(Part, Self); };
    bool Mine = V.P.R == ir::Place::Root::Variable && V.P.Index == Variable && V.P.Path.empty();
    return (Mine && (V.K == ir::Value::Kind::Move || V.K == ir::Value::Kind::Address)) ||
           llvm::any_of(V.Captures, Inside) || llvm::any_of(V.Args, Inside);
  };
  bool Found = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *R = N.as<ir::Return>())
      Found |= Moves(R->Result, Moves);
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    bool Changed = !E->Initial && E->Subject == ir::Place::variable(Variable) && E->O != ir::Op::Destroy &&
                   E->O != ir::Op::Declare && E->O != ir::Op::Call;
    Found |=
        Changed || Moves(E->Input, Moves) || llvm::any_of(E->Args, [&](const ir::Value &A) { return Moves(A, Moves); });
  });
  return Found;
}

/// A raw pointer made from a local that owns what it points to, and keeps it to its end.
void Engine::lendPointees(const Resolved &Closure, Loan &Into) {
  const ir::Function *Body = P.function(Closure.Callee);
  if (!Body)
    return;
  auto Lend = [&](const Resolved &Part, uint32_t Variable) {
    const ir::Type &Given = M.Types[Body->Variables[Variable].Type];
    bool Raw = Given.K == TypeKind::Pointer && !Given.Owning && !Given.Reference;
    if (!Raw || Part.K != Resolved::Kind::Copy || Part.L == NoLoc || !isLocal(Part.L) || Places[Part.L].Parent != NoLoc)
      return;
    const ir::Type &Owner = type(Part.L);
    const Locations::Entry &Root = Places[Part.L];
    if (Owner.K == TypeKind::Pointer && Owner.Owning && !Owner.SharedCopies && !givesUp(*Root.Owner, Root.Index))
      Into.Objects.push_back({Part.L, false});
  };
  for (size_t I = 0; I < Body->Captures.size() && I < Closure.Captures.size(); ++I)
    Lend(Closure.Captures[I], Body->Captures[I]);
  size_t First = Body->hasThis() && !Body->Lambda ? 1 : 0;
  for (size_t I = 0; I < Body->Parameters.size() && I + First < Closure.Args.size(); ++I)
    Lend(Closure.Args[I + First], Body->Parameters[I]);
}

/// Collects what a task that gets V can reach.
void Engine::lendValue(const Resolved &V, const State &S, Loan &Into, unsigned Depth) {
  if (Depth > 4)
    return;
  Resolved Held = callable(V, S);
  if (Held.K == Resolved::Kind::Closure) {
    for (const std::vector<Resolved> *Parts : {&Held.Captures, &Held.Args})
      for (const Resolved &Part : *Parts)
        lendValue(Part, S, Into, Depth + 1);
    lendPointees(Held, Into);
    return;
  }
  if (V.L == NoLoc)
    return;
  const ir::Type &T = type(V.L);
  if (V.K == Resolved::Kind::Address) {
    lendPlace(V.L, false, S, Into, Depth);
  } else if (V.K == Resolved::Kind::Copy && T.K == TypeKind::Pointer) {
    bool This = Places[V.L].Parent == NoLoc && Places[V.L].Owner &&
                Places[V.L].Owner->Variables[Places[V.L].Index].Name == "this";
    Loc Target = target(V.L, S);
    if (T.Owning)
      Into.Shared.insert(Target);
    else
      lendPlace(Target, This, S, Into, Depth);
  } else if (V.K == Resolved::Kind::Copy || (V.K == Resolved::Kind::Move && T.K != TypeKind::Pointer)) {
    Loc Same = follow(V.L, S);
    if (T.SharedCopies)
      Into.Shared.insert(Same);
    Into.Counts |= T.SharedCopies && T.K == TypeKind::Counter;
    // Itself, if it is a view.
    for (const auto &[Pointer, Target] : S.Pointers)
      if (Places.within(Pointer, Same))
        lendPlace(Target, false, S, Into, Depth + 1);
  } else if (V.K == Resolved::Kind::Move) { // a guard takes along what it refers to
    for (const auto &[G, Armed] : S.Guards)
      if (Places.within(G, V.L))
        for (const Resolved &Part : Armed.Captures)
          lendValue(Part, S, Into, Depth + 1);
  }
}

/// A task starts: remembers what it was lent, if that can die before it ends.
void Engine::lend(uint32_t Task, const Resolved &Closure, const ir::Effect &E, Loc Handle, State &S, Frame &F) {
  S.Tasks.erase(Task);
  if (TaskDepth > 0)
    return;
  auto What = std::make_shared<Loan>();
  lendValue(Closure, S, *What, 0);
  std::erase_if(What->Objects, [&](const Loan::Object &O) { return Handle != NoLoc && Places.within(Handle, O.L); });
  if (What->Objects.empty())
    return;
  Resolved Held = callable(Closure, S);
  for (Loan::Object &O : What->Objects)
    if (type(O.L).K == TypeKind::Number && copiesWell(P, Held, type(O.L)))
      O.Capture = captureOf(P, Held, O.L);
  if (Handle != NoLoc && !isTemporary(Handle))
    What->Handle = spell(Handle);
  What->Started = E.Where;
  What->Site = F.Number == 1 ? E.Where : OuterCall;
  for (const auto &[C, K] : S.Counters)
    What->Counts |= K.Completion.valid() &&
                    llvm::any_of(What->Objects, [&, C = C](const Loan::Object &O) { return Places.within(C, O.L); });
  if (Handle != NoLoc && type(Handle).K == TypeKind::Pool)
    What->Pool = Handle;
  bool Loose = Handle == NoLoc || What->Pool != NoLoc;
  // Fibres on the starter's own thread run when that waits, which is anything it calls.
  if (Handle == NoLoc && !What->Counts && E.Shared)
    return;
  S.Tasks[Task] = {Loose ? TaskKind::Loose : TaskKind::Held, {}, std::move(What)};
}

/// The task of a handle ended: whatever it was lent has outlived it, unless it died just before.
void Engine::taskEnded(uint32_t Task, ir::Range Where, State &S) {
  auto It = S.Tasks.find(Task);
  if (It == S.Tasks.end())
    return;
  for (auto [Dead, Object] : Doomed)
    if (Dead == Task)
      dangle(It->second, Object, DanglingCapture::How::JoinedLate, Where);
  forgetTask(It->second);
  S.Tasks.erase(It);
}

/// Nobody can join the task any more.
void Engine::taskLetGo(uint32_t Task, bool Abandoned, ir::Range Where, State &S, Frame &F) {
  auto It = S.Tasks.find(Task);
  if (It == S.Tasks.end())
    return;
  It->second.K = Abandoned ? TaskKind::Abandoned : TaskKind::Detached;
  It->second.Since = F.Number == 1 ? Where : OuterCall;
}

/// On this way the task is known to be over, or nothing is known of it.
void Engine::forgetTask(const RunningTask &T) {
  for (const Loan::Object &O : T.What->Objects)
    judged(Places.root(O.L), placeOf(T), false);
}

/// This thread waits for something that the task may bring about: X, or anything if that is not known.
void Engine::synchronise(Loc X, State &S) {
  if (S.Tasks.empty() || TaskDepth > 0)
    return;
  bool Own = X != NoLoc && isLocal(X);
  auto Over = [&](const auto &Entry) {
    const Loan &What = *Entry.second.What;
    auto Meets = [&](Loc L) { return Places.within(X, L) || Places.within(L, X); };
    bool Reaches = !Own || llvm::any_of(What.Objects, [&](const Loan::Object &O) { return Meets(O.L); }) ||
                   llvm::any_of(What.Shared, Meets);
    if (Reaches)
      forgetTask(Entry.second);
    return Reaches;
  };
  std::erase_if(S.Tasks, Over);
}

/// Code that may wait for tasks gets these values.
void Engine::mayWaitWith(const std::vector<Resolved> &Args, State &S) {
  if (S.Tasks.empty() || TaskDepth > 0)
    return;
  for (const Resolved &A : Args) {
    Loan Given;
    if (!A.Const)
      lendValue(A, S, Given, 0);
    for (const Loan::Object &O : Given.Objects)
      synchronise(O.L, S);
  }
}

/// A loop goes on until the test, of nothing that the loop itself changes, says that something has happened.
void Engine::waitsFor(const ir::Condition &Test, const std::set<std::string> &Changed, State &S, Frame &F) {
  if (S.Tasks.empty() || TaskDepth > 0)
    return;
  std::vector<Loc> Asked;
  bool Counts = false;
  auto Collect = [&](const ir::Condition &C, auto &Self) -> void {
    forEachPlace(C.Test, [&](const ir::Place &At) {
      bool Own = At.R == ir::Place::Root::Variable && At.Path.empty();
      Counts |= Own && Changed.contains(F.F->Variables[At.Index].Name);
      if (Loc L = resolve(At, S, F); L != NoLoc)
        Asked.push_back(L);
    });
    for (const ir::Condition &Part : C.Parts)
      Self(Part, Self);
  };
  Collect(Test, Collect);
  for (Loc L : Asked)
    if (!Counts || type(L).Atomic)
      synchronise(L, S);
}

/// F may block until a task has done something.
bool Engine::mayWait(const ir::Function &F, unsigned Depth) {
  auto [Known, New] = Waits.try_emplace(&F, false);
  if (!New)
    return Known->second;
  bool Found = Depth > 4;
  forEachNode(F.Body, [&](const ir::Node &N) {
    Found |= N.as<ir::Loop>() && N.as<ir::Loop>()->Test.K == ir::Condition::Kind::Leaf &&
             !N.as<ir::Loop>()->Trip.Known; // that may spin
    const auto *E = N.as<ir::Effect>();
    if (!E || Found)
      return;
    switch (E->O) {
    case ir::Op::Wait:
    case ir::Op::Await:
    case ir::Op::Get:
    case ir::Op::Join:
    case ir::Op::Acquire:
    case ir::Op::Invoke:
      Found = true;
      break;
    case ir::Op::Call: {
      const ir::Function *Callee = P.callee(*E);
      Found = Callee ? mayWait(*Callee, Depth + 1) : !E->System;
      break;
    }
    default:
      break;
    }
  });
  return Waits[&F] = Found;
}

bool Engine::running(uint32_t Id, const RunningTask &T, const State &S) const {
  switch (T.K) {
  case TaskKind::Held:
    return llvm::any_of(S.Handles, [&](const auto &H) {
      return H.second.Task == Id && H.second.K == HandleState::Kind::Joinable && !H.second.Spent.valid() &&
             !escaped(H.first, S);
    });
  case TaskKind::Loose:
    return !T.What->Counts;
  default:
    return true;
  }
}

ir::Range Engine::placeOf(const RunningTask &T) {
  return T.K == TaskKind::Detached ? T.Since : T.What->Site;
}

void Engine::dangle(const RunningTask &T, Loan::Object O, DanglingCapture::How How, ir::Range Died) {
  Loc Root = Places.root(O.L);
  DanglingCapture D;
  D.Subject = spell(Root);
  D.Handle = T.What->Handle;
  D.Why = How;
  D.This = O.This;
  D.Where = placeOf(T);
  D.Started = T.What->Started;
  D.Died = Died;
  D.Capture = O.Capture;
  judged(Root, D.Where, true);
  report(Facts.Dangling, std::move(D), Root);
}

/// Locals die: those of a block, or with an invalid range all that the entry function has.
void Engine::localsDie(ir::Range Block, ir::Range At, State &S, Frame &F) {
  std::vector<uint32_t> Done;
  for (const auto &[Id, T] : S.Tasks) {
    if (!running(Id, T, S))
      continue;
    for (const Loan::Object &O : T.What->Objects) {
      const Locations::Entry &Root = Places[Places.root(O.L)];
      const ir::Range &Declared = Root.Owner->Variables[Root.Index].Where;
      bool Inside =
          !Block.valid() || (!Declared.Macro && Declared.File == Block.File && Declared.Offset >= Block.Offset &&
                             Declared.Offset < Block.Offset + Block.Length);
      if (Root.Frame != F.Number || !Inside)
        continue;
      using How = DanglingCapture::How;
      dangle(T, O,
             T.K == TaskKind::Detached    ? How::Detached
             : T.K == TaskKind::Abandoned ? How::Abandoned
                                          : How::Outlives,
             At);
      Done.push_back(Id);
    }
  }
  for (uint32_t Id : Done)
    S.Tasks.erase(Id);
}

void Engine::blockEnds(const ir::Sequence &Q, ir::Range Block, Exits &Out, Frame &F) {
  if (Q.K != ir::Sequence::Kind::Block || F.Number != 1 || TaskDepth > 0 || !Block.valid() || Block.Macro)
    return;
  for (Exit &E : Out)
    if (!E.S.Tasks.empty() && E.O.K != Outcome::Kind::Never)
      localsDie(Block, E.O.K == Outcome::Kind::Next ? Q.End : E.O.Where, E.S, F);
}

/// The variable that a cleanup destroys dies after all that were declared behind it: what its end joins may still be
/// using them.
std::vector<std::pair<uint32_t, Loan::Object>> Engine::deadBefore(const ir::Cleanup &C, const State &S, Frame &F) {
  std::vector<std::pair<uint32_t, Loan::Object>> Dead;
  if (S.Tasks.empty() || F.Number != 1 || TaskDepth > 0)
    return Dead;
  const ir::Variable *Destroyed = nullptr;
  for (const ir::Node &N : C.Body)
    if (const auto *E = N.as<ir::Effect>();
        E && E->O == ir::Op::Destroy && E->Subject.R == ir::Place::Root::Variable && E->Subject.Path.empty())
      Destroyed = &F.F->Variables[E->Subject.Index];
  if (!Destroyed || Destroyed->K != ir::Variable::Kind::Local || Destroyed->Where.Macro)
    return Dead;
  for (const auto &[Id, T] : S.Tasks)
    for (const Loan::Object &O : T.What->Objects) {
      const Locations::Entry &Root = Places[Places.root(O.L)];
      const ir::Variable &V = Root.Owner->Variables[Root.Index];
      // The memory of plain numbers is there until the block is left.
      TypeKind K = M.Types[V.Type].K;
      if (Root.Frame == 1 && &V != Destroyed && V.K == ir::Variable::Kind::Local && !V.Where.Macro &&
          V.Where.File == Destroyed->Where.File && V.Where.Offset > Destroyed->Where.Offset && K != TypeKind::Number &&
          K != TypeKind::Pointer)
        Dead.emplace_back(Id, O);
    }
  return Dead;
}

} // namespace latchkey::flow
