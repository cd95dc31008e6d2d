// The forms in which results are written. All are functions of the results and the sources only: no time, no order of
// work, nothing of the machine but the folder that paths are relative to.
#pragma once

#include "tool/Results.h"

#include "llvm/Support/raw_ostream.h"

namespace latchkey::driver {

struct ReportOptions {
  std::string Directory; ///< Paths below it are written relative to it.
  bool Colour = false;   ///< Text only.
  bool Quiet = false;    ///< Text: no summary line.
};

/// For people: place, message, excerpt with caret, numbered path. A summary line at the end.
void writeText(const Results &, const ReportOptions &, llvm::raw_ostream &);

/// SARIF 2.1.0, for code scanning services and editors.
void writeSarif(const Results &, const ReportOptions &, llvm::raw_ostream &);

/// Our own, for scripts: everything that is known of each finding.
void writeJson(const Results &, const ReportOptions &, llvm::raw_ostream &);

/// A JSON object a line for each finding, with "state": "new", "known", "gone", "silenced".
void writeJsonLines(const Results &, const ReportOptions &, llvm::raw_ostream &);

/// Workflow commands that GitHub shows as annotations. Paths have to be relative to the repository's root.
void writeGithub(const Results &, const ReportOptions &, llvm::raw_ostream &);

/// GitLab's code quality report; the same of paths.
void writeGitlab(const Results &, const ReportOptions &, llvm::raw_ostream &);

void writeCheckstyle(const Results &, const ReportOptions &, llvm::raw_ostream &);
void writeJUnit(const Results &, const ReportOptions &, llvm::raw_ostream &);

/// For people: one page that needs nothing else, with each path drawn as lanes beside its source.
void writeHtml(const Results &, const ReportOptions &, llvm::raw_ostream &);
/// The same to a file, whole or not at all; into a folder as latchkey.html.
llvm::Error writeHtmlFile(const Results &, const std::string &Path, const std::string &Directory);

/// What went wrong and could not be done, on standard error, in every format.
void printProblems(const Results &, llvm::StringRef Directory, bool Verbose, bool Quiet);

/// "3 findings (1 error, 2 warnings) in 26 files", "1 new finding (1 error), 14 known, 2 gone in 26 files"
std::string summary(const Results &);

/// How severe a finding is shown: "error", "warning", "note".
llvm::StringRef level(const Report &);

} // namespace latchkey::driver
