// Guards and stored callables that leave the function whose locals they refer to, and guards that become two.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using RootKind = Locations::RootKind;
using TypeKind = ir::Type::Kind;

bool outlives(const Locations &Places, Loc L, uint32_t Frame, bool &Stored) {
  bool Through = false;
  for (Loc At = L; At != NoLoc; At = Places[At].Parent)
    Through |= Places[At].Parent != NoLoc && Places[At].Via.K == ir::Step::Kind::Deref;
  const Locations::Entry &Root = Places[Places.root(L)];
  Stored = true;
  if (Root.Root == RootKind::Global)
    return true;
  if (Root.Root == RootKind::Heap) {
    Stored = false;
    return Root.Index == Locations::ReturnSite && Root.Frame == Frame;
  }
  if (!Root.Owner || Root.Frame != Frame)
    return false;
  ir::Variable::Kind K = Root.Owner->Variables[Root.Index].K;
  return Through && (K == ir::Variable::Kind::This || K == ir::Variable::Kind::Parameter);
}

void Defers::outlives(const Exit &X, const Frame &F) {
  if (X.O.K != Outcome::Kind::Return && X.O.K != Outcome::Kind::Next)
    return;
  auto Look = [&](Loc L, const Resolved &Closure, bool Guard) {
    bool Stored = false;
    bool Kept = flow::outlives(E.Places, L, 1, Stored);
    for (const auto &[Pointer, Object] : X.S.Pointers) // one on the heap goes with its owner
      if (!Kept && Object == L && E.Places[L].Root == RootKind::Heap)
        Kept = flow::outlives(E.Places, Pointer, 1, Stored);
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
    if (copiesWell(E.P, Closure, E.type(Held)))
      G.Capture = captureOf(E.P, Closure, Held);
    G.Cause = Leaves;
    G.Path.clear();
    report(std::move(G));
  };
  for (const auto &[L, Closure] : X.S.Guards)
    Look(L, Closure, true);
  for (const auto &[L, Closure] : X.S.Callables)
    Look(L, Closure, false);
}

void Defers::waits(State &S) const {
  std::erase_if(S.Callables, [&](const auto &Callable) {
    bool Stored = false;
    return flow::outlives(E.Places, Callable.first, 1, Stored) && Stored;
  });
}

/// The body gets at what the pointer leads to: it passes the pointer on, or follows it.
static bool follows(const ir::Function &Body, uint32_t Capture) {
  size_t Held = Body.Variables[Capture].CapturedByReference ? 1 : 0;
  auto Leads = [&](const ir::Place &P, bool Whole) {
    return P.R == ir::Place::Root::Variable && P.Index == Capture && P.Path.size() + Whole > Held;
  };
  bool Found = false;
  forEachNode(Body.Body, [&](const ir::Node &N) {
    const auto *Effect = N.as<ir::Effect>();
    if (!Effect || (Effect->O != ir::Op::Call && Effect->O != ir::Op::Use && Effect->O != ir::Op::Write))
      return;
    Found |= Effect->O != ir::Op::Call && Leads(Effect->Subject, false);
    for (const ir::Value &Arg : Effect->Args)
      Found |= Leads(Arg.P, Arg.K == ir::Value::Kind::Copy || Arg.K == ir::Value::Kind::Move);
  });
  return Found;
}

/// Of two locals that see each other the one declared later dies first.
void Defers::survives(const Firing &Now, const State &S) {
  Loc Holder = E.Places.root(Now.L);
  for (const auto &[Pointer, Object] : S.Pointers) // in an optional, on the heap
    if (Object == Holder && E.Places[Holder].Root == RootKind::Heap && E.Places[Pointer].Root == RootKind::Variable)
      Holder = Pointer;
  const Locations::Entry &Guard = E.Places[Holder];
  if (!isLocal(Holder, Guard.Frame) || Guard.Owner->Variables[Guard.Index].K != ir::Variable::Kind::Local)
    return;
  ir::Range Made = Guard.Owner->Variables[Guard.Index].Where;
  auto Gone = [&](Loc L) {
    if (!isLocal(L, Guard.Frame) || E.Places[L].Owner != Guard.Owner || E.type(L).Reference)
      return false;
    const ir::Variable &V = Guard.Owner->Variables[E.Places[L].Index];
    // What a macro declares stands where its arguments do, in no order.
    return V.K == ir::Variable::Kind::Local && !V.Where.Macro && V.Where.File == Made.File &&
           V.Where.Offset > Made.Offset;
  };
  const ir::Function *Body = E.P.function(Now.Guard->Callee);
  for (size_t I = 0; I < Now.Guard->Captures.size(); ++I) {
    const Resolved &Part = Now.Guard->Captures[I];
    if (Part.L == NoLoc || !Body || I >= Body->Captures.size())
      continue;
    Loc Dead = Part.K == Resolved::Kind::Address ? Part.L : NoLoc;
    if (auto It = S.Pointers.find(Part.L); It != S.Pointers.end() && E.type(Part.L).K == ir::Type::Kind::Pointer &&
                                           !E.type(Part.L).Owning && follows(*Body, Body->Captures[I]))
      Dead = Dead != NoLoc && Gone(Dead) ? Dead : It->second;
    if (Dead == NoLoc || !Gone(Dead))
      continue;
    GuardFault G = fault(GuardFault::Kind::UsesAbsent, Dead, Now.Guard->Source->Where, Now.Guard->Source, S);
    G.Cause = Guard.Owner->Variables[E.Places[Dead].Index].Where;
    G.How = "destroyed";
    G.Below = true;
    G.Guard = nameOf(Holder);
    G.Declared = Guard.Owner->Variables[Guard.Index].Where;
    return report(std::move(G));
  }
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
