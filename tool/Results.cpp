#include "tool/Results.h"

#include <map>
#include <set>

namespace latchkey::driver {

int Results::exitStatus() const {
  if (!Problems.empty() || !Mistakes.empty())
    return 2;
  return Reports.empty() ? 0 : 1;
}

static bool same(const Report &A, const Report &B) {
  return !before(A.What, B.What) && !before(B.What, A.What);
}

/// Two files may see different paths to one finding: the same one has to win however the files are ordered.
static void sortReports(std::vector<Report> &Reports) {
  auto Text = [](const Report &R) { return llvm::formatv("{0}", latchkey::toJSON(R.What)).str(); };
  llvm::sort(Reports, [&](const Report &A, const Report &B) {
    if (!same(A, B))
      return before(A.What, B.What);
    return A.What == B.What ? A.AsError > B.AsError : Text(A) < Text(B);
  });
}

static void dropRepeated(std::vector<Report> &Reports) {
  std::vector<Report> Once;
  for (Report &R : Reports) {
    if (Once.empty() || !same(Once.back(), R))
      Once.push_back(std::move(R));
    else
      Once.back().AsError |= R.AsError;
  }
  Reports = std::move(Once);
}

static void addFingerprints(std::vector<Report> &Reports) {
  std::map<std::string, unsigned> Ordinals;
  for (Report &R : Reports)
    R.Fingerprint = fingerprint(R.What, Ordinals[fingerprint(R.What, 0)]++);
}

template <typename T> static std::vector<T> sorted(const std::set<T> &Set) {
  return {Set.begin(), Set.end()};
}

void addReports(Results &All, std::vector<Report> More) {
  sortReports(More);
  addFingerprints(More);
  std::move(More.begin(), More.end(), std::back_inserter(All.Reports));
  sortReports(All.Reports);
}

static void setAside(Results &All, Suppressions &Comments) {
  std::vector<Report> Kept;
  for (Report &R : All.Reports) {
    if (std::optional<std::string> Why = Comments.silences(R.What)) {
      R.Justification = std::move(*Why);
      All.Silenced.push_back(std::move(R));
    } else {
      Kept.push_back(std::move(R));
    }
  }
  All.Reports = std::move(Kept);
}

Results merge(std::vector<Outcome> Read, std::vector<Outcome> Analysed, Suppressions &Comments) {
  Results All;
  All.Files = unsigned(Read.size());
  std::set<std::string> Mistakes, Notices, Dropped;
  std::vector<Outcome> Outcomes = std::move(Read);
  std::move(Analysed.begin(), Analysed.end(), std::back_inserter(Outcomes));
  llvm::stable_sort(Outcomes, [](const Outcome &A, const Outcome &B) { return A.File < B.File; });
  for (Outcome &O : Outcomes) {
    std::move(O.Reports.begin(), O.Reports.end(), std::back_inserter(All.Reports));
    Mistakes.insert(O.Mistakes.begin(), O.Mistakes.end());
    Notices.insert(O.Notices.begin(), O.Notices.end());
    Dropped.insert(O.Dropped.begin(), O.Dropped.end());
    if (!O.Problem.empty())
      All.Problems.push_back({O.File, O.Problem, O.Diagnostics});
    All.FromCache += O.FromCache;
    All.Count += O.Count;
    All.Spent += O.Spent;
  }
  sortReports(All.Reports);
  dropRepeated(All.Reports);
  addFingerprints(All.Reports); // With those to be silenced: a comment more does not change the others'.
  setAside(All, Comments);
  for (std::string &Mistake : Comments.takeMistakes())
    Notices.insert(std::move(Mistake));
  All.Mistakes = sorted(Mistakes);
  All.Notices = sorted(Notices);
  All.Dropped = sorted(Dropped);
  llvm::sort(All.Count.NotAnalysed);
  All.Count.NotAnalysed.erase(std::unique(All.Count.NotAnalysed.begin(), All.Count.NotAnalysed.end()),
                              All.Count.NotAnalysed.end());
  return All;
}

} // namespace latchkey::driver
