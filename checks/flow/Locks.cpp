// Locks and permits: what this thread holds, who gives it back, and what is wrong about taking or giving it.
#include "checks/flow/Engine.h"
#include "checks/flow/LockUses.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using LockKind = LockState::Kind;
using Holds = LockerState::Holds;
using Reason = BadLock::Reason;

bool Engine::isPermit(Loc L) const {
  return type(L).K == TypeKind::Semaphore;
}

/// Pointers that lead to P are none that are null, or this is never reached.
void Engine::notNull(const ir::Place &P, State &S, const Frame &F) {
  ir::Place Prefix;
  Prefix.R = P.R;
  Prefix.Index = P.Index;
  for (const ir::Step &Via : P.Path) {
    if (Via.K == ir::Step::Kind::Deref)
      if (Loc Pointer = resolve(Prefix, S, F); Pointer != NoLoc && !type(Pointer).Reference)
        assume(S, number(Pointer, S), ir::Predicate::Relation::Equal, false);
    Prefix.Path.push_back(Via);
  }
}

/// A mutex by its name. An element by index is the same one as long as the index has not changed.
Loc Engine::lockAt(const ir::Place &P, const State &S, const Frame &F) {
  size_t At = P.Path.size();
  while (At > 0 && (P.Path[At - 1].K != ir::Step::Kind::Element || P.Path[At - 1].Index.empty()))
    --At;
  Loc Whole = resolve(P, S, F);
  if (At == 0 || !isSomeElement(Whole))
    return Whole;
  const std::string &Index = P.Path[At - 1].Index;
  ir::Place Container = P;
  Container.Path.resize(At - 1);
  Loc L = resolve(Container, S, F);
  uint32_t Version = 0;
  for (uint32_t I = 0; I < F.F->Variables.size(); ++I)
    if (F.F->Variables[I].Name == Index)
      Version = std::max(Version, version(Places.variable(F.Number, *F.F, I), S));
  std::string Name = Index;
  Name += "~";
  Name += std::to_string(Version);
  L = Places.child(L, {ir::Step::Kind::Element, {}, std::move(Name)});
  for (; At < P.Path.size(); ++At)
    L = step(L, P.Path[At], S, F);
  return L;
}

/// Its holder may take it again, as far as is known.
bool Engine::isReentrant(Loc M) const {
  if (type(M).K != TypeKind::Mutex || type(M).Reentrant)
    return true;
  const ir::Function *Owner = Places.owner(M);
  return P.locks().mayBeReentrant(Owner ? *Owner : Entry, Places.place(M));
}

/// The body stands inside the entry function: a closure of its own.
bool Engine::standsInEntry(const ir::Function &F) const {
  return &F == &Entry || (Entry.Begin.valid() && F.Where.File == Entry.Begin.File &&
                          F.Where.Offset >= Entry.Begin.Offset && F.Where.Offset <= Entry.End.Offset);
}

/// Where it happens as the entry function sees it: what a callee does happens at the call.
ir::Range Engine::siteOf(ir::Range Where, const Frame &F) const {
  ir::Range Site = Where;
  for (const Frame *G = &F; G && G->F; G = G->Caller)
    if (!standsInEntry(*G->F))
      Site = G->CallSite;
  return Site;
}

/// An activation that is under way and not the entry's own took the lock: its own interpretation judges it.
bool Engine::heldByCallee(const LockState &K, const Frame &F) const {
  for (const Frame *G = &F; G; G = G->Caller)
    if (G->Number == K.Frame)
      return !standsInEntry(*G->F);
  return false;
}

bool Engine::judgesLocks(Loc M, const Frame &F) const {
  return TaskDepth == 0 && Quiet == 0 && elementOf(M) == NoLoc && visible(M, F);
}

/// A function that is called because of what it does to locks, from the entry or in a closure of it.
static const Frame *calledFrom(const Frame &F, llvm::function_ref<bool(const ir::Function &)> Inside) {
  const Frame *Outermost = nullptr;
  for (const Frame *G = &F; G && G->F; G = G->Caller)
    if (!Inside(*G->F))
      Outermost = G;
  return Outermost;
}

void Engine::badLock(Loc M, Reason Why, ir::Range Where, ir::Range Before, const State &S, const Frame &F,
                     std::string Locker) {
  BadLock B;
  B.Subject = spell(M);
  B.Why = Why;
  B.Where = Where;
  B.Before = Before;
  B.Locker = std::move(Locker);
  if (const Frame *Callee = calledFrom(F, [&](const ir::Function &G) { return standsInEntry(G); }))
    B.Callee = Callee->F->Name;
  B.Path = path(S, M);
  judged(M, Where, true);
  report(Facts.BadLocks, std::move(B), M);
}

/// Takes a lock that is held. False if the thread stops here for good.
bool Engine::lockAgain(Loc M, ir::Range Where, bool Shared, State &S, Frame &F) {
  LockState &K = S.Locks[M];
  ir::Range Site = siteOf(Where, F);
  if (isReentrant(M) || (K.Shared && Shared)) {
    if (K.Count < 4)
      ++K.Count;
    return true;
  }
  if (!judgesLocks(M, F) || heldByCallee(K, F)) {
    if (elementOf(M) != NoLoc)
      K = LockState();
    return true;
  }
  if (K.At == Site && !Site.Macro && K.By == NoLoc) { // the same statement again: an iteration did not give it back
    ir::Range Left = lastExit(S.Path, sinceLocked(M, S));
    KeptLock Kept;
    Kept.Subject = spell(M);
    Kept.Where = Left.valid() ? Left : Site;
    Kept.Again = true;
    Kept.Taken = K.At;
    Kept.Path = path(S, M);
    judged(M, Kept.Where, true);
    report(Facts.Kept, std::move(Kept), M);
    return false;
  }
  bool SameStatement = K.By != NoLoc && K.Frame == F.Number;
  if (K.At == Site && !SameStatement)
    return true;
  badLock(M, K.Shared ? Reason::Upgrade : Reason::Twice, Site, K.At, S, F);
  return false;
}

/// The entry function calls itself with a mutex held that it takes before anything is decided.
bool Engine::recursesUnderLock(const ir::Function &Callee, const std::vector<Resolved> &Args, ir::Range Where, State &S,
                               Frame &F) {
  if (&Callee != &Entry || !standsInEntry(*F.F))
    return false;
  for (const auto &[M, K] : S.Locks) {
    if (!K.held() || K.Shared || K.AtEntry || isReentrant(M) || !judgesLocks(M, F))
      continue;
    bool Same = Places[M].Root == Locations::RootKind::Global;
    if (Callee.hasThis() && !Args.empty() && Args[0].L != NoLoc)
      Same |= Places.within(M, Args[0].K == Resolved::Kind::Copy ? target(Args[0].L, S) : Args[0].L);
    bool Decided = false;
    for (const TrailStep *T = sinceLocked(M, S).get(); T; T = T->Before.get())
      Decided |= T->Step.K == PathStep::Kind::Branch;
    if (!Same || Decided)
      continue;
    badLock(M, Reason::Twice, siteOf(Where, F), K.At, S, F);
    return true;
  }
  return false;
}

/// The trail just before M was locked last.
Trail Engine::sinceLocked(Loc M, const State &S) const {
  for (Trail T = S.Path; T; T = T->Before)
    if (T->Object == M && T->Step.K == PathStep::Kind::Locked)
      return T->Before;
  return nullptr;
}

bool Engine::takeLock(Loc M, ir::Range Where, bool Shared, Loc By, int64_t Amount, State &S, Frame &F) {
  if (M == NoLoc || isSomeElement(M))
    return true;
  auto [It, New] = S.Locks.try_emplace(M);
  ir::Range Site = siteOf(Where, F);
  if (It->second.held() && !isPermit(M))
    return lockAgain(M, Where, Shared, S, F);
  if ((New || It->second.Untouched) && !Shared && judgesLocks(M, F) && !isReentrant(M) && !isPermit(M))
    FirstUses[M].Lock = FirstUses[M].Lock.valid() ? FirstUses[M].Lock : Site;
  LockState &K = It->second;
  bool More = K.held();
  bool AtEntry = !K.held() && K.AtEntry;
  K = LockState{.K = LockKind::Held,
                .Shared = Shared,
                .AtEntry = AtEntry,
                .Count = More ? K.Count + Amount : Amount,
                .By = By,
                .Frame = F.Number,
                .At = Site};
  // Back in the care of a guard under which it was unlocked by hand.
  if (By == NoLoc)
    for (const auto &[L, Locker] : S.Lockers)
      if (Locker.Owns == Holds::Yes && llvm::is_contained(Locker.Mutexes, M))
        K.By = L;
  note(S, PathStep::Kind::Locked, M, Where, F);
  return true;
}

/// The way that leads here has asked something about the lock itself, or a flag that may tell about it.
bool Engine::askedAboutLock(const State &S) const {
  for (const TrailStep *T = S.Path.get(); T; T = T->Before.get()) {
    if (T->Step.K != PathStep::Kind::Branch || !T->Test)
      continue;
    const ir::Predicate &P = T->Test->Test;
    bool Flag = P.K == ir::Predicate::Kind::Compare && P.Rel == ir::Predicate::Relation::Equal &&
                P.Right.isConstant() && P.Left.Sum.size() == 1 && P.Left.Sum[0].Factors.size() == 1 &&
                P.Left.Sum[0].Factors[0].K == ir::Atom::Kind::Value;
    std::string Text = llvm::StringRef(T->Step.Text).lower();
    bool Names = false;
    for (llvm::StringRef Word : {"lock", "held", "hold", "own", "mutex"})
      Names |= llvm::StringRef(Text).contains(Word);
    if (Flag || Names)
      return true;
  }
  return false;
}

/// The mutex is reached by a pointer of which nothing is known any more: it may be one that is held, or that one was
/// given back on the way here (hand over hand, down a list or tree).
void Engine::handedOver(Loc M, State &S) {
  const ir::Function *In = Places.owner(M);
  ir::Place At = Places.place(M);
  if (version(M, S) == 0 || !In || !At.valid())
    return;
  for (auto &[Other, K] : S.Locks) {
    const ir::Function *Owner = Places.owner(Other);
    if (Other != M && K.held() && K.By == NoLoc && Owner && P.locks().alike(*In, At, *Owner, Places.place(Other)))
      K = LockState();
  }
}

/// Unlocks a mutex of which nothing is known, by hand: the caller held it, unless other ways say otherwise.
void Engine::unlockFirst(Loc M, ir::Range Where, State &S, Frame &F) {
  handedOver(M, S);
  LockState &K = S.Locks[M];
  ir::Range Site = siteOf(Where, F);
  K = LockState{.K = LockKind::Released, .AtEntry = true, .Frame = F.Number, .At = Site};
  bool Counts = judgesLocks(M, F) && !isReentrant(M) && !S.Strange && F.Number == 1 && !askedAboutLock(S);
  if (!Counts)
    return;
  FirstUse &First = FirstUses[M];
  if (!First.Unlock.valid()) {
    First.Unlock = Site;
    First.Path = path(S, M);
  }
}

void Engine::giveBack(Loc M, ir::Range Where, int64_t Amount, Loc Guard, State &S, Frame &F) {
  if (M == NoLoc || isSomeElement(M))
    return;
  auto It = S.Locks.find(M);
  if (It == S.Locks.end()) {
    if (isPermit(M))
      S.Locks[M].K = LockKind::Released;
    else if (Guard == NoLoc)
      unlockFirst(M, Where, S, F);
    return;
  }
  LockState &K = It->second;
  ir::Range Site = siteOf(Where, F);
  switch (K.K) {
  case LockKind::Lost:
    K.AtEntry |= Guard == NoLoc; // whoever holds it gets it back when it is locked again
    return;
  case LockKind::Released: {
    bool Twice = Guard == NoLoc ? K.By == NoLoc : K.By == Guard;
    K.AtEntry |= Guard == NoLoc; // somebody else held it after all, and has it again when it is locked again
    if (isPermit(M) || isReentrant(M) || !Twice || !judgesLocks(M, F) || (Guard == NoLoc && K.At == Site))
      return;
    if (Guard != NoLoc)
      badLock(M, Reason::UnderGuard, K.At, K.Before, S, F, spell(Guard));
    else
      badLock(M, K.At.valid() ? Reason::Returned : Reason::Never, Site, K.At, S, F);
    K = LockState{.AtEntry = K.AtEntry};
    return;
  }
  case LockKind::Held:
    if (K.Count > Amount) {
      K.Count -= Amount;
      return;
    }
    if (TaskDepth == 0)
      Returned.try_emplace(M, Site);
    K = LockState{.K = LockKind::Released,
                  .AtEntry = K.AtEntry,
                  .By = Guard == NoLoc ? K.By : NoLoc,
                  .Frame = F.Number,
                  .At = Site,
                  .Before = K.At};
    note(S, PathStep::Kind::Unlocked, M, Where, F);
    return;
  }
}

/// Lockers and mutexes whose holder is no longer known.
void Engine::loseLocks(Loc L, State &S) {
  // What belongs to an object that others know is the object's own business.
  auto Exactly = [&](Loc M) {
    if (M == L || !Places.within(M, L))
      return M == L;
    for (Loc At = M; Places[At].Parent != NoLoc; At = Places[At].Parent)
      if (Places[At].Via.K == ir::Step::Kind::Deref)
        return false;
    return Places[M].Root == Locations::RootKind::Variable;
  };
  for (auto &[M, K] : S.Locks)
    if (Exactly(M))
      K = LockState();
  for (auto &[At, Locker] : S.Lockers)
    if (Places.within(At, L)) {
      Locker.Owns = Holds::Maybe;
      for (Loc M : Locker.Mutexes)
        S.Locks[M] = LockState();
    }
}

/// What is left of a loop: a lock of one element is none of another's.
void Engine::leaveElementLocks(const State &Entry, State &S) const {
  for (auto &[M, K] : S.Locks)
    if (K.held() && !Entry.Locks.contains(M) && elementOf(M) != NoLoc)
      K = LockState();
}

/// Readers and writers of this mutex unlock by different calls, and this is the wrong one.
void Engine::otherSide(Loc M, const ir::Effect &E, State &S, Frame &F) {
  auto It = S.Locks.find(M);
  bool Wrong = M != NoLoc && type(M).Apart && It != S.Locks.end() && It->second.held() && It->second.By == NoLoc &&
               It->second.Shared != E.Shared && judgesLocks(M, F) && !heldByCallee(It->second, F);
  if (Wrong)
    badLock(M, Reason::OtherSide, siteOf(E.Where, F), It->second.At, S, F);
}

Exits Engine::lockOrUnlock(const ir::Effect &E, Loc L, Loc Result, State S, Frame &F) {
  auto Locker = S.Lockers.find(L);
  bool IsLocker = type(L).K == TypeKind::Locker || Locker != S.Lockers.end();
  std::vector<Loc> Mutexes = IsLocker ? std::vector<Loc>() : std::vector<Loc>{L};
  if (Locker != S.Lockers.end())
    Mutexes = Locker->second.Mutexes;
  if (E.O == ir::Op::Unlock || E.O == ir::Op::Release) {
    if (IsLocker) {
      releaseLocker(L, E.Where, false, S, F);
    } else if (E.O == ir::Op::Release) {
      ir::Term N = evaluate(E.Amount, S, F);
      giveBack(L, E.Where, N.isConstant() ? N.constantValue() : INT64_MAX, NoLoc, S, F);
    } else {
      otherSide(L, E, S, F);
      giveBack(L, E.Where, 1, NoLoc, S, F);
    }
    return next(std::move(S));
  }
  bool Tries = E.O == ir::Op::TryLock || E.O == ir::Op::TryAcquire;
  if (Tries && Result == NoLoc && E.Timed) { // whether it was had, a locker may tell
    for (Loc M : Mutexes) {
      S.Locks[M] = LockState();
      S.Locks[M].Tried = true;
      S.Locks[M].At = siteOf(E.Where, F);
    }
    return next(std::move(S));
  }
  Exits Out;
  if (Result != NoLoc && E.When != ir::Success::Always) {
    bool Zero = E.When == ir::Success::WhenZero;
    if (Tries) {
      State Failed = S;
      assume(Failed, number(Result, Failed), ir::Predicate::Relation::Equal, !Zero);
      Out.push_back({Outcome{}, std::move(Failed)});
    }
    assume(S, number(Result, S), ir::Predicate::Relation::Equal, Zero);
  }
  ir::Term Taken = evaluate(E.Amount, S, F);
  bool Permits = E.O == ir::Op::Acquire || E.O == ir::Op::TryAcquire;
  int64_t Amount = Permits && Taken.isConstant() ? Taken.constantValue() : 1;
  bool Alive = true;
  auto Had = [&](Loc M) { return S.Locks.contains(M) && S.Locks[M].held() && !isPermit(M) && !isReentrant(M); };
  for (Loc M : Mutexes)
    if (!Tries || !Had(M)) // what is held cannot be had by trying
      Alive &= takeLock(M, E.Where, E.Shared, IsLocker ? L : NoLoc, Amount, S, F);
  if (TaskDepth > 0 && !Tries)
    for (Loc M : Mutexes)
      if (!isPermit(M) && !isSomeElement(M) && !Places.inFrame(M, TaskFrame))
        TaskLocks[TaskSpawn].try_emplace(M, TaskLock{E.Where, E.Shared});
  if (Permits && !Taken.isConstant()) // how many are kept cannot be told
    S.Locks[L] = LockState();
  if (Locker != S.Lockers.end())
    S.Lockers[L].Owns = Holds::Yes;
  Out.push_back({Outcome{Alive ? Outcome::Kind::Next : Outcome::Kind::Never, {}, {}, E.Where}, std::move(S)});
  return Out;
}

} // namespace latchkey::flow
