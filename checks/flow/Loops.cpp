// Loops: the body is interpreted for one iteration from a head that knows nothing of what the body writes, again
// while it changes property states, and counts are multiplied by the trip.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using Relation = ir::Predicate::Relation;

struct Engine::LoopShape {
  const ir::Nodes *Body = nullptr;
  const ir::Nodes *Step = nullptr;
  const ir::Condition *Test = nullptr; ///< Null: no condition.
  bool TestAfter = false;
  ir::Term Trip;       ///< Unknown: an own symbol stands for it.
  Loc Element = NoLoc; ///< Of the container that a Foreach goes over.
  const ir::Foreach *Items = nullptr;
  ir::Range Where;
};

Exits Engine::loop(const ir::Loop &L, ir::Range Where, State S, Frame &F) {
  LoopShape Shape;
  Shape.Body = &L.Body;
  Shape.Step = &L.Step;
  Shape.Test = L.Endless ? nullptr : &L.Test;
  Shape.TestAfter = L.K == ir::Loop::Kind::Do;
  Shape.Trip = evaluate(L.Trip, S, F);
  Shape.Where = Where;
  return iterate(Shape, std::move(S), F);
}

Exits Engine::foreach (const ir::Foreach &E, ir::Range Where, State S, Frame & F) {
  Loc Container = resolve(E.Container, S, F);
  LoopShape Shape;
  Shape.Body = &E.Body;
  Shape.Items = &E;
  Shape.Where = Where;
  if (Container != NoLoc) {
    Shape.Trip = size(Container, S);
    Shape.Element = Places.child(Container, {ir::Step::Kind::Element, {}, {}});
  }
  return iterate(Shape, std::move(S), F);
}

/// What an iteration writes is unknown at the head of the next one.
void Engine::forgetWritten(const ir::Nodes &Body, State &S, Frame &F) {
  auto Forget = [&](const ir::Place &P) {
    Loc L = P.valid() ? resolve(P, S, F) : NoLoc;
    if (L == NoLoc)
      return;
    std::erase_if(S.Numbers, [&](const auto &N) { return Places.within(N.first, L); });
    std::erase_if(S.Sizes, [&](const auto &N) { return Places.within(N.first, L); });
    S.Versions[L] = ++Fresh;
  };
  auto ForgetReachable = [&](const ir::Value &V, auto &Self) -> void {
    if (V.K == ir::Value::Kind::Address && !V.Const)
      Forget(V.P);
    for (const ir::Value &C : V.Captures)
      Self(C, Self);
    for (const ir::Value &A : V.Args)
      Self(A, Self);
  };
  forEachNode(Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>()) {
      bool Writes = E->O == ir::Op::Assign || E->O == ir::Op::Write || E->O == ir::Op::Declare ||
                    E->O == ir::Op::Push || E->O == ir::Op::Pop || E->O == ir::Op::Resize || E->O == ir::Op::Clear ||
                    E->O == ir::Op::Swap;
      if (Writes)
        Forget(E->Subject);
      Forget(E->Result);
      ForgetReachable(E->Input, ForgetReachable);
      for (const ir::Value &A : E->Args)
        ForgetReachable(A, ForgetReachable);
    }
  });
}

/// Mentions something that another iteration would see differently.
bool Engine::varies(const ir::Term &T, uint32_t SinceVersion, uint32_t SinceFrame) const {
  for (const ir::Monomial &Part : T.Sum)
    for (const ir::Atom &A : Part.Factors) {
      const SymbolInfo &I = Symbols[A.P.Index];
      if (I.Version > SinceVersion || Places.inFrame(I.L, SinceFrame + 1))
        return true;
      for (Loc L = I.L; L != NoLoc; L = Places[L].Parent)
        if (Places[L].Parent != NoLoc && Places[L].Via.K == ir::Step::Kind::Element)
          return true;
    }
  return !T.Known;
}

/// Counts after all iterations: what one iteration adds, times the trip. Iterations that differ give bounds.
void Engine::scale(States &Ends, const State &Entry, const State &Head, const LoopShape &L, const ir::Term &Trip) {
  std::set<Loc> Counters;
  for (const State &E : Ends)
    for (const auto &[C, K] : E.Counters)
      Counters.insert(C);
  for (Loc C : Counters) {
    auto At = Head.Counters.find(C), Before = Entry.Counters.find(C);
    if (At == Head.Counters.end() || Before == Entry.Counters.end())
      continue; // made in the body, or first touched there: what one iteration says stands
    bool Uneven = false;
    std::optional<CounterState> First, Least, Most;
    for (State &E : Ends) {
      CounterState &K = E.Counters[C];
      if (!First)
        First = Least = Most = K;
      Uneven |= !(K.Low == First->Low && K.High == First->High && K.Expected == First->Expected);
      ir::Term Below = K.Low - Least->Low, Above = K.High - Most->High;
      if (Below.isConstant() && Below.constantValue() < 0)
        Least = K;
      if (Above.isConstant() && Above.constantValue() > 0)
        Most = K;
    }
    for (State &E : Ends) {
      CounterState &K = E.Counters[C];
      ir::Term Raised = K.Expected - At->second.Expected;
      ir::Term Low = (Uneven ? Least->Low : K.Low) - At->second.Low;
      ir::Term High = (Uneven ? Most->High : K.High) - At->second.High;
      ir::Term Zero = ir::Term::constant(0);
      if (Raised == Zero && Low == Zero && High == Zero)
        continue;
      auto Own = [&](const ir::Term &T) { return varies(T, HeadVersion, HeadFrame); };
      bool Vary = Own(Raised) || Own(Low) || Own(High);
      if (Vary && Raised == Low && Low == High) {
        // Balanced in every iteration, whatever the amount is.
        K.Expected = Before->second.Expected;
        K.Low = Before->second.Low;
        K.High = Before->second.High;
        continue;
      }
      if (Vary)
        K.Fuzzy = true;
      if (!Vary) {
        K.Expected = Before->second.Expected + Raised * Trip;
        K.Low = Before->second.Low + Low * Trip;
        K.High = Before->second.High + High * Trip;
      }
    }
  }
  for (State &E : Ends)
    for (auto &[Container, Size] : E.Sizes) {
      ir::Term Symbol = symbol(Container, ir::Atom::Kind::Size, Head);
      ir::Term Grown = Size - Symbol;
      auto Before = Entry.Sizes.find(Container);
      if (Grown.Known && Grown.isConstant() && Before != Entry.Sizes.end() && !Head.Sizes.contains(Container))
        Size = Before->second + Grown * Trip;
    }
}

Exits Engine::iterate(const LoopShape &L, State S, Frame &F) {
  Exits Result;
  ir::Term Trip = L.Trip;
  bool Counted = Trip.Known;
  if (Counted && !L.TestAfter && compare(S, Trip, Relation::LessEqual) == Answer::Yes)
    return next(std::move(S));

  State Head = S;
  auto OuterVersion = HeadVersion, OuterFrame = HeadFrame;
  HeadFrame = FrameCount;
  forgetWritten(*L.Body, Head, F);
  if (L.Step)
    forgetWritten(*L.Step, Head, F);
  HeadVersion = Fresh;
  if (!Counted) {
    Loc Own = Places.heap(F.Number, UINT32_MAX - 2 - Sites.try_emplace(L.Where, Sites.size()).first->second, 0);
    Head.Versions[Own] = S.Versions[Own] = ++Fresh;
    Trip = symbol(Own, ir::Atom::Kind::Value, S);
  }
  State Never = S; // the body does not run at all
  bool MaySkip = !L.TestAfter && assume(Never, Trip, Relation::LessEqual, true);
  if (Counted)
    assume(Head, Trip, Relation::LessEqual, false);

  ActiveLoops.push_back({Trip, Head.Counters, F.Lane});
  States Heads{Head}, Seen{Head}, Finished;
  for (unsigned Round = 0; Round < 3 && !Heads.empty() && !OverBudget; ++Round) {
    States NewHeads;
    for (State &H : Heads) {
      State AtHead = H;
      if (L.Items)
        bindItem(L, H, F);
      Decision D;
      if (L.Test && !L.TestAfter)
        D = decide(*L.Test, std::move(H), F);
      else
        D.True.push_back(std::move(H));
      append(Result, std::move(D.Other));
      // Where the trip is not known, a test that fails at once is how the loop is skipped.
      if (!Counted && Round == 0 && !L.TestAfter) {
        MaySkip = MaySkip && !D.False.empty();
        if (!D.False.empty())
          Never = D.False.front();
      }
      Exits Ends, Broken;
      for (State &In : D.True)
        for (Exit &E : nodes(*L.Body, 0, std::move(In), F)) {
          if (E.O.K == Outcome::Kind::Next || E.O.K == Outcome::Kind::Continue)
            append(Ends, L.Step ? nodes(*L.Step, 0, std::move(E.S), F) : next(std::move(E.S)));
          else if (E.O.K == Outcome::Kind::Break)
            Broken.push_back({Outcome{}, std::move(E.S)});
          else
            Result.push_back(std::move(E));
        }
      for (Exit &E : Broken)
        Result.push_back(leftEarly(L, AtHead, std::move(E), F));
      merge(Ends);
      States Done;
      for (Exit &E : Ends)
        if (E.O.K == Outcome::Kind::Next)
          Done.push_back(std::move(E.S));
        else
          Result.push_back(std::move(E));
      for (const State &E : Done) {
        State Next = E;
        Next.Counters = AtHead.Counters;
        if (llvm::none_of(Seen, [&](const State &O) { return O.sameProperties(Next); })) {
          Seen.push_back(Next);
          Next.Counters = E.Counters;
          forgetWritten(*L.Body, Next, F);
          if (L.Step)
            forgetWritten(*L.Step, Next, F);
          NewHeads.push_back(std::move(Next));
        }
      }
      scale(Done, S, AtHead, L, Trip);
      std::move(Done.begin(), Done.end(), std::back_inserter(Finished));
    }
    Heads = std::move(NewHeads);
  }
  ActiveLoops.pop_back();
  HeadVersion = OuterVersion;
  HeadFrame = OuterFrame;

  // With the counts of the formula, "no iteration" is the case where the trip is zero.
  if (MaySkip) {
    if (!Finished.empty() && Finished.front().Handles == Never.Handles && Finished.front().Guards == Never.Guards)
      Never.Counters = Finished.front().Counters;
    note(Never, PathStep::Kind::LoopSkipped, NoLoc, L.Where, F);
  }
  if (L.Test || L.Items) // an endless loop is left by break only
    for (State &E : Finished)
      Result.push_back({Outcome{}, std::move(E)});
  if (MaySkip && (L.Test || L.Items))
    Result.push_back({Outcome{}, std::move(Never)});
  merge(Result);
  return Result;
}

void Engine::bindItem(const LoopShape &L, State &S, Frame &F) {
  Loc Item = Places.variable(F.Number, *F.F, L.Items->Item);
  Resolved V;
  V.L = L.Element;
  V.K = L.Element == NoLoc ? Resolved::Kind::Unknown
        : L.Items->ByValue ? Resolved::Kind::Copy
                           : Resolved::Kind::Address;
  if (L.Items->ByValue && V.L != NoLoc && type(V.L).K == ir::Type::Kind::Handle)
    V.K = Resolved::Kind::Address; // an id copied from the array still names the element's thread
  if (V.K == Resolved::Kind::Address && type(Item).K != ir::Type::Kind::Pointer) {
    clear(Item, S);
    S.Aliases[Item] = V.L;
    return;
  }
  assign(Item, V, S, F, L.Where);
}

/// An iteration broke off: how many were complete is not known, and other elements stay as they were.
Exit Engine::leftEarly(const LoopShape &L, const State &Head, Exit E, Frame &F) {
  for (auto &[C, K] : E.S.Counters)
    if (auto At = Head.Counters.find(C); At != Head.Counters.end() && !(At->second == K))
      K.Fuzzy = true;
  if (L.Element != NoLoc) {
    auto Before = Head.Handles.find(L.Element);
    auto After = E.S.Handles.find(L.Element);
    bool Changed = Before != Head.Handles.end() && After != E.S.Handles.end() && !(Before->second == After->second);
    if (Changed)
      E.S.Handles.erase(L.Element);
  }
  return E;
}

} // namespace latchkey::flow
