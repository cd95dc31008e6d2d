#include "checks/ir/Place.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace latchkey::ir {

namespace {

/// Above these a term is worth nothing to a comparison, and products could grow without end.
constexpr size_t MaxMonomials = 16, MaxFactors = 4;

/// Sorts, joins equal monomials and drops zeros. Unknown on overflow or excessive size.
Term canonical(std::vector<Monomial> Sum) {
  std::sort(Sum.begin(), Sum.end(), [](const Monomial &A, const Monomial &B) { return A.Factors < B.Factors; });
  Term Result;
  for (Monomial &M : Sum) {
    if (M.Factors.size() > MaxFactors)
      return Term::unknown();
    if (Result.Sum.empty() || Result.Sum.back().Factors != M.Factors)
      Result.Sum.push_back(std::move(M));
    else if (llvm::AddOverflow(Result.Sum.back().Coefficient, M.Coefficient, Result.Sum.back().Coefficient))
      return Term::unknown();
  }
  std::erase_if(Result.Sum, [](const Monomial &M) { return M.Coefficient == 0; });
  if (Result.Sum.size() > MaxMonomials)
    return Term::unknown();
  Result.Known = true;
  return Result;
}

} // namespace

Term Term::constant(int64_t N) {
  Term T;
  T.Known = true;
  if (N != 0)
    T.Sum.push_back({N, {}});
  return T;
}

Term Term::atom(Atom A) {
  Term T;
  T.Known = true;
  T.Sum.push_back({1, {std::move(A)}});
  return T;
}

Term operator+(const Term &A, const Term &B) {
  if (!A.Known || !B.Known)
    return Term::unknown();
  std::vector<Monomial> Sum = A.Sum;
  Sum.insert(Sum.end(), B.Sum.begin(), B.Sum.end());
  return canonical(std::move(Sum));
}

Term operator-(const Term &A, const Term &B) {
  return A + Term::constant(-1) * B;
}

Term operator*(const Term &A, const Term &B) {
  if (!A.Known || !B.Known)
    return Term::unknown();
  std::vector<Monomial> Sum;
  for (const Monomial &X : A.Sum)
    for (const Monomial &Y : B.Sum) {
      Monomial M = X;
      if (llvm::MulOverflow(X.Coefficient, Y.Coefficient, M.Coefficient))
        return Term::unknown();
      M.Factors.insert(M.Factors.end(), Y.Factors.begin(), Y.Factors.end());
      std::sort(M.Factors.begin(), M.Factors.end());
      Sum.push_back(std::move(M));
    }
  return canonical(std::move(Sum));
}

} // namespace latchkey::ir
