// Lockers: guards that hold mutexes, give them back when they end, and can be asked, emptied and moved.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using LockKind = LockState::Kind;
using Holds = LockerState::Holds;
using Reason = BadLock::Reason;

void Engine::armLocker(Loc L, const ir::Effect &E, State &S, Frame &F) {
  LockerState &Locker = S.Lockers[L];
  if (E.Input.Args.empty())
    return;
  Resolved Mutex = resolve(E.Input.Args[0], S, F);
  if (Mutex.K == Resolved::Kind::Address)
    Mutex.L = lockAt(E.Input.Args[0].P, S, F);
  if (Mutex.L == NoLoc || Mutex.K != Resolved::Kind::Address) {
    Locker.Owns = Holds::Maybe;
    return;
  }
  if (!llvm::is_contained(Locker.Mutexes, Mutex.L))
    Locker.Mutexes.push_back(Mutex.L);
  auto It = S.Locks.find(Mutex.L);
  bool Tried = It != S.Locks.end() && It->second.Tried;
  Locker.Owns = Tried ? Holds::Maybe : Holds::Yes;
  if (It != S.Locks.end() && It->second.held())
    It->second.By = L;
}

/// What the locker holds is unlocked, by a call or by its end.
void Engine::releaseLocker(Loc L, ir::Range Where, bool Ends, State &S, Frame &F) {
  auto It = S.Lockers.find(L);
  if (It == S.Lockers.end())
    return;
  LockerState Locker = It->second;
  It->second.Owns = Holds::No;
  for (Loc M : Locker.Mutexes) {
    if (Locker.Owns == Holds::Yes) {
      giveBack(M, Where, 1, L, S, F);
    } else if (Locker.Owns == Holds::Maybe) {
      S.Locks[M] = LockState();
    } else if (!Ends && judgesLocks(L, F) && F.Number == 1) {
      auto K = S.Locks.find(M);
      badLock(M, Reason::Deferred, siteOf(Where, F), K == S.Locks.end() ? ir::Range() : K->second.At, S, F, spell(L));
    }
  }
  if (Ends)
    S.Lockers.erase(L);
}

/// A locker that goes to another place takes what it holds along.
void Engine::moveLockers(Loc From, Loc To, State &S) {
  for (const auto &[L, Locker] : std::map<Loc, LockerState>(S.Lockers)) {
    if (!Places.within(L, From))
      continue;
    Loc Now = Places.rebase(L, From, To);
    S.Lockers[Now] = Locker;
    S.Lockers[L].Owns = Holds::No;
    S.Lockers[L].Mutexes.clear();
    for (auto &[M, K] : S.Locks)
      if (K.By == L)
        K.By = Now;
  }
}

/// `release()`: what the locker held is to be unlocked by hand from here on.
void Engine::dismissLocker(Loc L, Loc Result, State &S) {
  LockerState &Locker = S.Lockers[L];
  Locker.Owns = Holds::No;
  for (Loc M : Locker.Mutexes)
    if (auto It = S.Locks.find(M); It != S.Locks.end() && It->second.By == L) {
      It->second.By = NoLoc;
      Dropped.insert(M);
      // Whoever gets the mutex unlocks it. A locker without a name was made to lock and leave it so.
      if (Result != NoLoc || isTemporary(L))
        It->second = LockState();
    }
}

/// A test of whether a locker holds what it was built from.
Answer Engine::ownsLock(Loc L, const State &S) const {
  auto It = S.Lockers.find(L);
  if (It == S.Lockers.end() || It->second.Owns == Holds::Maybe)
    return Answer::Maybe;
  return It->second.Owns == Holds::Yes ? Answer::Yes : Answer::No;
}

void Engine::learnOwnsLock(Loc L, bool Owns, State &S, const Frame &F) {
  auto It = S.Lockers.find(L);
  if (It == S.Lockers.end() || It->second.Owns != Holds::Maybe)
    return;
  It->second.Owns = Owns ? Holds::Yes : Holds::No;
  for (Loc M : It->second.Mutexes)
    if (auto K = S.Locks.find(M); K != S.Locks.end() && K->second.Tried) {
      if (!Owns)
        S.Locks.erase(K);
      else
        K->second = LockState{.K = LockKind::Held, .By = L, .Frame = F.Number, .At = K->second.At};
    }
}

} // namespace latchkey::flow
