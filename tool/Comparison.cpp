#include "tool/Comparison.h"

#include "llvm/ADT/StringMap.h"

namespace latchkey::driver {

namespace {

/// Those of before that nothing was matched to yet, by what makes two the same.
class Unmatched {
public:
  explicit Unmatched(const std::vector<Report> &Before) : Before(Before), Taken(Before.size()) {
    for (size_t I = 0; I < Before.size(); ++I)
      Groups[fingerprint(Before[I].What, /*Ordinal=*/0)].push_back(I);
  }

  template <typename Predicate> bool take(const Finding &F, Predicate Alike) {
    auto Group = Groups.find(fingerprint(F, /*Ordinal=*/0));
    if (Group == Groups.end())
      return false;
    for (size_t I : Group->second)
      if (!Taken[I] && Alike(F, Before[I].What))
        return Taken[I] = true;
    return false;
  }

  bool isTaken(size_t I) const { return Taken[I]; }

private:
  const std::vector<Report> &Before;
  llvm::StringMap<std::vector<size_t>> Groups;
  std::vector<bool> Taken;
};

} // namespace

std::vector<Report> compare(Results &Now, std::vector<Report> Before, std::string ComparedTo,
                            llvm::function_ref<bool(const Report &)> CouldBeFound) {
  Unmatched Open(Before);
  auto Match = [&](auto Alike) {
    for (std::vector<Report> *Bucket : {&Now.Reports, &Now.Silenced})
      for (Report &R : *Bucket)
        R.Known = R.Known || Open.take(R.What, Alike);
  };
  Match([](const Finding &A, const Finding &B) { return A.Where.File == B.Where.File && A.Message == B.Message; });
  Match([](const Finding &A, const Finding &B) { return A.Where.File == B.Where.File; });
  Match([](const Finding &, const Finding &) { return true; });

  std::vector<Report> New;
  for (Report &R : Now.Reports)
    (R.Known ? Now.Known : New).push_back(std::move(R));
  Now.Reports = std::move(New);
  std::vector<Report> Unknown;
  for (size_t I = 0; I < Before.size(); ++I)
    if (!Open.isTaken(I))
      (CouldBeFound(Before[I]) ? Now.Gone : Unknown).push_back(std::move(Before[I]));
  Now.ComparedTo = std::move(ComparedTo);
  return Unknown;
}

} // namespace latchkey::driver
