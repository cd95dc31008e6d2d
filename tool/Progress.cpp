#include "tool/Progress.h"

#include "tool/Paths.h"

#include "llvm/Support/Process.h"

#include <fmt/format.h>

#include <cmath>

namespace latchkey::driver {

using llvm::StringRef;

static std::string duration(double Seconds) {
  auto Whole = static_cast<long>(std::ceil(Seconds));
  if (Whole < 100)
    return fmt::format("{} s", Whole);
  if (Whole < 100L * 60)
    return fmt::format("{} min", (Whole + 59) / 60);
  return fmt::format("{} h {} min", Whole / 3600, Whole % 3600 / 60);
}

std::string progressText(StringRef What, size_t Done, size_t Total, double Seconds) {
  std::string Text = fmt::format("[{}/{}] {}", Done, Total, What.str());
  // The first ones say little: workers start, and files differ.
  constexpr double Soon = 1;
  if (Seconds < Soon || Done == 0)
    return Text;
  double Rate = static_cast<double>(Done) / Seconds;
  Text += Rate < 10 ? fmt::format(", {:.1f}/s", Rate) : fmt::format(", {:.0f}/s", Rate);
  if (Done < Total)
    Text += ", " + duration(static_cast<double>(Total - Done) / Rate) + " left";
  return Text;
}

Progress::Progress(StringRef What, size_t Total, bool Wanted, StringRef Directory)
    : What(What), Total(Total), Shown(Wanted && Total && llvm::sys::Process::StandardErrIsDisplayed()),
      Directory(Directory) {}

Progress::~Progress() {
  if (Shown)
    llvm::errs() << "\r\033[K";
}

void Progress::show(size_t Done, const Outcome &Last) {
  if (!Shown)
    return;
  // Cached files come by the thousand; a terminal is slower than that.
  constexpr auto Pause = std::chrono::milliseconds(50);
  Clock::time_point Now = Clock::now();
  if (Done < Total && Now - LastShown < Pause)
    return;
  LastShown = Now;
  std::string Line = progressText(What, Done, Total, std::chrono::duration<double>(Now - Start).count()) + "  " +
                     shortPath(Last.File, Directory);
  // A line that wraps could not be taken back.
  if (unsigned Columns = llvm::sys::Process::StandardErrColumns(); Columns > 1 && Line.size() >= Columns)
    Line.resize(Columns - 1);
  llvm::errs() << "\r\033[K" << Line;
}

} // namespace latchkey::driver
