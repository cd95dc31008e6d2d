// Guards and stored callables that leave the function whose locals they refer to, and guards that become two.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using RootKind = Locations::RootKind;

/// Somebody can get at it when the frame is gone: the returned value, a global, what a parameter or `this` leads to.
static bool outlives(const Locations &Places, Loc L, bool &Stored) {
  bool Through = false;
  for (Loc At = L; At != NoLoc; At = Places[At].Parent)
    Through |= Places[At].Parent != NoLoc && Places[At].Via.K == ir::Step::Kind::Deref;
  const Locations::Entry &Root = Places[Places.root(L)];
  Stored = true;
  if (Root.Root == RootKind::Global)
    return true;
  if (Root.Root == RootKind::Heap) {
    Stored = false;
    return Root.Index == Locations::ReturnSite && Root.Frame == 1;
  }
  if (!Root.Owner || Root.Frame != 1)
    return false;
  ir::Variable::Kind K = Root.Owner->Variables[Root.Index].K;
  return Through && (K == ir::Variable::Kind::This || K == ir::Variable::Kind::Parameter);
}

void Defers::outlives(const Exit &X, const Frame &F) {
  if (X.O.K != Outcome::Kind::Return && X.O.K != Outcome::Kind::Next)
    return;
  auto Look = [&](Loc L, const Resolved &Closure, bool Guard) {
    bool Stored = false;
    bool Kept = flow::outlives(E.Places, L, Stored);
    for (const auto &[Pointer, Object] : X.S.Pointers) // one on the heap goes with its owner
      if (!Kept && Object == L && E.Places[L].Root == RootKind::Heap)
        Kept = flow::outlives(E.Places, Pointer, Stored);
    if (!Kept)
      return;
    Loc Held = held(Closure, 1);
    if (Held == NoLoc)
      return;
    ir::Range Leaves = X.O.Where.valid() ? X.O.Where : F.F->End;
    ir::Range Made = Closure.Source ? Closure.Source->Where : ir::Range();
    GuardFault G = fault(GuardFault::Kind::Escapes, Held, Made.valid() ? Made : Leaves, Closure.Source, X.S);
    G.Armed = Guard ? Made : ir::Range();
    G.Stored = Stored;
    G.Guard = Stored ? E.spell(L) : "";
    G.Cause = Leaves;
    G.Path.clear();
    report(std::move(G));
  };
  for (const auto &[L, Closure] : X.S.Guards)
    Look(L, Closure, true);
  for (const auto &[L, Closure] : X.S.Callables)
    Look(L, Closure, false);
}

void Defers::copies(Loc From, Loc To, ir::Range Where, const State &S) {
  auto It = S.Guards.find(From);
  if (It == S.Guards.end() || From == To || !E.type(From).Doubles)
    return;
  bool Returned = To != NoLoc && E.Places[E.Places.root(To)].Root == RootKind::Heap &&
                  E.Places[E.Places.root(To)].Index == Locations::ReturnSite;
  if (Returned && isLocal(From, E.Places[From].Frame))
    return; // usually the object itself
  GuardFault G = fault(GuardFault::Kind::Doubled, From, Where, It->second.Source, S);
  G.Guard = nameOf(From);
  report(std::move(G));
}

} // namespace latchkey::flow
