// Promises and futures, and what else wakes a thread. A promise and its futures point to a shared state, which is a
// counter that expects one completion: the value. So what tasks do to it on which of their paths is added up as for
// any other counter.
#include "checks/flow/Engine.h"
#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Kind = UnfulfilledPromise::Kind;

/// Numbers of allocations that stand for the shared states of promises: a promise may be made where it is allocated.
static constexpr uint32_t FirstStateSite = 1u << 23;

Exits Engine::signal(const ir::Effect &E, State S, Frame &F) {
  Loc L = E.Subject.valid() ? resolve(E.Subject, S, F) : NoLoc;
  if (E.Result.valid())
    clear(resolve(E.Result, S, F), S);
  bool Waits = E.O == ir::Op::Get || E.O == ir::Op::Await;
  TypeKind K = L == NoLoc ? TypeKind::Other : type(L).K;
  if (L != NoLoc && isEvent(L))
    event(L, E, S, F);
  if (Waits)
    waitedOtherwise(S);
  if (Waits && !E.Timed)
    Deferred.waits(S);
  if (Waits && !E.Timed && (K == TypeKind::Handle || K == TypeKind::Future))
    awaitTask(LockedWait::Kind::Result, L, E.Where, S, F);
  HandleState *H = Waits && !E.Timed && L != NoLoc ? handleAt(L, S) : nullptr;
  uint32_t Task = H ? H->Task : 0;
  bool EndsTask = H && H->K == HandleState::Kind::Joinable;
  if (E.O == ir::Op::Set && K == TypeKind::Promise)
    setPromise(L, E, S, F);
  else if (Waits && K == TypeKind::Future && !E.Timed)
    getFuture(L, E, S, F);
  else if (Waits && K == TypeKind::Future) // whoever sets a limit knows that the value may not come
    S.Pointers.erase(L);
  if (EndsTask)
    joined(L, Task, E.Where, S);
  if (EndsTask) // to wait leaves the value where it is
    S.Handles[L] = {E.O == ir::Op::Get ? HandleState::Kind::Joined : HandleState::Kind::Unknown, {}, E.Where};
  if (Waits) // who keeps the promise of another future is not known here
    synchronise(K == TypeKind::Future && !EndsTask ? NoLoc : L, S);
  return next(std::move(S));
}

/// A signal that is notified once, and then stays so.
bool Engine::isEvent(Loc L) const {
  return type(L).K == TypeKind::Signal && type(L).SingleUse;
}

/// An event is a counter of one, as far as one task is to notify it: a way of that task that does not is judged where
/// its starter waits.
void Engine::event(Loc L, const ir::Effect &E, State &S, Frame &F) {
  if (E.O == ir::Op::Reset) {
    S.Counters.erase(L);
    return;
  }
  if (E.O == ir::Op::Notify) {
    complete(L, ir::Term::constant(1), E.Where, &E, S, F);
    return;
  }
  if (E.O != ir::Op::Await || (TaskDepth > 0 && !Places.inFrame(L, TaskFrame)))
    return;
  auto It = S.Counters.find(L);
  if (It == S.Counters.end())
    return;
  CounterState &C = It->second;
  bool OneTask = C.Running.size() == 1 && !C.Running.front().Again && C.Uneven.size() == 1 &&
                 C.High == ir::Term::constant(1) && C.Low == ir::Term::constant(0);
  if (OneTask && !E.Timed && !C.Fuzzy && !escaped(L, S)) {
    note(S, PathStep::Kind::Waited, L, E.Where, F);
    settle(L, E.Where, S);
  }
  S.Counters.erase(L);
}

/// A promise of its own begins its life with a state that nobody else knows.
void Engine::makePromise(Loc L, ir::Range Where, State &S, Frame &F) {
  Loc X = Places.heap(F.Number, FirstStateSite + Sites.try_emplace(Where, Sites.size()).first->second);
  clear(X, S);
  S.Pointers[L] = X;
  Loc Holder = Places[Places.root(L)].Holder;
  Places.held(X, Places[L].Root == Locations::RootKind::Heap && Holder != NoLoc ? Holder : L);
  CounterState &K = counterAt(X, S);
  K.Known = K.Promise = true;
  K.Expected = ir::Term::constant(1);
  K.Registered = Where;
  note(S, PathStep::Kind::Created, X, Where, F);
}

/// The function is told what to call each time that something happens: the way that sets nothing may come before the
/// one that does.
static bool registersListener(llvm::StringRef Callee) {
  for (llvm::StringRef Word : {"on", "add", "set", "register", "subscribe", "connect", "watch", "observe", "listen"}) {
    llvm::StringRef Rest = Callee;
    if (Rest.consume_front_insensitive(Word) && (Rest.empty() || !llvm::isLower(Rest.front())))
      return true;
  }
  return Callee.contains_insensitive("subscri") || Callee.contains_insensitive("listen") ||
         Callee.contains_insensitive("observ");
}

/// The shared states that nobody but this function knows so far, with their promises.
std::map<Loc, Loc> Engine::ownPromises(const State &S) const {
  std::map<Loc, Loc> Own;
  if (registersListener(GivenTo))
    return Own;
  for (const auto &[P, X] : S.Pointers)
    if (auto C = S.Counters.find(X); C != S.Counters.end() && type(P).K == TypeKind::Promise && C->second.Promise &&
                                     C->second.Known && !C->second.Fuzzy && !escaped(X, S) && !keptElsewhere(X, S))
      Own[X] = P;
  return Own;
}

/// Of those, the ones that the callable which was just given away sets on some of its ways.
void Engine::leftToCallback(const std::map<Loc, Loc> &Own, State &S) {
  ir::Term Zero = ir::Term::constant(0), One = ir::Term::constant(1);
  for (auto [X, P] : Own)
    if (CounterState &K = S.Counters[X]; K.Uneven.size() == 1 && K.Low == Zero && K.High == One && !K.Broken)
      K.Callback = P;
}

/// What the promise, or the future, and all that is moved from it means.
Loc Engine::sharedState(Loc Promise, const State &S) {
  return target(Promise, S);
}

/// A call on a promise that gives its future.
bool Engine::takeFuture(const ir::Effect &E, llvm::ArrayRef<Resolved> Args, Loc Result, State &S, Frame &F) {
  bool OfPromise = E.O == ir::Op::Call && E.System && Result != NoLoc && Args.size() == 1 && Args[0].L != NoLoc &&
                   Args[0].K == Resolved::Kind::Address && type(Args[0].L).K == TypeKind::Promise &&
                   type(Result).K == TypeKind::Future;
  if (!OfPromise)
    return false;
  Loc X = sharedState(Args[0].L, S);
  CounterState &K = counterAt(X, S);
  K.Promise = true;
  // One that was made elsewhere may have been made anew since.
  if (K.Taken.valid() && (K.Registered.valid() || neverRenewed(X)) && !escaped(X, S) && visible(X, F)) {
    UnfulfilledPromise P;
    P.Subject = spell(Args[0].L);
    P.Where = E.Where;
    P.K = Kind::TakenTwice;
    P.Before = K.Taken;
    P.Path = path(S, X);
    judged(X, E.Where, true);
    report(Facts.Promises, std::move(P), X);
  }
  S.Counters[X].Taken = E.Where;
  clear(Result, S);
  S.Pointers[Result] = X;
  return true;
}

void Engine::setPromise(Loc L, const ir::Effect &E, State &S, Frame &F) {
  Loc X = sharedState(L, S);
  for (auto &[C, Shared] : S.Counters)
    if (Shared.Callback == L && TaskDepth == 0)
      Shared.Callback = NoLoc; // not by the callback alone
  CounterState &K = counterAt(X, S);
  K.Promise = true;
  bool Twice = K.Low.isConstant() && K.Low.constantValue() >= 1 && !K.Fuzzy && !escaped(X, S);
  judged(X, E.Where, Twice);
  if (Twice && visible(L, F)) {
    UnfulfilledPromise P;
    P.Subject = spell(L);
    P.Where = E.Where;
    P.K = Kind::SetTwice;
    P.Before = K.Completion;
    P.Path = path(S, X);
    report(Facts.Promises, std::move(P), X);
  }
  complete(X, ir::Term::constant(1), E.Where, &E, S, F);
}

/// The future is asked for its value, or for the time when it has one.
void Engine::getFuture(Loc L, const ir::Effect &E, State &S, Frame &F) {
  bool Consumes = E.O == ir::Op::Get && !type(L).SharedCopies;
  HandleState *H = handleAt(L, S);
  bool Gone = H && (H->K == HandleState::Kind::Joined || H->K == HandleState::Kind::Moved);
  judged(L, E.Where, Gone);
  if (Gone && !type(L).SharedCopies && InFlagged == 0 && visible(L, F)) {
    UnfulfilledPromise P;
    P.Subject = spell(L);
    P.Where = E.Where;
    P.K = H->K == HandleState::Kind::Moved ? Kind::MovedAway : Kind::GotTwice;
    P.Before = H->At;
    P.Path = path(S, L);
    report(Facts.Promises, std::move(P), L);
  }
  note(S, PathStep::Kind::Waited, L, E.Where, F);
  auto It = S.Pointers.find(L);
  if (It != S.Pointers.end() && S.Counters.contains(It->second) && TaskDepth == 0)
    judgePromise(It->second, E.Where, S, F);
  if (Consumes && !isSomeElement(L) && elementOf(L) == NoLoc && !escaped(L, S)) {
    S.Handles[L] = {HandleState::Kind::Joined, {}, E.Where};
    S.Pointers.erase(L);
  }
}

/// Some object other than the variables of this function and its tasks holds the promise, or a closure that does: it
/// may be set from there.
bool Engine::keptElsewhere(Loc X, const State &S) const {
  auto Elsewhere = [&](Loc L) {
    for (Loc At = L; Places[At].Parent != NoLoc; At = Places[At].Parent)
      if (Places[At].Via.K != ir::Step::Kind::Field)
        return true;
    const Locations::Entry &Root = Places[Places.root(L)];
    bool OnHeap = Root.Root == Locations::RootKind::Heap && Root.Holder == NoLoc;
    return Root.Root == Locations::RootKind::Global || OnHeap;
  };
  return llvm::any_of(S.Pointers,
                      [&](const auto &P) {
                        return P.second == X && type(P.first).K == TypeKind::Promise && Elsewhere(P.first);
                      }) ||
         llvm::any_of(S.Callables, [&](const auto &C) { return Elsewhere(C.first) && carries(C.second, X, S); });
}

/// The closure was given the promise, or what leads to it.
bool Engine::carries(const Resolved &Closure, Loc X, const State &S) const {
  auto Leads = [&](const Resolved &Part) {
    if (Part.L == NoLoc)
      return carries(Part, X, S);
    auto Pointee = S.Pointers.find(Part.L);
    return llvm::any_of(S.Pointers, [&](const auto &P) {
      return P.second == X && type(P.first).K == TypeKind::Promise &&
             (Places.within(P.first, Part.L) ||
              (Pointee != S.Pointers.end() && Places.within(P.first, Pointee->second)));
    });
  };
  return llvm::any_of(Closure.Captures, Leads) || llvm::any_of(Closure.Args, Leads);
}

/// The variable, or who holds the object, belongs to an activation that has not ended. What went with its function was
/// moved to where nobody looks.
bool Engine::isThere(Loc L, const Frame &F) const {
  const Locations::Entry *Root = &Places[Places.root(L)];
  for (unsigned Guard = 0; Guard < 16 && Root->Root == Locations::RootKind::Heap && Root->Holder != NoLoc; ++Guard)
    Root = &Places[Places.root(Root->Holder)];
  if (Root->Root != Locations::RootKind::Variable)
    return Root->Root == Locations::RootKind::Global;
  for (const Frame *G = &F; G; G = G->Caller)
    if (G->Number == Root->Frame)
      return true;
  return false;
}

/// Some function of Where has one of the effects on the member whose shared state X is, for all that is known.
bool Engine::mayBeChanged(Loc X, llvm::ArrayRef<ir::Op> Ops,
                          llvm::function_ref<bool(const ir::Function &)> Where) const {
  Loc Promise = Places[X].Parent;
  if (Promise == NoLoc || Places[Promise].Parent == NoLoc || Places[Promise].Via.K != ir::Step::Kind::Field)
    return true;
  const ir::Class *C = P.classById(type(Places[Promise].Parent).Class);
  if (!C || C->Open)
    return true;
  const std::string &Name = Places[Promise].Via.Name;
  return llvm::any_of(P.naming(*C, Name), [&](const ir::Function *Each) {
    const ir::Function &F = *Each;
    bool Changes = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      bool Does = E && E->Subject.valid() && !E->Subject.Path.empty() && E->Subject.Path.back().Name == Name &&
                  llvm::is_contained(Ops, E->O);
      if (!Does || !Where(F))
        return;
      ir::Place Object = E->Subject;
      Object.Path.pop_back();
      const std::string &Class = M.typeOf(F, Object).Class;
      Changes |= Class.empty() || Class == C->Id;
    });
    return Changes;
  });
}

/// A member whose value only tasks that were started here set.
bool Engine::setByTasksOnly(Loc X) const {
  FunctionSet Tasks;
  for (const auto &[Number, Body] : TaskBodies)
    if (Body.first)
      addCallees(P, *Body.first, Tasks);
  return !mayBeChanged(X, {ir::Op::Set, ir::Op::Assign, ir::Op::Swap},
                       [&](const ir::Function &F) { return !Tasks.contains(&F); });
}

/// A member that is the same promise as long as its object lives.
bool Engine::neverRenewed(Loc X) const {
  return !mayBeChanged(X, {ir::Op::Assign, ir::Op::Swap, ir::Op::Write},
                       [](const ir::Function &F) { return !F.Constructor; });
}

/// The waiter is here: who sets the promise, on all paths?
void Engine::judgePromise(Loc X, ir::Range Where, State &S, Frame &F) {
  CounterState &K = S.Counters[X];
  dropImpossible(K, S);
  bool Callback = K.Callback != NoLoc && !K.Uneven.empty();
  bool Member = !K.Known && K.Taken.valid() && setByTasksOnly(X);
  if (!K.Promise || (!K.Known && !Member) || (!Callback && (K.Fuzzy || escaped(X, S) || keptElsewhere(X, S))) ||
      !K.Low.isConstant() || !K.High.isConstant() || (K.Broken && F.Tries > 0))
    return;
  bool Uneven = !K.Uneven.empty() && K.High.constantValue() == 1 && K.Low.constantValue() == 0;
  bool Held = llvm::any_of(S.Pointers, [&](const auto &P) {
    return P.second == X && type(P.first).K == TypeKind::Promise && isThere(P.first, F);
  });
  bool Never = !Member && K.High.constantValue() == 0 && Held, Twice = !Member && K.Low.constantValue() > 1;
  judged(X, Where, Uneven || Never);
  if ((!Uneven && !Never && !Twice) || !visible(X, F))
    return;
  if (Never && guardCompletes(X, Where, S, F))
    return;
  UnfulfilledPromise P;
  P.Subject = spell(Member ? Places[X].Parent : X);
  P.Where = Twice ? K.Completion : Where;
  P.K = Twice ? Kind::SetTwice : Never ? Kind::NeverSet : Kind::SomePath;
  P.Broken = K.Broken;
  if (Uneven) {
    P.Leaves = K.Uneven.front().Fact.Where;
    P.Before = K.Uneven.front().MoreAt;
    P.Path = K.Uneven.front().Fact.Path;
  } else {
    P.Path = path(S, X);
  }
  K.Known = false; // one report a promise
  K.Callback = NoLoc;
  K.Taken = {};
  report(Facts.Promises, std::move(P), X);
}

/// A task that owns the promise takes it along when it ends.
void Engine::breakPromises(const Resolved &Task, State &S) {
  for (const std::vector<Resolved> *Parts : {&Task.Captures, &Task.Args})
    for (const Resolved &Part : *Parts) {
      if (Part.K != Resolved::Kind::Move || Part.L == NoLoc)
        continue;
      for (Loc Held : {Part.L, target(Part.L, S)})
        if (auto It = S.Pointers.find(Held); It != S.Pointers.end())
          if (auto C = S.Counters.find(It->second); C != S.Counters.end() && C->second.Promise)
            C->second.Broken = true;
    }
}

} // namespace latchkey::flow
