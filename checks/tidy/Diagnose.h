// Findings as clang-tidy's diagnostics.
#pragma once

#include "checks/rules/Finding.h"

#include "clang-tidy/ClangTidyCheck.h"
#include "llvm/ADT/StringMap.h"

namespace latchkey::tidy {

/// From places in files to Clang's locations in one translation unit.
class Locations {
public:
  explicit Locations(clang::SourceManager &Sources) : Sources(Sources) {}

  /// Invalid if the file is not part of the translation unit.
  clang::SourceLocation begin(const SourcePlace &);
  /// In other files, too, which are read for it: a path may lead through them.
  clang::SourceLocation beginAnywhere(const SourcePlace &);
  clang::CharSourceRange range(const SourcePlace &);

private:
  clang::FileID file(llvm::StringRef Path);

  clang::SourceManager &Sources;
  llvm::StringMap<clang::FileID> Known;
};

/// Reports a finding through its check: the path as notes, the first safe fix as the diagnostic's own and the others
/// as notes that carry them. Editor puts all of them in notes, where clangd takes a fix's title from.
void diagnose(clang::tidy::ClangTidyCheck &, const Finding &, Locations &, bool Editor);

/// A note's text, with the task that does it when the path has more than one lane: `task 1: counted down here`.
std::string noteText(const Finding &, const Note &);

} // namespace latchkey::tidy
