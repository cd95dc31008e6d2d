// Counters and promises that somebody else gets at, because a callable or an object that leads to them was put where
// others look: a queue, a member, a global.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

/// Whatever who has V can get at.
void Engine::reach(const Resolved &V, const State &S, std::set<Loc> &Into, unsigned Depth) {
  if (Depth > 6)
    return;
  auto ReachParts = [&](const Resolved &Closure) {
    for (const std::vector<Resolved> *Parts : {&Closure.Captures, &Closure.Args})
      for (const Resolved &Part : *Parts)
        reach(Part, S, Into, Depth + 1);
  };
  auto Visit = [&](Loc L, auto &Self) -> void {
    if (L == NoLoc || !Into.insert(L).second)
      return;
    for (const auto &[Pointer, Target] : S.Pointers)
      if (Places.within(Pointer, L))
        Self(Target, Self);
    for (const auto &[At, Closure] : S.Callables)
      if (Places.within(At, L))
        ReachParts(Closure);
  };
  if (V.K == Resolved::Kind::Closure)
    ReachParts(V);
  if (V.L == NoLoc)
    return;
  bool Pointer = V.K != Resolved::Kind::Address && type(V.L).K == ir::Type::Kind::Pointer;
  Visit(Pointer ? target(V.L, S) : follow(V.L, S), Visit);
}

/// From now on they may be completed any number of times.
void Engine::completedByOthers(const Resolved &V, State &S) {
  if (S.Counters.empty())
    return;
  std::set<Loc> Reached;
  reach(V, S, Reached, 0);
  for (Loc L : Reached) {
    for (auto &[C, K] : S.Counters)
      K.Fuzzy |= Places.within(C, L);
    setBySomebody(L, S);
  }
}

/// Which of the promises found there are set, and how often, is not followed.
void Engine::setBySomebody(Loc L, State &S) {
  for (const auto &[Promise, X] : S.Pointers)
    if (auto C = S.Counters.find(X); C != S.Counters.end() && C->second.Promise && Places.within(Promise, L))
      C->second.Fuzzy = true;
}

/// Others than this function look there: it is known elsewhere, or has threads of its own.
bool Engine::seenByOthers(Loc L, const State &S) const {
  bool Through = false;
  for (Loc At = L; Places[At].Parent != NoLoc; At = Places[At].Parent)
    Through |= Places[At].Via.K == ir::Step::Kind::Deref;
  Loc Root = Places.root(L);
  const Locations::Entry &E = Places[Root];
  if (E.Root == Locations::RootKind::Global || escaped(L, S))
    return true;
  if (E.Root != Locations::RootKind::Variable)
    return false;
  return Through || E.Owner->Variables[E.Index].Static || llvm::any_of(S.Handles, [&](const auto &H) {
           return H.second.K == HandleState::Kind::Joinable && H.first != L && Places.within(H.first, Root);
         });
}

/// To is a field of a context that this function starts a task with (`c->done = &done; pthread_create(…, run, c)`):
/// what is put there is meant for that task, although the context came from the caller.
bool Engine::toldToTask(Loc To, const Resolved &V, const State &S, const Frame &F) {
  const Locations::Entry &Root = Places[Places.root(To)];
  bool Lent = Root.Root == Locations::RootKind::Variable && !Root.Owner->Variables[Root.Index].Static &&
              Places[To].Via.K == ir::Step::Kind::Field && V.K == Resolved::Kind::Address && !escaped(To, S);
  bool Found = false;
  if (Lent)
    forEachNode(F.F->Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E || E->O != ir::Op::Spawn || Found)
        return;
      for (const ir::Value &A : E->Input.Args) {
        Loc L = A.K == ir::Value::Kind::Address || A.K == ir::Value::Kind::Copy ? resolve(A.P, S, F) : NoLoc;
        if (L != NoLoc)
          Found |= (A.K == ir::Value::Kind::Address ? L : target(L, S)) == Places[To].Parent;
      }
    });
  return Found;
}

void Engine::stored(Loc To, const Resolved &V, State &S, const Frame &F) {
  if (S.Counters.empty() || To == NoLoc || type(To).K == ir::Type::Kind::Future) // which only waits
    return;
  if (seenByOthers(To, S) && !toldToTask(To, V, S, F))
    completedByOthers(V, S);
}

/// An object that was made in the frame may live on: who gets at it runs the callable, or sets the promise, that it
/// holds.
void Engine::keptOnHeap(uint32_t Frame, State &S) {
  std::set<Loc> Kept;
  auto Keep = [&](Loc L) {
    const Locations::Entry &Root = Places[Places.root(L)];
    bool Made = Root.Root == Locations::RootKind::Heap && Root.Index != Locations::ReturnSite &&
                Root.Index != Locations::TransitSite;
    if (Made && Places.inFrame(L, Frame))
      Kept.insert(Places.root(L));
  };
  for (const auto &[L, Closure] : S.Callables)
    Keep(L);
  for (const auto &[L, Target] : S.Pointers)
    if (type(L).K == ir::Type::Kind::Promise)
      Keep(L);
  for (Loc L : Kept) {
    Resolved Object;
    Object.K = Resolved::Kind::Address;
    Object.L = L;
    completedByOthers(Object, S);
  }
}

} // namespace latchkey::flow
