// What is still held where a function is left: its purpose, or a lock that was forgotten.
#include "checks/flow/Engine.h"
#include "checks/flow/LockUses.h"
#include "checks/flow/WaysOut.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using LockKind = LockState::Kind;

/// Back from a callee: what it took belongs to the caller. What it took on some ways only belongs to nobody, unless its
/// answer tells the ways apart.
void Engine::returnLocks(const LockMap &Before, Exits &Out, const Frame &Callee, const Frame &F, ir::Range Where,
                         Loc Result) {
  std::set<Loc> Changed;
  for (Exit &E : Out)
    for (auto &[M, K] : E.S.Locks) {
      if (K.Frame == Callee.Number) {
        K.Frame = F.Number;
        if (!standsInEntry(*Callee.F))
          K.At = siteOf(Where, F);
      }
      auto Was = Before.find(M);
      if (K.held() != (Was != Before.end() && Was->second.held()))
        Changed.insert(M);
    }
  for (Loc M : Changed) {
    auto HeldAt = [&](const Exit &E) {
      auto It = E.S.Locks.find(M);
      return It != E.S.Locks.end() && It->second.held();
    };
    std::vector<Interval> Held, Free;
    for (const Exit &E : Out)
      if (E.O.K == Outcome::Kind::Next)
        (HeldAt(E) ? Held : Free).push_back(Result == NoLoc ? Interval() : bounds(E.S, number(Result, E.S)));
    auto Apart = [](const Interval &A, const Interval &B) {
      return A.High < B.Low || B.High < A.Low || (A.Low == A.High && B.Not.contains(A.Low)) ||
             (B.Low == B.High && A.Not.contains(B.Low));
    };
    bool Told = llvm::all_of(
        Held, [&](const Interval &A) { return llvm::all_of(Free, [&](const Interval &B) { return Apart(A, B); }); });
    if (!Told)
      for (Exit &E : Out)
        E.S.Locks[M] = LockState();
  }
}

/// The text of the last place where the function is left, in the order of the source.
static uint32_t offsetOf(const Exit &E, const ir::Function &F) {
  return E.O.K == Outcome::Kind::Return ? E.O.Where.Offset : F.End.Offset;
}

/// A value that says "it worked", as far as that can be told.
bool Engine::saysSuccess(const Exit &E) {
  Loc Slot = Places.heap(1, Locations::ReturnSite, Entry.ReturnType);
  ir::Term N = E.S.Numbers.contains(Slot) ? number(Slot, E.S) : ir::Term::unknown();
  const ir::Type &T = M.Types[Entry.ReturnType];
  if (T.K == ir::Type::Kind::Number && T.Name != "bool") // a code: 0 is success
    return compare(E.S, N, ir::Predicate::Relation::Equal) != Answer::No;
  return compare(E.S, N, ir::Predicate::Relation::Equal) != Answer::Yes &&
         compare(E.S, N, ir::Predicate::Relation::Less) != Answer::Yes;
}

/// The way on which M is kept is known already: the next iteration of a loop would take it again.
bool Engine::saidAgain(Loc M, const State &S) const {
  ir::Range Left = lastExit(S.Path, sinceLocked(M, S));
  return llvm::any_of(Facts.Kept, [&](const KeptLock &K) {
    return K.Again && K.Taken == S.Locks.at(M).At && (K.Where == Left || K.Where == K.Taken);
  });
}

void Engine::keptLocks(const Exits &Out) {
  if (Entry.LocksForCaller || Quiet)
    return;
  std::set<Loc> Kept;
  auto Keeps = [&](const Exit &E, Loc M) {
    auto It = E.S.Locks.find(M);
    return It != E.S.Locks.end() && It->second.held() && It->second.By == NoLoc && !It->second.AtEntry;
  };
  for (const Exit &E : Out)
    if (E.O.K != Outcome::Kind::Never)
      for (const auto &[M, K] : E.S.Locks)
        if (Keeps(E, M) && (Places[M].Root != Locations::RootKind::Heap || Places[Places.root(M)].Holder != NoLoc))
          Kept.insert(M);
  for (Loc M : Kept) {
    bool LastKeeps = false, LastFrees = false;
    uint32_t Last = 0;
    for (const Exit &E : Out)
      if (E.O.K != Outcome::Kind::Never && E.O.K != Outcome::Kind::Throw)
        Last = std::max(Last, offsetOf(E, Entry));
    for (const Exit &E : Out)
      if (E.O.K != Outcome::Kind::Never && E.O.K != Outcome::Kind::Throw && offsetOf(E, Entry) == Last)
        (Keeps(E, M) ? LastKeeps : LastFrees) = true;
    for (const Exit &E : Out)
      if (E.O.K != Outcome::Kind::Never && Keeps(E, M) && !saidAgain(M, E.S) &&
          mustReturn(M, E, LastKeeps && !LastFrees))
        keptLock(M, E);
  }
}

/// Nobody but this function can be meant to give M back.
bool Engine::mustReturn(Loc M, const Exit &E, bool LastKeeps) {
  bool Gave = Returned.contains(M), Thrown = E.O.K == Outcome::Kind::Throw;
  if (isPermit(M) || elementOf(M) != NoLoc)
    return Gave && !LastKeeps;
  ir::Place At = Places.place(M);
  const ir::Function *Owner = Places.owner(M);
  const LockUses &Uses = P.locks();
  if (Gave && !LastKeeps)
    return Thrown || !Uses.givenBackElsewhere(Owner ? *Owner : Entry, At, Entry, false) || !saysSuccess(E);
  bool Own = Places[M].Root == Locations::RootKind::Variable && At.Path.empty() && Places.inFrame(M, 1);
  bool Closed = Own || Uses.knownOnlyHere(Owner ? *Owner : Entry, At);
  return Closed && !Uses.givenBackElsewhere(Owner ? *Owner : Entry, At, Entry, true) && !Entry.Constructor &&
         !Entry.Destructor && !Entry.Lambda && Places[M].Frame <= 1;
}

/// The innermost loop of F around the place, by its offsets; null if that goes over a container.
static const ir::Loop *loopAround(ir::Range At, const ir::Function &F) {
  const ir::Node *Inner = nullptr;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *L = N.as<ir::Loop>();
    const auto *E = N.as<ir::Foreach>();
    const ir::Nodes *Body = L ? &L->Body : E ? &E->Body : nullptr;
    const auto *Block = Body && !Body->empty() ? Body->front().as<ir::Sequence>() : nullptr;
    bool Around = Block && N.Where.File == At.File && N.Where.Offset <= At.Offset && At.Offset <= Block->End.Offset;
    if (Around && (!Inner || N.Where.Offset >= Inner->Where.Offset))
      Inner = &N;
  });
  return Inner ? Inner->as<ir::Loop>() : nullptr;
}

/// The loop takes the lock of an object that its next iteration does not look at any more (`c = c->next`).
static bool goesOn(const ir::Loop &L, ir::Range Taken) {
  ir::Place Object;
  forEachNode(L.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    if (E && E->O == ir::Op::Lock && E->Where == Taken && !E->Subject.Path.empty())
      Object = E->Subject;
  });
  Object.Path.clear();
  bool Moved = false;
  for (const ir::Nodes *Part : {&L.Body, &L.Step})
    forEachNode(*Part, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Moved |= E && Object.valid() && E->Subject == Object && (E->O == ir::Op::Assign || E->O == ir::Op::Write);
    });
  return Moved;
}

/// Where the iteration that took the lock goes on to the next one, which looks at another object; invalid if it does
/// not.
ir::Range Engine::leftIteration(Loc M, const State &S) {
  const TrailStep *First = nullptr;
  Trail Since = sinceLocked(M, S);
  for (const TrailStep *T = S.Path.get(); T && T != Since.get(); T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Exit)
      First = T;
  if (!First || First->Step.Text != "continue" || First->In != &Entry)
    return {};
  const ir::Loop *L = loopAround(First->Step.Where, Entry);
  return L && goesOn(*L, S.Locks.at(M).At) ? First->Step.Where : ir::Range();
}

/// A return whose value has nothing to do with what is locked, so that it can be unlocked before.
static bool isPlainReturn(const ir::Function &F, const ir::Range &Where) {
  bool Plain = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *R = N.as<ir::Return>();
    if (!R || N.Where != Where)
      return;
    using Kind = ir::Value::Kind;
    const ir::Value &V = R->Result;
    bool Own = (V.K == Kind::Copy || V.K == Kind::Move) && V.P.R == ir::Place::Root::Variable && V.P.Path.empty() &&
               F.Variables[V.P.Index].K == ir::Variable::Kind::Local;
    Plain = !R->HasValue || V.K == Kind::Default || (V.K == Kind::Number && V.N.isConstant()) || Own;
  });
  return Plain;
}

void Engine::releaseBeforeLeaving(Loc M, const Exit &E, KeptLock &Kept) const {
  const LockState &K = E.S.Locks.at(M);
  const Locations::Entry &Root = Places[Places.root(M)];
  bool Named =
      Root.Root == Locations::RootKind::Global || (Root.Root == Locations::RootKind::Variable && Root.Owner == &Entry);
  bool Returns = E.O.K == Outcome::Kind::Return && isPlainReturn(Entry, E.O.Where);
  if (!Named || Kept.Dropped || K.Shared || K.Count != 1 || K.By != NoLoc || elementOf(M) != NoLoc ||
      !(Returns || E.O.K == Outcome::Kind::Next))
    return;
  if (Returns)
    Kept.Exit = wayOut(Entry, E.O.Where, E.O.Unbraced);
  if (!Returns || Kept.Exit.Statement.valid())
    Kept.ReleaseCode = ir::codeFor(type(M).ReleaseCode, Kept.Subject);
}

void Engine::keptLock(Loc M, const Exit &E) {
  const LockState &K = E.S.Locks.at(M);
  KeptLock Kept;
  Kept.Subject = spell(M);
  Kept.Permit = isPermit(M);
  Kept.Thrown = E.O.K == Outcome::Kind::Throw;
  Kept.Dropped = Dropped.contains(M);
  Kept.Where = E.O.Where.valid() && E.O.K != Outcome::Kind::Next ? E.O.Where : Entry.End;
  Kept.Taken = K.At;
  if (ir::Range Left = leftIteration(M, E.S); Left.valid()) {
    Kept.Where = Left;
    // The same of the object before it.
    if (llvm::any_of(Facts.Kept, [&](const KeptLock &O) { return O.Where == Left && O.Taken == Kept.Taken; }))
      return;
  }
  auto Gave = Returned.find(M);
  Kept.AllWays = Gave == Returned.end();
  if (Gave != Returned.end())
    Kept.Returned = Gave->second;
  releaseBeforeLeaving(M, E, Kept);
  Kept.Path = path(E.S, M);
  judged(M, Kept.Where, true);
  report(Facts.Kept, std::move(Kept), M);
}

static bool mentionsLock(llvm::StringRef Text) {
  std::string Lower = Text.lower();
  for (llvm::StringRef Word : {"lock", "held", "own"})
    if (llvm::StringRef(Lower).contains(Word))
      return true;
  return false;
}

/// What the condition looks at.
static void placesOf(const ir::Condition &C, std::set<ir::Place> &Into) {
  forEachPlace(C.Test, [&](const ir::Place &P) { Into.insert(P); });
  for (const ir::Condition &Part : C.Parts)
    placesOf(Part, Into);
}

/// The lock was taken where the same was asked before (`if (!p->locked && shared) { lock(); p->locked = 1; }`), or what
/// is asked is about it.
bool Engine::takenUnder(const ir::Condition &Asked, Loc M, const State &S, const Frame &F) const {
  if (mentionsLock(Asked.Test.Text))
    return true;
  std::set<ir::Place> Flags;
  placesOf(Asked, Flags);
  for (const TrailStep *T = sinceLocked(M, S).get(); T; T = T->Before.get()) {
    if (T->Step.K != PathStep::Kind::Branch || !T->Test)
      continue;
    if (!Asked.Test.Text.empty() && T->Test->Test.Text == Asked.Test.Text)
      return true;
    std::set<ir::Place> Before;
    placesOf(*T->Test, Before);
    if (T->In == F.F && llvm::any_of(Before, [&](const ir::Place &P) { return Flags.contains(P); }))
      return true;
  }
  return llvm::any_of(Asked.Parts, [&](const ir::Condition &Part) { return takenUnder(Part, M, S, F); });
}

/// Where one side of a test of the flag under which a lock was taken gives it back and another still holds it, the flag
/// says whether it is held.
void Engine::believeFlagOfLock(std::vector<Exits> &Sides, const ir::Condition &Asked, const Frame &F) const {
  std::set<Loc> Given;
  for (const Exits &Side : Sides)
    for (const Exit &E : Side)
      for (const auto &[M, K] : E.S.Locks)
        if (K.K == LockKind::Released && E.O.K == Outcome::Kind::Next)
          Given.insert(M);
  for (Exits &Side : Sides)
    for (Exit &E : Side)
      for (auto &[M, K] : E.S.Locks)
        if (K.held() && Given.contains(M) && E.O.K == Outcome::Kind::Next && takenUnder(Asked, M, E.S, F))
          K = LockState();
}

/// A mutex whose first use is an unlock on one way and a lock on another: it cannot be right on both.
void Engine::judgeFirstUses() {
  if (Entry.LocksForCaller)
    return;
  for (const auto &[M, First] : FirstUses) {
    if (!First.Lock.valid() || !First.Unlock.valid())
      continue;
    BadLock B;
    B.Subject = spell(M);
    B.Why = BadLock::Reason::OtherWays;
    B.Where = First.Unlock;
    B.Before = First.Lock;
    B.Path = First.Path;
    judged(M, B.Where, true);
    report(Facts.BadLocks, std::move(B), M);
  }
}

} // namespace latchkey::flow
