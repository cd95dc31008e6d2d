// Resources that guards give back: acquired long before the guard is armed, let go of by a dismissed guard before
// somebody else has them, replaced behind the back of a guard that holds a copy.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

const ir::Place *passed(const ir::Value &V) {
  if (V.P.valid())
    return &V.P;
  bool Single = V.K == ir::Value::Kind::Number && V.N.Known && V.N.Sum.size() == 1 && V.N.Sum[0].Factors.size() == 1;
  return Single ? &V.N.Sum[0].Factors[0].P : nullptr;
}

const ir::Place *given(const ir::Effect &Call, const ir::Function &Body) {
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

bool gives(const ir::Effect &E) {
  return E.Ends && (E.O == ir::Op::Call || E.O == ir::Op::Destroy);
}

/// Where only a dismissed guard is asked: it takes back what others see, too.
static bool takesBack(const ir::Effect &E) {
  return gives(E) || (E.O == ir::Op::Call && E.Lasting && E.System);
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

std::vector<Defers::Target> Defers::targets(const Resolved &Closure, const State &S, bool Lasting) {
  std::vector<Target> Found;
  if (Closure.Source && Closure.Source->Ends)
    for (const Resolved &Arg : Closure.Args)
      if (Arg.L != NoLoc)
        Found.push_back({Arg.L, Arg.K != Resolved::Kind::Address, false, ""});
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
    if (Effect && (Lasting ? takesBack(*Effect) : gives(*Effect))) {
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

void Defers::arms(const Resolved &Closure, State &S) {
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
  for (const Target &T : targets(*Closure, S, true))
    if (!T.Asked)
      S.Defers.Unguarded[T.L] = {Closure->Source, Where, true, {}, NoLoc, false, false};
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
    bool Asks = Call.Args.size() == 1 && Call.Result.valid(); // whether it is of any use
    bool Changes = Arg.K == ir::Value::Kind::Address && !Arg.Const;
    if (!Arg.Const && !Call.System)
      lowers(Arg.K == ir::Value::Kind::Address ? L : E.target(L, S), S);
    if (auto It = S.Defers.Unguarded.find(L); It != S.Defers.Unguarded.end()) {
      DeferState::Loose &Loose = It->second;
      if (Call.Ends || (!Loose.Dismissed && (Asks || Changes || mayKeep(Call, L, S, F)))) {
        S.Defers.Unguarded.erase(It);
      } else if (Loose.Dismissed && (!Call.System || Call.Result.valid())) {
        Loose.Given = Call.Where;
        Loose.Answer = Call.Result.valid() ? E.resolve(Call.Result, S, F) : NoLoc;
        HandedLater.try_emplace(Loose.Guard, Call.Where);
      }
    }
    bool Number = E.type(L).K == TypeKind::Number;
    if (Call.Ends || Changes || (!Number && mayKeep(Call, L, S, F)))
      S.Defers.Changed.erase(L);
  }
}

std::vector<Exit> Defers::answered(const ir::Effect &Call, std::vector<Exit> Ends, const Frame &F) {
  for (Exit &X : Ends)
    if (X.O.K == Outcome::Kind::Next) {
      if (Call.Result.valid())
        changes(E.resolve(Call.Result, X.S, F), nullptr, Call, X.S, F);
      acquires(Call, X.S, F);
    }
  if (Call.Result.valid() && !Ends.empty()) {
    const State &S = Ends.front().S;
    std::vector<Loc> &Given = MadeOf[E.resolve(Call.Result, S, F)];
    Given.clear();
    for (const ir::Value &Arg : Call.Args)
      if (const ir::Place *P = passed(Arg); P && !Call.Ends) // what it ends is not gone on from
        Given.push_back(E.resolve(*P, S, F));
  }
  return Ends;
}

/// What a call gives by way of an address is acquired there, if a guard further below gives it back.
void Defers::acquires(const ir::Effect &Call, State &S, const Frame &F) {
  if (F.Number != 1 || Current || Call.Ends)
    return;
  for (const ir::Value &Arg : Call.Args) {
    Loc L = Arg.K == ir::Value::Kind::Address && !Arg.Const ? E.resolve(Arg.P, S, F) : NoLoc;
    if (L == NoLoc || !isLocal(L, 1) || F.F->Variables[E.Places[L].Index].K != ir::Variable::Kind::Local)
      continue;
    bool Handle = E.type(L).K == TypeKind::Number || (E.type(L).K == TypeKind::Pointer && !E.type(L).Owning);
    const ir::Effect *Later = Handle ? later(*F.F, E.Places[L].Index, Call.Where) : nullptr;
    if (Later)
      S.Defers.Unguarded[L] = {Later, Call.Where, false, {}, Call.Result.valid() ? E.resolve(Call.Result, S, F) : NoLoc,
                               false, true};
  }
}

void Defers::changes(Loc L, const Resolved *V, const ir::Effect &By, State &S, const Frame &F) {
  if (Current) // what a callee of the guard does to the object happens at the call
    if (ir::Range Site = E.siteOf(By.Where, F); Site.valid())
      writes(L, Site, S);
  // Whoever gets a copy outside of the function may be responsible now.
  if (V && !S.Defers.Unguarded.empty() && !isLocal(L, F.Number))
    if (const ir::Place *From = passed(By.Input))
      S.Defers.Unguarded.erase(E.resolve(*From, S, F));
  if (auto It = S.Defers.Unguarded.find(L); It != S.Defers.Unguarded.end() && It->second.Flag && !It->second.Dismissed)
    S.Defers.Unguarded.erase(It);
  if (V && V->K == Resolved::Kind::Number && V->N.isConstant() && F.Number == 1 && !Current && !By.Initial) {
    asked(L, V->N.constantValue(), By.Where, S);
    if (V->N.constantValue() != 0)
      raises(L, By, F, S);
  }
  if (F.Number != 1 || !isLocal(L, 1))
    return;
  const ir::Variable &Var = F.F->Variables[E.Places[L].Index];
  bool Temporary = Var.K == ir::Variable::Kind::Temporary;
  bool Made = By.O == ir::Op::Call || (V && V->K == Resolved::Kind::Fresh) ||
              (By.O == ir::Op::Write && (By.Initial || E.type(L).K == TypeKind::Number));
  // A call's answer comes by way of a temporary, or of a local that was looked at first.
  auto Answer = MadeOf.end();
  if (const ir::Place *From = V && By.O == ir::Op::Assign ? passed(By.Input) : nullptr;
      From && From->R == ir::Place::Root::Variable && From->Path.empty())
    Answer = MadeOf.find(E.resolve(*From, S, F));
  if (Answer != MadeOf.end() && Answer->first != L) {
    Made |= !llvm::is_contained(Answer->second, L); // the next one after it is another matter
    MadeOf[L] = std::vector<Loc>(Answer->second);
  } else if (By.O != ir::Op::Call) {
    MadeOf.erase(L);
  }
  if (Temporary)
    return;
  for (const ir::Value &Arg : By.Args)
    if (const ir::Place *P = passed(Arg); P && P->R == ir::Place::Root::Variable)
      Made &= E.resolve(*P, S, F) != L;
  S.Defers.Unguarded.erase(L);
  const ir::Effect *Later = later(*F.F, E.Places[L].Index, By.Where);
  if (Later && Made && Var.K == ir::Variable::Kind::Local)
    S.Defers.Unguarded[L] = {Later, By.Where, false, {}, NoLoc, false, false};
  if (By.Initial || Later) // the new one gets a guard of its own
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
  if (Current)
    absent(E.resolve(Delete.Subject, S, F), Delete.Where, S);
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

} // namespace latchkey::flow
