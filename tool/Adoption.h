// What a run does with findings besides showing them: which are new, which are fixed.
#pragma once

#include <string>

namespace latchkey::driver {

struct AdoptionSettings {
  std::string Baseline; ///< --baseline; absolute, empty if none.
  bool WriteBaseline = false;
  std::string NewFrom; ///< --new-from: a revision.
  bool StaleComments = false;

  bool Fix = false;       ///< --fix, or --fix-style=diff.
  bool FixAsDiff = false; ///< Instead of changing files, and in place of the report.
  bool UnsafeFixes = false;
  std::string ExportFixes; ///< A file.
};

} // namespace latchkey::driver
