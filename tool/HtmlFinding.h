// One finding in the HTML report: its path as a table with a column for each thread in which time goes down, and the
// source around it.
#pragma once

#include "tool/Reports.h"
#include "tool/SourceText.h"

namespace latchkey::driver::html {

/// Text as it is safe between tags and in quoted attributes, whatever bytes the source has.
std::string escaped(llvm::StringRef Text);

/// "error" for people: "style" is not called a note.
llvm::StringRef levelName(llvm::StringRef Level);

/// A message, with what it has in backquotes as code.
std::string message(llvm::StringRef Text);

struct FindingContext {
  std::string Id;        ///< Of its element.
  std::string NextId;    ///< Of the next finding of the same check; empty for the last.
  std::string Directory; ///< Paths below it are shown relative to it.
};

void writeFinding(const Report &, const FindingContext &, SourceText &, llvm::raw_ostream &);

} // namespace latchkey::driver::html
