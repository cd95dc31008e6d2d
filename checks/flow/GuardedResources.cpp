// Resources that guards give back: acquired long before the guard is armed, let go of by a dismissed guard before
// somebody else has them, replaced behind the back of a guard that holds a copy.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

/// The place whose value is passed on as it is.
static const ir::Place *passed(const ir::Value &V) {
  if (V.P.valid())
    return &V.P;
  bool Single = V.K == ir::Value::Kind::Number && V.N.Known && V.N.Sum.size() == 1 && V.N.Sum[0].Factors.size() == 1;
  return Single ? &V.N.Sum[0].Factors[0].P : nullptr;
}

/// Of what is given to a function that gives something back: the last of the variables that only the guard knows.
static const ir::Place *given(const ir::Effect &Call, const ir::Function &Body) {
  if (Call.O == ir::Op::Destroy && Call.Ends)
    return &Call.Subject;
  const ir::Place *Found = nullptr;
  for (const ir::Value &Arg : Call.Args)
    if (const ir::Place *P = passed(Arg); P && P->R == ir::Place::Root::Variable) {
      ir::Variable::Kind K = Body.Variables[P->Index].K;
      if (K == ir::Variable::Kind::Capture || K == ir::Variable::Kind::Parameter)
        Found = P;
    }
  return Found;
}

static bool gives(const ir::Effect &E) {
  return E.Ends && (E.O == ir::Op::Call || E.O == ir::Op::Destroy);
}

Loc Defers::locate(const ir::Place &P, const ir::Function &Body, const Resolved &Closure, const State &S,
                   bool &Copied) {
  if (P.R != ir::Place::Root::Variable)
    return NoLoc;
  const Resolved *V = nullptr;
  size_t Steps = 0;
  for (size_t I = 0; I < Body.Captures.size() && I < Closure.Captures.size(); ++I)
    if (Body.Captures[I] == P.Index)
      V = &Closure.Captures[I];
  size_t Shift = Body.hasThis() && !Body.Lambda ? 1 : 0;
  for (size_t I = 0; I < Body.Parameters.size() && I + Shift < Closure.Args.size(); ++I)
    if (Body.Parameters[I] == P.Index)
      V = &Closure.Args[I + Shift];
  if (!V || V->L == NoLoc)
    return NoLoc;
  Copied = V->K != Resolved::Kind::Address;
  if (!Copied) {
    if (P.Path.empty() || P.Path[0].K != ir::Step::Kind::Deref)
      return V->L;
    Steps = 1;
  }
  Loc L = V->L;
  Frame Nowhere;
  Nowhere.F = &Body;
  for (; Steps < P.Path.size(); ++Steps) {
    if (P.Path[Steps].K == ir::Step::Kind::Element)
      return NoLoc;
    Copied &= P.Path[Steps].K != ir::Step::Kind::Deref;
    L = E.step(L, P.Path[Steps], S, Nowhere);
  }
  return L;
}

std::vector<Defers::Target> Defers::targets(const Resolved &Closure, const State &S) {
  std::vector<Target> Found;
  if (Closure.Source && Closure.Source->Ends)
    for (const Resolved &Arg : Closure.Args)
      if (Arg.L != NoLoc)
        Found.push_back({Arg.L, true, false, ""});
  const ir::Function *Body = E.P.function(Closure.Callee);
  if (!Body)
    return Found;
  auto Add = [&](const ir::Place &P, bool Asked, const std::string &Call) {
    Target T;
    T.L = locate(P, *Body, Closure, S, T.Copied);
    T.Asked = Asked;
    T.Call = Call;
    // `delete p` ends what p leads to; the resource is p.
    if (T.L != NoLoc && (!Asked || T.Copied))
      Found.push_back(std::move(T));
  };
  forEachNode(Body->Body, [&](const ir::Node &N) {
    const auto *Effect = N.as<ir::Effect>();
    if (Effect && gives(*Effect)) {
      if (const ir::Place *P = given(*Effect, *Body)) {
        ir::Place Holder = *P;
        if (Effect->O == ir::Op::Destroy && !Holder.Path.empty())
          Holder.Path.pop_back();
        Add(Holder, false, Effect->Text);
      }
    }
    if (const auto *I = N.as<ir::If>())
      forEachPlace(I->Test.Test, [&](const ir::Place &P) {
        if (P.Path.empty())
          Add(P, true, "");
      });
  });
  return Found;
}

const std::map<uint32_t, const ir::Effect *> &Defers::later(const ir::Function &F) {
  auto [It, New] = Later.try_emplace(&F);
  if (!New)
    return It->second;
  std::map<uint32_t, const ir::Effect *> Found;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *Arm = N.as<ir::Effect>();
    if (!Arm || Arm->O != ir::Op::Arm)
      return;
    auto Add = [&](const ir::Value &V) {
      const ir::Place *P = passed(V);
      if (P && P->R == ir::Place::Root::Variable && P->Path.empty())
        Found.try_emplace(P->Index, Arm);
    };
    if (Arm->Ends)
      llvm::for_each(Arm->Input.Args, Add);
    const ir::Function *Body = E.P.function(Arm->Input.Callee);
    if (!Body)
      return;
    bool Tests = false; // a guard that asks something may know better
    forEachNode(Body->Body, [&](const ir::Node &Inner) {
      Tests |= Inner.as<ir::If>() != nullptr;
      const auto *Effect = Inner.as<ir::Effect>();
      const ir::Place *P = Effect && gives(*Effect) && !Tests ? given(*Effect, *Body) : nullptr;
      for (size_t I = 0; P && I < Body->Captures.size() && I < Arm->Input.Captures.size(); ++I)
        if (Body->Captures[I] == P->Index &&
            P->Path.size() == size_t(Body->Variables[P->Index].CapturedByReference) + (Effect->O == ir::Op::Destroy))
          Add(Arm->Input.Captures[I]);
    });
  });
  return Later[&F] = std::move(Found);
}

void Defers::arms(const Resolved &Closure, State &S, const Frame &F) {
  if (S.Defers.Unguarded.empty() && S.Defers.Changed.empty())
    return;
  for (const Target &T : targets(Closure, S)) {
    if (T.Asked)
      continue;
    S.Defers.Unguarded.erase(T.L);
    S.Defers.Changed.erase(T.L);
  }
}

void Defers::dismisses(const Resolved *Closure, ir::Range Where, State &S, const Frame &F) {
  if (!Closure || F.Number != 1 || !Closure->Source)
    return;
  for (const Target &T : targets(*Closure, S))
    if (!T.Asked)
      S.Defers.Unguarded[T.L] = {Closure->Source, Where, true, {}, NoLoc};
}

void Defers::calls(const ir::Effect &Call, const std::vector<Resolved> &Args, State &S, const Frame &F) {
  LastCall = Call.Text;
  S.Defers.Forked |= Call.Forks;
  if (Call.NoReturn)
    if (const ir::Function *Callee = E.P.function(Call.Callee)) {
      const ir::Effect *Ends = nullptr;
      forEachNode(Callee->Body, [&](const ir::Node &N) {
        const auto *Exit = N.as<ir::Effect>();
        Ends = Exit && Exit->O == ir::Op::Exit && Exit->Ends ? Exit : Ends;
      });
      if (Ends) {
        ir::Effect Here = *Ends;
        Here.Where = Call.Where;
        exits(Here, S, F);
      }
    }
  if (Current)
    callsInGuard(Call, Args, S);
  if (S.Defers.Unguarded.empty() && S.Defers.Changed.empty())
    return;
  for (const ir::Value &Arg : Call.Args) {
    const ir::Place *P = passed(Arg);
    Loc L = P ? E.resolve(*P, S, F) : NoLoc;
    if (L == NoLoc)
      continue;
    bool Changes = Arg.K == ir::Value::Kind::Address && !Arg.Const;
    if (auto It = S.Defers.Unguarded.find(L); It != S.Defers.Unguarded.end()) {
      DeferState::Loose &Loose = It->second;
      if (Call.Ends || (!Loose.Dismissed && (!Call.System || Call.Result.valid() || Changes))) {
        S.Defers.Unguarded.erase(It);
      } else if (Loose.Dismissed && (!Call.System || Call.Result.valid())) {
        Loose.Given = Call.Where;
        Loose.Answer = Call.Result.valid() ? E.resolve(Call.Result, S, F) : NoLoc;
        HandedLater.try_emplace(Loose.Guard, Call.Where);
      }
    }
    bool Number = E.type(L).K == TypeKind::Number;
    if (Call.Ends || Changes || (!Number && !Call.System))
      S.Defers.Changed.erase(L);
  }
}

std::vector<Exit> Defers::answered(const ir::Effect &Call, std::vector<Exit> Ends, const Frame &F) {
  if (Call.Result.valid())
    for (Exit &X : Ends)
      if (X.O.K == Outcome::Kind::Next)
        changes(E.resolve(Call.Result, X.S, F), nullptr, Call, X.S, F);
  if (Call.Result.valid() && !Ends.empty()) {
    const State &S = Ends.front().S;
    std::vector<Loc> &Given = MadeOf[E.resolve(Call.Result, S, F)];
    Given.clear();
    for (const ir::Value &Arg : Call.Args)
      if (const ir::Place *P = passed(Arg))
        Given.push_back(E.resolve(*P, S, F));
  }
  return Ends;
}

void Defers::changes(Loc L, const Resolved *V, const ir::Effect &By, State &S, const Frame &F) {
  if (Current)
    writes(L, By.Where, S);
  // Whoever gets a copy outside of the function may be responsible now.
  if (V && !S.Defers.Unguarded.empty() && !isLocal(L, F.Number))
    if (const ir::Place *From = passed(By.Input))
      S.Defers.Unguarded.erase(E.resolve(*From, S, F));
  if (F.Number != 1 || !isLocal(L, 1))
    return;
  const ir::Variable &Var = F.F->Variables[E.Places[L].Index];
  bool Temporary = Var.K == ir::Variable::Kind::Temporary;
  bool Made = By.O == ir::Op::Call || (V && V->K == Resolved::Kind::Fresh) ||
              (By.O == ir::Op::Write && (By.Initial || E.type(L).K == TypeKind::Number));
  // A call's answer comes by way of a temporary.
  if (V && By.O == ir::Op::Assign)
    if (const ir::Place *From = passed(By.Input); From && From->R == ir::Place::Root::Variable && From->Path.empty())
      Made |= F.F->Variables[From->Index].K == ir::Variable::Kind::Temporary &&
              !llvm::is_contained(MadeOf[E.resolve(*From, S, F)], L); // the next one after it is another matter
  if (Temporary)
    return;
  for (const ir::Value &Arg : By.Args)
    if (const ir::Place *P = passed(Arg); P && P->R == ir::Place::Root::Variable)
      Made &= E.resolve(*P, S, F) != L;
  S.Defers.Unguarded.erase(L);
  const auto &Guards = later(*F.F);
  if (auto It = Guards.find(E.Places[L].Index); It != Guards.end() && Made && By.Where.File == It->second->Where.File &&
                                                By.Where.Offset < It->second->Where.Offset &&
                                                Var.K == ir::Variable::Kind::Local)
    S.Defers.Unguarded[L] = {It->second, By.Where, false, {}, NoLoc};
  if (By.Initial)
    return;
  for (const auto &[G, Armed] : S.Guards)
    for (const Target &T : targets(Armed, S))
      if (T.L == L && T.Copied && Armed.Source) {
        bool Set = V && V->K == Resolved::Kind::Number && V->N.isConstant();
        if (T.Asked ? Set : Made)
          S.Defers.Changed[L] = {Armed.Source, By.Where, T.Asked};
        if (!T.Asked)
          break;
      }
}

void Defers::deletes(const ir::Effect &Delete, State &S, const Frame &F) {
  if (Delete.Subject.Path.empty() || Delete.Subject.Path.back().K != ir::Step::Kind::Deref)
    return;
  ir::Place Pointer = Delete.Subject;
  Pointer.Path.pop_back();
  Loc L = E.resolve(Pointer, S, F);
  S.Defers.Unguarded.erase(L);
  S.Defers.Changed.erase(L);
}

void Defers::returns(const ir::Return &R, ir::Range Where, State &S, const Frame &F) {
  auto Leaves = [&](const ir::Place &P) {
    Loc L = E.resolve(P, S, F);
    S.Defers.Unguarded.erase(L);
    S.Defers.Changed.erase(L);
  };
  if (R.Result.P.valid())
    Leaves(R.Result.P);
  forEachPlace(R.Result.N, Leaves);
  for (const ir::Place &Read : R.Reads) {
    Leaves(Read);
    if (!S.Guards.empty())
      S.Defers.Returned[E.resolve(Read, S, F)] = {Where, R.Elidable};
  }
}

/// The step of the trail, since the source place, at which a test looked at the variable; null if none did.
const TrailStep *Defers::tested(Loc L, const State &S, ir::Range Since) const {
  const Locations::Entry &Root = E.Places[E.Places.root(L)];
  auto Reads = [&](const ir::Condition &C, auto &Self) -> bool {
    bool Found = false;
    forEachPlace(C.Test,
                 [&](const ir::Place &P) { Found |= P.R == ir::Place::Root::Variable && P.Index == Root.Index; });
    return Found || llvm::any_of(C.Parts, [&](const ir::Condition &Part) { return Self(Part, Self); });
  };
  for (const TrailStep *T = S.Path.get(); T; T = T->Before.get())
    if (T->Step.K == PathStep::Kind::Branch && T->Test && T->In == Root.Owner && T->Step.Where.Offset >= Since.Offset &&
        Reads(*T->Test, Reads))
      return T;
  return nullptr;
}

/// The answer tells that nobody took what was given: false, or a code that is not zero.
bool Defers::refused(Loc Answer, const State &S) const {
  const Locations::Entry &A = E.Places[Answer];
  bool Truth = A.Owner && A.Parent == NoLoc && A.Owner->Variables[A.Index].Name == "bool";
  flow::Answer Zero = compare(S, E.number(Answer, S), ir::Predicate::Relation::Equal);
  return Zero == (Truth ? flow::Answer::Yes : flow::Answer::No);
}

void Defers::leaves(Exit &X) {
  if (X.O.K != Outcome::Kind::Return && X.O.K != Outcome::Kind::Throw)
    return;
  // Test and logging macros return where what was acquired is not there, by a test that they hide.
  if (X.O.Where.Macro)
    return;
  for (const auto &[L, Loose] : X.S.Defers.Unguarded) {
    if (E.escaped(L, X.S) || !X.O.Where.valid() || X.O.Where.File != Loose.Since.File)
      continue;
    bool Throws = X.O.K == Outcome::Kind::Throw;
    if (!Loose.Dismissed) {
      if (X.O.Where.Offset >= Loose.Guard->Where.Offset || tested(L, X.S, Loose.Since))
        continue;
      GuardFault G = fault(GuardFault::Kind::ArmedLate, L, X.O.Where, Loose.Guard, X.S);
      G.Cause = Loose.Since;
      G.How = Throws ? "throw" : "return";
      report(std::move(G));
      continue;
    }
    GuardFault G = fault(GuardFault::Kind::DismissedEarly, L, Loose.Since, Loose.Guard, X.S);
    G.Cause = X.O.Where;
    bool Itself = Loose.Given.valid() && Throws && X.O.Where == Loose.Given;
    bool Refused = Loose.Given.valid() && Loose.Answer != NoLoc && refused(Loose.Answer, X.S);
    if (Itself || Refused)
      report(std::move(G));
    else if (!Loose.Given.valid())
      Failing.push_back({Loose.Guard, std::move(G)});
  }
}

void Defers::conclude() {
  for (auto &[Guard, G] : Failing)
    if (auto It = HandedLater.find(Guard); It != HandedLater.end() && G.Cause.Offset < It->second.Offset)
      report(std::move(G));
}

} // namespace latchkey::flow
