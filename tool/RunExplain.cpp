#include "tool/Configuration.h"
#include "tool/Explain.h"
#include "tool/Paths.h"
#include "tool/Run.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

llvm::Expected<int> runListChecks(const CommandLine &How) {
  auto Config = Configuration::create(How.User);
  if (!Config)
    return Config.takeError();
  FileConfiguration File = Config->forFile(absolutePath("file.cpp")); // What is on for a file in this folder.
  listChecks(llvm::outs(), File.Analysis.Enabled);
  return 0;
}

/// The check that the user most likely meant.
static std::string closest(StringRef Name) {
  std::string Best;
  unsigned Distance = Name.size() / 2 + 1;
  for (const Rule *R : allRules())
    if (unsigned D = Name.edit_distance(R->Info.Name); D < Distance) {
      Best = R->Info.Name.str();
      Distance = D;
    }
  return Best;
}

llvm::Expected<int> runExplain(const CommandLine &How) {
  StringRef Name = How.Check;
  Name.consume_front("latchkey-");
  if (const Rule *R = findRule(Name)) {
    llvm::outs() << explain(R->Info);
    return 0;
  }
  std::string Meant = closest(Name);
  return llvm::createStringError(fmt::format("there is no check '{}'{}; --list-checks prints all", How.Check,
                                             Meant.empty() ? "" : ", did you mean '" + Meant + "'?"));
}

llvm::Expected<int> runCompletion(const CommandLine &How) {
  if (How.Paths.size() == 1 && writeCompletion(How.Table, How.Paths.front(), llvm::outs()))
    return 0;
  return llvm::createStringError("name one shell: bash, zsh or fish, as in `latchkey completion bash`");
}

} // namespace latchkey::driver
