// Loops: the body is interpreted for one iteration from a head that knows nothing of what the body writes, again
// while it changes property states, and counts are multiplied by the trip.
#include "checks/flow/LoopShape.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using Relation = ir::Predicate::Relation;

/// The loop does nothing but ask, or asks what other threads change: a way to wait.
bool Engine::polls(const ir::Loop &L, const State &S, const Frame &F) {
  if (L.Endless || L.Trip.Known)
    return false;
  bool Idle = true, Atomic = false;
  forEachNode(L.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Idle &= !E || E->O == ir::Op::Block;
  });
  auto Asks = [&](const ir::Condition &C, auto &Self) -> void {
    forEachPlace(C.Test, [&](const ir::Place &P) {
      Loc At = resolve(P, S, F);
      Atomic |= At != NoLoc && type(At).Atomic;
    });
    for (const ir::Condition &Part : C.Parts)
      Self(Part, Self);
  };
  Asks(L.Test, Asks);
  return Idle || Atomic;
}

Exits Engine::loop(const ir::Loop &L, ir::Range Where, State S, Frame &F) {
  if (polls(L, S, F))
    waitedOtherwise(S);
  LoopShape Shape;
  Shape.Body = &L.Body;
  Shape.Step = &L.Step;
  Shape.Test = L.Endless ? nullptr : &L.Test;
  Shape.TestAfter = L.K == ir::Loop::Kind::Do;
  Shape.Trip = evaluate(L.Trip, S, F);
  Shape.Index = L.Index;
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
    Shape.Container = Container;
  }
  return iterate(Shape, std::move(S), F);
}

/// Variables of this activation that the loop changes, by name: what indexes elements is known by its text.
std::set<std::string> Engine::writtenNames(const LoopShape &L, const Frame &F) const {
  std::set<std::string> Names;
  auto Add = [&](const ir::Place &P) {
    if (P.R == ir::Place::Root::Variable && P.valid() && P.Path.empty())
      Names.insert(F.F->Variables[P.Index].Name);
  };
  auto Visit = [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>()) {
      if (E->O == ir::Op::Assign || E->O == ir::Op::Write || E->O == ir::Op::Declare)
        Add(E->Subject);
      Add(E->Result);
    }
  };
  forEachNode(*L.Body, Visit);
  if (L.Step)
    forEachNode(*L.Step, Visit);
  if (L.Test)
    forEachNode(L.Test->Before, Visit);
  Add(L.Index);
  return Names;
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

/// A head that differs from the first one, because a lock is held or a thread runs, keeps the flags that the iteration
/// before it set: they tell the two apart (`while (!Locked) if (M.try_lock()) Locked = true;`). Those of the element
/// that it was at are not the next element's.
void Engine::keepConstants(const State &End, State &Head) const {
  for (const auto &[L, N] : End.Numbers) {
    bool Own =
        llvm::any_of(ActiveLoops.back().Elements, [&, L = L](const auto &E) { return Places.within(L, E.first); });
    if (N.isConstant() && !Own)
      Head.Numbers.try_emplace(L, N);
  }
}

/// Another iteration comes to the same head, perhaps with other flags.
static void agreeOnConstants(const State &End, State &Head) {
  std::erase_if(Head.Numbers, [&](const auto &N) {
    auto It = End.Numbers.find(N.first);
    return It == End.Numbers.end() || It->second != N.second;
  });
}

/// One interpretation of the body from one head.
Engine::Iteration Engine::iteration(const LoopShape &L, State H, Frame &F) {
  Iteration I;
  if (L.Items)
    bindItem(L, H, F);
  Decision D;
  if (L.Test && !L.TestAfter)
    D = decide(*L.Test, std::move(H), F);
  else
    D.True.push_back(std::move(H));
  I.Left = std::move(D.Other);
  I.Refused = std::move(D.False);
  Exits Ends;
  for (State &In : D.True)
    for (Exit &E : nodes(*L.Body, 0, std::move(In), F)) {
      if (E.O.K == Outcome::Kind::Next || E.O.K == Outcome::Kind::Continue)
        append(Ends, L.Step ? nodes(*L.Step, 0, std::move(E.S), F) : next(std::move(E.S)));
      else if (E.O.K == Outcome::Kind::Break)
        I.Broken.push_back(std::move(E.S));
      else
        I.Left.push_back(std::move(E));
    }
  for (Exit &E : Ends)
    if (E.O.K == Outcome::Kind::Next)
      E.O.Where = {};
  merge(Ends);
  for (Exit &E : Ends)
    if (E.O.K == Outcome::Kind::Next)
      I.Ends.push_back(std::move(E.S));
    else
      I.Left.push_back(std::move(E));
  return I;
}

/// `do { … } while (0)` is a block that `break` and `continue` leave.
Exits Engine::once(const LoopShape &L, State S, Frame &F) {
  Exits Out = nodes(*L.Body, 0, std::move(S), F);
  for (Exit &E : Out)
    if (E.O.K == Outcome::Kind::Break || E.O.K == Outcome::Kind::Continue)
      E.O = Outcome{};
  merge(Out);
  return Out;
}

Exits Engine::iterate(const LoopShape &L, State S, Frame &F) {
  if (L.TestAfter && L.Test && L.Test->K == ir::Condition::Kind::Leaf && L.Test->Before.empty() &&
      L.Test->Test.K == ir::Predicate::Kind::Constant && L.Test->Test.Negated)
    return once(L, std::move(S), F);
  bool Counted = L.Trip.Known;
  ir::Term Trip = Counted ? L.Trip : tripSymbol(L, S, F);
  if (!Counted)
    assume(S, Trip, Relation::Less, false);
  if (!Counted && L.Test)
    waitsFor(*L.Test, writtenNames(L, F), S, F);
  if (!L.TestAfter && compare(S, Trip, Relation::LessEqual) == Answer::Yes)
    return next(std::move(S));
  if (!Counted && L.Test && !L.TestAfter && L.Test->Before.empty()) {
    ++Quiet;
    bool Begins = !decide(*L.Test, S, F).True.empty();
    --Quiet;
    if (!Begins)
      return next(std::move(S));
  }

  if (L.Container != NoLoc)
    foldElements(L.Container, S);
  if (Trip.Sum.size() == 1 && Trip.Sum.front().Coefficient == 1 && Trip.Sum.front().Factors.size() == 1)
    TripAtoms.insert(Trip.Sum.front().Factors.front().P.Index);
  auto OuterVersion = HeadVersion, OuterFrame = HeadFrame;
  HeadFrame = FrameCount;
  auto AtHead = [&](State At) {
    forgetWritten(*L.Body, At, F);
    if (L.Step)
      forgetWritten(*L.Step, At, F);
    if (L.Test)
      forgetWritten(L.Test->Before, At, F);
    return At;
  };
  State Head = AtHead(S), Never = S; // Never: the body does not run at all
  HeadVersion = Fresh;
  bool MaySkip = !L.TestAfter && assume(Never, Trip, Relation::LessEqual, true);
  auto Assigns = [](const ir::Node &N) { return N.as<ir::Effect>() && N.as<ir::Effect>()->O == ir::Op::Assign; };
  if (MaySkip && !Counted && L.Test && !L.Test->Before.empty() && llvm::all_of(L.Test->Before, Assigns)) {
    // What the test writes is forgotten at the head.
    ++Quiet;
    MaySkip = !decide(*L.Test, S, F).False.empty();
    --Quiet;
  }
  assume(Head, Trip, Relation::LessEqual, false);
  ActiveLoops.push_back({Trip, Head.Counters, F.Number, writtenNames(L, F), L.Container != NoLoc, {}});
  Exits Result;
  States Heads{Head}, Seen{Head}, Finished;
  for (unsigned Round = 0; Round < 3 && !Heads.empty() && !OverBudget; ++Round) {
    States NewHeads;
    const size_t Before = Seen.size(); // of which none is new
    for (State &H : Heads) {
      Iteration I = iteration(L, H, F);
      agreeOnElements(ActiveLoops.back(), I.Ends);
      passedOver(I, H, F);
      if (Round == 0)
        loopCaptures(*L.Body, L.Step, L.Test, L.Items, L.Where, H, I.Ends, F);
      usedInLoop(I.Ends, H, F);
      // Where the trip is not known, a test that cannot fail at first is a loop that cannot be skipped.
      if (!Counted && Round == 0 && !L.TestAfter)
        MaySkip = MaySkip && (!L.Test || !I.Refused.empty());
      Growth G = growth(I.Ends, H);
      if (Round > 0) // what the loop sets to a constant does not grow
        std::erase_if(G.Numbers,
                      [&](const auto &N) { return H.Numbers.contains(N.first) && !Head.Numbers.contains(N.first); });
      bool Changes = !I.Ends.empty();
      for (const State &E : I.Ends) {
        State Next = AtHead(E);
        forgetPassedOver(H, Next);
        nextElement(ActiveLoops.back(), S, Next);
        leaveElementLocks(S, Next);
        if (L.Index.valid()) { // an index that counts up is beyond where it began
          Loc Index = resolve(L.Index, Next, F);
          auto Step = G.Numbers.find(Index);
          if (Step != G.Numbers.end() && Step->second.isConstant() && Step->second.constantValue() > 0)
            assume(Next, number(Index, Next) - number(Index, S), Relation::LessEqual, false);
        }
        State Plain = Next;
        Plain.Counters = H.Counters;
        Changes &= !Plain.sameProperties(H);
        auto Known = llvm::find_if(Seen, [&](const State &O) { return O.sameProperties(Plain); });
        if (Known == Seen.end()) {
          Seen.push_back(std::move(Plain));
          NewHeads.push_back(std::move(Next));
          keepConstants(E, NewHeads.back());
        } else if (size_t I = size_t(Known - Seen.begin()); I >= Before) {
          agreeOnConstants(E, NewHeads[I - Before]);
        }
      }
      auto BreakOff = [&](State &B) {
        ir::Term Complete = ir::Term::constant(0);
        if (Round > 0 || !Changes) { // some number of iterations came before
          Loc Own = Places.heap(0, (1u << 21) + Sites.try_emplace(L.Where, Sites.size()).first->second, 0);
          B.Versions[Own] = ++Fresh;
          Complete = symbol(Own, ir::Atom::Kind::Value, B);
          assume(B, Complete - ir::Term::constant(Round > 0 ? 1 : 0), Relation::Less, false);
        }
        grow(B, S, H, G, Complete, true);
        cutShort(B, S, H, G, Trip);
        leaveElements(ActiveLoops.back(), S, true, B);
      };
      for (Exit &E : I.Left)
        if (E.O.K == Outcome::Kind::Goto) // the code at the label looks at how far it came
          BreakOff(E.S);
        else
          leaveElements(ActiveLoops.back(), S, true, E.S);
      append(Result, std::move(I.Left));
      for (State &B : I.Broken) {
        BreakOff(B);
        leaveElementLocks(S, B);
        Result.push_back({Outcome{}, std::move(B)});
      }
      for (State &E : I.Ends) {
        grow(E, S, H, G, Trip, false);
        leaveElements(ActiveLoops.back(), S, false, E);
        leaveElementLocks(S, E);
        Finished.push_back(std::move(E));
      }
    }
    Heads = std::move(NewHeads);
  }
  std::map<Loc, std::string> Elements = std::move(ActiveLoops.back().Elements);
  ActiveLoops.pop_back();
  HeadVersion = OuterVersion;
  HeadFrame = OuterFrame;
  if (!L.Test && !L.Items) { // an endless loop is left by break only
    merge(Result);
    return Result;
  }
  // With the counts of the formula, "no iteration" is the case where the trip is zero.
  States Done = std::move(Finished);
  if (MaySkip) {
    if (!Done.empty() && Done.front().Guards == Never.Guards) {
      Never.Counters = Done.front().Counters;
      forgetPassedOver(S, Never);
    }
    // Tasks that an iteration ends are as many as it has iterations, for all that is known.
    std::erase_if(Never.Tasks, [&](const auto &Task) {
      return !Done.empty() && llvm::none_of(Done, [&](const State &D) { return D.Tasks.contains(Task.first); });
    });
    doubtVisited(Elements, Never);
    note(Never, PathStep::Kind::LoopSkipped, NoLoc, L.Where, F);
    Done.push_back(std::move(Never));
  }
  for (State &E : Done) {
    if (L.Test && !Counted)
      waitsFor(*L.Test, writtenNames(L, F), E, F);
    if (Counted || !L.Test) {
      Result.push_back({Outcome{}, std::move(E)});
      continue;
    }
    ++Quiet; // the test was interpreted for its facts at the head
    Decision Last = decide(*L.Test, std::move(E), F);
    --Quiet;
    for (State &Out : Last.False)
      Result.push_back({Outcome{}, std::move(Out)});
  }
  merge(Result);
  return Result;
}

void Engine::bindItem(const LoopShape &L, State &S, Frame &F) {
  Loc Item = Places.variable(F.Number, *F.F, L.Items->Item);
  Resolved V;
  if (L.Container != NoLoc) {
    V.L = allElements(L.Container);
    V.K = L.Items->ByValue ? Resolved::Kind::Copy : Resolved::Kind::Address;
    ActiveLoops.back().Elements.try_emplace(allElements(L.Container));
  }
  if (L.Items->ByValue && V.L != NoLoc && type(V.L).K == ir::Type::Kind::Handle)
    V.K = Resolved::Kind::Address; // an id copied from the array still names the element's thread
  if (V.K == Resolved::Kind::Address && type(Item).K != ir::Type::Kind::Pointer) {
    clear(Item, S);
    S.Aliases[Item] = V.L;
    return;
  }
  assign(Item, V, S, F, L.Where);
}

} // namespace latchkey::flow
