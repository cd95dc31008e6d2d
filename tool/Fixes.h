// --fix and --export-fixes: the fixes of all findings together, each whole or not at all.
#pragma once

#include "tool/Results.h"
#include "tool/ScratchFolder.h"

#include "clang/Tooling/Core/Replacement.h"

#include <map>

namespace latchkey::driver {

struct PlannedFixes {
  std::map<std::string, clang::tooling::Replacements> ByFile;
  std::vector<const Fix *> Of;      ///< The fix for each of the reports; null without one.
  std::vector<std::string> LeftOut; ///< Those that would meet another: "file:line:column: …".
  unsigned Unsafe = 0;              ///< Left out because only --unsafe-fixes asks for them.
};

/// The first fix of each finding that may be applied, in their order. One that edits what another edits differently is
/// left out; what two want alike is done once. Refers to the reports.
PlannedFixes planFixes(llvm::ArrayRef<Report>, bool Unsafe, llvm::StringRef Directory);

/// Changes the files; those it could not write are left as they were, and named in the error.
llvm::Error applyFixes(const PlannedFixes &);

/// A unified diff as `patch -p1` and `git apply` take it. Paths are relative to Directory.
llvm::Expected<std::string> diffOf(const PlannedFixes &, llvm::StringRef Directory, const ScratchFolder &);

/// What clang-tidy's option of the same name writes, with the planned fixes only.
llvm::Error exportFixes(llvm::ArrayRef<Report>, const PlannedFixes &, const std::string &Path,
                        llvm::StringRef Directory);

} // namespace latchkey::driver
