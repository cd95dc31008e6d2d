#include "tool/Jobs.h"

#include "tool/Paths.h"
#include "tool/Pool.h"

#include "llvm/Support/Process.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

namespace {

/// One line on the terminal that is rewritten; nothing where standard error is not a terminal.
class Progress {
public:
  Progress(size_t Total, bool Wanted, StringRef Directory)
      : Total(Total), Shown(Wanted && llvm::sys::Process::StandardErrIsDisplayed()), Directory(Directory) {}
  ~Progress() {
    if (Shown)
      llvm::errs() << "\r\033[K";
  }

  void show(size_t Done, const Outcome &Last) {
    if (Shown)
      llvm::errs() << fmt::format("\r\033[K[{}/{}] {}", Done, Total, shortPath(Last.File, Directory));
  }

private:
  size_t Total;
  bool Shown;
  std::string Directory;
};

} // namespace

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

llvm::Expected<std::vector<Outcome>> runJobs(llvm::ArrayRef<Job> Jobs, const Settings &User, const CommandLine &How) {
  PoolOptions Options;
  Options.Jobs = How.Jobs;
  Options.Timeout = std::chrono::seconds(How.Timeout);
  Options.Verbose = How.Verbose;
  Progress OnTerminal(Jobs.size(), !How.Quiet, workingDirectory());
  return runAll(Jobs, User, Options, [&](size_t Done, const Outcome &Last) { OnTerminal.show(Done, Last); });
}

} // namespace latchkey::driver
