#include "tool/Analyser.h"
#include "tool/Baseline.h"
#include "tool/Cache.h"
#include "tool/Fixes.h"
#include "tool/Inputs.h"
#include "tool/Jobs.h"
#include "tool/Judging.h"
#include "tool/LinkedProgram.h"
#include "tool/NewFrom.h"
#include "tool/Paths.h"
#include "tool/Reports.h"
#include "tool/Run.h"
#include "tool/ScratchFolder.h"
#include "tool/StaleComments.h"
#include "tool/Statistics.h"

#include "checks/flow/SummaryDb.h"
#include "checks/flow/UnknownCallees.h"

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

static decltype(&writeText) write(Format As) {
  switch (As) {
  case Format::Text:
    return writeText;
  case Format::Sarif:
    return writeSarif;
  case Format::Json:
    return writeJson;
  case Format::JsonLines:
    return writeJsonLines;
  case Format::Github:
    return writeGithub;
  case Format::Gitlab:
    return writeGitlab;
  case Format::Checkstyle:
    return writeCheckstyle;
  case Format::JUnit:
    return writeJUnit;
  }
  return writeText;
}

/// \param Diff what --fix-style=diff shows in place of the report.
static llvm::Error writeReport(const Results &All, const CommandLine &How, const std::string &Directory,
                               const std::optional<std::string> &Diff) {
  std::error_code Wrong;
  llvm::raw_fd_ostream Out(How.Output.empty() ? "-" : How.Output, Wrong);
  if (Wrong)
    return llvm::createStringError(How.Output + ": cannot write the report: " + Wrong.message());
  ReportOptions Options;
  Options.Directory = Directory;
  Options.Quiet = How.Quiet;
  Options.Colour = How.Output.empty() && llvm::WithColor(Out).colorsEnabled();
  if (Diff)
    Out << *Diff;
  else
    write(How.As)(All, Options, Out);
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

namespace {
/// What there is to judge, and what became of it.
struct Analysis {
  LinkRequest Link;
  bool SummariesAsked = false; ///< By the user: that they cannot be written is a mistake.

  std::vector<Outcome> Outcomes;
  std::set<std::string> Files;             ///< Of the programs.
  std::map<std::string, unsigned> Unknown; ///< With --stats: see flow/UnknownCallees.h.
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

static llvm::Error countUnknown(const std::string &Program, std::map<std::string, unsigned> &Unknown) {
  auto M = readModule(Program);
  if (!M)
    return M.takeError();
  for (const auto &[Name, Times] : flow::unknownCallees(*M))
    if (!StringRef(Name).starts_with("std::")) // The standard library's models are ours to write.
      Unknown[Name] += Times;
  return llvm::Error::success();
}

/// Links what the files hold and analyses the program, a file of its sources at a time.
static llvm::Error analyseProgram(Analysis &Of, const Settings &User, const CommandLine &How) {
  auto Programs = programs(Of, How.Linked);
  if (!Programs)
    return Programs.takeError();
  for (const ProgramFile &Program : *Programs) {
    Of.Files.insert(Program.Files.begin(), Program.Files.end());
    if (How.Stats)
      if (llvm::Error Failed = countUnknown(Program.Path, Of.Unknown))
        return Failed;
  }
  return judge(std::move(*Programs), User, How).moveInto(Of.Outcomes);
}

static Results results(std::vector<Outcome> Read, Analysis Of, Suppressions &Comments) {
  Results All = merge(std::move(Read), std::move(Of.Outcomes), Comments);
  All.Link = Of.Stats;
  All.LinkSeconds = Of.LinkSeconds;
  All.Unknown = std::move(Of.Unknown);
  if (!Of.Mistake.empty())
    All.Mistakes.push_back(std::move(Of.Mistake));
  return All;
}

/// What is left to say of fixes once they are planned.
static void printFixes(const PlannedFixes &Plan, const CommandLine &How) {
  for (const std::string &Which : Plan.LeftOut)
    llvm::WithColor::warning(llvm::errs(), "latchkey") << Which << "\n";
  if (Plan.Unsafe && !How.Quiet)
    llvm::WithColor::note(llvm::errs(), "latchkey") << fmt::format(
        "{} more could be fixed with --unsafe-fixes, which may change what a correct run does\n", Plan.Unsafe);
}

/// Findings that will have been fixed are not reported as such.
static void setFixedAside(Results &All, const PlannedFixes &Plan) {
  std::vector<Report> Left;
  for (auto [R, Chosen] : llvm::zip(All.Reports, Plan.Of))
    (Chosen ? All.Fixed : Left).push_back(std::move(R));
  All.Reports = std::move(Left);
}

/// Fixes come last: the report shows the sources as they were analysed.
static llvm::Expected<int> report(Results All, const CommandLine &How, const ScratchFolder &Scratch) {
  const std::string Directory = workingDirectory();
  const AdoptionSettings &Adopt = How.Adopt;
  PlannedFixes Plan;
  std::optional<std::string> Diff;
  if (Adopt.Fix || !Adopt.ExportFixes.empty())
    Plan = planFixes(All.Reports, Adopt.UnsafeFixes, Directory);
  if (!Adopt.ExportFixes.empty())
    if (llvm::Error Failed = exportFixes(All.Reports, Plan, Adopt.ExportFixes, Directory))
      return Failed;
  if (Adopt.FixAsDiff) {
    auto Made = diffOf(Plan, Directory, Scratch);
    if (!Made)
      return Made.takeError();
    Diff = std::move(*Made);
  } else if (Adopt.Fix) {
    setFixedAside(All, Plan);
  }
  if (llvm::Error Failed = writeReport(All, How, Directory, Diff))
    return Failed;
  if (!How.Html.empty())
    if (llvm::Error Failed = writeHtmlFile(All, How.Html, Directory))
      return Failed;
  printProblems(All, Directory, How.Verbose, How.Quiet);
  printFixes(Plan, How);
  if (How.Stats)
    printStatistics(All, llvm::errs());
  if (Adopt.Fix && !Adopt.FixAsDiff)
    if (llvm::Error Failed = applyFixes(Plan))
      return Failed;
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
  if (Wanted.empty() && Given && !Given->Selected.Units.empty())
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

/// Reads the units, links them and analyses the program.
static llvm::Expected<Results> analyseUnits(const Inputs &Given, const CommandLine &How, const ScratchFolder &Scratch) {
  std::vector<TranslationUnit> Units = Given.Selected.Units;
  if (!How.Linked)
    takeShard(Units, How.Part);
  auto Read = runJobs(jobsOf(Units), Given.User, How, "reading");
  if (!Read)
    return Read.takeError();
  Analysis Of;
  Of.Link.Whole = Given.Selected.Whole;
  Of.Link.Path = Scratch.file("program.lkir");
  for (const TranslationUnit &Unit : Units)
    Of.Files.insert(Unit.File);
  for (const Outcome &One : *Read) {
    Of.Files.insert(One.Commented.begin(), One.Commented.end());
    Of.Link.Whole &= One.Problem.empty() && !One.Lowered.empty();
    if (!One.Lowered.empty())
      Of.Link.Units.push_back(One.Lowered);
  }
  if (Given.User.Earlier.empty())
    placeSummaries(Of, How, &Given);
  if (llvm::Error Wrong = analyseProgram(Of, Given.User, How))
    return Wrong;
  Suppressions Comments(filesAsOf(Given.User.Earlier));
  const std::set<std::string> Files = std::move(Of.Files);
  Results All = results(std::move(*Read), std::move(Of), Comments);
  All.PassedOver = Given.Selected.PassedOver;
  All.Excluded = Given.Excluded;
  if (How.Adopt.StaleComments)
    if (llvm::Error Wrong = addStaleComments(All, Comments, Files, Given.User))
      return Wrong;
  return All;
}

llvm::Expected<int> runAnalyse(const CommandLine &How) {
  auto Given = findInputs(How);
  if (!Given)
    return Given.takeError();
  const std::vector<TranslationUnit> &Units = Given->Selected.Units;
  if (llvm::Error Wrong = checkSettings(Given->User, Units.empty() ? absolutePath("a.cpp") : Units.front().File))
    return Wrong;
  const AdoptionSettings &Adopt = How.Adopt;
  bool Whole = How.Part.Count == 1;
  if (Adopt.StaleComments && (!Whole || (How.Linked && (!How.Paths.empty() || How.Flags))))
    return llvm::createStringError("--stale-nolint has to see the whole program; leave paths and --shard out, or add "
                                   "--no-link to judge each of the files by itself");
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  Given->User.LoweredFolder = Scratch->path();
  if (!Adopt.NewFrom.empty() && Given->User.CacheFolder.empty()) // What both states have is read once.
    Given->User.CacheFolder = Scratch->file("cache");
  auto All = analyseUnits(*Given, How, *Scratch);
  if (!All)
    return All.takeError();
  // Then, the parts may have been others: what a shard finds may have stood in another one.
  auto AnalyseAll = [&](const Inputs &Of) {
    CommandLine HowAll = How;
    HowAll.Part = {};
    return analyseUnits(Of, HowAll, *Scratch);
  };
  if (!Adopt.NewFrom.empty())
    if (llvm::Error Wrong = compareWithRevision(*All, *Given, Adopt.NewFrom, Whole, *Scratch, AnalyseAll))
      return Wrong;
  if (!Adopt.Baseline.empty())
    if (llvm::Error Wrong = applyBaseline(*All, How))
      return Wrong;
  Cache(Given->User.CacheFolder).prune(How.CacheSize);
  return report(std::move(*All), How, *Scratch);
}

llvm::Expected<int> runLink(const CommandLine &How) {
  if (How.Paths.empty())
    return llvm::createStringError("name what `latchkey lower FILE -o X.lkir` wrote, as in `latchkey link *.lkir`");
  if (llvm::Error Wrong = checkSettings(How.User, absolutePath("a.cpp")))
    return Wrong;
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  Analysis Of;
  Of.Link.Units = How.Paths;
  Of.Link.Path = Scratch->file("program.lkir");
  placeSummaries(Of, How, nullptr);
  if (llvm::Error Wrong = analyseProgram(Of, How.User, How))
    return Wrong;
  Suppressions Comments;
  Results All = results({}, std::move(Of), Comments);
  All.Files = All.Link.Units;
  if (!How.Adopt.Baseline.empty())
    if (llvm::Error Wrong = applyBaseline(All, How))
      return Wrong;
  return report(std::move(All), How, *Scratch);
}

} // namespace latchkey::driver
