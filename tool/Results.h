// What the analysis of all files comes to, in an order that does not depend on how they were worked off.
#pragma once

#include "checks/flow/Link.h"
#include "tool/Suppressions.h"
#include "tool/TranslationUnit.h"

#include <map>

namespace latchkey::driver {

struct Problem {
  std::string File;
  std::string Message;
  std::vector<std::string> Diagnostics;
};

struct Results {
  std::vector<Report> Reports;       ///< Sorted, each once, with fingerprints. New ones only, if there is a comparison.
  std::vector<Report> Silenced;      ///< By a comment.
  std::vector<Report> Fixed;         ///< By this run.
  std::string ComparedTo;            ///< A baseline or a revision, for people; empty if to nothing.
  std::vector<Report> Known;         ///< There as well.
  std::vector<Report> Gone;          ///< There only. Of a baseline: file, check and message without a line.
  std::vector<Problem> Problems;     ///< Files that were not (wholly) analysed, sorted.
  std::vector<std::string> Mistakes; ///< In the configuration; the job was not done as asked.
  std::vector<std::string> Notices;  ///< Harmless ones.
  std::vector<std::string> Dropped;  ///< Compiler options left out, each once.
  unsigned Files = 0;
  unsigned FromCache = 0; ///< Of these, not read again.
  unsigned PassedOver = 0;
  unsigned Excluded = 0; ///< Files that `.latchkey.yaml` leaves out.
  Counts Count;
  Times Spent;
  flow::LinkStatistics Link;
  double LinkSeconds = 0;                  ///< Processor time.
  std::map<std::string, unsigned> Unknown; ///< Functions without body and model: see flow/UnknownCallees.h.

  /// 0 clean or nothing new, 1 findings, 2 could not do the whole job.
  int exitStatus() const;
};

/// What became of the units that were read and of the files that were analysed. A finding that several of them make is
/// reported once; what Comments silence is set aside.
Results merge(std::vector<Outcome> Read, std::vector<Outcome> Analysed, Suppressions &Comments);

/// Adds findings about something else than the others, without fingerprints.
void addReports(Results &, std::vector<Report>);

} // namespace latchkey::driver
