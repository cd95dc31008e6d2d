// Ways out that no guard covers: before it is armed, or after it was dismissed and before somebody else has what it
// gives back.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

const ir::Effect *Defers::later(const ir::Function &F, uint32_t Variable, ir::Range After) {
  auto [It, New] = Later.try_emplace(&F);
  if (New)
    forEachNode(F.Body, [&](const ir::Node &N) {
      if (const auto *Arm = N.as<ir::Effect>(); Arm && Arm->O == ir::Op::Arm)
        forEachGiven(*Arm, [&](uint32_t V) { It->second.emplace_back(V, Arm); });
    });
  for (auto [V, Arm] : It->second)
    if (V == Variable && Arm->Where.File == After.File && After.Offset < Arm->Where.Offset)
      return Arm;
  return nullptr;
}

/// The variables that the guard gives back, whatever they hold.
void Defers::forEachGiven(const ir::Effect &Arm, llvm::function_ref<void(uint32_t)> Found) const {
  auto Add = [&](const ir::Value &V) {
    const ir::Place *P = passed(V);
    if (P && P->R == ir::Place::Root::Variable && P->Path.empty())
      Found(P->Index);
  };
  if (Arm.Ends)
    llvm::for_each(Arm.Input.Args, Add);
  const ir::Function *Body = E.P.function(Arm.Input.Callee);
  if (!Body)
    return;
  bool Tests = false; // a guard that asks something may know better
  forEachNode(Body->Body, [&](const ir::Node &N) {
    Tests |= N.as<ir::If>() != nullptr;
    const auto *Effect = N.as<ir::Effect>();
    const ir::Place *P = Effect && gives(*Effect) && !Tests ? given(*Effect, *Body) : nullptr;
    for (size_t I = 0; P && I < Body->Captures.size() && I < Arm.Input.Captures.size(); ++I)
      if (Body->Captures[I] == P->Index &&
          P->Path.size() == size_t(Body->Variables[P->Index].CapturedByReference) + (Effect->O == ir::Op::Destroy))
        Add(Arm.Input.Captures[I]);
  });
}

/// Whoever keeps what it is given has somewhere to put it: another object, or what it returns. What a guard gives back
/// in the end nobody else has kept.
bool Defers::mayKeep(const ir::Effect &Call, Loc Given, const State &S, const Frame &F) {
  if (Call.Result.valid() && E.type(E.resolve(Call.Result, S, F)).K != ir::Type::Kind::Number)
    return true;
  return !Call.System && llvm::any_of(Call.Args, [&](const ir::Value &Arg) {
    const ir::Place *P = passed(Arg);
    Loc L = P ? E.resolve(*P, S, F) : NoLoc;
    if (L == NoLoc || L == Given || Arg.Const)
      return false;
    return Arg.K != ir::Value::Kind::Number && E.type(L).K != ir::Type::Kind::Number;
  });
}

/// The step of the trail, since the source place, at which a test looked at the variable; null if none did.
const TrailStep *Defers::tested(Loc L, const State &S, ir::Range Since) const {
  const Locations::Entry &Root = E.Places[E.Places.root(L)];
  ir::Place Part = E.Places.place(L);
  auto Reads = [&](const ir::Condition &C, auto &Self) -> bool {
    bool Found = false;
    forEachPlace(C.Test, [&](const ir::Place &P) {
      Found |= P.R == ir::Place::Root::Variable && P.Index == Root.Index && (E.Places[L].Parent == NoLoc || P == Part);
    });
    return Found || llvm::any_of(C.Parts, [&](const ir::Condition &Part) { return Self(Part, Self); });
  };
  for (const TrailStep *T = S.Path.get(); T; T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Branch && T->Test && T->In == Root.Owner && T->Step.Where.Offset >= Since.Offset &&
        Reads(*T->Test, Reads))
      return T;
  return nullptr;
}

/// The last test on the way asks what the call that acquired something said about that.
bool Defers::decidedByAnswer(Loc Answer, const State &S) const {
  const TrailStep *Last = S.Path.get();
  while (Last && Last->Step.K != PathStep::Kind::Branch)
    Last = Last->Before.get();
  if (Answer == NoLoc || !Last || !Last->Test)
    return false;
  auto Made = [&](Loc L, unsigned Depth, auto &Self) -> bool {
    if (L == Answer)
      return true;
    auto It = MadeOf.find(L);
    return Depth > 0 && It != MadeOf.end() &&
           llvm::any_of(It->second, [&](Loc From) { return From != NoLoc && Self(From, Depth - 1, Self); });
  };
  bool Found = false;
  auto Look = [&](const ir::Condition &C, auto &Self) -> void {
    forEachPlace(C.Test, [&](const ir::Place &P) {
      if (P.R != ir::Place::Root::Variable || Last->In != &E.Entry)
        return;
      Loc Asked = E.Places.variable(1, E.Entry, P.Index);
      ir::Term N = E.number(Asked, S);
      Found |= Made(Asked, 3, Made) || (!N.isConstant() && N == E.number(Answer, S)); // itself, or a copy
    });
    for (const ir::Condition &Part : C.Parts)
      Self(Part, Self);
  };
  Look(*Last->Test, Look);
  return Found;
}

/// `int r = acquire(&x); throwIf(r == -1);`: the call right behind the one that acquired is given something that nobody
/// can follow, and throws: as far as can be told it checks the answer.
static bool checksAnswer(const ir::Function &F, ir::Range Throws, ir::Range Since) {
  const ir::Effect *Before = nullptr;
  bool Checks = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *Call = N.as<ir::Effect>();
    if (!Call)
      return;
    Checks |= Call->O == ir::Op::Call && Call->Where == Throws && Before && Before->Where == Since &&
              llvm::any_of(Call->Args, [](const ir::Value &Arg) { return Arg.K == ir::Value::Kind::Unknown; });
    Before = Call;
  });
  return Checks;
}

/// The way out is the answer to what the resource is: nothing was acquired, or it is of no use.
bool Defers::decidedBy(Loc L, const Exit &X, ir::Range Since) const {
  const State &S = X.S;
  const TrailStep *Test = tested(L, S, Since);
  if (!Test)
    return false;
  const TrailStep *Last = S.Path.get();
  while (Last && Last->Step.K != PathStep::Kind::Branch)
    Last = Last->Before.get();
  bool Opaque = Test->Test->Test.K == ir::Predicate::Kind::Opaque; // what a call says of it
  if (Last == Test && !Opaque && X.O.K == Outcome::Kind::Return)
    return true;
  // Asked earlier, and found to be there.
  using Relation = ir::Predicate::Relation;
  ir::Term N = E.number(L, S);
  if (E.type(L).K == ir::Type::Kind::Number)
    return compare(S, N, Relation::Less) != Answer::No &&
           compare(S, N + ir::Term::constant(1), Relation::Equal) != Answer::No;
  return compare(S, N, Relation::Equal) != Answer::No;
}

/// The answer tells that nobody took what was given: false, or a code that is not zero.
bool Defers::refused(Loc Answer, const State &S) const {
  const Locations::Entry &A = E.Places[Answer];
  bool Truth = A.Owner && A.Parent == NoLoc && A.Owner->Variables[A.Index].Name == "bool";
  flow::Answer Zero = compare(S, E.number(Answer, S), ir::Predicate::Relation::Equal);
  return Zero == (Truth ? flow::Answer::Yes : flow::Answer::No);
}

/// The answer tells that the call did what it was asked to: true, or zero. What it gave by an address is there then.
bool Defers::accepted(Loc Answer, const State &S) const {
  const Locations::Entry &A = E.Places[Answer];
  bool Truth = A.Owner && A.Parent == NoLoc && A.Owner->Variables[A.Index].Name == "bool";
  flow::Answer Zero = compare(S, E.number(Answer, S), ir::Predicate::Relation::Equal);
  return Zero == (Truth ? flow::Answer::No : flow::Answer::Yes);
}

void Defers::leaves(Exit &X) {
  if (X.O.K != Outcome::Kind::Return && X.O.K != Outcome::Kind::Throw)
    return;
  // Test and logging macros return where what was acquired is not there, by a test that they hide.
  if (X.O.Where.Macro)
    return;
  for (const auto &[L, Loose] : X.S.Defers.Unguarded) {
    bool Throws = X.O.K == Outcome::Kind::Throw;
    bool Itself = Loose.Given.valid() && Throws && X.O.Where == Loose.Given;
    bool Refused = Loose.Given.valid() && Loose.Answer != NoLoc && refused(Loose.Answer, X.S);
    // Code that knows the object may have undone it by now, but not what failed in the same call.
    if ((E.escaped(L, X.S) && !Itself && !Refused && !Loose.Out) || !X.O.Where.valid() ||
        X.O.Where.File != Loose.Since.File)
      continue;
    if (!Loose.Dismissed) {
      if (Loose.Out && Loose.Answer != NoLoc && !accepted(Loose.Answer, X.S))
        continue;
      if (X.O.Where.Offset >= Loose.Guard->Where.Offset || decidedBy(L, X, Loose.Since) ||
          decidedByAnswer(Loose.Answer, X.S) || (Throws && checksAnswer(E.Entry, X.O.Where, Loose.Since)))
        continue;
      GuardFault G = fault(GuardFault::Kind::ArmedLate, L, X.O.Where, Loose.Guard, X.S);
      G.Cause = Loose.Since;
      G.How = Throws ? "throw" : "return";
      G.Flag = Loose.Flag;
      reportFirst(std::move(G));
      continue;
    }
    GuardFault G = fault(GuardFault::Kind::DismissedEarly, L, Loose.Since, Loose.Guard, X.S);
    G.Cause = X.O.Where;
    G.Handed = Loose.Given;
    if (Itself || Refused)
      report(std::move(G));
    else if (!Loose.Given.valid() && !Loose.Flag)
      Failing.push_back({Loose.Guard, std::move(G)});
  }
}

/// A guard that is late is so for all ways out before it: the first in the text tells.
void Defers::reportFirst(GuardFault G) {
  auto Same = [&](const GuardFault &O) { return O.K == G.K && O.Subject == G.Subject && O.Armed == G.Armed; };
  auto It = llvm::find_if(E.Facts.GuardFaults, Same);
  if (It == E.Facts.GuardFaults.end())
    report(std::move(G));
  else if (G.Where.Offset < It->Where.Offset)
    *It = std::move(G);
}

void Defers::conclude() {
  for (auto &[Guard, G] : Failing)
    if (auto It = HandedLater.find(Guard); It != HandedLater.end() && G.Cause.Offset < It->second.Offset) {
      G.Handed = It->second;
      report(std::move(G));
    }
}

} // namespace latchkey::flow
