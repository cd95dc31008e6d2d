// What one iteration adds to numbers, sizes and counts, and how much that is when the loop has ended.
#include "checks/flow/LoopShape.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

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

/// What one iteration adds, by comparing its ends with its head.
Engine::Growth Engine::growth(const States &Ends, const State &Head) {
  Growth G;
  for (const State &E : Ends) {
    for (const auto &[L, N] : E.Numbers)
      G.Numbers.try_emplace(L, ir::Term::unknown());
    for (const auto &[L, N] : E.Sizes)
      G.Sizes.try_emplace(L, ir::Term::unknown());
    for (const auto &[C, K] : E.Counters)
      if (Head.Counters.contains(C))
        G.Counters.try_emplace(C);
  }
  auto Agree = [&](auto &Steps, auto Value) {
    for (auto &[L, Step] : Steps) {
      Step = ir::Term::unknown();
      ir::Term AtHead = Value(L, Head);
      for (const State &E : Ends) {
        ir::Term Grown = Value(L, E) - AtHead;
        if (!Grown.isConstant() || (&E != &Ends.front() && Grown != Step)) {
          Step = ir::Term::unknown();
          break;
        }
        Step = Grown;
      }
    }
    std::erase_if(Steps, [](const auto &S) { return !S.second.Known; });
  };
  Agree(G.Numbers, [&](Loc L, const State &S) { return number(L, S); });
  Agree(G.Sizes, [&](Loc L, const State &S) { return size(L, S); });
  for (auto &[C, Step] : G.Counters) {
    const CounterState &At = Head.Counters.at(C);
    bool First = true;
    for (const State &E : Ends) {
      auto It = E.Counters.find(C);
      const CounterState &K = It == E.Counters.end() ? At : It->second;
      ir::Term Raised = K.Expected - At.Expected, Low = K.Low - At.Low, High = K.High - At.High;
      if (First) {
        Step = {Raised, Low, High};
      } else {
        // Iterations that differ give bounds where they can be compared.
        ir::Term Below = Low - Step.Low, Above = High - Step.High;
        Step.Comparable &= Raised == Step.Raised && Below.isConstant() && Above.isConstant();
        if (Below.isConstant() && Below.constantValue() < 0)
          Step.Low = Low;
        if (Above.isConstant() && Above.constantValue() > 0)
          Step.High = High;
      }
      First = false;
    }
    auto Own = [&](const ir::Term &T) { return varies(T, HeadVersion, HeadFrame); };
    if (Own(Step.Raised) || Own(Step.Low) || Own(Step.High)) {
      // Balanced in every iteration, whatever the amount is.
      bool Balanced = Step.Raised == Step.Low && Step.Low == Step.High;
      Step.Comparable &= Balanced;
      Step.Raised = Step.Low = Step.High = ir::Term::constant(0);
    }
  }
  return G;
}

/// Numbers and counts after Iterations complete ones. What is left of a broken one comes on top: Broken.
void Engine::grow(State &E, const State &Entry, const State &Head, const Growth &G, const ir::Term &Iterations,
                  bool Broken) {
  for (const auto &[L, Step] : G.Numbers) {
    ir::Term Rest = Broken ? number(L, E) - number(L, Head) : ir::Term::constant(0);
    if (Rest.isConstant())
      E.Numbers[L] = number(L, Entry) + Step * Iterations + Rest;
  }
  for (const auto &[L, Step] : G.Sizes) {
    ir::Term Rest = Broken ? size(L, E) - size(L, Head) : ir::Term::constant(0);
    if (Rest.isConstant())
      E.Sizes[L] = size(L, Entry) + Step * Iterations + Rest;
  }
  for (const auto &[C, Step] : G.Counters) {
    auto Before = Entry.Counters.find(C), At = Head.Counters.find(C);
    auto It = E.Counters.find(C);
    if (Before == Entry.Counters.end() || It == E.Counters.end())
      continue;
    CounterState &K = It->second;
    if (!Step.Comparable) {
      K.Fuzzy = true;
      continue;
    }
    if (K.Barrier && TaskDepth > 0)
      continue; // a party comes once a phase, however many there are
    ir::Term Zero = ir::Term::constant(0);
    K.Expected =
        Before->second.Expected + Step.Raised * Iterations + (Broken ? K.Expected - At->second.Expected : Zero);
    K.Low = Before->second.Low + Step.Low * Iterations + (Broken ? K.Low - At->second.Low : Zero);
    K.High = Before->second.High + Step.High * Iterations + (Broken ? K.High - At->second.High : Zero);
  }
}

/// The trip of a loop that is not canonical, as a symbol: loops with the same test from the same start have the same.
ir::Term Engine::tripSymbol(const LoopShape &L, State &S, Frame &F) {
  std::string Key;
  bool Plain = L.Test && !L.TestAfter && L.Step && describe(*L.Test, S, F, Key);
  if (Plain)
    for (const ir::Node &N : *L.Step)
      if (const auto *E = N.as<ir::Effect>(); E && E->Subject.valid()) {
        ir::Term Step = E->Input.K == ir::Value::Kind::Number ? evaluate(E->Input.N, S, F) : ir::Term::unknown();
        Plain &= Step.Known;
        if (Step.Known)
          Key += "; " + spell(Step - number(resolve(E->Subject, S, F), S));
      }
  uint32_t Site = Plain ? TripKeys.try_emplace(Key, TripKeys.size()).first->second
                        : (1u << 20) + Sites.try_emplace(L.Where, Sites.size()).first->second;
  Loc Own = Places.heap(0, Site, 0);
  if (!Plain)
    S.Versions[Own] = ++Fresh;
  return symbol(Own, ir::Atom::Kind::Value, S);
}

/// Appends what the test compares, in values at loop entry; false if it is more than comparisons of known terms.
bool Engine::describe(const ir::Condition &C, const State &S, const Frame &F, std::string &Key) {
  if (!C.Before.empty())
    return false;
  if (C.K == ir::Condition::Kind::Leaf) {
    if (C.Test.K == ir::Predicate::Kind::Opaque && !C.Test.Text.empty() && !C.Test.Reads.empty()) {
      Key += (C.Test.Negated ? "!" : "") + opaqueKey(C.Test, S, F) + ";";
      return true;
    }
    ir::Term Left = evaluate(C.Test.Left, S, F), Right = evaluate(C.Test.Right, S, F);
    if (C.Test.K != ir::Predicate::Kind::Compare || !Left.Known || !Right.Known)
      return false;
    ir::Term Difference = Left - Right;
    Key += C.Test.Negated ? "!" : "";
    for (const ir::Monomial &Part : Difference.Sum) {
      Key += std::to_string(Part.Coefficient);
      for (const ir::Atom &A : Part.Factors)
        Key += "*" + std::to_string(A.P.Index);
      Key += "+";
    }
    Key += "?" + std::to_string(static_cast<int>(C.Test.Rel));
    return true;
  }
  Key += C.K == ir::Condition::Kind::All ? "(&" : C.K == ir::Condition::Kind::Any ? "(|" : "(!";
  for (const ir::Condition &Part : C.Parts)
    if (!describe(Part, S, F, Key))
      return false;
  Key += ")";
  return true;
}

} // namespace latchkey::flow
