// What every command does that works on many files: jobs with the user's limits and a line of progress, and a folder
// for what is in between.
#pragma once

#include "tool/CommandLine.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/FileSystem.h"

#include <utility>

namespace latchkey::driver {

/// Leaves those of the shard, whatever their order.
void takeShard(std::vector<TranslationUnit> &, const Shard &);
/// To lower them.
std::vector<Job> jobsOf(llvm::ArrayRef<TranslationUnit>);

/// One outcome for each job, in their order. The error is that no worker can be started.
llvm::Expected<std::vector<Outcome>> runJobs(llvm::ArrayRef<Job>, const Settings &, const CommandLine &);

/// Removed with all that is in it.
class ScratchFolder {
public:
  static llvm::Expected<ScratchFolder> create() {
    llvm::SmallString<128> Path;
    if (std::error_code Wrong = llvm::sys::fs::createUniqueDirectory("latchkey", Path))
      return llvm::createStringError("cannot make a temporary folder: " + Wrong.message() + "; set TMPDIR");
    return ScratchFolder(Path.str().str());
  }
  ScratchFolder(ScratchFolder &&O) : Path(std::exchange(O.Path, {})) {}
  ScratchFolder &operator=(ScratchFolder &&) = delete;
  ~ScratchFolder() {
    if (!Path.empty())
      (void)llvm::sys::fs::remove_directories(Path);
  }
  const std::string &path() const { return Path; }
  std::string file(llvm::StringRef Name) const { return Path + "/" + Name.str(); }

private:
  explicit ScratchFolder(std::string Path) : Path(std::move(Path)) {}
  std::string Path;
};

} // namespace latchkey::driver
