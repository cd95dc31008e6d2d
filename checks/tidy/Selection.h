// Which checks are on, from clang-tidy's `Checks` globs, for the faces that run without any configuration.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace latchkey::tidy {

/// What every check's name begins with in clang-tidy's world.
inline constexpr llvm::StringLiteral Prefix = "latchkey-";

/// The user's globs completed so that the checks that are on by default are on unless the user says otherwise. Globs
/// that switch some of ours on (`-*,latchkey-leaked-thread`) are taken literally. Otherwise only those count that
/// switch ours off (`-latchkey-*`), and a `-*` with nothing behind it: the `-*` of `-*,bugprone-*` chooses among
/// clang-tidy's own checks and does not mean ours.
std::string withDefaultChecks(llvm::StringRef Checks);

} // namespace latchkey::tidy
