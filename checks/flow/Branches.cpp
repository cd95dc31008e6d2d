// Where control divides: if, switch, try.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace latchkey::flow {

Exits Engine::branch(const ir::If &I, State S, Frame &F) {
  bool Flag = asksFlag(I.Test, S, F);
  Decision D = decide(I.Test, std::move(S), F);
  Exits Result = std::move(D.Other);
  Flag &= !D.True.empty() && !D.False.empty();
  InFlagged += Flag;
  std::vector<Exits> Sides(2);
  for (State &T : D.True)
    append(Sides[0], nodes(I.Then, 0, std::move(T), F));
  for (State &E : D.False)
    append(Sides[1], nodes(I.Else, 0, std::move(E), F));
  jumpAcross(I, Sides, F);
  InFlagged -= Flag;
  if (Flag) {
    believeFlag(Sides);
    believeFlagOfLock(Sides, I.Test, F);
  }
  for (Exits &Side : Sides)
    append(Result, std::move(Side));
  merge(Result);
  return Result;
}

/// A goto into the other branch: how macros of test frameworks share one place that reports a failure.
void Engine::jumpAcross(const ir::If &I, std::vector<Exits> &Sides, Frame &F) {
  for (size_t From : {0, 1}) {
    const ir::Nodes &Other = From == 0 ? I.Else : I.Then;
    const auto *Block = Other.empty() ? nullptr : Other.front().as<ir::Sequence>();
    Exits Stay;
    for (Exit &E : std::exchange(Sides[From], {})) {
      bool Jumps = Block && E.O.K == Outcome::Kind::Goto;
      size_t Label = Jumps ? labelIn(Block->Children, 0, E.O.Label) : 0;
      if (Jumps && Label < Block->Children.size())
        append(Sides[1 - From], nodes(Block->Children, Label + 1, std::move(E.S), F, Block->End));
      else
        Stay.push_back(std::move(E));
    }
    append(Sides[From], std::move(Stay));
  }
}

/// The test looks at variables and fields that somebody keeps, not at what a call has just answered.
bool Engine::asksFlag(const ir::Condition &C, const State &S, const Frame &F) {
  if (C.K != ir::Condition::Kind::Leaf)
    return llvm::all_of(C.Parts, [&](const ir::Condition &Part) { return asksFlag(Part, S, F); });
  bool Calls = llvm::any_of(C.Before, [](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    return !E || E->O == ir::Op::Call || E->O == ir::Op::Invoke;
  });
  if (Calls || (C.Test.K != ir::Predicate::Kind::Compare && C.Test.K != ir::Predicate::Kind::Opaque))
    return false;
  bool Any = false, All = true;
  forEachPlace(C.Test, [&](const ir::Place &P) {
    Loc L = resolve(P, S, F);
    Any = true;
    // What the function was given and has left alone is followed exactly.
    bool Given = P.R == ir::Place::Root::Variable && P.Path.empty() && version(L, S) == 0 &&
                 F.F->Variables[P.Index].K == ir::Variable::Kind::Parameter;
    All &= L != NoLoc && !Given && !Answers.contains({L, version(L, S)});
  });
  return Any && All;
}

/// Where one side of a test of a flag ends a task and another does not, the flag says whether there is one: how it was
/// made is more than we follow.
void Engine::believeFlag(std::vector<Exits> &Sides) {
  using Kind = HandleState::Kind;
  std::set<Loc> Ended;
  for (const Exits &Side : Sides)
    for (const Exit &E : Side)
      for (const auto &[L, H] : E.S.Handles)
        if (H.K == Kind::Joined || H.K == Kind::Detached)
          Ended.insert(L);
  for (Exits &Side : Sides)
    for (Exit &E : Side)
      for (auto &[L, H] : E.S.Handles)
        if (H.K == Kind::Joinable && L != Owned && Ended.contains(L) && E.O.K == Outcome::Kind::Next)
          H = HandleState();
}

Exits Engine::select(const ir::Switch &W, State S, Frame &F) {
  Exits Result;
  for (Exit &Before : nodes(W.Before, 0, std::move(S), F)) {
    if (Before.O.K != Outcome::Kind::Next) {
      Result.push_back(std::move(Before));
      continue;
    }
    ir::Term Subject = evaluate(W.Subject, Before.S, F);
    bool HasDefault = false;
    State Rest = Before.S; // of the values no case names
    bool OtherValues = true;
    std::vector<Exits> Sides;
    ir::Condition Asked;
    Asked.Test.K = ir::Predicate::Kind::Compare;
    Asked.Test.Left = W.Subject;
    bool Flag = asksFlag(Asked, Before.S, F);
    InFlagged += Flag;
    for (size_t I = 0; I <= W.Cases.size(); ++I) {
      bool NoCase = I == W.Cases.size();
      if (NoCase && (HasDefault || W.Exhaustive))
        break;
      if (!NoCase && W.Cases[I].Default)
        HasDefault = true;
      States Entered;
      if ((NoCase || W.Cases[I].Default) && OtherValues)
        Entered.push_back(Rest);
      if (!NoCase)
        for (int64_t V : W.Cases[I].Values) {
          State In = Before.S;
          ir::Term Difference = Subject.Known ? Subject - ir::Term::constant(V) : Subject;
          if (assume(In, Difference, ir::Predicate::Relation::Equal, true))
            Entered.push_back(std::move(In));
          OtherValues &= assume(Rest, Difference, ir::Predicate::Relation::Equal, false);
        }
      Exits Here;
      for (State &In : Entered)
        Here.push_back({Outcome{}, std::move(In)});
      merge(Here);
      for (size_t Case = I; Case < W.Cases.size(); ++Case) { // fall through until something leaves
        Exits After;
        for (Exit &E : Here)
          if (E.O.K == Outcome::Kind::Next)
            append(After, nodes(W.Cases[Case].Body, 0, std::move(E.S), F));
          else
            After.push_back(std::move(E));
        Here = std::move(After);
      }
      for (Exit &E : Here) {
        if (E.O.K == Outcome::Kind::Break)
          E.O = Outcome{};
      }
      Sides.push_back(std::move(Here));
    }
    InFlagged -= Flag;
    if (Flag)
      believeFlag(Sides);
    for (Exits &Side : Sides)
      append(Result, std::move(Side));
  }
  merge(Result);
  return Result;
}

static bool catches(const ir::Handler &H, const Outcome &O) {
  return H.Type.empty() || O.Types.empty() || llvm::is_contained(O.Types, H.Type);
}

Exits Engine::attempt(const ir::Try &T, State S, Frame &F) {
  std::vector<std::string> Outer = F.TryType;
  // A handler that names a type is there because something in the block throws it: the throw that is written there,
  // or else what we cannot see.
  llvm::SmallVector<const ir::Throw *> Written;
  forEachNode(T.Body, [&](const ir::Node &N) {
    if (const auto *Explicit = N.as<ir::Throw>())
      Written.push_back(Explicit);
  });
  for (const ir::Handler &H : T.Handlers)
    if (!H.Type.empty() &&
        llvm::none_of(Written, [&](const ir::Throw *E) { return llvm::is_contained(E->Types, H.Type); })) {
      ++F.TypedTries;
      F.TryType = {H.Type};
      break;
    }
  bool Typed = F.TryType != Outer;
  ++F.Tries;
  Exits Inner = nodes(T.Body, 0, std::move(S), F);
  --F.Tries;
  if (Typed)
    --F.TypedTries;
  F.TryType = Outer;
  Exits Result;
  for (Exit &E : Inner) {
    const ir::Handler *Caught = nullptr;
    if (E.O.K == Outcome::Kind::Throw)
      for (const ir::Handler &H : T.Handlers)
        if (catches(H, E.O)) {
          Caught = &H;
          break;
        }
    if (!Caught) {
      Result.push_back(std::move(E));
      continue;
    }
    std::vector<std::string> Types = E.O.Types;
    note(E.S, PathStep::Kind::Caught, NoLoc, Caught->Where, F, Caught->Type);
    for (Exit &After : nodes(Caught->Body, 0, std::move(E.S), F)) {
      if (After.O.K == Outcome::Kind::Throw && After.O.Types.empty())
        After.O.Types = Types; // rethrow
      Result.push_back(std::move(After));
    }
  }
  merge(Result);
  return Result;
}

} // namespace latchkey::flow
