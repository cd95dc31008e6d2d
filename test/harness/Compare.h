// What a face reported, against what a fixture expects.
#pragma once

#include "test/harness/Fixture.h"

#include <string>
#include <vector>

namespace latchkey::test {

struct ReportedNote {
  std::string File; ///< Name within the fixture's folder.
  unsigned Line = 0;
  std::string Message;
};

struct Reported {
  std::string Check; ///< Without prefix; empty for what the compiler says.
  std::string File;  ///< Name within the fixture's folder.
  unsigned Line = 0;
  std::string Message;
  std::vector<ReportedNote> Notes;
};

struct Mismatch {
  std::string File;
  unsigned Line = 0;
  std::string What;
};

/// Everything that is not as it should be. Headers says whether the face reports in headers at all.
std::vector<Mismatch> compare(const Fixture &, const std::vector<Reported> &, bool Headers);

/// Text is a part of Message, or a regular expression that is found in it.
bool matches(llvm::StringRef Message, llvm::StringRef Text);

} // namespace latchkey::test
