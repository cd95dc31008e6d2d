#include "tool/Analyser.h"

#include "checks/lower/Lower.h"
#include "tool/Commands.h"
#include "tool/Frontend.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"

#include <fmt/format.h>

#include <chrono>

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
  for (const std::string &Path : Paths) {
    auto Text = llvm::MemoryBuffer::getFile(Path, /*IsText=*/true);
    if (!Text)
      return llvm::createStringError(Path + ": cannot read these models: " + Text.getError().message());
    if (llvm::Error Wrong = Library.add((*Text)->getBuffer(), Path))
      return Wrong;
  }
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

Outcome Analyser::read(const TranslationUnit &Unit, const FileConfiguration &File,
                       llvm::function_ref<void(const ir::Module &)> Visit) {
  Outcome Result;
  Result.File = Unit.File;
  Result.Notices = File.Notices;
  Result.Mistakes = File.Mistakes;
  auto Library = models(File);
  if (!Library) {
    Result.Mistakes.push_back(llvm::toString(Library.takeError()));
    return Result;
  }
  if (!llvm::sys::fs::exists(Unit.File)) {
    Result.Problem =
        "no such file; the compile database is older than the sources, or the file is still to be generated";
    return Result;
  }
  if (std::error_code Wrong = llvm::sys::fs::set_current_path(Unit.Directory)) {
    Result.Problem = fmt::format("its directory '{}' cannot be entered: {}; configure the build again", Unit.Directory,
                                 Wrong.message());
    return Result;
  }
  PreparedCommand Command = prepare(Unit, User.ResourceDirectory);
  Command.Arguments.insert(Command.Arguments.begin() + 1, File.ExtraArgumentsBefore.begin(),
                           File.ExtraArgumentsBefore.end());
  Command.Arguments.insert(Command.Arguments.end() - 2, File.ExtraArguments.begin(), File.ExtraArguments.end());
  ParseResult Parse = parse(Command, [&](clang::ASTContext &Context, clang::Sema &Sema) {
    lower::Options Options;
    Options.Models = *Library;
    Options.Sema = &Sema;
    double Before = processorSeconds();
    ir::Module M = lower::lower(Context, Options);
    Result.Spent.Lowering = processorSeconds() - Before;
    Visit(M);
    Result.Spent.Analysis = processorSeconds() - Before - Result.Spent.Lowering;
  });
  if (Parse.Errors || !Parse.Parsed)
    Result.Problem = describeErrors(Parse);
  Result.Diagnostics = std::move(Parse.Diagnostics);
  Result.Dropped = std::move(Command.Dropped);
  Result.Dropped.insert(Result.Dropped.end(), Parse.Dropped.begin(), Parse.Dropped.end());
  return Result;
}

/// Findings stand in the main file, or in a user's header that the configuration lets through.
static std::vector<Report> filter(const ir::Module &M, const FileConfiguration &File, std::vector<Finding> Findings) {
  llvm::StringMap<bool> SystemFiles;
  for (const ir::File &F : M.Files)
    SystemFiles[F.Path] = F.System;
  std::vector<Report> Reports;
  for (Finding &F : Findings) {
    const std::string &Path = F.Where.File;
    if (SystemFiles.lookup(Path) || (Path != M.MainFile && !File.ReportsHeader(Path)))
      continue;
    bool AsError = File.AsError(F.Check);
    Reports.push_back({std::move(F), AsError, {}});
  }
  return Reports;
}

static void count(const ir::Module &M, const flow::Statistics &Flow, Counts &Out) {
  Out.FunctionsSeen = M.Stats.FunctionsSeen;
  Out.FunctionsLowered = M.Stats.FunctionsLowered;
  Out.FunctionsAnalysed = Flow.Functions;
  Out.Opaque = M.Stats.Opaque;
  Out.OverBudget = Flow.OverBudget;
  Out.NotAnalysed = Flow.NotAnalysed;
}

Outcome Analyser::analyse(const TranslationUnit &Unit) {
  double Start = processorSeconds();
  FileConfiguration File = Config.forFile(Unit.File);
  std::vector<Report> Reports;
  Counts Count;
  Outcome Result;
  Result.File = Unit.File;
  if (File.AnyEnabled) { // Nothing is parsed for a folder in which the user switched all checks off.
    Result = read(Unit, File, [&](const ir::Module &M) {
      AnalysisResult Analysis = latchkey::analyse(M, File.Analysis);
      count(M, Analysis.Stats, Count);
      Reports = filter(M, File, std::move(Analysis.Findings));
    });
  }
  Result.Reports = std::move(Reports);
  Result.Count = std::move(Count);
  Result.Spent.Total = processorSeconds() - Start;
  return Result;
}

Outcome Analyser::lower(const TranslationUnit &Unit, llvm::function_ref<void(const ir::Module &)> Visit) {
  return read(Unit, Config.forFile(Unit.File), Visit);
}

} // namespace latchkey::driver
