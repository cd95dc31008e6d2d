#include "tool/Statistics.h"

#include <fmt/format.h>

#include <sys/resource.h>

namespace latchkey::driver {

/// The functions whose models would tell most, most first.
static void printUnknown(const std::map<std::string, unsigned> &Unknown, llvm::raw_ostream &Out) {
  if (Unknown.empty())
    return;
  constexpr size_t MostShown = 20;
  std::vector<std::pair<std::string, unsigned>> Sorted(Unknown.begin(), Unknown.end());
  llvm::stable_sort(Sorted, [](const auto &A, const auto &B) { return A.second > B.second; });
  Out << "unknown functions that are given threads, counters, locks, guards or callables, which nothing is known of "
         "from there on; write a model of the first one first (docs/models.md):\n";
  for (const auto &[Name, Times] : llvm::ArrayRef(Sorted).take_front(MostShown))
    Out << fmt::format("{:>6}  {}\n", Times, Name);
  if (Sorted.size() > MostShown)
    Out << fmt::format("        and {} more\n", Sorted.size() - MostShown);
}

void printStatistics(const Results &All, llvm::raw_ostream &Out) {
  const Counts &C = All.Count;
  Out << fmt::format("files: {} analysed, {} with problems, {} excluded, {} entries passed over (not C or C++)\n",
                     All.Files - std::min<size_t>(All.Files, All.Problems.size()), All.Problems.size(), All.Excluded,
                     All.PassedOver);
  if (All.FromCache)
    Out << fmt::format("cache: {} of {} files are as they were\n", All.FromCache, All.Files);
  Out << fmt::format("functions: {} seen, {} lowered, {} analysed on their own, {} opaque, {} over budget\n",
                     C.FunctionsSeen, C.FunctionsLowered, C.FunctionsAnalysed, C.Opaque, C.OverBudget);
  Out << fmt::format("program: {} functions of {} units, {} in several of them, {} that differ between units\n",
                     All.Link.Functions, All.Link.Units, All.Link.Merged, All.Link.Conflicting);
  rusage Used{};
  getrusage(RUSAGE_SELF, &Used);
  Out << fmt::format("link: {:.2f} s, {} MB at most\n", All.LinkSeconds, Used.ru_maxrss / 1024);
  const Times &T = All.Spent;
  Out << fmt::format("processor time: {:.2f} s (reading {:.2f}, lowering {:.2f}, analysis {:.2f})\n", T.Total,
                     T.Total - T.Lowering - T.Analysis, T.Lowering, T.Analysis);
  for (const std::string &Reason : C.NotAnalysed)
    Out << "not analysed: " << Reason << "\n";
  printUnknown(All.Unknown, Out);
}

} // namespace latchkey::driver
