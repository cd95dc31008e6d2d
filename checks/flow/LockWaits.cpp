// What happens while a lock is held: waiting for somebody who needs it, sleeping, suspending a coroutine.
#include "checks/flow/Engine.h"
#include "checks/flow/LockUses.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

void Engine::lockedWait(LockedWait::Kind Kind, Loc Awaited, Loc M, LockState &K, ir::Range Needed, ir::Range Where,
                        const State &S, Frame &F) {
  if (std::exchange(K.Stuck, true)) // it does not come to this wait
    return;
  LockedWait W;
  W.K = Kind;
  W.Subject = spell(M);
  W.Awaited = spell(Awaited);
  W.Where = siteOf(Where, F);
  W.Taken = K.At;
  W.Needed = Needed;
  W.Path = path(S, M);
  judged(M, W.Where, true);
  report(Facts.LockedWaits, std::move(W), M);
}

bool Engine::isHeldHere(Loc M, const LockState &K, const Frame &F) const {
  return K.held() && !isPermit(M) && TaskDepth == 0 && Quiet == 0 && visible(M, F) && !heldByCallee(K, F);
}

/// Waits for the task of a handle.
void Engine::awaitTask(LockedWait::Kind Kind, Loc Handle, ir::Range Where, State &S, Frame &F) {
  if (TaskDepth > 0 || S.Locks.empty())
    return;
  std::vector<ir::Range> Started;
  if (type(Handle).K == TypeKind::Pool) {
    if (auto It = PoolTasks.find(Handle); It != PoolTasks.end())
      Started = It->second;
  } else if (HandleState *H = handleAt(Handle, S)) {
    if (H->K != HandleState::Kind::Joinable)
      return;
    Started.push_back(H->Started);
  }
  for (auto &[M, K] : S.Locks) {
    if (!isHeldHere(M, K, F))
      continue;
    bool Found = false;
    for (ir::Range At : Started)
      if (auto Task = TaskLocks.find(At); Task != TaskLocks.end() && !Found)
        if (auto Need = Task->second.find(M); Need != Task->second.end() && !(Need->second.Shared && K.Shared)) {
          lockedWait(Kind, Handle, M, K, Need->second.Where, Where, S, F);
          Found = true;
        }
    if (!Started.empty())
      continue;
    // Started by another function of the same object.
    const ir::Function *Owner = Places.owner(Handle), *MutexOwner = Places.owner(M);
    bool SameObject = Places[Handle].Parent == NoLoc || Places[M].Parent == NoLoc ||
                      Places.within(M, objectOf(Handle)) || Places.within(Handle, objectOf(M));
    if (!SameObject)
      continue;
    ir::Range Need = P.locks().neededByTask(Owner ? *Owner : Entry, Places.place(Handle),
                                            MutexOwner ? *MutexOwner : Entry, Places.place(M), K.Shared);
    if (Need.valid())
      lockedWait(Kind, Handle, M, K, Need, Where, S, F);
  }
}

/// The object that L is a field, or an element of a field, of.
Loc Engine::objectOf(Loc L) const {
  Loc At = L;
  while (Places[At].Parent != NoLoc && Places[At].Via.K != ir::Step::Kind::Field)
    At = Places[At].Parent;
  return Places[At].Parent == NoLoc ? At : Places[At].Parent;
}

/// What a task must take before it completes C.
void Engine::locksBefore(Loc C, const State &S) {
  if (TaskDepth == 0 || !TaskStart)
    return;
  for (const TrailStep *T = S.Path.get(); T && T != TaskStart->Path.get(); T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Locked && !Places.inFrame(T->Object, TaskFrame) && !isPermit(T->Object))
      CounterLocks[C].try_emplace(T->Object, TaskLock{T->Step.Where, false});
}

/// Waits for what tasks complete.
void Engine::awaitCount(Loc C, ir::Range Where, State &S, Frame &F) {
  auto Needs = CounterLocks.find(C);
  if (TaskDepth > 0 || Needs == CounterLocks.end())
    return;
  for (auto &[M, K] : S.Locks)
    if (auto Need = Needs->second.find(M); Need != Needs->second.end() && isHeldHere(M, K, F))
      lockedWait(LockedWait::Kind::Count, C, M, K, Need->second.Where, Where, S, F);
}

void Engine::blockUnderLock(const ir::Effect &E, State &S, Frame &F) {
  for (const auto &[M, K] : S.Locks) {
    if (!isHeldHere(M, K, F))
      continue;
    LockedBlock B;
    B.Subject = spell(M);
    B.Call = E.Text;
    B.Where = siteOf(E.Where, F);
    B.Taken = K.At;
    B.Path = path(S, M);
    report(Facts.LockedBlocks, std::move(B), M);
    return;
  }
}

void Engine::suspendUnderLock(const ir::Suspend &Suspended, ir::Range Where, const State &S, const Frame &F) {
  if (F.Number != 1)
    return;
  for (const auto &[M, K] : S.Locks) {
    if (!isHeldHere(M, K, F))
      continue;
    LockedSuspend L;
    L.Subject = spell(M);
    L.Awaited = Suspended.Text;
    L.Locker = K.By == NoLoc ? "" : spell(K.By);
    L.Where = Where;
    L.Taken = K.At;
    L.Path = path(S, M);
    judged(M, Where, true);
    report(Facts.LockedSuspends, std::move(L), M);
  }
}

} // namespace latchkey::flow
