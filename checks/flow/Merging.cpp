// States that become one: those that agree on every property, or all that are too many.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

/// What a number is on either path bounds what it is behind both.
void Engine::mergeInto(State &Kept, const State &Other) {
  State Before = Kept;
  for (Loc L : Kept.keepShared(Other, Fresh)) {
    using Kind = ir::Type::Kind;
    Kind K = type(L).K;
    if (K != Kind::Number && K != Kind::Pointer && K != Kind::Container)
      continue;
    auto Value = [&](const State &S) { return K == Kind::Container ? size(L, S) : number(L, S); };
    Interval Mine = bounds(Before, Value(Before)), Theirs = bounds(Other, Value(Other));
    int64_t Low = std::min(Mine.Low, Theirs.Low), High = std::max(Mine.High, Theirs.High);
    ir::Term Now = Value(Kept);
    if (Low != INT64_MIN)
      assume(Kept, Now - ir::Term::constant(Low), ir::Predicate::Relation::Less, false);
    if (High != INT64_MAX)
      assume(Kept, Now - ir::Term::constant(High), ir::Predicate::Relation::LessEqual, true);
  }
}

/// Gives up telling states apart: those that left in the same way become one, in which whatever they do not agree on is
/// unknown.
void Engine::widen(Exits &All) {
  Exits Kept;
  for (Exit &E : All) {
    auto Same = llvm::find_if(Kept, [&](const Exit &K) { return K.O.sameAs(E.O); });
    if (Same == Kept.end()) {
      Kept.push_back(std::move(E));
      continue;
    }
    State &Mine = Same->S, &Theirs = E.S;
    std::set<Loc> Doubtful; // known elsewhere as far as we can tell
    auto Differ = [&](auto &Map, const auto &Other, auto Doubt) {
      for (auto It = Map.begin(); It != Map.end();) {
        auto Found = Other.find(It->first);
        bool Agreed = Found != Other.end() && Found->second == It->second;
        if (!Agreed)
          Doubt(It->first, It->second);
        It = Agreed ? std::next(It) : Map.erase(It);
      }
      for (const auto &[L, V] : Other)
        if (!Map.contains(L))
          Doubt(L, V);
    };
    auto Target = [&](Loc, Loc To) { Doubtful.insert(To); };
    auto Closure = [&](Loc, const Resolved &V) {
      for (const std::vector<Resolved> *Parts : {&V.Captures, &V.Args})
        for (const Resolved &Part : *Parts)
          if (Part.L != NoLoc)
            Doubtful.insert(follow(Part.L, Mine));
    };
    Differ(Mine.Pointers, Theirs.Pointers, Target);
    Differ(Mine.Aliases, Theirs.Aliases, Target);
    Differ(Mine.Guards, Theirs.Guards, Closure);
    Differ(Mine.Callables, Theirs.Callables, Closure);
    Differ(Mine.Handles, Theirs.Handles, [](Loc, const HandleState &) {});
    Differ(Mine.Counters, Theirs.Counters, [&](Loc C, const CounterState &) { Doubtful.insert(C); });
    Differ(Mine.Tasks, Theirs.Tasks, [](uint32_t, const RunningTask &) {});
    Differ(Mine.Lockers, Theirs.Lockers, [&](Loc, const LockerState &Locker) {
      for (Loc M : Locker.Mutexes)
        Mine.Locks[M] = LockState();
    });
    Mine.Escaped.insert(Theirs.Escaped.begin(), Theirs.Escaped.end());
    mergeInto(Mine, Theirs);
    for (Loc L : Doubtful)
      havoc(L, Mine, true);
  }
  All = std::move(Kept);
}

/// Merges states that left in the same way and agree on every property.
void Engine::merge(Exits &All) {
  Exits Kept;
  for (Exit &E : All) {
    auto Same = llvm::find_if(Kept, [&](const Exit &K) { return K.O.sameAs(E.O) && K.S.sameProperties(E.S); });
    if (Same == Kept.end())
      Kept.push_back(std::move(E));
    else
      mergeInto(Same->S, E.S);
  }
  if (Kept.size() > Limit.States)
    widen(Kept);
  All = std::move(Kept);
}

} // namespace latchkey::flow
