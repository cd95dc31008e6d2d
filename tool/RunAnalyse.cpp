#include "tool/Analyser.h"
#include "tool/Cache.h"
#include "tool/Inputs.h"
#include "tool/Jobs.h"
#include "tool/LinkedProgram.h"
#include "tool/Paths.h"
#include "tool/Reports.h"
#include "tool/Run.h"

#include "checks/flow/SummaryDb.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

#include <fmt/format.h>

#include <ctime>
#include <sys/resource.h>

namespace latchkey::driver {

using llvm::StringRef;

void printProblems(const Results &All, StringRef Directory, bool Verbose, bool Quiet) {
  llvm::raw_ostream &Out = llvm::errs();
  for (const Problem &P : All.Problems) {
    llvm::WithColor::error(Out, "latchkey") << shortPath(P.File, Directory) << ": " << P.Message << "\n";
    if (Verbose)
      for (const std::string &Diagnostic : P.Diagnostics)
        Out << "  " << Diagnostic << "\n";
  }
  for (const std::string &Mistake : All.Mistakes)
    llvm::WithColor::error(Out, "latchkey") << Mistake << "\n";
  if (Quiet)
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
  rusage Used{};
  getrusage(RUSAGE_SELF, &Used);
  Out << fmt::format("link: {:.2f} s, {} MB at most\n", All.LinkSeconds, Used.ru_maxrss / 1024);
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

namespace {
/// What there is to judge, and what became of it.
struct Analysis {
  LinkRequest Link;
  bool SummariesAsked = false; ///< By the user: that they cannot be written is a mistake.

  std::vector<Outcome> Outcomes;
  flow::LinkStatistics Stats;
  double LinkSeconds = 0; ///< Processor time.
  std::string Mistake;
};
} // namespace

/// The programs that the lowered units make up: one, or with --no-link each unit one by itself.
static llvm::Expected<std::vector<ProgramFile>> programs(Analysis &Of, bool Linked) {
  std::vector<ProgramFile> All;
  auto Add = [&](llvm::Expected<ProgramFile> One) -> llvm::Error {
    if (!One)
      return One.takeError();
    All.push_back(std::move(*One));
    return llvm::Error::success();
  };
  if (!Linked) {
    for (const std::string &Unit : Of.Link.Units)
      if (llvm::Error Wrong = Add(singleUnit(Unit)))
        return Wrong;
    return All;
  }
  std::clock_t Start = std::clock();
  std::string Unwritten;
  if (llvm::Error Wrong = Add(linkFiles(Of.Link, Of.Stats, Unwritten)))
    return Wrong;
  Of.LinkSeconds = double(std::clock() - Start) / CLOCKS_PER_SEC;
  if (Of.SummariesAsked)
    Of.Mistake = std::move(Unwritten);
  return All;
}

/// Links what the files hold and analyses the program, a file of its sources at a time.
static llvm::Error analyseProgram(Analysis &Of, const Settings &User, const CommandLine &How) {
  auto Programs = programs(Of, How.Linked);
  if (!Programs)
    return Programs.takeError();
  Cache Kept(User.CacheFolder);
  std::vector<Job> Jobs;
  std::vector<std::string> Keys;
  size_t Ordinal = 0;
  for (const ProgramFile &Program : *Programs) {
    auto Identity = identityOfAll(Program.Sources, User);
    if (!Identity)
      return Identity.takeError();
    for (const std::string &Source : Program.Sources) {
      if (How.Linked && !How.Part.takes(Ordinal++))
        continue;
      std::string Key = cacheKey({Program.Hash, *Identity, Source});
      if (auto Known = Kept.findAnalysis(Key)) {
        Of.Outcomes.push_back(std::move(*Known));
        continue;
      }
      Jobs.push_back({Source, std::nullopt, Program.Path});
      Keys.push_back(std::move(Key));
    }
  }
  auto Done = runJobs(Jobs, User, How);
  if (!Done)
    return Done.takeError();
  for (auto [Key, Result] : llvm::zip(Keys, *Done)) {
    if (Result.Problem.empty())
      Kept.keepAnalysis(Key, Result);
    Of.Outcomes.push_back(std::move(Result));
  }
  return llvm::Error::success();
}

static Results results(std::vector<Outcome> Read, Analysis Of) {
  Results All = merge(std::move(Read), std::move(Of.Outcomes));
  All.Link = Of.Stats;
  All.LinkSeconds = Of.LinkSeconds;
  if (!Of.Mistake.empty())
    All.Mistakes.push_back(std::move(Of.Mistake));
  return All;
}

static llvm::Expected<int> report(const Results &All, const CommandLine &How) {
  const std::string Directory = workingDirectory();
  if (llvm::Error Failed = writeReport(All, How, Directory))
    return Failed;
  printProblems(All, Directory, How.Verbose, How.Quiet);
  if (How.Stats)
    printStatistics(All);
  return All.exitStatus();
}

static std::string configuredSummaries(const Settings &User, StringRef SomeFile) {
  auto Config = Configuration::create(User);
  if (Config)
    return Config->forFile(SomeFile).SummaryDb;
  llvm::consumeError(Config.takeError()); // told before
  return {};
}

/// Where the editor finds what the program says: as the user asks, else beside the database that was read as a whole.
static void placeSummaries(Analysis &Of, const CommandLine &How, const Inputs *Given) {
  std::string Wanted = How.SummaryDb;
  if (Wanted.empty() && Given)
    Wanted = configuredSummaries(How.User, Given->Selected.Units.front().File);
  Of.SummariesAsked = !Wanted.empty() && Wanted != "none";
  if (Of.SummariesAsked) {
    Of.Link.SummaryDb = absolutePath(Wanted);
  } else if (llvm::SmallString<256> Beside; Wanted.empty() && Given && Given->Selected.Whole && !How.Flags &&
                                            !llvm::sys::fs::real_path(Given->Selected.Database, Beside)) {
    llvm::sys::path::remove_filename(Beside); // behind the link that many projects have in their root
    llvm::sys::path::append(Beside, flow::SummaryDb::FileName);
    Of.Link.SummaryDb = Beside.str().str();
  }
}

llvm::Expected<int> runAnalyse(const CommandLine &How) {
  auto Given = findInputs(How);
  if (!Given)
    return Given.takeError();
  std::vector<TranslationUnit> &Units = Given->Selected.Units;
  if (llvm::Error Wrong = checkSettings(Given->User, Units.front().File))
    return Wrong;
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  Given->User.LoweredFolder = Scratch->path();
  if (!How.Linked)
    takeShard(Units, How.Part);
  auto Read = runJobs(jobsOf(Units), Given->User, How);
  if (!Read)
    return Read.takeError();
  Analysis All;
  All.Link.Whole = Given->Selected.Whole;
  All.Link.Path = Scratch->file("program.lkir");
  for (const Outcome &One : *Read) {
    All.Link.Whole &= One.Problem.empty() && !One.Lowered.empty();
    if (!One.Lowered.empty())
      All.Link.Units.push_back(One.Lowered);
  }
  placeSummaries(All, How, &*Given);
  if (llvm::Error Wrong = analyseProgram(All, Given->User, How))
    return Wrong;
  Cache(Given->User.CacheFolder).prune(How.CacheSize);
  Results Done = results(std::move(*Read), std::move(All));
  Done.PassedOver = Given->Selected.PassedOver;
  return report(Done, How);
}

llvm::Expected<int> runLink(const CommandLine &How) {
  if (How.Paths.empty())
    return llvm::createStringError("name what `latchkey lower FILE -o X.lkir` wrote, as in `latchkey link *.lkir`");
  if (llvm::Error Wrong = checkSettings(How.User, absolutePath("a.cpp")))
    return Wrong;
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  Analysis All;
  All.Link.Units = How.Paths;
  All.Link.Path = Scratch->file("program.lkir");
  placeSummaries(All, How, nullptr);
  if (llvm::Error Wrong = analyseProgram(All, How.User, How))
    return Wrong;
  Results Done = results({}, std::move(All));
  Done.Files = Done.Link.Units;
  return report(Done, How);
}

} // namespace latchkey::driver
