#include "test/harness/Faces.h"

#include "checks/rules/Rule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>
#include <optional>

using namespace latchkey;
using namespace latchkey::test;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

llvm::ArrayRef<Face> test::allFaces() {
  static constexpr Face All[] = {
      {"process", true, runInProcess},
      {"clang-tidy", true, runClangTidy},
      {"driver", true, runDriver},
      {"clangd", false, runEditor},
  };
  return All;
}

static llvm::Error writeFile(StringRef Path, StringRef Text) {
  std::error_code Failed = fs::create_directories(path::parent_path(Path));
  if (!Failed) {
    llvm::raw_fd_ostream Out(Path, Failed);
    if (!Failed)
      Out << Text;
  }
  return Failed ? llvm::createStringError(Failed, Path.str()) : llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Workspace>> Workspace::create(llvm::ArrayRef<Unit> Units) {
  std::unique_ptr<Workspace> W(new Workspace);
  W->Units = Units.vec();
  llvm::SmallString<128> Unique;
  if (std::error_code Failed = fs::createUniqueDirectory("latchkey-fixtures", Unique))
    return llvm::createStringError(Failed, "temporary folder");
  // Hosts report real paths.
  if (std::error_code Failed = fs::real_path(Unique, W->Directory))
    return llvm::createStringError(Failed, Unique.str());
  if (llvm::Error Failed = W->write())
    return Failed;
  return W;
}

Workspace::~Workspace() {
  (void)fs::remove_directories(Directory);
}

llvm::Error Workspace::write() {
  llvm::json::Array Commands;
  for (Unit &U : Units) {
    U.Path = (Directory + "/" + U.F->File).str();
    if (llvm::Error Failed = writeFile(U.Path, U.F->Text))
      return Failed;
    for (const auto &[Name, Text] : U.F->Included)
      if (llvm::Error Failed = writeFile((Directory + "/" + Name).str(), Text))
        return Failed;
    U.Command = {U.F->C ? "clang" LATCHKEY_LLVM : "clang++" LATCHKEY_LLVM, "-std=" + U.Standard};
    if (!U.F->C && U.Headers == "libc++")
      U.Command.push_back("-stdlib=libc++");
    if (U.F->Mock)
      U.Command.push_back("-I" LATCHKEY_SOURCE_DIR "/test/include");
    U.Command.insert(U.Command.end(), U.F->Flags.begin(), U.F->Flags.end());
    U.Command.insert(U.Command.end(), {"-c", U.Path});
    Commands.push_back(llvm::json::Object{
        {"directory", Directory.str()}, {"file", U.Path}, {"arguments", llvm::json::Array(U.Command)}});
  }
  std::string Database;
  llvm::raw_string_ostream(Database) << llvm::json::Value(std::move(Commands));
  return writeFile((Directory + "/compile_commands.json").str(), Database);
}

std::string Workspace::nameOf(StringRef Path) const {
  StringRef Name = Path;
  return Name.consume_front(Directory) && Name.consume_front("/") ? Name.str() : Path.str();
}

std::vector<std::vector<Unit>> test::batches(llvm::ArrayRef<Fixture> Fixtures, StringRef FaceName) {
  std::map<std::pair<std::map<std::string, std::string>, unsigned>, std::vector<Unit>> ByVariant;
  for (const Fixture &F : Fixtures) {
    if (!F.Faces.empty() && !llvm::is_contained(F.Faces, FaceName))
      continue;
    unsigned Variant = 0;
    for (const std::string &Standard : F.Standards)
      for (const std::string &Headers : F.Headers)
        ByVariant[{F.Options, Variant++}].push_back({&F, Standard, Headers, "", {}});
  }
  std::vector<std::vector<Unit>> All;
  for (auto &[Key, Units] : ByVariant)
    All.push_back(std::move(Units));
  return All;
}

Selection test::selectionFor(StringRef Check, const Fixture &F) {
  Selection S;
  S.Options = F.Options;
  for (const Rule *R : allRules())
    if (R->Info.OnByDefault || R->Info.Name == Check) {
      S.Checks.push_back(R->Info.Name.str());
      S.OnByDefault &= R->Info.OnByDefault;
    }
  return S;
}

void test::distribute(const Workspace &W, Reported R, Reports &Into) {
  bool Taken = false;
  for (auto [Index, U] : llvm::enumerate(W.units()))
    if (R.File == U.F->File || U.F->Included.count(R.File)) {
      Into[Index].push_back(R);
      Taken = true;
    }
  // What stands nowhere in our files must not be lost.
  if (!Taken && !Into.empty())
    Into.front().push_back(std::move(R));
}

llvm::Expected<Ran> test::runProgram(const std::vector<std::string> &Command, unsigned TimeoutSeconds) {
  auto Program = llvm::sys::findProgramByName(Command.front());
  if (!Program)
    return llvm::createStringError(Program.getError(), Command.front());
  llvm::SmallString<128> Out, Err;
  if (fs::createTemporaryFile("latchkey", "out", Out) || fs::createTemporaryFile("latchkey", "err", Err))
    return llvm::createStringError("no temporary file");
  std::vector<StringRef> Arguments(Command.begin(), Command.end());
  std::string Problem;
  Ran Result;
  Result.Status = llvm::sys::ExecuteAndWait(*Program, Arguments, std::nullopt, {StringRef(""), Out.str(), Err.str()},
                                            TimeoutSeconds, 0, &Problem);
  for (auto [File, Text] : {std::pair{&Out, &Result.Out}, std::pair{&Err, &Result.Err}}) {
    if (auto Buffer = llvm::MemoryBuffer::getFile(*File))
      *Text = (*Buffer)->getBuffer().str();
    (void)fs::remove(*File);
  }
  if (Result.Status < 0)
    return llvm::createStringError(fmt::format("{}: {}\n{}", Command.front(), Problem, Result.Err));
  return Result;
}
