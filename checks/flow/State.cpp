#include "checks/flow/State.h"

#include "llvm/ADT/STLExtras.h"

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
    auto Excludes = [](const Interval &Of, int64_t N) { return N < Of.Low || N > Of.High || Of.Not.contains(N); };
    std::set<int64_t> Candidates = I.Not, Not;
    Candidates.insert(J.Not.begin(), J.Not.end());
    // A small gap between the two is worth remembering: labels of a switch.
    constexpr uint64_t SmallGap = 16;
    const Interval &Below = I.High < J.Low ? I : J, &Above = I.High < J.Low ? J : I;
    if (Below.High < Above.Low && uint64_t(Above.Low) - uint64_t(Below.High) <= SmallGap)
      for (int64_t N = Below.High + 1; N < Above.Low; ++N)
        Candidates.insert(N);
    for (int64_t N : Candidates)
      if (Excludes(I, N) && Excludes(J, N))
        Not.insert(N);
    I.Low = std::min(I.Low, J.Low);
    I.High = std::max(I.High, J.High);
    I.Not = std::move(Not);
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
      Changed.push_back(L);
    }
  }
  for (const auto &[L, V] : O.Versions)
    if (auto [It, New] = Versions.try_emplace(L, V); !New && It->second != V) {
      It->second = ++Fresh;
      Changed.push_back(L);
    }
  for (const auto &[C, Theirs] : O.Submissions)
    if (auto It = Submissions.find(C); It != Submissions.end()) {
      It->second.WhenTrue |= Theirs.WhenTrue;
      It->second.WhenFalse |= Theirs.WhenFalse;
    }
  agreeOnLocks(Locks, O.Locks);
  Strange |= O.Strange;
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

static Interval shifted(Interval I, int64_t Sign, int64_t Constant) {
  auto Shift = [&](int64_t N) { return N == INT64_MIN || N == INT64_MAX ? N : N * Sign + Constant; };
  I.Low = Shift(I.Low);
  I.High = Shift(I.High);
  if (Sign < 0) {
    std::swap(I.Low, I.High);
    I.Low = I.Low == INT64_MAX ? INT64_MIN : I.Low;
    I.High = I.High == INT64_MIN ? INT64_MAX : I.High;
  }
  std::set<int64_t> Not;
  for (int64_t N : I.Not)
    Not.insert(Shift(N));
  I.Not = std::move(Not);
  return I;
}

/// Of a sum, from what is known of its parts. Sizes are not negative.
static Interval ofParts(const State &S, const ir::Term &Key) {
  Interval Sum{0, 0, {}};
  for (const ir::Monomial &M : Key.Sum) {
    Interval Part;
    bool Sizes = llvm::all_of(M.Factors, [](const ir::Atom &A) { return A.K == ir::Atom::Kind::Size; });
    ir::Term Single;
    Single.Known = true;
    Single.Sum.push_back({1, M.Factors});
    if (auto It = S.Bounds.find(Single); It != S.Bounds.end())
      Part = It->second;
    if (Sizes)
      Part.Low = std::max<int64_t>(Part.Low, 0);
    constexpr int64_t Huge = int64_t(1) << 40; // beyond, products and sums are not worth the overflow
    auto Times = [&](int64_t N) {
      return N == INT64_MIN || N == INT64_MAX || N > Huge || N < -Huge || M.Coefficient > Huge || M.Coefficient < -Huge
                 ? ((N < 0) == (M.Coefficient < 0) ? INT64_MAX : INT64_MIN)
                 : N * M.Coefficient;
    };
    int64_t Low = Times(M.Coefficient < 0 ? Part.High : Part.Low),
            High = Times(M.Coefficient < 0 ? Part.Low : Part.High);
    Sum.Low = Sum.Low == INT64_MIN || Low == INT64_MIN ? INT64_MIN : Sum.Low + Low;
    Sum.High = Sum.High == INT64_MAX || High == INT64_MAX ? INT64_MAX : Sum.High + High;
  }
  return Sum;
}

/// Of a term without constant part and with positive first coefficient.
static Interval ofKey(const State &S, const ir::Term &Key) {
  Interval I = ofParts(S, Key);
  if (auto It = S.Bounds.find(Key); It != S.Bounds.end()) {
    I.Low = std::max(I.Low, It->second.Low);
    I.High = std::min(I.High, It->second.High);
    I.Not = It->second.Not;
  }
  return I;
}

Interval bounds(const State &S, const ir::Term &T) {
  if (!T.Known)
    return {};
  if (T.isConstant())
    return {T.constantValue(), T.constantValue(), {}};
  Split P = split(T);
  return shifted(ofKey(S, P.Key), P.Sign, P.Constant);
}

Knowledge learntSince(const State &End, const State &Start) {
  Knowledge K{End.Bounds, End.Opaques};
  std::erase_if(K.Bounds, [&](const auto &B) {
    auto It = Start.Bounds.find(B.first);
    return It != Start.Bounds.end() && It->second == B.second;
  });
  std::erase_if(K.Opaques, [&](const auto &O) { return Start.Opaques.contains(O.first); });
  return K;
}

static bool apart(const Interval &A, const Interval &B) {
  auto Excludes = [](const Interval &X, const Interval &Y) { return Y.Low == Y.High && X.Not.contains(Y.Low); };
  return A.Low > B.High || B.Low > A.High || Excludes(A, B) || Excludes(B, A);
}

bool contradicts(const Knowledge &K, const State &S) {
  return llvm::any_of(K.Bounds,
                      [&](const auto &B) {
                        auto It = S.Bounds.find(B.first);
                        return It != S.Bounds.end() && apart(B.second, It->second);
                      }) ||
         llvm::any_of(K.Opaques, [&](const auto &O) {
           auto It = S.Opaques.find(O.first);
           return It != S.Opaques.end() && It->second != O.second;
         });
}

Answer compare(const State &S, const ir::Term &T, Relation Rel) {
  if (!T.Known)
    return Answer::Maybe;
  Interval I = bounds(S, T);
  switch (Rel) {
  case Relation::Equal:
    if (I.Low == 0 && I.High == 0)
      return Answer::Yes;
    return I.Low > 0 || I.High < 0 || I.Not.contains(0) ? Answer::No : Answer::Maybe;
  case Relation::Less:
    return I.High < 0 ? Answer::Yes : I.Low >= 0 ? Answer::No : Answer::Maybe;
  default:
    return I.High <= 0 ? Answer::Yes : I.Low > 0 ? Answer::No : Answer::Maybe;
  }
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
  Interval &I = S.Bounds.try_emplace(P.Key, ofKey(S, P.Key)).first->second;
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
