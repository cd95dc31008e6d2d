// The NOLINT comments of a file, each by itself: clang-tidy's own reader, which decides what is silenced, does not say
// by which of them, nor why.
#pragma once

#include "checks/rules/Finding.h"

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <vector>

namespace latchkey::driver {

struct NolintComment {
  SourcePlace Where;                ///< From the word to the end of its list of checks.
  std::optional<SourcePlace> End;   ///< The same of the NOLINTEND, for a block.
  bool Listed = false;              ///< It names checks.
  std::vector<std::string> Checks;  ///< Globs, in order; without a list "*".
  std::string Reason;               ///< The rest of the comment's line.
  unsigned Covers = 0, Through = 0; ///< Offsets of the first character it is about, and behind the last.

  bool silences(llvm::StringRef Check, unsigned Offset) const;
};

/// In order of place; blocks that do not end, or do not begin, are left out.
std::vector<NolintComment> nolintComments(llvm::StringRef File, llvm::StringRef Text);

/// Whether a text may have comments that name our checks; cheap.
bool mayNameOurs(llvm::StringRef Text);

/// What to delete of a comment so that it no longer names the checks of Globs; empty if it cannot be told.
std::vector<Edit> withoutChecks(const NolintComment &, llvm::ArrayRef<std::string> Globs, llvm::StringRef Text);

} // namespace latchkey::driver
