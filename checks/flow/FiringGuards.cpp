// What the body of a guard does where it fires.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using How = DeferState::Absence::How;

Defers::Defers(Engine &E) : E(E), Outside(E.P) {}

bool Defers::isNull(Loc Pointer, const State &S) const {
  return compare(S, E.number(Pointer, S), ir::Predicate::Relation::Equal) == Answer::Yes;
}

bool Defers::isLocal(Loc L, uint32_t Frame) const {
  const Locations::Entry &At = E.Places[L];
  if (At.Parent != NoLoc || At.Root != Locations::RootKind::Variable || At.Frame != Frame || !At.Owner)
    return false;
  const ir::Variable &V = At.Owner->Variables[At.Index];
  return !V.Static && V.K != ir::Variable::Kind::This && V.K != ir::Variable::Kind::Capture;
}

/// Names that macros make say nothing to the user.
std::string Defers::nameOf(Loc Guard) const {
  const Locations::Entry &At = E.Places[E.Places.root(Guard)];
  if (At.Root != Locations::RootKind::Variable || !At.Owner)
    return "";
  const ir::Variable &V = At.Owner->Variables[At.Index];
  return V.K == ir::Variable::Kind::Temporary || V.Where.Macro ? "" : E.spell(Guard);
}

GuardFault Defers::fault(GuardFault::Kind K, Loc Subject, ir::Range Where, const ir::Effect *Armed,
                         const State &S) const {
  GuardFault G;
  G.K = K;
  if (Subject != NoLoc)
    G.Subject = E.spell(Subject);
  G.Where = Where;
  if (Armed)
    G.Armed = Armed->Where;
  for (const TrailStep *T = S.Path.get(); T && G.Path.size() < 4; T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Branch && T->Step.Where.Offset > G.Armed.Offset)
      G.Path.push_back(T->Step);
  std::reverse(G.Path.begin(), G.Path.end());
  return G;
}

void Defers::report(GuardFault G) {
  if (E.Quiet || !G.Where.valid() || E.M.Files[G.Where.File].System)
    return;
  auto Same = [&](const GuardFault &O) { return O.K == G.K && O.Where == G.Where && O.Subject == G.Subject; };
  if (llvm::none_of(E.Facts.GuardFaults, Same))
    E.Facts.GuardFaults.push_back(std::move(G));
}

void Defers::fires(Firing &Now, const State &S) {
  Now.Outer = Current;
  Current = &Now;
  const ir::Effect *Source = Now.Guard->Source;
  if (!Source)
    return;
  survives(Now, S);
  if (Source->Ends && !Source->Harmless)
    for (const Resolved &Arg : Now.Guard->Args)
      if (Arg.L != NoLoc && E.type(Arg.L).K == TypeKind::Pointer && isNull(Arg.L, S))
        nothing(Arg.L, Source->Where, S, "");
  for (const auto &[L, Change] : S.Defers.Changed) {
    if (Change.Guard != Source)
      continue;
    GuardFault G =
        fault(Change.Flag ? GuardFault::Kind::AsksOld : GuardFault::Kind::ActsOnOld, L, Source->Where, Source, S);
    G.Cause = Change.Where;
    G.Guard = nameOf(Now.L);
    G.Capture = captureOf(E.P, *Now.Guard, L);
    report(std::move(G));
  }
}

/// What the body lets out, and tasks that it leaves running.
void Defers::fired(Firing &Now, std::vector<Exit> &Ends) {
  Current = Now.Outer;
  const ir::Effect *Source = Now.Guard->Source;
  if (!Source)
    return;
  for (const Exit &X : Ends)
    if (X.O.K == Outcome::Kind::Throw && !Now.OnNormal)
      throws(Now, X);
  for (const Firing::Start &Start : Now.Started) {
    if (Start.Handle != NoLoc)
      continue;
    GuardFault G = fault(GuardFault::Kind::StartsTask, NoLoc, Start.Where, Source, State());
    G.Subject = Start.Captured;
    G.Guard = nameOf(Now.L);
    report(std::move(G));
  }
}

void Defers::throws(const Firing &Now, const Exit &X) {
  const ir::Effect *Source = Now.Guard->Source;
  GuardFault G = fault(GuardFault::Kind::Throws, NoLoc, Source->Where, Source, X.S);
  for (const TrailStep *T = X.S.Path.get(); T; T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Exit) {
      G.Cause = T->Step.Where;
      break;
    }
  G.By = X.O.Types.empty() ? "" : X.O.Types.front();
  G.Guard = G.Subject = nameOf(Now.L);
  report(std::move(G));
}

void Defers::terminates(const ir::Function &F, const Exit &X) {
  if (Current && Current->Guard->Callee == F.Id && Current->Guard->Source && !Current->OnNormal)
    throws(*Current, X);
}

void Defers::absent(Loc L, ir::Range Where, const State &S) {
  for (Loc At = L; At != NoLoc; At = E.Places[At].Parent) {
    auto It = S.Defers.Absent.find(At);
    if (It == S.Defers.Absent.end())
      continue;
    GuardFault G = fault(GuardFault::Kind::UsesAbsent, At, Where, Current->Guard->Source, S);
    G.Cause = It->second.Where;
    G.How = It->second.K == How::Moved ? "moved from" : It->second.K == How::Reset ? "reset" : "destroyed";
    G.Guard = nameOf(Current->L);
    return report(std::move(G));
  }
}

void Defers::nothing(Loc Pointer, ir::Range Where, const State &S, llvm::StringRef By) {
  if (S.Defers.Absent.contains(Pointer))
    return absent(Pointer, Where, S);
  Loc Asked = Pointer;
  // A copy is as null as what it was copied from.
  const ir::Effect *Source = Current->Guard->Source;
  if (!isLocal(Asked, Current->In->Number))
    for (const std::vector<Resolved> *Parts : {&Current->Guard->Captures, &Current->Guard->Args})
      for (const Resolved &C : *Parts)
        if (C.L != NoLoc && C.K == Resolved::Kind::Copy && E.number(C.L, S) == E.number(Pointer, S))
          Asked = C.L;
  const TrailStep *Test = Source ? tested(Asked, S, Source->Where) : nullptr;
  if (!Test)
    return;
  GuardFault G = fault(GuardFault::Kind::EndsNothing, Asked, Source->Where, Source, S);
  G.Path.clear();
  G.Cause = Test->Step.Where;
  G.By = By.str();
  G.Guard = nameOf(Current->L);
  report(std::move(G));
}

/// An assignment operator of a class that we know nothing of, or a method that by its name changes what strings and
/// containers hold.
static bool changesObject(const ir::Effect &Call) {
  llvm::StringRef Name = Call.Text;
  if (Call.System)
    return llvm::StringSwitch<bool>(Name)
        .Cases({"append", "assign", "clear", "emplace_back", "erase", "insert"}, true)
        .Cases({"pop_back", "push_back", "replace", "resize", "operator=", "operator+="}, true)
        .Default(false);
  return Name.consume_front("operator") && Name.ends_with("=") && Name != "==" && Name != "!=" && Name != "<=" &&
         Name != ">=";
}

void Defers::callsInGuard(const ir::Effect &Call, const std::vector<Resolved> &Args, const State &S) {
  for (const Resolved &Arg : Args) {
    if (Arg.L == NoLoc)
      continue;
    bool Pointer = E.type(Arg.L).K == TypeKind::Pointer && Arg.K == Resolved::Kind::Copy;
    if (Call.Ends && !Call.Harmless && Pointer && isNull(Arg.L, S))
      nothing(Arg.L, Call.Where, S, Call.Text);
    else if (Pointer)
      absent(E.target(Arg.L, S), Call.Where, S);
    else if (Arg.K == Resolved::Kind::Address && !Arg.Const && changesObject(Call))
      writes(Arg.L, Call.Where, S);
    else if (Arg.K == Resolved::Kind::Address && Arg.Const) // what may change it may give it a new value
      absent(Arg.L, Call.Where, S);
  }
}

void Defers::uses(const ir::Effect &Use, const State &S, const Frame &F) {
  if (!Current)
    return;
  ir::Place P = Use.Subject;
  if (!P.Path.empty() && P.Path.back().K == ir::Step::Kind::Deref)
    absent(E.resolve(P, S, F), Use.Where, S);
  while (!P.Path.empty()) {
    bool Deref = P.Path.back().K == ir::Step::Kind::Deref;
    P.Path.pop_back();
    Loc L = E.resolve(P, S, F);
    if (Deref && L != NoLoc && E.type(L).K == TypeKind::Pointer && !E.type(L).Reference && isNull(L, S))
      return nothing(L, Use.Where, S, "");
  }
}

void Defers::writes(Loc L, ir::Range Where, const State &S) {
  for (Loc At = L; At != NoLoc; At = E.Places[At].Parent) {
    auto It = S.Defers.Returned.find(At);
    if (It == S.Defers.Returned.end() || !isLocal(At, 1))
      continue;
    GuardFault G = fault(GuardFault::Kind::UpdateLost, At, Where, Current->Guard->Source, S);
    G.Cause = It->second.Where;
    G.Elidable = It->second.Elidable;
    G.Certain = !G.Elidable;
    G.Guard = nameOf(Current->L);
    return report(std::move(G));
  }
}

/// A local of the frame, declared in the scope, that the task holds a reference to; NoLoc if none.
Loc Defers::held(const Resolved &Task, uint32_t Frame, ir::Range Scope) const {
  auto Inside = [&](Loc L) {
    return !Scope.valid() || E.Places[L].Owner->Variables[E.Places[L].Index].Where.Offset >= Scope.Offset;
  };
  for (const std::vector<Resolved> *Parts : {&Task.Captures, &Task.Args})
    for (const Resolved &Part : *Parts) {
      if (Part.K == Resolved::Kind::Address && Part.L != NoLoc && isLocal(Part.L, Frame) && Inside(Part.L))
        return Part.L;
      if (Part.K == Resolved::Kind::Closure)
        if (Loc L = held(Part, Frame, Scope); L != NoLoc)
          return L;
    }
  return NoLoc;
}

/// Somebody is told when the task is done.
static bool announces(const ir::Function &Body) {
  bool Found = false;
  forEachNode(Body.Body, [&](const ir::Node &N) {
    const auto *Effect = N.as<ir::Effect>();
    if (!Effect)
      return;
    Found |= Effect->O == ir::Op::Done || Effect->O == ir::Op::Set || Effect->O == ir::Op::Notify ||
             Effect->O == ir::Op::Release || Effect->O == ir::Op::Drop;
  });
  return Found;
}

/// An object of a class with a destructor of its own is alive.
bool Defers::destroysClass() const {
  bool Found = false;
  forEachPending([&](const ir::Effect &Destroy, const Frame &F) {
    if (Destroy.Subject.R == ir::Place::Root::Variable && Destroy.Subject.Path.empty())
      Found |= E.M.Types[F.F->Variables[Destroy.Subject.Index].Type].K == TypeKind::Class;
  });
  return Found;
}

void Defers::spawns(const Resolved &Task, Loc Handle, ir::Range Where, State &S) {
  if (E.TaskDepth == 0 && !Current && (!S.Guards.empty() || destroysClass()))
    S.Defers.Tasks.insert({Where, Handle});
  if (E.TaskDepth == 0 && !Current)
    Bodies[Where] = E.P.function(Task.Callee);
  if (!Current)
    return;
  bool Joins = Handle != NoLoc && E.type(Handle).End == ir::Type::Ending::Join;
  const ir::Function *Body = E.P.function(Task.Callee);
  Loc Captured = held(Task, Current->In->Number, Current->Scope);
  bool Gone = Handle == NoLoc || (E.isTemporary(Handle) && !Joins);
  if (Captured != NoLoc && !(Body && announces(*Body)))
    Current->Started.push_back({Where, E.spell(Captured), Gone ? NoLoc : Handle});
}

void Defers::keeps(Loc Handle, Loc Holder) {
  bool Stored = false;
  if (Current && Handle != NoLoc && flow::outlives(E.Places, Holder, Current->In->Number, Stored))
    detaches(Handle);
}

void Defers::detaches(Loc Handle) {
  if (Current)
    for (Firing::Start &Start : Current->Started)
      if (Start.Handle == Handle)
        Start.Handle = NoLoc;
}

void Defers::joins(State &S) {
  S.Defers.Tasks.clear();
  if (Current)
    Current->Started.clear();
}

/// A variable of the entry function that has had one value since it has had any.
bool Defers::writtenOnce(Loc L) const {
  if (!isLocal(L, 1))
    return false;
  const Locations::Entry &At = E.Places[L];
  auto Is = [&](const ir::Place &P) {
    return P.R == ir::Place::Root::Variable && P.Index == At.Index && P.Path.empty();
  };
  unsigned Writes = At.Owner->Variables[At.Index].K == ir::Variable::Kind::Parameter ? 1 : 0;
  forEachNode(At.Owner->Body, [&](const ir::Node &N) {
    if (const auto *Effect = N.as<ir::Effect>()) {
      bool Gives = Effect->O == ir::Op::Assign || Effect->O == ir::Op::Write;
      Writes += (Gives && Is(Effect->Subject)) || Is(Effect->Result);
      for (const ir::Value &Arg : Effect->Args)
        Writes += Arg.K == ir::Value::Kind::Address && !Arg.Const && Is(Arg.P);
    }
  });
  return Writes <= 1 && E.ActiveLoops.empty();
}

void Defers::empties(Loc L, How K, ir::Range Where, State &S) const {
  auto Knows = [&](const auto &G) {
    auto Is = [&](const Resolved &Part) {
      if (Part.L == NoLoc || Part.L == L)
        return Part.L == L;
      // What a guard has copied leads where the variable leads as long as that is not given another value.
      bool Leads = E.type(Part.L).K == TypeKind::Pointer &&
                   (Part.K == Resolved::Kind::Address ||
                    (isLocal(Part.L, 1) ? writtenOnce(Part.L) : S.Pointers.contains(Part.L)));
      return Leads && E.target(Part.L, S) == L;
    };
    return llvm::any_of(G.second.Captures, Is) || llvm::any_of(G.second.Args, Is);
  };
  if (llvm::none_of(S.Guards, Knows))
    return;
  S.Defers.Absent[L] = {K, Where};
  if (E.type(L).K == TypeKind::Pointer && E.type(L).Owning)
    S.Numbers[L] = ir::Term::constant(0);
}

std::vector<Exit> Defers::destroyed(Loc L, const ir::Effect &By, std::vector<Exit> Ends) const {
  for (Exit &X : Ends)
    empties(L, How::Destroyed, By.Where, X.S);
  return Ends;
}

void Defers::forgets(Loc L, State &S) const {
  if (!S.Defers.Absent.empty())
    std::erase_if(S.Defers.Absent, [&](const auto &A) { return E.Places.within(A.first, L); });
}

} // namespace latchkey::flow
