// The counting domain: what a counter expects against what all tasks together complete, as polynomials.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace latchkey::flow {

CounterState &Engine::counterAt(Loc C, State &S) {
  auto [It, New] = S.Counters.try_emplace(C);
  if (New) {
    It->second.Low = It->second.High = It->second.Expected = ir::Term::constant(0);
    It->second.Barrier = type(C).Barrier;
    It->second.Fuzzy = escaped(C, S);
  }
  return It->second;
}

Exits Engine::counter(const ir::Effect &E, State S, Frame &F) {
  Loc C = E.Subject.valid() ? resolve(E.Subject, S, F) : NoLoc;
  if (E.Result.valid())
    clear(resolve(E.Result, S, F), S);
  if (C == NoLoc || type(C).K == ir::Type::Kind::Mutex) // what a mutex is made with is LockUses' business
    return next(std::move(S));
  ir::Term Amount = evaluate(E.Amount, S, F);
  if (E.O == ir::Op::Wait || E.O == ir::Op::Poll)
    synchronise(C, S);
  switch (E.O) {
  case ir::Op::Init: {
    clear(C, S);
    CounterState &K = counterAt(C, S);
    K.Known = Amount.Known;
    K.Expected = Amount;
    if (type(C).K == ir::Type::Kind::Semaphore) {
      K.Expected = ir::Term::constant(0);
      K.Low = K.High = Amount;
      K.Fuzzy |= !(Amount == K.Expected);
    }
    K.Registered = E.Where;
    note(S, PathStep::Kind::Registered, C, E.Where, F, spell(Amount));
    break;
  }
  case ir::Op::Add:
    raise(C, Amount, E, S, F);
    break;
  case ir::Op::Done:
  case ir::Op::Drop:
    complete(C, Amount, E.Where, &E, S, F);
    break;
  case ir::Op::Wait:
    if (!E.Timed)
      await(C, E.Where, S, F);
    else
      waitedOtherwise(S);
    break;
  default: // whoever asks may well ask until it is done
    waitedOtherwise(S);
    break;
  }
  return next(std::move(S));
}

/// Provably at or below zero, so that nobody has registered the task that comes next.
static bool nothingOpen(const CounterState &K) {
  if (!K.Known || K.Fuzzy || !K.Expected.Known || !K.High.Known)
    return false;
  ir::Term Open = K.Expected - K.High;
  return Open.isConstant() && Open.constantValue() <= 0;
}

void Engine::raise(Loc C, const ir::Term &Amount, const ir::Effect &E, State &S, Frame &F) {
  CounterState &K = counterAt(C, S);
  bool OfOthers = TaskDepth > 0 && TaskStart;
  auto Outer = OfOthers ? TaskStart->Counters.find(C) : S.Counters.end();
  LateAdd Late;
  Late.Subject = spell(C);
  Late.Where = E.Where;
  Late.Statement = E.Statement;
  Late.Code = E.Text.empty() ? "" : E.Text + ";";
  bool IsLate = false;
  if (OfOthers && Outer != TaskStart->Counters.end() && nothingOpen(Outer->second)) {
    Late.InTask = true;
    Late.Spawn = TaskSpawn;
    Late.SpawnStatement = TaskSpawnStatement;
    IsLate = true;
  } else if (!OfOthers && K.Ahead) {
    Late.Spawn = K.AheadSpawn;
    Late.SpawnStatement = K.AheadSpawnStatement;
    IsLate = true;
  }
  note(S, PathStep::Kind::Registered, C, E.Where, F, spell(Amount));
  if (IsLate) {
    Late.Path = path(S, C);
    K.Late.push_back(std::move(Late));
  }
  if (Amount.Known && K.Expected.Known)
    K.Expected = K.Expected + Amount;
  else
    K.Known = false;
  K.Registered = E.Where;
  K.OwnWait = {};
}

void Engine::complete(Loc C, const ir::Term &Amount, ir::Range Where, const ir::Effect *Source, State &S, Frame &F) {
  ownCompletion(C, Where, S, F);
  CounterState &K = counterAt(C, S);
  Deferred.completes(K, S);
  K.Completion = Where;
  if (TaskDepth == 0)
    S.Submissions.erase(C); // the launcher completes what was not taken
  note(S, PathStep::Kind::Completed, C, Where, F, spell(Amount)).Source = Source;
  locksBefore(C, S);
  // A participant of a barrier comes once a phase; how many phases there are is its own affair.
  bool Arrived = K.Barrier && !(K.High.isConstant() && K.High.constantValue() == 0) && TaskDepth > 0;
  if (Arrived)
    return;
  // How often a task has been round its loop before it left, not every way out of it knows.
  bool Repeats = type(C).K == ir::Type::Kind::Semaphore && TaskDepth > 0 && !ActiveLoops.empty();
  if (!Amount.Known || Repeats)
    K.Fuzzy = true;
  K.Low = K.Low + Amount;
  K.High = K.High + Amount;
}

/// Ways of tasks by which nobody comes to where this thread waits: both look at the same flag.
void Engine::dropImpossible(CounterState &K, const State &S) {
  size_t Before = K.Uneven.size();
  std::erase_if(K.Uneven, [&](const UnevenTask &U) { return contradicts(U.Learnt, S); });
  if (K.Uneven.size() == Before)
    return;
  if (K.Uneven.empty())
    K.Low = K.High;
  else
    K.Fuzzy = true;
}

/// Registered late is a defect only if somebody waits; uneven tasks are one in any case.
void Engine::settle(Loc C, ir::Range Wait, State &S) {
  CounterState &K = S.Counters[C];
  if (K.Promise || (type(C).K == ir::Type::Kind::Semaphore && !Wait.valid()))
    return;
  dropImpossible(K, S);
  if (Wait.valid())
    for (LateAdd &L : K.Late)
      report(Facts.LateAdds, L, C);
  for (UnevenTask &U : K.Uneven) {
    if (U.InLoop && (!Wait.valid() || !K.Known || K.Fuzzy || K.High + U.Lacking != K.Expected))
      continue;
    U.Fact.Wait = Wait.valid() ? Wait : K.TaskWait;
    if (U.Elsewhere && !U.Fact.Wait.valid()) // whoever waits may look at what decides it
      continue;
    report(Facts.Missing, U.Fact, C);
  }
  K.Late.clear();
  K.Uneven.clear();
  if (Wait.valid())
    reportRejected(C, Wait, S);
}

/// Whether the task was taken was asked, and both answers lead to the wait with nothing done about it.
void Engine::reportRejected(Loc C, ir::Range Wait, State &S) {
  auto It = S.Submissions.find(C);
  const CounterState &K = S.Counters[C];
  if (It == S.Submissions.end() || !It->second.WhenTrue || !It->second.WhenFalse || !K.Registered.valid())
    return;
  MissingCompletion M;
  M.Subject = spell(C);
  M.Where = It->second.TestedAt;
  M.Rejected = true;
  M.Completion = K.Completion;
  M.Wait = Wait;
  M.Path = path(S, C);
  report(Facts.Missing, std::move(M), C);
  S.Submissions.erase(It);
}

void Engine::await(Loc C, ir::Range Where, State &S, Frame &F) {
  WaitedFor.insert(C);
  ownWait(C, Where, S, F);
  if (TaskDepth > 0 && !Places.inFrame(C, TaskFrame)) {
    counterAt(C, S).TaskWait = Where; // judged with all tasks known, when the counter dies
    return;
  }
  awaitCount(C, Where, S, F);
  CounterState &K = counterAt(C, S);
  note(S, PathStep::Kind::Waited, C, Where, F);
  for (const CountedTask &T : std::vector<CountedTask>(K.Running))
    finished(T.Started, S);
  if (K.Barrier)
    return;
  Deferred.awaits(C, Where, S, F);
  usedAgain(C, Where, S, F);
  compareCounts(C, Where, S, F);
  settle(C, Where, S);
  // It has come to zero, or this is never reached.
  K.Expected = K.Low = K.High = ir::Term::constant(0);
  K.Ahead = K.Fuzzy = K.InTaskLoop = K.ByTask = K.ByLauncher = false;
  K.ByGuard = nullptr;
  K.Fuzzy = escaped(C, S);
  if (type(C).SingleUse && (K.Known || !K.Registered.valid())) // a wait that never returns uses nothing up
    K.UsedUp = Where;
}

void Engine::counterEnds(Loc C, State &S, Frame &F) {
  auto It = S.Counters.find(C);
  if (It == S.Counters.end())
    return;
  unwaited(C, Leaving.Where, S, F);
  usedAgain(C, {}, S, F);
  if (!It->second.TaskWait.valid())
    It->second.Uneven.clear(); // nobody has waited for it, and nobody can any more
  compareCounts(C, It->second.TaskWait, S, F);
  settle(C, It->second.TaskWait, S);
}

bool Engine::waitsInSpawningLoop(Loc C, const CounterState &K) const {
  if (ActiveLoops.empty())
    return false;
  const ActiveLoop &L = ActiveLoops.back();
  auto Head = L.AtHead.find(C);
  if (!L.Trip.Known || Head == L.AtHead.end() || !(Head->second.Expected == K.Expected))
    return false;
  ir::Term Mine = K.Low - Head->second.Low, One = ir::Term::constant(1);
  bool Once = L.Trip.isConstant() && L.Trip.constantValue() <= 1;
  return !Once && !(Mine == ir::Term::constant(0)) && K.Expected - Head->second.Low == Mine * L.Trip;
}

/// Above zero whenever the loops that count run at all.
bool Engine::positive(const ir::Term &T, const State &S) const {
  if (!T.Known || T.Sum.empty() || TripAtoms.empty())
    return false;
  if (compare(S, T, ir::Predicate::Relation::LessEqual) == Answer::Yes) // On this way they did not run.
    return false;
  return llvm::all_of(T.Sum, [&](const ir::Monomial &Part) {
    return Part.Coefficient > 0 &&
           llvm::all_of(Part.Factors, [&](const ir::Atom &A) { return TripAtoms.contains(A.P.Index); });
  });
}

/// One is the other times the trips of further loops.
bool Engine::timesMore(const ir::Term &More, const ir::Term &Less) const {
  if (!More.Known || !Less.Known || More.Sum.size() != 1 || Less.Sum.size() != 1 ||
      More.Sum[0].Coefficient != Less.Sum[0].Coefficient || Less.Sum[0].Factors.empty())
    return false;
  std::vector<ir::Atom> Rest;
  std::set_difference(More.Sum[0].Factors.begin(), More.Sum[0].Factors.end(), Less.Sum[0].Factors.begin(),
                      Less.Sum[0].Factors.end(), std::back_inserter(Rest));
  return More.Sum[0].Factors.size() == Less.Sum[0].Factors.size() + Rest.size() && !Rest.empty() &&
         llvm::all_of(Rest, [&](const ir::Atom &A) { return TripAtoms.contains(A.P.Index); });
}

static unsigned degree(const ir::Term &T) {
  size_t Most = 0;
  for (const ir::Monomial &Part : T.Sum)
    Most = std::max(Most, Part.Factors.size());
  return unsigned(Most);
}

/// Both are made of the trips of the same loops, added up in one and multiplied in the other (`rows + columns` for the
/// cells): they agree only by chance.
bool Engine::otherDegree(const ir::Term &A, const ir::Term &B) const {
  auto Trips = [&](const ir::Term &T) {
    std::set<uint32_t> Into;
    for (const ir::Monomial &Part : T.Sum)
      for (const ir::Atom &Each : Part.Factors)
        Into.insert(Each.P.Index);
    return Into;
  };
  std::set<uint32_t> Of = Trips(A);
  return A.Known && B.Known && Of.size() > 1 && Of == Trips(B) && degree(A) != degree(B) &&
         llvm::all_of(Of, [&](uint32_t Trip) { return TripAtoms.contains(Trip); });
}

/// Too few and the wait never ends; too many and the count goes below zero. Numbers that cannot be compared say
/// nothing, except one completion meant against a loop in the task.
void Engine::compareCounts(Loc C, ir::Range Wait, State &S, Frame &F) {
  CounterState &K = S.Counters[C];
  dropImpossible(K, S);
  if (!K.Known || K.Fuzzy || escaped(C, S) || !K.Late.empty() || !K.Expected.Known || !K.Low.Known || !K.High.Known)
    return;
  using Kind = CountMismatch::Kind;
  ir::Term TooFew = K.Expected - K.Low, TooMany = K.High - K.Expected;
  bool Even = K.Low == K.High;
  judged(C, Wait.valid() ? Wait : K.Completion, !(Even && TooFew == ir::Term::constant(0)));
  if (waitsInSpawningLoop(C, K))
    return mismatch(C, Kind::WaitInLoop, Wait, Wait, S, F);
  if (!Even) {
    // The path that completes most overflows while the other is right: not a completion missing but one too many.
    if (K.Uneven.size() == 1 && TooFew == ir::Term::constant(0) && TooMany.isConstant() &&
        TooMany.constantValue() > 0 && !K.Barrier) {
      ir::Range At = K.Uneven.front().MoreAt;
      K.Uneven.clear();
      mismatch(C, Kind::TooMany, At, Wait, S, F);
    }
    return;
  }
  if (TooFew.isConstant()) {
    int64_t Missing = TooFew.constantValue();
    if (Missing > 0 && Wait.valid() && !guardCompletes(C, Wait, S, F))
      mismatch(C, K.Barrier ? Kind::Parties : Kind::TooFew, Wait, Wait, S, F);
    else if (Missing < 0 && !K.Barrier)
      mismatch(C, K.Expected == ir::Term::constant(0) ? Kind::NoneRegistered : Kind::TooMany, K.Completion, Wait, S, F);
    return;
  }
  if (Wait.valid() && !K.Barrier && positive(TooFew, S))
    return mismatch(C, Kind::TooFew, Wait, Wait, S, F);
  if (!K.Barrier && positive(TooMany, S))
    return mismatch(C, K.Expected == ir::Term::constant(0) ? Kind::NoneRegistered : Kind::TooMany, K.Completion, Wait,
                    S, F);
  if (!K.Barrier && !K.InTaskLoop && Wait.valid() && timesMore(K.Expected, K.Low))
    return mismatch(C, Kind::TooFew, Wait, Wait, S, F, true);
  if (!K.Barrier && !K.InTaskLoop && timesMore(K.High, K.Expected))
    return mismatch(C, Kind::TooMany, K.Completion, Wait, S, F, true);
  if (!K.Barrier && !K.InTaskLoop && otherDegree(K.Expected, K.High)) {
    if (degree(K.High) > degree(K.Expected))
      mismatch(C, Kind::TooMany, K.Completion, Wait, S, F, true);
    else if (Wait.valid())
      mismatch(C, Kind::TooFew, Wait, Wait, S, F, true);
    return;
  }
  if (K.InTaskLoop && K.Expected.isConstant() && !K.Barrier)
    mismatch(C, Kind::LoopInTask, K.Completion, Wait, S, F);
}

void Engine::mismatch(Loc C, CountMismatch::Kind Kind, ir::Range Where, ir::Range Wait, State &S, Frame &F,
                      bool ByFactor) {
  CounterState &K = S.Counters[C];
  K.Known = false; // one report a count
  if (!visible(C, F))
    return;
  CountMismatch M;
  M.Subject = spell(C);
  M.Where = Where.valid() ? Where : K.Completion;
  M.K = Kind;
  M.Expected = spell(K.Expected);
  M.Completed = spell(Kind == CountMismatch::Kind::TooMany ? K.High : K.Low);
  M.SingleUse = type(C).SingleUse;
  M.ByFactor = ByFactor;
  M.Registered = K.Registered;
  M.Completion = K.Completion;
  M.Wait = Wait;
  M.Path = path(S, C);
  report(Facts.Mismatches, std::move(M), C);
}

/// A guard of this thread that is still armed would complete it: the completion is misplaced, not missing.
bool Engine::guardCompletes(Loc C, ir::Range Wait, State &S, Frame &F) {
  bool Found = false;
  auto Look = [&](llvm::function_ref<Exits()> Run, const ir::Effect *Armed) {
    if (Found)
      return;
    ++Quiet;
    Exits Ends = Run();
    --Quiet;
    Found = llvm::any_of(Ends, [&](const Exit &E) {
      auto It = E.S.Counters.find(C);
      return It != E.S.Counters.end() && !(It->second.Low == S.Counters.at(C).Low);
    });
    if (Found)
      Deferred.waitsForGuard(C, Armed, Wait, S, F);
  };
  auto Armed = S.Guards;
  for (const auto &[G, Closure] : Armed)
    Look([&] { return invoke(Closure, {}, NoLoc, {}, S, F); }, Closure.Source);
  // An object of a class whose destructor does it.
  Deferred.forEachPending([&](const ir::Effect &Destroy, const Frame &In) {
    Loc L = resolve(Destroy.Subject, S, In);
    if (L != NoLoc && type(L).K == ir::Type::Kind::Class && In.Number == F.Number)
      Look([&] { return destroy(L, type(L), Destroy.Where, S, F); }, &Destroy);
  });
  return Found;
}

} // namespace latchkey::flow
