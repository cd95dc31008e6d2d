// Flags that guards have to do with: those that a guard asks before it acts, which dismiss it when they are set, and
// those that a guard sets back, which are on until it is armed.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

namespace {

using IsFlag = llvm::function_ref<bool(const ir::Place &)>;

Answer negated(Answer A) {
  return A == Answer::Maybe ? A : A == Answer::Yes ? Answer::No : Answer::Yes;
}

/// Whether the test holds where the flag has the value, whatever else it asks.
Answer holds(const ir::Condition &C, IsFlag Flag, int64_t Value) {
  if (C.K == ir::Condition::Kind::Leaf) {
    const ir::Predicate &P = C.Test;
    if (P.K != ir::Predicate::Kind::Compare || P.Rel != ir::Predicate::Relation::Equal || !P.Right.isConstant() ||
        P.Left.Sum.size() != 1 || P.Left.Sum[0].Factors.size() != 1 || P.Left.Sum[0].Coefficient != 1 ||
        !Flag(P.Left.Sum[0].Factors[0].P))
      return Answer::Maybe;
    return (Value == P.Right.constantValue()) != P.Negated ? Answer::Yes : Answer::No;
  }
  if (C.K == ir::Condition::Kind::Not)
    return negated(holds(C.Parts.front(), Flag, Value));
  Answer Decides = C.K == ir::Condition::Kind::All ? Answer::No : Answer::Yes;
  bool AllSame = true;
  for (const ir::Condition &Part : C.Parts) {
    Answer A = holds(Part, Flag, Value);
    if (A == Decides)
      return A;
    AllSame &= A != Answer::Maybe;
  }
  return AllSame ? negated(Decides) : Answer::Maybe;
}

bool onlyReturns(const ir::Nodes &Nodes) {
  return llvm::all_of(Nodes, [](const ir::Node &N) {
    const auto *S = N.as<ir::Sequence>();
    return S ? onlyReturns(S->Children) : N.as<ir::Return>() != nullptr;
  });
}

/// The body does nothing where the flag has the value: `if (flag) …` and nothing else, or `if (flag) return;` first.
Answer idle(const ir::Function &Body, IsFlag Flag, int64_t Value) {
  const auto *First = Body.Body.Children.empty() ? nullptr : Body.Body.Children.front().as<ir::If>();
  if (!First || !First->Else.empty())
    return Answer::Maybe;
  if (Body.Body.Children.size() == 1)
    return negated(holds(First->Test, Flag, Value));
  return onlyReturns(First->Then) ? holds(First->Test, Flag, Value) : Answer::Maybe;
}

} // namespace

/// L was set to the value, and a guard that is armed asks it.
void Defers::asked(Loc L, int64_t Value, ir::Range Where, State &S) {
  for (const auto &[G, Armed] : S.Guards) {
    const ir::Function *Body = Armed.Source ? E.P.function(Armed.Callee) : nullptr;
    if (!Body)
      continue;
    auto IsFlag = [&, &Closure = Armed](const ir::Place &P) {
      bool Copied = false;
      return locate(P, *Body, Closure, S, Copied) == L && !Copied;
    };
    Answer Idle = idle(*Body, IsFlag, Value);
    if (Idle == Answer::Maybe)
      continue;
    for (const Target &T : targets(Armed, S, true)) {
      auto It = S.Defers.Unguarded.find(T.L);
      if (T.Asked || T.L == L)
        continue;
      if (Idle == Answer::Yes)
        S.Defers.Unguarded[T.L] = {Armed.Source, Where, true, {}, NoLoc, true, false};
      else if (It != S.Defers.Unguarded.end() && It->second.Guard == Armed.Source)
        S.Defers.Unguarded.erase(It);
    }
  }
}

/// What the body of the guard sets to zero whenever it runs, as the function that arms it names it.
void Defers::forEachCleared(const ir::Effect &Arm, llvm::function_ref<void(const ir::Place &)> Found) const {
  const ir::Function *Body = E.P.function(Arm.Input.Callee);
  for (size_t N = 0; Body && N < Body->Body.Children.size(); ++N) {
    const auto *Set = Body->Body.Children[N].as<ir::Effect>();
    if (!Set || Set->O != ir::Op::Assign || Set->Input.K != ir::Value::Kind::Number || !Set->Input.N.isConstant() ||
        Set->Input.N.constantValue() != 0 || Set->Subject.R != ir::Place::Root::Variable)
      continue;
    for (size_t I = 0; I < Body->Captures.size() && I < Arm.Input.Captures.size(); ++I) {
      const ir::Value &Held = Arm.Input.Captures[I];
      bool Leads = !Set->Subject.Path.empty() && Set->Subject.Path.front().K == ir::Step::Kind::Deref;
      if (Body->Captures[I] != Set->Subject.Index || !Held.P.valid() || !Leads)
        continue;
      ir::Place P = Held.P;
      P.Path.insert(P.Path.end(), Set->Subject.Path.begin() + (Held.K == ir::Value::Kind::Address ? 1 : 0),
                    Set->Subject.Path.end());
      Found(P);
    }
  }
}

/// A flag is put up that a guard further below takes down again. One of the function's own goes with it.
void Defers::raises(Loc L, const ir::Effect &Set, const Frame &F, State &S) {
  if (isLocal(L, F.Number))
    return;
  auto [It, New] = Cleared.try_emplace(F.F);
  if (New)
    forEachNode(F.F->Body, [&](const ir::Node &N) {
      if (const auto *Arm = N.as<ir::Effect>(); Arm && Arm->O == ir::Op::Arm)
        forEachCleared(*Arm, [&](const ir::Place &P) { It->second.emplace_back(P, Arm); });
    });
  for (const auto &[P, Arm] : It->second)
    if (P == Set.Subject && Set.Where.File == Arm->Where.File && Set.Where.Offset < Arm->Where.Offset)
      S.Defers.Unguarded[L] = {Arm, Set.Where, false, {}, oldValue(Set, S, F), true, false};
}

/// Where `if (busy.exchange(true)) return;` keeps what the flag was, which tells whose it is.
Loc Defers::oldValue(const ir::Effect &Set, const State &S, const Frame &F) {
  const ir::Effect *Before = nullptr, *Kept = nullptr;
  forEachNode(F.F->Body, [&](const ir::Node &N) {
    const auto *Effect = N.as<ir::Effect>();
    Kept = Effect == &Set ? Before : Kept;
    Before = Effect ? Effect : Before;
  });
  ir::Value Flag = ir::Value::number(ir::Term::atom({ir::Atom::Kind::Value, Set.Subject}));
  bool Keeps = Kept && Kept->O == ir::Op::Assign && Kept->Where == Set.Where && Kept->Input == Flag;
  return Keeps ? E.resolve(Kept->Subject, S, F) : NoLoc;
}

/// Whoever gets the object that the flag is part of may take it down.
void Defers::lowers(Loc Object, State &S) const {
  std::erase_if(S.Defers.Unguarded, [&](const auto &U) {
    return U.second.Flag && !U.second.Dismissed && E.Places.within(U.first, Object);
  });
}

} // namespace latchkey::flow
