// --explain-config and --verify-config.
#include "checks/model/Model.h"
#include "tool/Configuration.h"
#include "tool/Inputs.h"
#include "tool/Paths.h"
#include "tool/Run.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

#include <fmt/format.h>

#include <set>

namespace latchkey::driver {

using llvm::StringRef;

/// The sources that a configuration is asked about: what the user names, the database's, or one in this folder.
static llvm::Expected<std::vector<std::string>> sources(const CommandLine &How) {
  std::vector<std::string> Files;
  if (!How.Paths.empty() &&
      llvm::all_of(How.Paths, [](StringRef Path) { return llvm::sys::fs::is_regular_file(Path); })) {
    for (const std::string &Path : How.Paths)
      Files.push_back(absolutePath(Path));
    return Files;
  }
  auto Selected = selectUnits(How.BuildPath, How.Paths);
  if (!Selected && (!How.BuildPath.empty() || !How.Paths.empty()))
    return Selected.takeError();
  if (!Selected) {
    llvm::consumeError(Selected.takeError());
    return std::vector<std::string>{absolutePath("file.cpp")};
  }
  for (const TranslationUnit &Unit : Selected->Units)
    Files.push_back(Unit.File);
  return Files;
}

namespace {

class Explanation {
public:
  Explanation(Configuration &Config, const CommandLine &How, llvm::raw_ostream &Out)
      : Config(Config), How(How), Directory(workingDirectory()), Out(Out) {}

  void file(const std::string &Path) {
    std::vector<ConfigurationLayer> Layers = Config.layersFor(Path);
    Out << shortPath(Path, Directory) << "\n";
    for (const ConfigurationLayer &Layer : Layers)
      for (const auto &[Name, Value] : Layer.Values)
        line(Layer.Source, Name + ": " + oneLine(Value));
    project(Path);
    for (const std::string &Models : How.User.Models)
      line("--models", shortPath(Models, Directory));
    checks(Layers);
  }

private:
  void line(StringRef Source, const std::string &Text) {
    Out << "  " << shortPath(Source, Directory) << ": " << Text << "\n";
  }

  static std::string oneLine(StringRef Text) {
    llvm::SmallVector<StringRef> Lines;
    Text.split(Lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    return llvm::join(Lines, " ");
  }

  void project(const std::string &Path) {
    const model::ProjectSettings &Project = Config.projectFor(Path);
    for (const model::ModelFile &File : Project.models())
      line(File.Place, "models: " + shortPath(File.Path, Directory));
    auto Decided = [&](const model::PathPattern *P, StringRef List, StringRef What) {
      if (P)
        line(P->Place, fmt::format("{}: {}{}, so {}", List.str(), P->TakesBack ? "!" : "", P->Text,
                                   P->TakesBack ? "it is yours" : What.str()));
    };
    Decided(Project.thirdParty(Path), "third-party", "it is read, and nothing is reported in it");
    Decided(Project.excluded(Path), "exclude", "it is not read");
  }

  /// A check is on or off because of the first layer after which it stayed so.
  void checks(llvm::ArrayRef<ConfigurationLayer> Layers) {
    const std::string &Final = Layers.back().Enabled;
    Out << fmt::format("  {} of {} checks are on\n", llvm::count(Final, '+'), Final.size());
    for (size_t I = 0; I < Final.size(); ++I) {
      size_t By = Layers.size() - 1;
      while (By && Layers[By - 1].Enabled[I] == Final[I])
        --By;
      bool On = Final[I] == '+';
      if (By || !On)
        Out << fmt::format("  latchkey-{} is {}: {}\n", allRules()[I]->Info.Name.str(), On ? "on" : "off",
                           By ? shortPath(Layers[By].Source, Directory) : "by default");
    }
  }

  Configuration &Config;
  const CommandLine &How;
  std::string Directory;
  llvm::raw_ostream &Out;
};

/// Looks at each configuration file once, however many sources it is about.
class Verification {
public:
  explicit Verification(Configuration &Config) : Config(Config) {}

  void file(const std::string &Path) {
    for (const ConfigurationLayer &Layer : Config.layersFor(Path))
      if (llvm::sys::path::is_absolute(Layer.Source))
        Seen.insert(Layer.Source);
    FileConfiguration File = Config.forFile(Path);
    Mistakes.insert(File.Mistakes.begin(), File.Mistakes.end());
    Mistakes.insert(File.Notices.begin(), File.Notices.end());
    for (const model::ProjectFile *Project : Config.projectFor(Path).Files)
      Seen.insert(Project->Path);
    models(File.Models);
  }

  void models(llvm::ArrayRef<std::string> Paths) {
    if (Paths.empty() || !ModelLists.insert(Paths.vec()).second)
      return;
    model::Library Library = model::Library::builtin();
    for (const std::string &Path : Paths) {
      Seen.insert(Path);
      if (llvm::Error Wrong = addModels(Library, Path))
        Mistakes.insert(llvm::toString(std::move(Wrong)));
    }
  }

  std::set<std::string> Seen, Mistakes;

private:
  Configuration &Config;
  std::set<std::vector<std::string>> ModelLists;
};

} // namespace

/// What a configuration is asked about.
struct Subject {
  Configuration Config;
  std::vector<std::string> Files;
};
static llvm::Expected<Subject> subject(const CommandLine &How) {
  auto Config = Configuration::create(How.User);
  if (!Config)
    return Config.takeError();
  auto Files = sources(How);
  if (!Files)
    return Files.takeError();
  return Subject{std::move(*Config), std::move(*Files)};
}

llvm::Expected<int> runExplainConfig(const CommandLine &How) {
  auto Of = subject(How);
  if (!Of)
    return Of.takeError();
  Explanation Text(Of->Config, How, llvm::outs());
  for (const std::string &File : Of->Files)
    Text.file(File);
  return 0;
}

llvm::Expected<int> runVerifyConfig(const CommandLine &How) {
  auto Of = subject(How);
  if (!Of)
    return Of.takeError();
  Verification All(Of->Config);
  for (const std::string &File : Of->Files)
    All.file(File);
  All.models(How.User.Models);
  for (const std::string &Mistake : All.Mistakes)
    llvm::WithColor::error(llvm::errs(), "latchkey") << Mistake << "\n";
  if (!All.Mistakes.empty())
    return 2;
  const std::string Directory = workingDirectory();
  for (const std::string &Source : All.Seen)
    llvm::outs() << shortPath(Source, Directory) << ": sound\n";
  if (All.Seen.empty())
    llvm::outs() << "there is no configuration: all is as by default\n";
  return 0;
}

} // namespace latchkey::driver
