// One line on the terminal that is rewritten: how far the work is, how fast it goes and how long it will take. Nothing
// where standard error is not a terminal.
#pragma once

#include "tool/TranslationUnit.h"

#include <chrono>

namespace latchkey::driver {

class Progress {
public:
  /// \param What is done to each file: "reading".
  Progress(llvm::StringRef What, size_t Total, bool Wanted, llvm::StringRef Directory);
  /// Leaves an empty line behind.
  ~Progress();
  Progress(const Progress &) = delete;

  void show(size_t Done, const Outcome &Last);

private:
  using Clock = std::chrono::steady_clock;

  std::string What;
  size_t Total;
  bool Shown;
  std::string Directory;
  Clock::time_point Start = Clock::now(), LastShown;
};

/// "[12/98] reading, 3.4/s, 25 s left"
std::string progressText(llvm::StringRef What, size_t Done, size_t Total, double Seconds);

} // namespace latchkey::driver
