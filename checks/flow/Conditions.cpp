// Branches: short circuits, what a test tells about the objects and numbers it looks at.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using Relation = ir::Predicate::Relation;

Engine::Decision Engine::decide(const ir::Condition &C, State S, Frame &F) {
  Decision D;
  for (Exit &Before : nodes(C.Before, 0, std::move(S), F)) {
    if (Before.O.K != Outcome::Kind::Next) {
      D.Other.push_back(std::move(Before));
      continue;
    }
    Decision Here;
    if (C.K == ir::Condition::Kind::Leaf) {
      Here = test(C.Test, std::move(Before.S), F);
      answer(C.Test, C.Where, Here, F);
      bool Both = !Here.True.empty() && !Here.False.empty();
      for (bool Value : {true, false})
        for (State &Side : Value ? Here.True : Here.False)
          if (Both && !C.Test.Text.empty()) {
            TrailStep &Step = note(Side, PathStep::Kind::Branch, NoLoc, C.Where, F, C.Test.Text,
                                   C.Test.K == ir::Predicate::Kind::Opaque ? Value != C.Test.Negated : Value);
            Step.Test = &C;
            Step.Shared = TaskDepth > 0 && looksAtAtomic(C.Test, Side, F);
          }
    } else if (C.K == ir::Condition::Kind::Not) {
      Here = decide(C.Parts.front(), std::move(Before.S), F);
      std::swap(Here.True, Here.False);
    } else {
      // All stops at the first false part, Any at the first true one. What it came to as a whole is remembered: the
      // parts alone are forgotten where ways meet.
      bool All = C.K == ir::Condition::Kind::All;
      std::string Key;
      bool Known = describe(C, Before.S, F, Key);
      auto Earlier = Known ? Before.S.Opaques.find(Key) : Before.S.Opaques.end();
      std::optional<bool> Came;
      if (Earlier != Before.S.Opaques.end())
        Came = Earlier->second;
      States Going;
      Going.push_back(std::move(Before.S));
      for (const ir::Condition &Part : C.Parts) {
        States Still;
        for (State &In : Going) {
          Decision Inner = decide(Part, std::move(In), F);
          append(Here.Other, std::move(Inner.Other));
          for (State &Out : All ? Inner.False : Inner.True)
            (All ? Here.False : Here.True).push_back(std::move(Out));
          for (State &Out : All ? Inner.True : Inner.False)
            Still.push_back(std::move(Out));
        }
        Going = std::move(Still);
      }
      for (State &Out : Going)
        (All ? Here.True : Here.False).push_back(std::move(Out));
      for (bool Value : {true, false})
        for (State &Side : Value ? Here.True : Here.False)
          if (Known)
            Side.Opaques[Key] = Value;
      if (Came)
        (*Came ? Here.False : Here.True).clear();
    }
    std::move(Here.True.begin(), Here.True.end(), std::back_inserter(D.True));
    std::move(Here.False.begin(), Here.False.end(), std::back_inserter(D.False));
    append(D.Other, std::move(Here.Other));
  }
  return D;
}

/// The test reads an atomic that other threads may change.
bool Engine::looksAtAtomic(const ir::Predicate &P, const State &S, const Frame &F) {
  bool Found = false;
  forEachPlace(P, [&](const ir::Place &At) {
    Loc L = resolve(At, S, F);
    Found |= L != NoLoc && type(L).Atomic && !Places.inFrame(L, TaskFrame);
  });
  return Found;
}

/// Splits S by an answer; Learn is told which side it is on and may refuse it.
template <typename Learner> static void fork(const State &S, Answer A, States &True, States &False, Learner Learn) {
  for (bool Value : {true, false}) {
    if (A == (Value ? Answer::No : Answer::Yes))
      continue;
    State Side = S;
    if (Learn(Side, Value))
      (Value ? True : False).push_back(std::move(Side));
  }
}

static Answer joinable(const HandleState &H) {
  bool Mixed = H.Partial || H.Spent.valid(); // of elements, some
  return H.K != HandleState::Kind::Joinable ? Answer::No : Mixed ? Answer::Maybe : Answer::Yes;
}

/// The branch looks at the answer of a submission: both sides remember which they are.
void Engine::answer(const ir::Predicate &P, ir::Range Where, Decision &D, Frame &F) {
  auto Mark = [&](State &S, bool Side) {
    for (auto &[C, Sub] : S.Submissions) {
      bool Asked = false;
      forEachPlace(P, [&, &Sub = Sub](const ir::Place &At) { Asked |= Places.within(resolve(At, S, F), Sub.Answer); });
      if (!Asked)
        continue;
      Sub.TestedAt = Where;
      (Side ? Sub.WhenTrue : Sub.WhenFalse) = true;
    }
  };
  for (State &S : D.True)
    Mark(S, true);
  for (State &S : D.False)
    Mark(S, false);
}

/// An opaque test is the same as another with this key: its text, and what it reads has not changed.
std::string Engine::opaqueKey(const ir::Predicate &P, const State &S, const Frame &F) {
  std::string Key = P.Text;
  for (const ir::Place &R : P.Reads) {
    Loc L = resolve(R, S, F);
    Key += "|" + std::to_string(L) + ":" + std::to_string(version(L, S));
    if (auto It = S.Numbers.find(L); It != S.Numbers.end())
      Key += "=" + spell(It->second);
  }
  return Key;
}

/// A pointer that is null leads to no thread, whatever was known of one.
void Engine::isNull(const ir::Term &Pointer, State &S, const Frame &F) {
  if (Pointer.Sum.size() != 1 || Pointer.Sum.front().Factors.size() != 1)
    return;
  Loc L = resolve(Pointer.Sum.front().Factors.front().P, S, F);
  if (L == NoLoc || type(L).K != ir::Type::Kind::Pointer)
    return;
  Loc Object = target(L, S);
  if (Places[Places.root(Object)].Root == Locations::RootKind::Heap || Places.within(Object, L))
    std::erase_if(S.Handles, [&](const auto &H) { return Places.within(H.first, Object); });
}

Engine::Decision Engine::test(const ir::Predicate &P, State S, Frame &F) {
  Decision D;
  switch (P.K) {
  case ir::Predicate::Kind::Constant:
    D.True.push_back(std::move(S));
    break;
  case ir::Predicate::Kind::Compare: {
    ir::Term Left = evaluate(P.Left, S, F), Right = evaluate(P.Right, S, F);
    ir::Term Difference = Left.Known && Right.Known ? Left - Right : ir::Term::unknown();
    fork(S, compare(S, Difference, P.Rel), D.True, D.False, [&](State &Side, bool Value) {
      if (!assume(Side, Difference, P.Rel, Value))
        return false;
      if (Value && P.Rel == ir::Predicate::Relation::Equal && P.Right == ir::Term::constant(0))
        isNull(P.Left, Side, F);
      return true;
    });
    break;
  }
  case ir::Predicate::Kind::Joinable: {
    Loc L = resolve(P.P, S, F);
    HandleState *H = handleAt(L, S);
    fork(S, H ? joinable(*H) : Answer::Maybe, D.True, D.False, [&](State &Side, bool Value) {
      // A handle that cannot be joined is empty; one that can keeps its unknown origin.
      if (!Value && !escaped(L, S) && (!H || H->K == HandleState::Kind::Joinable)) {
        Side.Handles[L].K = HandleState::Kind::Empty;
      } else if (Value && H) {
        HandleState &Mine = Side.Handles[L] = *H;
        Mine.Partial = false;
        Mine.Spent = {};
      }
      return true;
    });
    break;
  }
  case ir::Predicate::Kind::Armed: {
    Loc L = resolve(P.P, S, F);
    bool Locker = type(L).K == ir::Type::Kind::Locker;
    Answer Known = Locker ? ownsLock(L, S) : S.Guards.contains(L) ? Answer::Yes : Answer::Maybe;
    fork(S, Known, D.True, D.False, [&](State &Side, bool Value) {
      learnOwnsLock(L, Value, Side, F);
      return true;
    });
    break;
  }
  case ir::Predicate::Kind::Opaque: {
    std::string Key = opaqueKey(P, S, F);
    auto It = S.Opaques.find(Key);
    Answer A = It == S.Opaques.end() || P.Text.empty() ? Answer::Maybe : It->second ? Answer::Yes : Answer::No;
    fork(S, A, D.True, D.False, [&](State &Side, bool Value) {
      if (!P.Text.empty() && !P.Reads.empty())
        Side.Opaques[Key] = Value;
      return true;
    });
    break;
  }
  }
  if (P.Negated)
    std::swap(D.True, D.False);
  return D;
}

} // namespace latchkey::flow
