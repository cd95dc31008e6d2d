// Tasks that complete a counter, from their start until somebody has waited for them: what dies before, who waits for
// what only it can complete, and counters that are used again when they are used up.
#include "checks/flow/Engine.h"
#include "checks/flow/WaysOut.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

/// Objects that the closure can reach by an address it was given.
std::vector<Loc> Engine::reachedBy(const Resolved &Closure, const State &S) const {
  std::vector<Loc> Reached;
  for (const std::vector<Resolved> *Parts : {&Closure.Captures, &Closure.Args})
    for (const Resolved &Part : *Parts) {
      if (Part.K == Resolved::Kind::Address && Part.L != NoLoc)
        Reached.push_back(follow(Part.L, S));
      else if (Part.K == Resolved::Kind::Closure)
        llvm::append_range(Reached, reachedBy(Part, S));
      else if (auto It = S.Pointers.find(Part.L); It != S.Pointers.end() && !type(Part.L).Owning)
        Reached.push_back(follow(It->second, S));
    }
  return Reached;
}

/// The task has no handle that somebody could join: it was started without one, or has been detached.
void Engine::startedFree(ir::Range Started, Loc Handle, State &S) {
  bool Pool = Handle != NoLoc && type(Handle).K == TypeKind::Pool;
  bool Free =
      Handle == NoLoc || Pool || (type(Handle).K == TypeKind::Handle && type(Handle).End == ir::Type::Ending::Nothing);
  for (auto &[C, K] : S.Counters)
    for (CountedTask &T : K.Running)
      if (Free && T.Started == Started) {
        T.Free = true;
        T.Pool = Pool ? Handle : NoLoc;
      }
}

/// The task has come to its end, so whatever it was counted in has been completed.
void Engine::finished(ir::Range Started, State &S) {
  for (auto &[C, K] : S.Counters)
    std::erase_if(K.Running, [&](const CountedTask &T) { return T.Started == Started; });
}

void Engine::finishedOn(Loc Pool, State &S) {
  for (auto &[C, K] : S.Counters)
    std::erase_if(K.Running, [&](const CountedTask &T) { return T.Pool == Pool || escaped(Pool, S); });
  std::erase_if(S.Tasks, [&](const auto &Task) {
    const Loan &What = *Task.second.What;
    bool Over = What.Pool == Pool || (What.Pool != NoLoc && escaped(Pool, S));
    if (Over)
      forgetTask(Task.second);
    return Over;
  });
}

/// This thread waits in a way that we do not connect with the tasks that end it.
void Engine::waitedOtherwise(State &S) {
  for (auto &[C, K] : S.Counters)
    K.Running.clear();
}

/// The submission threw, so the task does not run; those of earlier iterations do.
void Engine::notTaken(ir::Range Submitted, State &S) {
  for (auto &[C, K] : S.Counters)
    std::erase_if(K.Running, [&](const CountedTask &T) { return T.Started == Submitted && T.Handed && !T.Again; });
}

/// The counter dies. What its tasks have the address of dies with it, or with the function that both stand in.
void Engine::unwaited(Loc C, ir::Range Where, State &S, Frame &F) {
  const CounterState &K = S.Counters.at(C);
  const Locations::Entry &Root = Places[Places.root(C)];
  bool Own = Root.Root == Locations::RootKind::Variable &&
             Root.Owner->Variables[Root.Index].K == ir::Variable::Kind::Local &&
             !Root.Owner->Variables[Root.Index].Static;
  bool Held = Root.Root == Locations::RootKind::Heap && Root.Frame >= F.Number;
  if ((!Own && !Held) || type(C).K == TypeKind::Semaphore || K.Barrier || K.Promise || K.TaskWait.valid() ||
      !K.Registered.valid() || escaped(C, S) || !visible(C, F))
    return;
  // A copy that means the same counter and outlives this one may be waited for.
  for (const auto &[Copy, Of] : S.Aliases)
    if (follow(Of, S) == C && !Places.inFrame(Copy, F.Number))
      return;
  auto Asked = S.Submissions.find(C);
  bool Tested = Asked != S.Submissions.end() && Asked->second.TestedAt.valid();
  for (const CountedTask &T : K.Running) {
    if (!T.Free || (T.Handed && !T.Again && Tested))
      continue;
    MissingWait M;
    bool Dies = llvm::is_contained(T.Captured, C) && !type(C).SharedCopies;
    if (Dies)
      M.Dies = spell(C);
    for (Loc L : T.Captured)
      if (M.Dies.empty() && Places.inFrame(L, F.Number) && L != C && !isTemporary(L))
        M.Dies = spell(L);
    if (M.Dies.empty() && (!type(C).SharedCopies || T.Handed || Leaving.O != Outcome::Kind::Next))
      continue;
    M.Subject = spell(C);
    M.Where = Where.valid() ? Where : K.Registered;
    M.Early = Leaving.O != Outcome::Kind::Next;
    M.Handed = T.Handed;
    M.Started = T.Started;
    if (M.Early && Leaving.O == Outcome::Kind::Return)
      M.Exit = wayOut(*F.F, Leaving.Where, Leaving.Unbraced);
    ir::Term Open = K.Expected - K.High;
    if (Own && Places[C].Parent == NoLoc && Open.isConstant() && Open.constantValue() == 0)
      M.WaitCode = ir::codeFor(type(C).JoinCode, M.Subject);
    M.Path = path(S, C);
    report(Facts.Unwaited, std::move(M), C);
    return;
  }
}

/// Only with all paths seen: a task in code we cannot see is one if its counter is waited for somewhere, and a count
/// that nobody looks at is lost if it is waited for nowhere.
void Engine::concludeWaits() {
  llvm::erase_if(Facts.Unwaited, [&](const MissingWait &M) {
    bool Waited = WaitedFor.contains(Judged.at({M.Where, M.Subject}));
    return (M.Handed && !Waited) || (M.Dies.empty() && Waited);
  });
}

/// A semaphore that begins empty, from which the launcher takes what its tasks release, is a count of them. One that
/// tasks take from as well is something else.
void Engine::acquired(Loc C, const ir::Effect &E, State &S, Frame &F) {
  auto It = S.Counters.find(C);
  if (It == S.Counters.end())
    return;
  CounterState &K = It->second;
  ir::Term Amount = evaluate(E.Amount, S, F);
  bool Launcher = TaskDepth == 0 || Places.inFrame(C, TaskFrame);
  if (!Launcher || E.Timed || E.O == ir::Op::TryAcquire || !Amount.Known) {
    K.Fuzzy = true;
    return;
  }
  K.Expected = K.Expected + Amount;
  K.Acquired = E.Where;
  note(S, PathStep::Kind::Waited, C, E.Where, F);
}

void Engine::semaphoreEnds(Loc C, State &S, Frame &F) {
  auto It = S.Counters.find(C);
  if (It == S.Counters.end() || !It->second.Acquired.valid())
    return;
  CounterState &K = It->second;
  ir::Term Missing = K.Expected - K.Low;
  // Whoever only knows where the semaphore is may release it: one that no task in sight does is a signal.
  bool Joins = K.Known && !K.Fuzzy && K.Completion.valid() && !escaped(C, S);
  if (Joins && K.Low == K.High && Missing.isConstant() && Missing.constantValue() > 0)
    mismatch(C, CountMismatch::Kind::TooFew, K.Acquired, K.Acquired, S, F);
  else if (Joins && K.High == K.Expected)
    settle(C, K.Acquired, S);
}

/// A wait before this thread's own completion: whether that comes, the rest of the path tells.
void Engine::ownWait(Loc C, ir::Range Where, State &S, Frame &F) {
  CounterState &K = counterAt(C, S);
  bool Outer = TaskDepth > 0 && !Places.inFrame(C, TaskFrame);
  if (K.Barrier) {
    // Every party of the barrier is to come from the loop that waits for them.
    if (TaskDepth == 0 && K.Known && !K.Fuzzy && K.Running.empty() && waitsInSpawningLoop(C, K) &&
        ActiveLoops.back().AtHead.at(C).High == ir::Term::constant(0) && visible(C, F)) {
      WaitBeforeDone W;
      W.Subject = spell(C);
      W.Where = Where;
      W.Loop = true;
      W.Completion = K.Registered;
      W.Path = path(S, C);
      report(Facts.OwnWaits, std::move(W), C);
    }
    return;
  }
  ir::Term Missing = K.Expected - K.Low;
  bool Short = K.Known && !K.Fuzzy && Missing.isConstant() && Missing.constantValue() > 0 && K.Low == K.High;
  bool Unsure = !K.Known || K.Fuzzy || !Missing.isConstant();
  K.OwnWait = Outer || Short || (type(C).SingleUse && Unsure) ? Where : ir::Range();
}

void Engine::ownCompletion(Loc C, ir::Range Where, State &S, Frame &F) {
  CounterState &K = counterAt(C, S);
  ir::Range Wait = std::exchange(K.OwnWait, {});
  bool Guard = TaskDepth == 0 && !Quiet && Leaving.Where.valid(); // misplaced rather than late
  if (Wait.valid())
    K.UsedUp = {}; // this completion belongs to the wait before
  if (!Wait.valid() || K.Barrier || K.Promise || Guard || escaped(C, S) || !visible(C, F))
    return;
  WaitBeforeDone W;
  W.Subject = spell(C);
  W.Where = Wait;
  W.InTask = TaskDepth > 0;
  W.Completion = Where;
  W.Path = path(S, C);
  report(Facts.OwnWaits, std::move(W), C);
}

/// A counter that counts only once is completed again after a wait; Where is a second wait, if there is one.
void Engine::usedAgain(Loc C, ir::Range Where, State &S, Frame &F) {
  CounterState &K = S.Counters.at(C);
  ir::Range First = K.UsedUp;
  bool Again = First.valid() && !(K.Low == ir::Term::constant(0)) && K.Completion.valid();
  if (!Again || escaped(C, S) || TaskDepth > 0 || !visible(C, F))
    return;
  AddAfterWait A;
  A.Subject = spell(C);
  A.Where = Where.valid() ? Where : K.Completion;
  A.FirstWait = First;
  A.Completion = K.Completion;
  A.Path = path(S, C);
  K.Known = false; // one report a counter
  report(Facts.Reused, std::move(A), C);
}

/// An iteration that completes and waits for a counter from outside of the loop, and is followed by another one.
void Engine::usedInLoop(const States &Ends, const State &Head, Frame &F) {
  bool Once = ActiveLoops.back().Trip.isConstant() && ActiveLoops.back().Trip.constantValue() <= 1;
  if (Once || TaskDepth > 0)
    return;
  for (const auto &[C, At] : Head.Counters) {
    if (!type(C).SingleUse || escaped(C, Head) || !visible(C, F))
      continue;
    for (const State &E : Ends) {
      auto It = E.Counters.find(C);
      bool Here = It != E.Counters.end() && It->second.UsedUp.valid() && !(It->second.UsedUp == At.UsedUp) &&
                  It->second.Completion.valid() && !(It->second.Completion == At.Completion) &&
                  It->second.Registered == At.Registered && It->second.Known == At.Known;
      if (!Here)
        continue;
      AddAfterWait A;
      A.Subject = spell(C);
      A.Where = A.FirstWait = It->second.UsedUp;
      A.Loop = true;
      A.Completion = It->second.Completion;
      A.Path = path(E, C);
      report(Facts.Reused, std::move(A), C);
    }
  }
}

} // namespace latchkey::flow
