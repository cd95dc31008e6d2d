#include "tool/Database.h"

#include "tool/Commands.h"
#include "tool/Paths.h"

#include "clang/Tooling/CompilationDatabase.h"
#include "clang/Tooling/JSONCompilationDatabase.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

#include <fmt/format.h>

namespace latchkey::driver {

namespace tooling = clang::tooling;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using llvm::StringRef;

static constexpr StringRef DatabaseName = "compile_commands.json";

/// Also in `build/`, where most CMake users keep it.
static std::string findUpwards(StringRef From) {
  for (StringRef Folder = From; !Folder.empty(); Folder = path::parent_path(Folder))
    for (StringRef Below : {"", "build"}) {
      llvm::SmallString<256> Candidate(Folder);
      path::append(Candidate, Below, DatabaseName);
      if (fs::exists(Candidate))
        return Candidate.str().str();
    }
  return {};
}

static llvm::Expected<std::string> findDatabase(StringRef BuildPath, llvm::ArrayRef<std::string> Paths) {
  const std::string Here = workingDirectory();
  if (!BuildPath.empty()) {
    llvm::SmallString<256> Given(absolutePath(BuildPath));
    if (fs::is_directory(Given))
      path::append(Given, DatabaseName);
    if (fs::exists(Given))
      return Given.str().str();
    return llvm::createStringError(
        fmt::format("{}: no such file; configure the build with CMAKE_EXPORT_COMPILE_COMMANDS=ON, or run the build "
                    "under `bear --`",
                    Given.str().str()));
  }
  std::string Found = findUpwards(Here);
  for (const std::string &Path : Paths)
    if (Found.empty() && fs::exists(Path))
      Found = findUpwards(absolutePath(Path));
  if (!Found.empty())
    return Found;
  return llvm::createStringError(
      fmt::format("no {} in '{}' or above it; give its folder with -p DIR, or a file's compiler options as in "
                  "`latchkey FILE -- -std=c++20`",
                  DatabaseName.str(), Here));
}

namespace {

/// One of the user's paths.
class Filter {
public:
  static llvm::Expected<Filter> create(StringRef Text) {
    Filter F;
    F.Text = Text.str();
    if (fs::exists(Text)) {
      F.Path = absolutePath(Text);
      F.Folder = fs::is_directory(Text);
      return F;
    }
    std::string Why;
    F.Pattern = std::make_unique<llvm::Regex>(Text);
    if (!F.Pattern->isValid(Why))
      return llvm::createStringError(
          fmt::format("'{}' is neither a file or folder nor a regular expression: {}", Text.str(), Why));
    return F;
  }

  bool matches(StringRef File) const {
    if (Pattern)
      return Pattern->match(File);
    return File == Path || (Folder && File.starts_with(Path) && (Path == "/" || File[Path.size()] == '/'));
  }
  /// A file that exists may do without an entry of its own.
  bool isFile() const { return !Pattern && !Folder; }

  std::string Text, Path;
  bool Folder = false;
  std::unique_ptr<llvm::Regex> Pattern;
  bool Used = false;
};

} // namespace

static TranslationUnit unit(const tooling::CompileCommand &Command, StringRef DatabaseFolder) {
  TranslationUnit Result;
  Result.Directory = absolutePath(Command.Directory, DatabaseFolder);
  // A hand-made database may mean its relative paths from where it was made, which is most often here.
  if (!fs::exists(Result.Directory))
    Result.Directory = absolutePath(Command.Directory);
  Result.File = absolutePath(Command.Filename, Result.Directory);
  if (std::string FromHere = absolutePath(Command.Filename); !fs::exists(Result.File) && fs::exists(FromHere))
    Result.File = FromHere;
  Result.Command = Command.CommandLine;
  return Result;
}

static bool isWanted(std::vector<Filter> &Filters, StringRef File) {
  bool Wanted = Filters.empty();
  for (Filter &F : Filters)
    if (F.matches(File))
      Wanted = F.Used = true;
  return Wanted;
}

/// Files that the user named and the database does not list: the command of the entry most like it, as clang-tidy and
/// clangd do.
static llvm::Error addUnlisted(std::vector<Filter> &Filters, std::unique_ptr<tooling::CompilationDatabase> Entries,
                               Selection &Out) {
  std::unique_ptr<tooling::CompilationDatabase> Inferring;
  for (Filter &F : Filters) {
    if (F.Used)
      continue;
    std::vector<tooling::CompileCommand> Commands;
    TranslationUnit Named;
    Named.File = F.Path;
    if (F.isFile() && languageOf(Named) != Language::Other) {
      if (!Inferring)
        Inferring = tooling::inferMissingCompileCommands(std::move(Entries));
      Commands = Inferring->getCompileCommands(F.Path);
    }
    if (Commands.empty())
      return llvm::createStringError(
          F.Pattern
              ? fmt::format("'{}' is no file or folder, and as a regular expression it matches no C or C++ file of {}",
                            F.Text, Out.Database)
              : fmt::format("'{}' has no C or C++ file of {}; `latchkey FILE -- FLAGS` does without the database",
                            F.Text, Out.Database));
    Out.Units.push_back(unit(Commands.front(), path::parent_path(Out.Database)));
  }
  return llvm::Error::success();
}

llvm::Expected<Selection> selectUnits(StringRef BuildPath, llvm::ArrayRef<std::string> Paths) {
  auto Found = findDatabase(BuildPath, Paths);
  if (!Found)
    return Found.takeError();
  Selection Result;
  Result.Database = *Found;
  std::vector<Filter> Filters;
  for (const std::string &Path : Paths) {
    auto F = Filter::create(Path);
    if (!F)
      return F.takeError();
    Filters.push_back(std::move(*F));
  }
  std::string Wrong;
  std::unique_ptr<tooling::CompilationDatabase> Entries = tooling::JSONCompilationDatabase::loadFromFile(
      Result.Database, Wrong, tooling::JSONCommandLineSyntax::AutoDetect);
  if (!Entries)
    return llvm::createStringError(fmt::format("{}: this is no compile database: {}; configure the build again",
                                               Result.Database, StringRef(Wrong).trim().rtrim('.').str()));
  llvm::StringSet<> Seen;
  for (const tooling::CompileCommand &Command : Entries->getAllCompileCommands()) {
    TranslationUnit Unit = unit(Command, path::parent_path(Result.Database));
    Language Speaks = languageOf(Unit);
    if (!isWanted(Filters, Unit.File))
      Result.Whole = false;
    else if (Speaks == Language::Other || Speaks == Language::PrecompiledHeader)
      ++Result.PassedOver;
    else if (Seen.insert(Unit.File).second) // Built twice, for a static and a shared library: read once.
      Result.Units.push_back(std::move(Unit));
  }
  if (llvm::Error Unlisted = addUnlisted(Filters, std::move(Entries), Result))
    return Unlisted;
  if (Result.Units.empty())
    return llvm::createStringError(
        fmt::format("{} lists no C or C++ file that could be analysed; configure the build again", Result.Database));
  return Result;
}

/// Clang takes `.h` for C, which the user's options seldom mean.
static bool isPlainHeader(const TranslationUnit &Unit, llvm::ArrayRef<std::string> Flags) {
  return path::extension(Unit.File) == ".h" && llvm::none_of(Flags, [](StringRef Flag) {
           return Flag.starts_with("-x") || (Flag.consume_front("-std=") && !Flag.contains("++"));
         });
}

llvm::Expected<Selection> unitsWithFlags(llvm::ArrayRef<std::string> Files, llvm::ArrayRef<std::string> Flags) {
  const std::string Here = workingDirectory();
  Selection Result;
  llvm::StringSet<> Seen;
  for (const std::string &File : Files) {
    TranslationUnit Unit;
    Unit.Directory = Here;
    Unit.File = absolutePath(File);
    if (!fs::exists(Unit.File))
      return llvm::createStringError(File + ": no such file");
    if (!fs::is_regular_file(Unit.File)) // A pipe may never end.
      return llvm::createStringError(File + ": this is no file; name the sources before `--`, or give the folder of "
                                            "compile_commands.json with -p DIR");
    Unit.Command.push_back(LATCHKEY_LLVM_BINARIES "/clang");
    Unit.Command.insert(Unit.Command.end(), Flags.begin(), Flags.end());
    if (isPlainHeader(Unit, Flags))
      Unit.Command.push_back("-xc++");
    Unit.Command.push_back(Unit.File);
    if (Seen.insert(Unit.File).second)
      Result.Units.push_back(std::move(Unit));
  }
  if (Result.Units.empty())
    return llvm::createStringError("name a file before `--`, as in `latchkey FILE -- -std=c++20`");
  return Result;
}

} // namespace latchkey::driver
