#include "tool/Jobs.h"

#include "tool/Paths.h"
#include "tool/Pool.h"
#include "tool/Progress.h"

namespace latchkey::driver {

void takeShard(std::vector<TranslationUnit> &Units, const Shard &Part) {
  llvm::sort(Units, [](const TranslationUnit &A, const TranslationUnit &B) { return A.File < B.File; });
  size_t Ordinal = 0;
  llvm::erase_if(Units, [&](const TranslationUnit &) { return !Part.takes(Ordinal++); });
}

std::vector<Job> jobsOf(llvm::ArrayRef<TranslationUnit> Units) {
  std::vector<Job> Jobs;
  Jobs.reserve(Units.size());
  for (const TranslationUnit &Unit : Units)
    Jobs.push_back({Unit.File, Unit, {}});
  return Jobs;
}

llvm::Expected<std::vector<Outcome>> runJobs(llvm::ArrayRef<Job> Jobs, const Settings &User, const CommandLine &How,
                                             llvm::StringRef What) {
  PoolOptions Options;
  Options.Jobs = How.Jobs;
  Options.Timeout = std::chrono::seconds(How.Timeout);
  Options.Verbose = How.Verbose;
  Progress OnTerminal(What, Jobs.size(), !How.Quiet, workingDirectory());
  return runAll(Jobs, User, Options, [&](size_t Done, const Outcome &Last) { OnTerminal.show(Done, Last); });
}

} // namespace latchkey::driver
