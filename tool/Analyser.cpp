#include "tool/Analyser.h"

#include "checks/ir/Binary.h"
#include "checks/lower/Lower.h"
#include "checks/lower/Sources.h"
#include "tool/Commands.h"
#include "tool/Frontend.h"
#include "tool/NolintComments.h"
#include "tool/Paths.h"

#include "clang/AST/ASTContext.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

#include <fmt/format.h>

#include <chrono>
#include <set>

namespace latchkey::driver {

llvm::Expected<Analyser> Analyser::create(Settings User) {
  auto Config = Configuration::create(User);
  if (!Config)
    return Config.takeError();
  Analyser Result(std::move(User), std::move(*Config));
  if (!Result.User.Models.empty()) // Ours are sound; who only asks for a mistake should not wait for them.
    if (auto Library = Result.models(FileConfiguration()); !Library)
      return Library.takeError();
  return Result;
}

llvm::Expected<const model::Library *> Analyser::models(const FileConfiguration &File) {
  std::vector<std::string> Paths = User.Models;
  Paths.insert(Paths.end(), File.Models.begin(), File.Models.end());
  if (Paths.empty())
    return &model::Library::builtin();
  if (auto Known = Libraries.find(Paths); Known != Libraries.end())
    return &Known->second;
  model::Library Library = model::Library::builtin();
  for (const std::string &Path : Paths)
    if (llvm::Error Wrong = addModels(Library, Path))
      return Wrong;
  return &Libraries.emplace(std::move(Paths), std::move(Library)).first->second;
}

static double processorSeconds() {
  llvm::sys::TimePoint<> Elapsed;
  std::chrono::nanoseconds User, System;
  llvm::sys::Process::GetTimeUsage(Elapsed, User, System);
  return std::chrono::duration<double>(User + System).count();
}

static std::string describeErrors(const ParseResult &Parse) {
  const std::string First = Parse.Diagnostics.empty() ? "unknown error" : Parse.Diagnostics.front();
  if (!Parse.Parsed)
    return "cannot be compiled: " + First;
  return fmt::format("{} compile error{}; functions with errors are left out. First: {}", Parse.Errors,
                     Parse.Errors == 1 ? "" : "s", First);
}

llvm::Expected<Analyser::Request> Analyser::request(const TranslationUnit &Unit, const FileConfiguration &File) {
  auto Library = models(File);
  if (!Library)
    return Library.takeError();
  PreparedCommand Command = prepare(Unit, User.ResourceDirectory);
  Command.Arguments.insert(Command.Arguments.begin() + 1, File.ExtraArgumentsBefore.begin(),
                           File.ExtraArgumentsBefore.end());
  Command.Arguments.insert(Command.Arguments.end() - 2, File.ExtraArguments.begin(), File.ExtraArguments.end());
  return Request{Unit, File, **Library, std::move(Command)};
}

/// With what the configuration has to say of the file.
static Outcome outcomeOf(const std::string &Path, const FileConfiguration &File) {
  Outcome Result;
  Result.File = Path;
  Result.Notices = File.Notices;
  Result.Mistakes = File.Mistakes;
  return Result;
}

static std::vector<std::string> commentedFiles(const clang::SourceManager &Manager) {
  std::set<std::string> Paths;
  for (unsigned I = 0; I < Manager.local_sloc_entry_size(); ++I) {
    const clang::SrcMgr::SLocEntry &Entry = Manager.getLocalSLocEntry(I);
    if (!Entry.isFile() || clang::SrcMgr::isSystem(Entry.getFile().getFileCharacteristic()))
      continue;
    auto Text = Entry.getFile().getContentCache().getBufferDataIfLoaded();
    if (Text && mayNameOurs(*Text))
      Paths.insert(
          lower::filePath(Manager, Manager.getFileID(clang::SourceLocation::getFromRawEncoding(Entry.getOffset()))));
  }
  Paths.erase(""); // What is no file.
  return {Paths.begin(), Paths.end()};
}

Outcome Analyser::read(const Request &Asked, const FileSystem &Files,
                       llvm::function_ref<void(const ir::Module &)> Visit) {
  const TranslationUnit &Unit = Asked.Unit;
  Outcome Result = outcomeOf(Unit.File, Asked.File);
  if (!Files->exists(Unit.File)) {
    Result.Problem =
        "no such file; the compile database is older than the sources, or the file is still to be generated";
    return Result;
  }
  if (std::error_code Wrong = llvm::sys::fs::set_current_path(Unit.Directory)) {
    Result.Problem = fmt::format("its directory '{}' cannot be entered: {}; configure the build again", Unit.Directory,
                                 Wrong.message());
    return Result;
  }
  ParseResult Parse = parse(Asked.Command, Files, [&](clang::ASTContext &Context, clang::Sema &Sema) {
    lower::Options Options;
    Options.Models = &Asked.Models;
    Options.Sema = &Sema;
    double Before = processorSeconds();
    ir::Module M = lower::lower(Context, Options);
    Result.Spent.Lowering = processorSeconds() - Before;
    Result.Commented = commentedFiles(Context.getSourceManager());
    Visit(M);
  });
  if (Parse.Errors || !Parse.Parsed)
    Result.Problem = describeErrors(Parse);
  Result.Diagnostics = std::move(Parse.Diagnostics);
  Result.Dropped = Asked.Command.Dropped;
  Result.Dropped.insert(Result.Dropped.end(), Parse.Dropped.begin(), Parse.Dropped.end());
  return Result;
}

/// Findings stand in a main file whose checks are on, or in a user's header that the configuration lets through.
std::vector<Report> Analyser::filter(const FileConfiguration &Home, std::vector<Finding> Findings) {
  std::vector<Report> Reports;
  for (Finding &F : Findings) {
    const ir::File *Place = Files.lookup(F.Where.File);
    if (!Place || Place->System)
      continue;
    bool Main = Linked->program().module().isMain(*Place);
    if (Main ? !Config.forFile(Place->Path).Analysis.Enabled(F.Check) : !Home.ReportsHeader(Place->Path))
      continue;
    if (Config.projectFor(Place->Path).isThirdParty(Place->Path))
      continue;
    Report &R = Reports.emplace_back();
    R.AsError = Home.AsError(F.Check);
    R.What = std::move(F);
  }
  return Reports;
}

static std::string loweredFile(const Settings &User, const TranslationUnit &Unit) {
  llvm::SmallString<128> Path(User.LoweredFolder);
  llvm::sys::path::append(Path, loweredName(Unit.File));
  return Path.str().str();
}

/// All that decides what becomes of a unit, but for the files that are read on the way.
static std::string keyOf(const TranslationUnit &Unit, const PreparedCommand &Command, const model::Library &Models) {
  std::vector<std::string> Parts = Command.Arguments;
  Parts.push_back(Unit.Directory);
  // Clang's own search paths.
  for (const char *Variable : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "GCC_EXEC_PREFIX", "COMPILER_PATH"})
    Parts.push_back(llvm::sys::Process::GetEnv(Variable).value_or(""));
  Parts.push_back(llvm::utohexstr(Models.fingerprint()));
  return cacheKey(llvm::SmallVector<llvm::StringRef>(Parts.begin(), Parts.end()));
}

Outcome Analyser::lowerAnew(const Request &Asked, const std::string &Key) {
  auto Files = llvm::makeIntrusiveRefCnt<RecordingFileSystem>(Sources);
  std::string Code;
  ir::Statistics Stats;
  Outcome Result = read(Asked, Files, [&](const ir::Module &M) {
    Stats = M.Stats;
    Code = ir::writeBinary(M);
  });
  Result.Count.FunctionsSeen = Stats.FunctionsSeen;
  Result.Count.FunctionsLowered = Stats.FunctionsLowered;
  Result.Count.Opaque = Stats.Opaque;
  if (Code.empty())
    return Result;
  if (Result.Mistakes.empty())
    Result = Kept.keepUnit(Key, std::move(Result), Files->answers(), Code);
  if (Result.Lowered.empty()) {
    std::string Path = loweredFile(User, Asked.Unit);
    if (llvm::Error Failed = writeFile(Path, Code))
      Result.Problem = llvm::toString(std::move(Failed));
    else
      Result.Lowered = Path;
  }
  return Result;
}

/// Under a key there is one entry, and what is there now shall stay there.
static std::string earlierKey(llvm::StringRef Key) {
  return cacheKey({Key, "earlier"});
}

/// Of what did not change since, an earlier state finds what the present one left.
std::optional<Outcome> Analyser::known(const std::string &Key) {
  std::optional<Outcome> Found = Kept.findUnit(Key, Present);
  if (!Found && !User.Earlier.empty())
    Found = Kept.findUnit(earlierKey(Key), Present);
  return Found;
}

Outcome Analyser::lower(const TranslationUnit &Unit) {
  double Start = processorSeconds();
  FileConfiguration File = Config.forFile(Unit.File);
  Outcome Result = outcomeOf(Unit.File, File);
  if (File.AnyEnabled) { // Nothing is parsed for a folder in which the user switched all checks off.
    llvm::Expected<Request> Asked = request(Unit, File);
    if (!Asked) {
      Result.Mistakes.push_back(llvm::toString(Asked.takeError()));
    } else if (std::string Key = keyOf(Unit, Asked->Command, Asked->Models); auto Known = known(Key)) {
      Result = std::move(*Known);
      Result.FromCache = true;
      Result.Notices = File.Notices; // Of today's configuration.
      Result.Mistakes = File.Mistakes;
    } else {
      Result = lowerAnew(*Asked, User.Earlier.empty() ? Key : earlierKey(Key));
    }
  }
  Result.Spent.Total = processorSeconds() - Start;
  return Result;
}

Outcome Analyser::lower(const TranslationUnit &Unit, llvm::function_ref<void(const ir::Module &)> Visit,
                        FileAnswers *Read) {
  FileConfiguration File = Config.forFile(Unit.File);
  llvm::Expected<Request> Asked = request(Unit, File);
  Outcome Result = outcomeOf(Unit.File, File);
  if (Asked) {
    auto Files = llvm::makeIntrusiveRefCnt<RecordingFileSystem>(Sources);
    Result = read(*Asked, Files, Visit);
    if (Read)
      *Read = Files->answers();
    return Result;
  }
  Result.Mistakes.push_back(llvm::toString(Asked.takeError()));
  return Result;
}

Outcome Analyser::analyse(const Job &Of) {
  double Start = processorSeconds();
  const std::string &Path = Of.File;
  FileConfiguration File = Config.forFile(Path);
  Outcome Result = outcomeOf(Path, File);
  if (!Linked || LinkedPath != Of.Program) {
    auto Program = LinkedProgram::read(Of.Program);
    if (!Program) {
      Result.Problem = llvm::toString(Program.takeError());
      return Result;
    }
    Linked = std::move(*Program);
    LinkedPath = Of.Program;
    Files.clear();
    for (const ir::File &F : Linked->program().module().Files)
      Files[F.Path] = &F;
  }
  if (File.AnyEnabled && !File.ThirdParty) {
    const flow::Program &Program = Linked->program();
    flow::Questions Asked;
    if (!User.CacheFolder.empty())
      Program.listen(&Asked);
    Program.ask(flow::QuestionKind::File, Path);
    AnalysisResult Analysis = latchkey::analyse(Program, Linked->functionsOf(Path), File.Analysis);
    Program.listen(nullptr);
    Result.Asked.assign(Asked.begin(), Asked.end());
    llvm::sort(Result.Asked);
    Result.Count.FunctionsAnalysed = Analysis.Stats.Functions;
    Result.Count.OverBudget = Analysis.Stats.OverBudget;
    Result.Count.NotAnalysed = std::move(Analysis.Stats.NotAnalysed);
    Result.Reports = filter(File, std::move(Analysis.Findings));
  }
  Result.Spent.Analysis = Result.Spent.Total = processorSeconds() - Start;
  return Result;
}

} // namespace latchkey::driver
