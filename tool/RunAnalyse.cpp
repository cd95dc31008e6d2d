#include "tool/Analyser.h"
#include "tool/Cache.h"
#include "tool/Inputs.h"
#include "tool/LinkedProgram.h"
#include "tool/Paths.h"
#include "tool/Pool.h"
#include "tool/Reports.h"
#include "tool/Run.h"

#include "llvm/Support/FileSystem.h"
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
                     All.Files - std::min<size_t>(All.Files, All.Problems.size()), All.Problems.size(), All.PassedOver);
  if (All.FromCache)
    Out << fmt::format("cache: {} of {} files are as they were\n", All.FromCache, All.Files);
  Out << fmt::format("functions: {} seen, {} lowered, {} analysed on their own, {} opaque, {} over budget\n",
                     C.FunctionsSeen, C.FunctionsLowered, C.FunctionsAnalysed, C.Opaque, C.OverBudget);
  Out << fmt::format("program: {} functions of {} units, {} in several of them, {} that differ between units\n",
                     All.Link.Functions, All.Link.Units, All.Link.Merged, All.Link.Conflicting);
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

/// Removed with all that is in it.
class ScratchFolder {
public:
  static llvm::Expected<ScratchFolder> create() {
    llvm::SmallString<128> Path;
    if (std::error_code Wrong = llvm::sys::fs::createUniqueDirectory("latchkey", Path))
      return llvm::createStringError("cannot make a temporary folder: " + Wrong.message() + "; set TMPDIR");
    return ScratchFolder(Path.str().str());
  }
  ScratchFolder(ScratchFolder &&O) : Path(std::exchange(O.Path, {})) {}
  ScratchFolder &operator=(ScratchFolder &&) = delete;
  ~ScratchFolder() {
    if (!Path.empty())
      (void)llvm::sys::fs::remove_directories(Path);
  }
  const std::string &path() const { return Path; }
  std::string file(StringRef Name) const { return Path + "/" + Name.str(); }

private:
  explicit ScratchFolder(std::string Path) : Path(std::move(Path)) {}
  std::string Path;
};

static llvm::Expected<std::vector<Outcome>> runJobs(llvm::ArrayRef<Job> Jobs, const Settings &User,
                                                    const CommandLine &How, const std::string &Directory) {
  PoolOptions Options;
  Options.Jobs = How.Jobs;
  Options.Timeout = std::chrono::seconds(How.Timeout);
  Options.Verbose = How.Verbose;
  Progress OnTerminal(Jobs.size(), !How.Quiet, Directory);
  return runAll(Jobs, User, Options, [&](size_t Done, const Outcome &Last) { OnTerminal.show(Done, Last); });
}

/// A finding in one file is judged by the configuration of another, too, if the path leads there.
static llvm::Expected<std::string> identityOfAll(llvm::ArrayRef<std::string> Sources, const Settings &User) {
  auto Config = Configuration::create(User);
  if (!Config)
    return Config.takeError();
  std::string All;
  for (const std::string &Source : Sources) {
    FileConfiguration File = Config->forFile(Source);
    All += Source + "\n" + File.Identity + "\n" + llvm::join(File.Notices, "\n") + "\n";
    if (!File.Mistakes.empty())
      All += llvm::join(File.Mistakes, "\n") + "\n";
  }
  return All;
}

/// The programs that the lowered units make up: one, or with --no-link each unit one by itself.
static llvm::Expected<std::vector<ProgramFile>> programs(llvm::ArrayRef<std::string> Lowered, const CommandLine &How,
                                                         const std::string &LinkedPath, flow::LinkStatistics &Link) {
  std::vector<ProgramFile> All;
  auto Add = [&](llvm::Expected<ProgramFile> One) -> llvm::Error {
    if (!One)
      return One.takeError();
    All.push_back(std::move(*One));
    return llvm::Error::success();
  };
  if (!How.Linked) {
    for (const std::string &Unit : Lowered)
      if (llvm::Error Wrong = Add(singleUnit(Unit)))
        return Wrong;
  } else if (llvm::Error Wrong = Add(linkFiles(Lowered, LinkedPath, Link))) {
    return Wrong;
  }
  return All;
}

/// Links what the files hold and analyses the program, a file of its sources at a time.
static llvm::Expected<std::vector<Outcome>> analyseProgram(llvm::ArrayRef<std::string> Lowered, const Settings &User,
                                                           const CommandLine &How, const ScratchFolder &Scratch,
                                                           flow::LinkStatistics &Link) {
  auto Programs = programs(Lowered, How, Scratch.file("program.lkir"), Link);
  if (!Programs)
    return Programs.takeError();
  Cache Kept(User.CacheFolder);
  std::vector<Outcome> All;
  std::vector<Job> Jobs;
  std::vector<std::string> Keys;
  for (const ProgramFile &Program : *Programs) {
    auto Identity = identityOfAll(Program.Sources, User);
    if (!Identity)
      return Identity.takeError();
    for (const std::string &Source : Program.Sources) {
      std::string Key = cacheKey({Program.Hash, *Identity, Source});
      if (auto Known = Kept.findAnalysis(Key)) {
        All.push_back(std::move(*Known));
        continue;
      }
      Jobs.push_back({Source, std::nullopt, Program.Path});
      Keys.push_back(std::move(Key));
    }
  }
  auto Done = runJobs(Jobs, User, How, workingDirectory());
  if (!Done)
    return Done.takeError();
  for (auto [Key, Result] : llvm::zip(Keys, *Done)) {
    if (Result.Problem.empty())
      Kept.keepAnalysis(Key, Result);
    All.push_back(std::move(Result));
  }
  return All;
}

static llvm::Expected<int> report(const Results &All, const CommandLine &How) {
  const std::string Directory = workingDirectory();
  if (llvm::Error Failed = writeReport(All, How, Directory))
    return Failed;
  if (!How.Html.empty())
    if (llvm::Error Failed = writeHtmlFile(All, How.Html, Directory))
      return Failed;
  printProblems(All, How, Directory);
  if (How.Stats)
    printStatistics(All);
  return All.exitStatus();
}

llvm::Expected<int> runAnalyse(const CommandLine &How) {
  auto Given = findInputs(How);
  if (!Given)
    return Given.takeError();
  const std::vector<TranslationUnit> &Units = Given->Selected.Units;
  if (llvm::Error Wrong = checkSettings(Given->User, Units.empty() ? absolutePath("a.cpp") : Units.front().File))
    return Wrong;
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  Given->User.LoweredFolder = Scratch->path();
  std::vector<Job> Jobs;
  Jobs.reserve(Units.size());
  for (const TranslationUnit &Unit : Units)
    Jobs.push_back({Unit.File, Unit, {}});
  auto Read = runJobs(Jobs, Given->User, How, workingDirectory());
  if (!Read)
    return Read.takeError();
  std::vector<std::string> Lowered;
  for (const Outcome &One : *Read)
    if (!One.Lowered.empty())
      Lowered.push_back(One.Lowered);
  flow::LinkStatistics Link;
  auto Analysed = analyseProgram(Lowered, Given->User, How, *Scratch, Link);
  if (!Analysed)
    return Analysed.takeError();
  Cache(Given->User.CacheFolder).prune(How.CacheSize);
  Results All = merge(std::move(*Read), std::move(*Analysed));
  All.PassedOver = Given->Selected.PassedOver;
  All.Excluded = Given->Excluded;
  All.Link = Link;
  return report(All, How);
}

llvm::Expected<int> runLink(const CommandLine &How) {
  if (How.Paths.empty())
    return llvm::createStringError("name what `latchkey lower FILE -o X.lkir` wrote, as in `latchkey link *.lkir`");
  if (llvm::Error Wrong = checkSettings(How.User, absolutePath("a.cpp")))
    return Wrong;
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  flow::LinkStatistics Link;
  auto Analysed = analyseProgram(How.Paths, How.User, How, *Scratch, Link);
  if (!Analysed)
    return Analysed.takeError();
  Results All = merge({}, std::move(*Analysed));
  All.Files = Link.Units;
  All.Link = Link;
  return report(All, How);
}

} // namespace latchkey::driver
