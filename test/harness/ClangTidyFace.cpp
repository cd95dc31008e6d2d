// The plugin in the distribution's own clang-tidy.

#include "test/harness/Faces.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Regex.h"

#include <fmt/format.h>

using namespace latchkey::test;
using llvm::StringRef;

/// A string in YAML's double quotes, which are JSON's.
static std::string quoted(StringRef Text) {
  return llvm::formatv("{0}", llvm::json::Value(Text)).str();
}

std::vector<std::string> latchkey::test::clangTidyCommand(const Workspace &W, const Selection &S) {
  std::vector<std::string> Command{"clang-tidy" LATCHKEY_LLVM,
                                   "--load=" LATCHKEY_BINARY_DIR "/checks/liblatchkey-tidy.so",
                                   "-p=" + W.directory().str(), "--quiet"};
  std::string Checks = "--checks=-*";
  for (const std::string &Check : S.Checks)
    Checks += ",latchkey-" + Check;
  Command.push_back(Checks);
  if (!S.Options.empty()) {
    std::vector<std::string> Settings;
    for (const auto &[Name, Value] : S.Options)
      Settings.push_back(quoted(Name) + ": " + quoted(Value));
    Command.push_back("--config={CheckOptions: {" + llvm::join(Settings, ", ") + "}}");
  }
  return Command;
}

llvm::Expected<Reports> latchkey::test::runClangTidy(const Workspace &W, const Selection &S) {
  std::vector<std::string> Command = clangTidyCommand(W, S);
  for (const Unit &U : W.units())
    Command.push_back(U.Path);
  llvm::Expected<Ran> Result = runProgram(Command);
  if (!Result)
    return Result.takeError();

  static const llvm::Regex Line("^(/[^:]+):([0-9]+):[0-9]+: (warning|error|note): (.*)$");
  static const llvm::Regex Named("^(.*) \\[([a-z0-9,.-]+)\\]$");
  std::vector<Reported> All;
  llvm::SmallVector<StringRef> Lines, Parts, Names;
  StringRef(Result->Out).split(Lines, '\n');
  for (StringRef Text : Lines) {
    if (!Line.match(Text, &Parts))
      continue;
    std::string File = W.nameOf(Parts[1]);
    unsigned Number = 0;
    Parts[2].getAsInteger(10, Number);
    StringRef Message = Parts[4];
    if (Parts[3] == "note") {
      if (!All.empty())
        All.back().Notes.push_back({File, Number, Message.str()});
      continue;
    }
    std::string Check;
    if (Named.match(Message, &Names) && Names[2].starts_with("latchkey-")) {
      Check = Names[2].drop_front(StringRef("latchkey-").size()).str();
      Message = Names[1];
    }
    All.push_back({Check, File, Number, (Check.empty() ? "does not compile: " : "") + Message.str(), {}});
  }
  if (Result->Status != 0 && All.empty())
    return llvm::createStringError(fmt::format("clang-tidy ends with status {}\n{}", Result->Status, Result->Err));
  Reports ByUnit(W.units().size());
  for (Reported &R : All)
    distribute(W, std::move(R), ByUnit);
  return ByUnit;
}
