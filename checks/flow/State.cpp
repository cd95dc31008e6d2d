#include "checks/flow/State.h"

#include <algorithm>

namespace latchkey::flow {

using Relation = ir::Predicate::Relation;

template <typename Map> static void intersect(Map &Mine, const Map &Other) {
  for (auto It = Mine.begin(); It != Mine.end();) {
    auto Found = Other.find(It->first);
    if (Found == Other.end() || !(Found->second == It->second))
      It = Mine.erase(It);
    else
      ++It;
  }
}

static void hull(std::map<ir::Term, Interval> &Mine, const std::map<ir::Term, Interval> &Other) {
  for (auto It = Mine.begin(); It != Mine.end();) {
    auto Found = Other.find(It->first);
    if (Found == Other.end()) {
      It = Mine.erase(It);
      continue;
    }
    Interval &I = It->second;
    const Interval &J = Found->second;
    I.Low = std::min(I.Low, J.Low);
    I.High = std::max(I.High, J.High);
    std::erase_if(I.Not, [&](int64_t N) { return !J.Not.contains(N) && N >= J.Low && N <= J.High; });
    ++It;
  }
}

std::vector<Loc> State::keepShared(const State &O, uint32_t &Fresh) {
  std::vector<Loc> Changed;
  // A number that differs must not be mistaken for what it was before the branches.
  for (auto *Numbering : {&Numbers, &Sizes}) {
    const auto &Theirs = Numbering == &Numbers ? O.Numbers : O.Sizes;
    std::set<Loc> Differ;
    for (const auto &[L, T] : *Numbering)
      if (auto It = Theirs.find(L); It == Theirs.end() || It->second != T)
        Differ.insert(L);
    for (const auto &[L, T] : Theirs)
      if (!Numbering->contains(L))
        Differ.insert(L);
    for (Loc L : Differ) {
      Numbering->erase(L);
      Versions[L] = ++Fresh;
      if (Numbering == &Numbers)
        Changed.push_back(L);
    }
  }
  for (const auto &[L, V] : O.Versions)
    if (auto [It, New] = Versions.try_emplace(L, V); !New && It->second != V)
      It->second = ++Fresh;
  for (const auto &[C, Theirs] : O.Submissions)
    if (auto It = Submissions.find(C); It != Submissions.end()) {
      It->second.WhenTrue |= Theirs.WhenTrue;
      It->second.WhenFalse |= Theirs.WhenFalse;
    }
  hull(Bounds, O.Bounds);
  intersect(Opaques, O.Opaques);
  return Changed;
}

namespace {
/// T split as Sign * Key + Constant, Key canonical: no constant part, first coefficient positive.
struct Split {
  ir::Term Key;
  int64_t Constant = 0;
  int64_t Sign = 1;
};
} // namespace

static Split split(const ir::Term &T) {
  Split S;
  S.Key.Known = true;
  for (const ir::Monomial &M : T.Sum)
    if (M.Factors.empty())
      S.Constant = M.Coefficient;
    else
      S.Key.Sum.push_back(M);
  if (!S.Key.Sum.empty() && S.Key.Sum.front().Coefficient < 0) {
    S.Sign = -1;
    for (ir::Monomial &M : S.Key.Sum)
      M.Coefficient = -M.Coefficient;
  }
  return S;
}

Interval bounds(const State &S, const ir::Term &T) {
  Interval I;
  if (T.isConstant()) {
    I.Low = I.High = T.constantValue();
    return I;
  }
  Split P = split(T);
  auto It = T.Known ? S.Bounds.find(P.Key) : S.Bounds.end();
  if (It == S.Bounds.end())
    return I;
  const Interval &K = It->second;
  auto Shifted = [&](int64_t N) { return N == INT64_MIN || N == INT64_MAX ? N : N * P.Sign + P.Constant; };
  I.Low = Shifted(K.Low);
  I.High = Shifted(K.High);
  if (P.Sign < 0) {
    std::swap(I.Low, I.High);
    I.Low = I.Low == INT64_MAX ? INT64_MIN : I.Low;
    I.High = I.High == INT64_MIN ? INT64_MAX : I.High;
  }
  return I;
}

static Answer ofConstant(int64_t N, Relation Rel) {
  bool Holds = Rel == Relation::Equal ? N == 0 : Rel == Relation::Less ? N < 0 : N <= 0;
  return Holds ? Answer::Yes : Answer::No;
}

Answer compare(const State &S, const ir::Term &T, Relation Rel) {
  if (!T.Known)
    return Answer::Maybe;
  if (T.isConstant())
    return ofConstant(T.constantValue(), Rel);
  Split P = split(T);
  auto It = S.Bounds.find(P.Key);
  if (It == S.Bounds.end())
    return Answer::Maybe;
  const Interval &I = It->second;
  if (Rel == Relation::Equal) {
    int64_t Wanted = -P.Constant * P.Sign;
    if (I.Low == Wanted && I.High == Wanted)
      return Answer::Yes;
    return Wanted < I.Low || Wanted > I.High || I.Not.contains(Wanted) ? Answer::No : Answer::Maybe;
  }
  // Sign*Key + Constant < 0, or <= 0 as < 1.
  int64_t Limit = -P.Constant - (Rel == Relation::Less ? 1 : 0); // Sign*Key <= Limit
  if (P.Sign > 0) {
    if (I.High <= Limit)
      return Answer::Yes;
    return I.Low > Limit ? Answer::No : Answer::Maybe;
  }
  if (I.Low >= -Limit)
    return Answer::Yes;
  return I.High < -Limit ? Answer::No : Answer::Maybe;
}

static bool narrow(Interval &I, int64_t Low, int64_t High) {
  I.Low = std::max(I.Low, Low);
  I.High = std::min(I.High, High);
  while (I.Low <= I.High && I.Not.contains(I.Low))
    ++I.Low;
  while (I.Low <= I.High && I.Not.contains(I.High))
    --I.High;
  return I.Low <= I.High;
}

bool assume(State &S, const ir::Term &T, Relation Rel, bool Holds) {
  Answer Known = compare(S, T, Rel);
  if (Known != Answer::Maybe)
    return (Known == Answer::Yes) == Holds;
  if (!T.Known)
    return true;
  Split P = split(T);
  Interval &I = S.Bounds[P.Key];
  if (Rel == Relation::Equal) {
    int64_t Value = -P.Constant * P.Sign;
    if (Holds)
      return narrow(I, Value, Value);
    I.Not.insert(Value);
    return narrow(I, I.Low, I.High);
  }
  int64_t Limit = -P.Constant - (Rel == Relation::Less ? 1 : 0); // Sign*Key <= Limit
  if (P.Sign > 0)
    return Holds ? narrow(I, INT64_MIN, Limit) : narrow(I, Limit + 1, INT64_MAX);
  return Holds ? narrow(I, -Limit, INT64_MAX) : narrow(I, INT64_MIN, -Limit - 1);
}

} // namespace latchkey::flow
