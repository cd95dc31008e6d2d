// NOLINT, NOLINTNEXTLINE and NOLINTBEGIN/END as clang-tidy reads them, with its own code.
#pragma once

#include "checks/rules/Finding.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace latchkey::driver {

class Suppressions {
public:
  /// \param Files where the sources are read.
  explicit Suppressions(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files = llvm::vfs::getRealFileSystem());
  ~Suppressions();

  /// A comment at the finding's place, or where the obligation was made (its first note), says that it is known: what
  /// it gives as its reason, often nothing. None if there is no such comment.
  std::optional<std::string> silences(const Finding &);

  /// NOLINTBEGIN without END and the like: "file:line: message". Each once.
  std::vector<std::string> takeMistakes();

  /// Comments in these files with a list in which one of our checks, or a glob of them, has silenced nothing so far, as
  /// findings with a fix. Judged is asked about a file and a glob whether it could have.
  std::vector<Finding> stale(const std::vector<std::string> &In,
                             llvm::function_ref<bool(llvm::StringRef File, llvm::StringRef Glob)> Judged);

private:
  struct Impl;
  std::unique_ptr<Impl> Own;
};

} // namespace latchkey::driver
