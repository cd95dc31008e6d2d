// Handles of tasks: started, joined, detached, moved, lost; alone, in containers and in objects.
#include "checks/flow/Engine.h"
#include "checks/flow/WaysOut.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using HandleKind = HandleState::Kind;

/// What is known of the handle at L, an element's by what is known of all. Null if nothing is.
HandleState *Engine::handleAt(Loc L, State &S) {
  if (escaped(L, S) || isSomeElement(L))
    return nullptr;
  ownElement(L, S);
  auto It = S.Handles.find(L);
  return It == S.Handles.end() || It->second.K == HandleKind::Unknown ? nullptr : &It->second;
}

/// A handle that can ask its task to stop gives it a token first, if it takes one.
Resolved Engine::withToken(Resolved Closure, Loc Handle, const State &S) {
  if (Handle == NoLoc || !type(Handle).Stops || Closure.K != Resolved::Kind::Closure)
    return Closure;
  Resolved Held = callable(Closure, S);
  const ir::Function *Body = P.function(Held.Callee);
  if (!Body || Body->Parameters.empty() || Body->Parameters.size() != Held.Args.size() + 1)
    return Closure;
  if (M.Types[Body->Variables[Body->Parameters.front()].Type].K == TypeKind::Signal)
    Closure.Args.insert(Closure.Args.begin(), Resolved());
  return Closure;
}

Exits Engine::spawn(const ir::Effect &E, State S, Frame &F) {
  Loc L = E.Subject.valid() ? resolve(E.Subject, S, F) : NoLoc;
  Loc Result = E.Result.valid() ? resolve(E.Result, S, F) : NoLoc;
  Exits Out;
  if (Result != NoLoc && E.When != ir::Success::Always) {
    State Failed = S;
    clear(Result, Failed);
    assume(Failed, number(Result, Failed), ir::Predicate::Relation::Equal, E.When == ir::Success::WhenNonZero);
    note(Failed, PathStep::Kind::Refused, NoLoc, E.Where, F);
    Out.push_back({Outcome{}, std::move(Failed)});
    clear(Result, S);
    assume(S, number(Result, S), ir::Predicate::Relation::Equal, E.When == ir::Success::WhenZero);
  }
  if (L != NoLoc && !E.Initial)
    lose(L, LostHandle::How::Overwritten, E.Where, S, F);
  note(S, L != NoLoc ? PathStep::Kind::Started : PathStep::Kind::Spawned, L, E.Where, F, E.Text);
  Resolved Closure = withToken(resolve(E.Input, S, F), L, S);
  uint32_t Task = taskAt(E.Where, L, F);
  lend(Task, Closure, E, L, S, F);
  TaskBodies[Task] = {P.function(callable(Closure, S).Callee), E.Where};
  if (L != NoLoc && type(L).K == TypeKind::Pool)
    PoolTasks[L].push_back(E.Where);
  bool Outer = std::exchange(EndsItself, false);
  Deferred.spawns(callable(Closure, S), L, E.Where, S);
  const ir::Type *OuterStart = std::exchange(Starting, L == NoLoc ? nullptr : &type(L));
  runTask(Closure, E.Where, E.Statement, false, S, F);
  Starting = OuterStart;
  startedFree(E.Where, L, S);
  bool Unsure = std::exchange(EndsItself, Outer);
  if (Unsure)
    taskLetGo(Task, false, E.Where, S, F);
  if (L != NoLoc && Unsure)
    havoc(L, S, false);
  else if (L != NoLoc && !escaped(L, S) && type(L).K != TypeKind::Pool) {
    HandleState Started{HandleKind::Joinable, E.Where, E.Where};
    Started.Task = Task;
    if (!E.Args.empty()) { // attributes that may say that nobody is to join it
      Resolved Attributes = resolve(E.Args.front(), S, F);
      ir::Term Detached = Attributes.L == NoLoc ? ir::Term::unknown() : number(Attributes.L, S);
      if (!Detached.isConstant())
        Started = HandleState();
      else if (Detached.constantValue() != 0) {
        Started.K = HandleKind::Detached;
        taskLetGo(Task, false, E.Where, S, F);
      }
    }
    S.Handles[L] = Started;
    elementChanged(L, S);
  }
  Out.push_back({Outcome{}, std::move(S)});
  return Out;
}

static BadJoin::Reason reasonOf(HandleKind K) {
  switch (K) {
  case HandleKind::Joined:
    return BadJoin::Reason::Joined;
  case HandleKind::Detached:
    return BadJoin::Reason::Detached;
  case HandleKind::Moved:
    return BadJoin::Reason::Moved;
  case HandleKind::NotCreated:
    return BadJoin::Reason::NotCreated;
  default:
    return BadJoin::Reason::Empty;
  }
}

void Engine::endTask(Loc L, bool Detach, ir::Range Where, ir::Range Statement, State &S, Frame &F) {
  OwnedRun.Ended |= L == Owned;
  if (Detach) {
    Deferred.detaches(L);
  } else {
    Deferred.joins(S);
    awaitTask(LockedWait::Kind::Join, L, Where, S, F);
  }
  if (type(L).K == TypeKind::Pool)
    return finishedOn(L, S); // of many tasks, as often as one likes
  // What another thread does to a handle of ours, and when, is not known here.
  if (TaskDepth > 0 && !Places.inFrame(L, TaskFrame)) {
    havoc(L, S, false);
    return;
  }
  if (HandleState *H = handleAt(L, S)) {
    bool SomeSpent = H->K == HandleKind::Joinable && H->Spent.valid();
    bool Bad = H->K != HandleKind::Joinable || SomeSpent;
    judged(L, Where, Bad);
    if (Bad && visible(L, F)) {
      BadJoin B;
      B.Subject = spell(L);
      B.Where = Where;
      B.Statement = Statement;
      B.Why = SomeSpent ? BadJoin::Reason::Joined : reasonOf(H->K);
      B.Detach = Detach;
      B.Before = SomeSpent ? H->Spent : H->At;
      B.JoinableTest = elementOf(L) != NoLoc ? "" : ir::codeFor(type(L).JoinableTest, B.Subject);
      B.Path = path(S, L);
      B.Doubtful = InFlagged > 0;
      report(Facts.BadJoins, std::move(B), L);
    }
  }
  note(S, Detach ? PathStep::Kind::Detached : PathStep::Kind::Joined, L, Where, F);
  if (auto It = S.Handles.find(L); Detach && It != S.Handles.end())
    startedFree(It->second.Started, NoLoc, S);
  else if (!Detach && It != S.Handles.end() && It->second.Started.valid())
    finished(It->second.Started, S);
  else if (!Detach)
    waitedOtherwise(S);
  if (auto It = S.Handles.find(L); It != S.Handles.end() && !Detach)
    for (auto &[C, K] : S.Counters) { // whatever that task counted, and when, is over
      std::erase_if(K.Late, [&](const LateAdd &A) { return A.Spawn == It->second.Started; });
      K.Ahead &= !(K.AheadSpawn == It->second.Started);
    }
  if (auto It = S.Handles.find(L); It != S.Handles.end() && It->second.Task != 0) {
    uint32_t Task = It->second.Task;
    if (Detach)
      taskLetGo(Task, false, Where, S, F);
    else
      joined(L, Task, Where, S);
  }
  if (escaped(L, S))
    return;
  S.Handles[L] = {Detach ? HandleKind::Detached : HandleKind::Joined, {}, Where};
  elementChanged(L, S);
}

Exits Engine::end(const ir::Effect &E, State S, Frame &F) {
  if (!E.Subject.valid())
    EndsItself |= TaskDepth > 0; // `pthread_detach(pthread_self())`
  else if (E.Timed)              // whether it came to an end, only the answer tells
    havoc(resolve(E.Subject, S, F), S, false);
  else
    endTask(resolve(E.Subject, S, F), E.O == ir::Op::Detach, E.Where, E.Statement, S, F);
  return next(std::move(S));
}

void Engine::loseHandles(Loc L, LostHandle::How How, ir::Range Where, State &S, Frame &F) {
  std::vector<Loc> Held;
  for (const auto &[H, HS] : S.Handles)
    if (Places.within(H, L))
      Held.push_back(H);
  for (Loc H : Held)
    lose(H, How, Where, S, F);
}

/// What the end of a joinable handle means for its task.
void Engine::endsWithHandle(Loc L, HandleState H, LostHandle::How How, ir::Range Where, State &S, Frame &F) {
  using Ending = ir::Type::Ending;
  Ending End = type(L).End;
  if (End == Ending::Join && How == LostHandle::How::Destroyed)
    discarded(L, H, F);
  if (End == Ending::Join)
    joined(L, H.Task, Leaving.Where.valid() ? Leaving.Where : Where, S);
  else if (End == Ending::Leak || End == Ending::Detach)
    taskLetGo(H.Task, true, Where, S, F);
}

void Engine::lose(Loc L, LostHandle::How How, ir::Range Where, State &S, Frame &F) {
  // Which of the launcher's threads are over when a task drops one of them, only the task knows.
  if (TaskDepth > 0 && elementOf(L) != NoLoc && !Places.inFrame(L, TaskFrame))
    return;
  HandleState *H = handleAt(L, S);
  if (!H)
    return;
  if (L == Owned && H->K == HandleKind::Joinable)
    OwnedRun.Open.push_back(S.Path);
  if (L == Owned && H->K == HandleKind::Joinable && How == LostHandle::How::Overwritten)
    OwnedRun.Overwritten = Where;
  const ir::Type &T = type(L);
  if (H->K == HandleKind::Joinable)
    endsWithHandle(L, *H, How, Where, S, F);
  if (T.End != ir::Type::Ending::Terminate && T.End != ir::Type::Ending::Leak)
    return;
  if (T.End == ir::Type::Ending::Leak && Entry.Name == "main" && F.Number == 1)
    return; // what the end of the program gives back
  // A copy of an id that a function was given: the caller still has the thread.
  const Locations::Entry &Id = Places[L];
  if (T.End == ir::Type::Ending::Leak && F.Number > 1 && Id.Parent == NoLoc &&
      Id.Root == Locations::RootKind::Variable && Id.Owner->Variables[Id.Index].K == ir::Variable::Kind::Parameter)
    return;
  bool Leaves = (How == LostHandle::How::Destroyed || How == LostHandle::How::Forgotten) && Leaving.Where.valid();
  bool Early = Leaves && Leaving.O != Outcome::Kind::Next;
  ir::Range At = Leaves ? Leaving.Where : Where;
  bool Bad = H->K == HandleKind::Joinable;
  judged(L, At, Bad);
  if (!Bad || !visible(L, F))
    return;
  LostHandle Lost;
  Lost.Subject = spell(L);
  Lost.Where = At;
  Lost.Loss = Early && Leaving.O == Outcome::Kind::Throw ? LostHandle::How::Thrown : How;
  Lost.Ending = T.End;
  Lost.TypeName = T.Name;
  Loc Element = elementOf(L);
  Lost.Element = Element != NoLoc;
  Lost.Caller = H->FromCall;
  Lost.AtEnd = !Early;
  Lost.Started = H->Started;
  Loc Known = Places.root(L);
  if (Places[Known].Root == Locations::RootKind::Heap && Places[Known].Holder != NoLoc)
    Known = Places.root(Places[Known].Holder); // by what the user knows it
  const Locations::Entry &Root = Places[Known];
  if (Root.Root == Locations::RootKind::Variable) {
    const ir::Variable &V = Root.Owner->Variables[Root.Index];
    Lost.Temporary = V.K == ir::Variable::Kind::Temporary;
    if (Known == L && V.K == ir::Variable::Kind::Local)
      Lost.Declaration = V.Statement;
    if (Lost.Declaration.valid())
      Lost.Joining = {T.JoiningTwin, T.JoiningSince, V.Spelled};
  }
  bool ByPointer = Known != Places.root(L) && Places.root(L) == L;
  Lost.JoinCode = Lost.Element ? "" : ir::codeFor(T.JoinCode, (ByPointer ? "*" : "") + Lost.Subject);
  if (Lost.Element)
    Lost.Subject = spell(Places[Element].Parent);
  if (Early)
    Lost.Exit = wayOut(*F.F, Leaving.Where, Leaving.Unbraced);
  for (Loc Part = L; Places[Part].Parent != NoLoc && How == LostHandle::How::Destroyed; Part = Places[Part].Parent)
    if (Places[Part].Via.K == ir::Step::Kind::Field && Lost.Member.empty()) {
      Lost.Class = type(Places[Part].Parent).Class;
      Lost.Member = Places[Part].Via.Name;
    }
  Lost.Path = path(S, L);
  report(Facts.Lost, std::move(Lost), L);
}

bool Engine::isTemporary(Loc L) const {
  const Locations::Entry &Root = Places[Places.root(L)];
  return Root.Root == Locations::RootKind::Variable &&
         Root.Owner->Variables[Root.Index].K == ir::Variable::Kind::Temporary;
}

/// At the end of the entry function: objects of its own on the heap that no pointer leads to any more.
void Engine::forgetObjects(Exit &E, Frame &F) {
  auto Dies = [&](Loc Pointer) {
    for (Loc At = Pointer; Places[At].Parent != NoLoc; At = Places[At].Parent)
      if (Places[At].Via.K == ir::Step::Kind::Deref)
        return false;
    return Places.inFrame(Pointer, F.Number);
  };
  std::vector<Loc> Lost;
  for (const auto &[L, H] : E.S.Handles) {
    Loc Object = Places.root(L);
    // One that never had a name was never meant to be joined.
    bool Mine = Places[Object].Root == Locations::RootKind::Heap && Places[Object].Holder != NoLoc &&
                !isTemporary(Places[Object].Holder);
    bool Reachable = llvm::any_of(E.S.Pointers, [&](const auto &P) {
      return Places.root(P.second) == Object && Places.root(P.first) != Object && !Dies(P.first);
    });
    if (Mine && !Reachable && !OwnedElsewhere.contains(Object))
      Lost.push_back(L);
  }
  bool AtEnd = E.O.K == Outcome::Kind::Next;
  Leaving = {E.O.K, AtEnd ? Entry.End : E.O.Where};
  for (Loc L : Lost)
    lose(L, LostHandle::How::Forgotten, Leaving.Where, E.S, F);
  Leaving = LeavingBy();
}

/// The end of a guard. Of those that share what they run, the last one runs it.
Exits Engine::fireGuard(Loc L, ir::Range Where, State S, Frame &F) {
  auto It = S.Guards.find(L);
  bool IsArmed = It != S.Guards.end();
  Resolved Armed = IsArmed ? It->second : Resolved();
  if (IsArmed)
    S.Guards.erase(It);
  bool Shared = type(L).SharedCopies && llvm::any_of(S.Guards, [&](const auto &G) { return G.second == Armed; });
  // A pointer with a deleter that nobody shares runs it only if there is something to delete.
  bool Empty = IsArmed && type(L).Owning && !type(L).SharedCopies && Armed.Args.size() == 1 &&
               Armed.Args[0].L != NoLoc &&
               compare(S, number(Armed.Args[0].L, S), ir::Predicate::Relation::Equal) == Answer::Yes;
  Exits Out;
  if (IsArmed && !Shared && !Empty) {
    Defers::Firing Now;
    Now.Guard = &Armed;
    Now.L = L;
    Now.In = &F;
    Now.OnNormal = Cleaning.C && Cleaning.C->On == ir::Cleanup::Mask::Normal;
    Now.Scope = Cleaning.Start;
    Deferred.fires(Now, S);
    Out = invoke(Armed, {}, NoLoc, Where, std::move(S), F);
    Deferred.fired(Now, Out);
  } else {
    Out = next(std::move(S));
  }
  for (Exit &E : Out)
    clear(L, E.S);
  return Out;
}

Exits Engine::destroy(Loc L, const ir::Type &T, ir::Range Where, State S, Frame &F, unsigned Nesting) {
  if (Nesting > 4 || escaped(L, S)) {
    clear(L, S);
    return next(std::move(S));
  }
  switch (T.K) {
  case TypeKind::Handle:
  case TypeKind::Future:
    if (T.K == TypeKind::Handle && T.End == ir::Type::Ending::Join)
      awaitTask(LockedWait::Kind::Destroyed, L, Leaving.Where.valid() ? Leaving.Where : Where, S, F);
    lose(L, LostHandle::How::Destroyed, Where, S, F);
    break;
  case TypeKind::Callable:
    for (const auto &[Capture, Object] : std::map<Loc, Loc>(S.Pointers))
      if (Places.within(Capture, L) && S.Handles.contains(Object))
        lose(Object, LostHandle::How::Destroyed, Where, S, F);
    break;
  case TypeKind::Counter:
    // One of its tasks ends it, and alone knows when: the last one.
    if (TaskDepth > 0 && !Places.inFrame(L, TaskFrame)) {
      havoc(L, S, true);
      return next(std::move(S));
    }
    counterEnds(L, S, F);
    break;
  case TypeKind::Locker:
    releaseLocker(L, Where, true, S, F);
    break;
  case TypeKind::Guard:
    return fireGuard(L, Where, std::move(S), F);
  case TypeKind::Pointer: {
    if (S.Guards.contains(L)) // By its deleter.
      return fireGuard(L, Where, std::move(S), F);
    Loc Object = target(L, S);
    bool Known = S.Pointers.contains(L) ||
                 llvm::any_of(S.Handles, [&](const auto &H) { return Places.within(H.first, Object); });
    bool Last = !T.SharedCopies || (!OwnedElsewhere.contains(Object) && llvm::none_of(S.Pointers, [&](const auto &P) {
      return P.first != L && P.second == Object;
    }));
    if (!T.Owning || !Last || !Known)
      break;
    return destroy(Object, M.Types[T.Element], Where, std::move(S), F, Nesting + 1);
  }
  case TypeKind::Container: {
    bool Empty = !T.Keyed && compare(S, size(L, S), ir::Predicate::Relation::Equal) == Answer::Yes;
    TypeKind Inner = M.Types[T.Element].K;
    if (Empty)
      break;
    if (Inner != TypeKind::Class && Inner != TypeKind::Pointer) {
      loseHandles(L, LostHandle::How::Destroyed, Where, S, F);
      break;
    }
    std::vector<Loc> Elements = namedElements(L, S);
    Elements.push_back(allElements(L));
    Exits Out = next(std::move(S));
    for (Loc Element : Elements) {
      Exits After;
      for (Exit &E : Out)
        if (E.O.K == Outcome::Kind::Next)
          append(After, destroy(Element, M.Types[T.Element], Where, std::move(E.S), F, Nesting + 1));
        else
          After.push_back(std::move(E));
      Out = std::move(After);
    }
    for (Exit &E : Out)
      clear(L, E.S);
    return Out;
  }
  case TypeKind::Class: {
    const ir::Class *C = P.classById(T.Class);
    const ir::Function *D = C ? P.function(C->Destructor) : nullptr;
    if (C && !C->Destructor.empty() && !(D && (P.interesting(*D) || !mayWait(*D))))
      synchronise(L, S);
    if (!C || C->Destructor.empty()) // a struct of C
      loseHandles(L, LostHandle::How::Destroyed, Where, S, F);
    if (!D || !P.interesting(*D) || llvm::is_contained(CallStack, D) || F.Depth >= Limit.CallDepth)
      break;
    Resolved This;
    This.K = Resolved::Kind::Address;
    This.L = L;
    if (std::optional<Exits> Out = tryEnter(*D, nullptr, {This}, NoLoc, Where, S, F)) {
      for (Exit &E : *Out)
        clear(L, E.S);
      return std::move(*Out);
    }
    break;
  }
  case TypeKind::Semaphore:
    semaphoreEnds(L, S, F);
    break;
  case TypeKind::Pool:
    if (T.End == ir::Type::Ending::Join)
      finishedOn(L, S);
    break;
  default:
    break;
  }
  clear(L, S);
  return next(std::move(S));
}

Exits Engine::container(const ir::Effect &E, State S, Frame &F) {
  Loc L = resolve(E.Subject, S, F);
  switch (E.O) {
  case ir::Op::Push: {
    ir::Term Size = size(L, S);
    Resolved Pushed = resolve(E.Input, S, F);
    Deferred.keeps(Pushed.L, L);
    push(L, Pushed, E.Where, S, F);
    for (auto &[At, Held] : S.Callables)
      if (!Held.Source && Places.within(At, L))
        Held.Source = &E;
    S.Sizes[L] = Size + ir::Term::constant(1);
    break;
  }
  case ir::Op::Pop:
    pop(L, resolve(E.Input, S, F).L, E.Where, S, F);
    break;
  case ir::Op::Resize: {
    ir::Term N = evaluate(E.Amount, S, F);
    if (N.isConstant() && N.constantValue() == 0)
      loseHandles(L, LostHandle::How::Erased, E.Where, S, F);
    bool WasEmpty = compare(S, size(L, S), ir::Predicate::Relation::Equal) == Answer::Yes;
    Loc Each = allElements(L);
    if (WasEmpty && type(Each).K == TypeKind::Handle) {
      auto K = type(Each).End == ir::Type::Ending::Leak ? HandleKind::NotCreated : HandleKind::Empty;
      S.Handles[Each] = {K, {}, E.Where};
    }
    if (N.Known)
      S.Sizes[L] = N;
    else
      S.Sizes.erase(L);
    break;
  }
  case ir::Op::Clear:
    if (type(L).Keyed || compare(S, size(L, S), ir::Predicate::Relation::Equal) != Answer::Yes)
      loseHandles(L, LostHandle::How::Erased, E.Where, S, F);
    clear(L, S);
    S.Sizes[L] = ir::Term::constant(0);
    break;
  default: { // Swap
    Resolved Other = resolve(E.Input, S, F);
    if (Other.L == NoLoc || Other.L == L)
      break;
    Loc Between = Places.heap(F.Number, Locations::TransitSite, 0);
    transfer(L, Between, true, S, E.Where);
    transfer(Other.L, L, true, S, E.Where);
    transfer(Between, Other.L, true, S, E.Where);
    clear(Between, S);
    break;
  }
  }
  return next(std::move(S));
}

} // namespace latchkey::flow
