#include "tool/Analyser.h"
#include "tool/Inputs.h"
#include "tool/Paths.h"
#include "tool/Pool.h"
#include "tool/Reports.h"
#include "tool/Run.h"

#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

namespace {

/// One line on the terminal that is rewritten; nothing where standard error is not a terminal.
class Progress {
public:
  Progress(size_t Total, bool Wanted, StringRef Directory)
      : Total(Total), Shown(Wanted && llvm::sys::Process::StandardErrIsDisplayed()), Directory(Directory) {}
  ~Progress() {
    if (Shown)
      llvm::errs() << "\r\033[K";
  }

  void show(size_t Done, const Outcome &Last) {
    if (Shown)
      llvm::errs() << fmt::format("\r\033[K[{}/{}] {}", Done, Total, shortPath(Last.File, Directory));
  }

private:
  size_t Total;
  bool Shown;
  std::string Directory;
};

} // namespace

/// What went wrong, on standard error, in every format.
static void printProblems(const Results &All, const CommandLine &How, StringRef Directory) {
  llvm::raw_ostream &Out = llvm::errs();
  for (const Problem &P : All.Problems) {
    llvm::WithColor::error(Out, "latchkey") << shortPath(P.File, Directory) << ": " << P.Message << "\n";
    if (How.Verbose)
      for (const std::string &Diagnostic : P.Diagnostics)
        Out << "  " << Diagnostic << "\n";
  }
  for (const std::string &Mistake : All.Mistakes)
    llvm::WithColor::error(Out, "latchkey") << Mistake << "\n";
  if (How.Quiet)
    return;
  for (const std::string &Notice : All.Notices)
    llvm::WithColor::warning(Out, "latchkey") << Notice << "\n";
  if (!All.Dropped.empty())
    llvm::WithColor::note(Out, "latchkey")
        << "left out compiler options that Clang does not know: " << llvm::join(All.Dropped, " ") << "\n";
}

static void printStatistics(const Results &All) {
  llvm::raw_ostream &Out = llvm::errs();
  const Counts &C = All.Count;
  Out << fmt::format("files: {} analysed, {} with problems, {} entries passed over (not C or C++)\n",
                     All.Files - All.Problems.size(), All.Problems.size(), All.PassedOver);
  Out << fmt::format("functions: {} seen, {} lowered, {} analysed on their own, {} opaque, {} over budget\n",
                     C.FunctionsSeen, C.FunctionsLowered, C.FunctionsAnalysed, C.Opaque, C.OverBudget);
  const Times &T = All.Spent;
  Out << fmt::format("processor time: {:.2f} s (reading {:.2f}, lowering {:.2f}, analysis {:.2f})\n", T.Total,
                     T.Total - T.Lowering - T.Analysis, T.Lowering, T.Analysis);
  for (const std::string &Reason : C.NotAnalysed)
    Out << "not analysed: " << Reason << "\n";
}

static llvm::Error writeReport(const Results &All, const CommandLine &How, const std::string &Directory) {
  std::error_code Wrong;
  llvm::raw_fd_ostream Out(How.Output.empty() ? "-" : How.Output, Wrong);
  if (Wrong)
    return llvm::createStringError(How.Output + ": cannot write the report: " + Wrong.message());
  ReportOptions Options;
  Options.Directory = Directory;
  Options.Quiet = How.Quiet;
  Options.Colour = How.Output.empty() && llvm::WithColor(Out).colorsEnabled();
  switch (How.As) {
  case Format::Text:
    writeText(All, Options, Out);
    break;
  case Format::Sarif:
    writeSarif(All, Options, Out);
    break;
  case Format::Json:
    writeJson(All, Options, Out);
    break;
  }
  Out.flush();
  if (Out.has_error()) {
    Wrong = Out.error();
    Out.clear_error();
    return llvm::createStringError((How.Output.empty() ? "standard output" : How.Output) +
                                   ": cannot write the report: " + Wrong.message());
  }
  return llvm::Error::success();
}

/// What every worker would refuse, said once: wrong globs, configuration, models.
static llvm::Error checkSettings(const Settings &User, StringRef SomeFile) {
  if (auto Analysis = Analyser::create(User); !Analysis)
    return Analysis.takeError();
  auto Config = Configuration::create(User);
  if (!Config)
    return Config.takeError();
  if (User.Checks && !Config->forFile(SomeFile).AnyEnabled)
    return llvm::createStringError(
        fmt::format("--checks={}: no check is on; --list-checks prints their names", *User.Checks));
  return llvm::Error::success();
}

llvm::Expected<int> runAnalyse(const CommandLine &How) {
  auto Given = findInputs(How);
  if (!Given)
    return Given.takeError();
  const std::vector<TranslationUnit> &Units = Given->Selected.Units;
  if (llvm::Error Wrong = checkSettings(Given->User, Units.front().File))
    return Wrong;

  const std::string Directory = workingDirectory();
  PoolOptions Options;
  Options.Jobs = How.Jobs;
  Options.Timeout = std::chrono::seconds(How.Timeout);
  Options.Verbose = How.Verbose;
  auto Outcomes = [&] {
    Progress OnTerminal(Units.size(), !How.Quiet, Directory);
    return analyseAll(Units, Given->User, Options,
                      [&](size_t Done, const Outcome &Last) { OnTerminal.show(Done, Last); });
  }();
  if (!Outcomes)
    return Outcomes.takeError();
  Results All = merge(std::move(*Outcomes));
  All.PassedOver = Given->Selected.PassedOver;

  if (llvm::Error Failed = writeReport(All, How, Directory))
    return Failed;
  printProblems(All, How, Directory);
  if (How.Stats)
    printStatistics(All);
  return All.exitStatus();
}

} // namespace latchkey::driver
