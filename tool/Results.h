// What the analysis of all files comes to, in an order that does not depend on how they were worked off.
#pragma once

#include "tool/TranslationUnit.h"

namespace latchkey::driver {

struct Problem {
  std::string File;
  std::string Message;
  std::vector<std::string> Diagnostics;
};

struct Results {
  std::vector<Report> Reports;       ///< Sorted, each once, with fingerprints.
  std::vector<Problem> Problems;     ///< Files that were not (wholly) analysed, sorted.
  std::vector<std::string> Mistakes; ///< In the configuration; the job was not done as asked.
  std::vector<std::string> Notices;  ///< Harmless ones.
  std::vector<std::string> Dropped;  ///< Compiler options left out, each once.
  unsigned Files = 0;
  unsigned Suppressed = 0; ///< Findings silenced by a comment.
  unsigned PassedOver = 0;
  Counts Count;
  Times Spent;

  /// 0 clean, 1 findings, 2 could not do the whole job.
  int exitStatus() const;
};

/// A header's finding comes from every file that includes it and is reported once; NOLINT is applied.
Results merge(std::vector<Outcome>);

} // namespace latchkey::driver
