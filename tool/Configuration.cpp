#include "tool/Configuration.h"

#include "tool/ConfigurationMistakes.h"
#include "tool/Paths.h"

#include "clang-tidy/ClangTidyOptions.h"
#include "clang-tidy/GlobList.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/SourceMgr.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace latchkey::driver {

namespace tidy = clang::tidy;
using llvm::StringRef;

static constexpr StringRef Prefix = "latchkey-";

llvm::ArrayRef<StringRef> commonOptions() {
  static constexpr StringRef Names[] = {"Models", "SummaryDb"};
  return Names;
}

llvm::Error addModels(model::Library &Library, const std::string &Path) {
  auto Text = llvm::MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Text)
    return llvm::createStringError(Path + ": cannot read these models: " + Text.getError().message());
  return Library.add((*Text)->getBuffer(), Path);
}

std::string defaultChecks() {
  std::string List;
  for (const Rule *R : allRules())
    if (R->Info.OnByDefault)
      List += (List.empty() ? "" : ",") + Prefix.str() + R->Info.Name.str();
  return List;
}

/// Parse errors of a configuration come as "name:line:column: message".
static llvm::ErrorOr<tidy::ClangTidyOptions> parse(llvm::MemoryBufferRef Text, std::vector<std::string> &Mistakes) {
  return tidy::parseConfigurationWithDiags(Text, [&](const llvm::SMDiagnostic &D) {
    Mistakes.push_back(fmt::format("{}:{}:{}: {}", D.getFilename().str(), D.getLineNo(), D.getColumnNo() + 1,
                                   withKeyMeant(D.getMessage())));
  });
}

/// By the file that they stand in.
using MistakesByFile = std::map<std::string, std::vector<std::string>>;

namespace {
/// Files that are there and cannot be read are mistakes, and set nothing for the reader, which would go on without a
/// word in the report.
class NamesUnreadable : public llvm::vfs::ProxyFileSystem {
public:
  explicit NamesUnreadable(MistakesByFile &Mistakes)
      : ProxyFileSystem(llvm::vfs::getRealFileSystem()), Mistakes(Mistakes) {}

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &Path) override {
    llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> File = ProxyFileSystem::openFileForRead(Path);
    if (File)
      return File;
    Mistakes[Path.str()].push_back(
        fmt::format("{}: cannot read this configuration: {}", Path.str(), File.getError().message()));
    Empty.addFile(Path, 0, llvm::MemoryBuffer::getMemBuffer("{}")); // one without a byte would be skipped
    return Empty.openFileForRead(Path);
  }

private:
  MistakesByFile &Mistakes;
  llvm::vfs::InMemoryFileSystem Empty;
};

/// `.clang-tidy` files of the folders above a file.
class FileProvider : public tidy::FileOptionsProvider {
public:
  FileProvider(const tidy::ClangTidyOptions &Defaults, const tidy::ClangTidyOptions &Overrides,
               MistakesByFile &Mistakes)
      : FileOptionsProvider({}, Defaults, Overrides, handlers(Mistakes)) {
    FS = llvm::makeIntrusiveRefCnt<NamesUnreadable>(Mistakes); // This constructor of its base leaves it null.
  }

private:
  /// A file that cannot be read sets nothing. An error here would be printed by the base, without what is wrong.
  static ConfigFileHandlers handlers(MistakesByFile &Mistakes) {
    return {{".clang-tidy", [&Mistakes](llvm::MemoryBufferRef Text) -> llvm::ErrorOr<tidy::ClangTidyOptions> {
               auto Read = parse(Text, Mistakes[Text.getBufferIdentifier().str()]);
               return Read ? *Read : tidy::ClangTidyOptions();
             }}};
  }
};
} // namespace

struct Configuration::Impl {
  std::unique_ptr<tidy::ClangTidyOptionsProvider> Provider;
  std::optional<std::string> Checks; ///< --checks
  bool Given = false;                ///< --config instead of files.
  model::ProjectFiles Projects{llvm::vfs::getRealFileSystem()};
  MistakesByFile Mistakes; ///< Of files that could not be read.

  /// What is wrong in a layer that could; each is looked at once.
  struct Findings {
    std::vector<std::string> Notices, Mistakes;
  };
  std::map<std::string, Findings> Looked;

  /// For people; clang-tidy's own reader names files only.
  std::string layerName(const std::string &Source, unsigned Priority) const {
    if (llvm::sys::path::is_absolute(Source))
      return Source;
    return Priority == 1 ? "defaults" : Given && Priority == 2 ? "--config" : "--header-filter";
  }
  const Findings &lookAt(const tidy::ClangTidyOptions &, const std::string &Source);
  std::map<std::string, llvm::StringSet<>> Enabled; ///< By their `Checks`: hardly any two files differ in it.
};

Configuration::Configuration(std::unique_ptr<Impl> Own) : Own(std::move(Own)) {}
Configuration::Configuration(Configuration &&) = default;
Configuration::~Configuration() = default;

llvm::Expected<Configuration> Configuration::create(const Settings &User) {
  auto Own = std::make_unique<Impl>();
  Own->Checks = User.Checks;
  Own->Given = User.Config.has_value();
  tidy::ClangTidyOptions Defaults, Overrides;
  Defaults.HeaderFilterRegex = ".*";
  Overrides.HeaderFilterRegex = User.HeaderFilter;
  if (User.HeaderFilter) {
    std::string Why;
    if (!llvm::Regex(*User.HeaderFilter).isValid(Why))
      return llvm::createStringError("--header-filter: " + Why);
  }
  if (User.Checks)
    if (llvm::Error Wrong = checkGlobs("--checks", *User.Checks))
      return Wrong;
  if (User.Config) {
    std::vector<std::string> Mistakes;
    auto Given = parse(llvm::MemoryBufferRef(*User.Config, "--config"), Mistakes);
    if (!Given)
      return llvm::createStringError(Mistakes.empty() ? "--config: " + Given.getError().message() : Mistakes.front());
    Own->Provider = std::make_unique<tidy::ConfigOptionsProvider>(tidy::ClangTidyGlobalOptions(), Defaults, *Given,
                                                                  Overrides, llvm::vfs::getRealFileSystem());
  } else {
    Own->Provider = std::make_unique<FileProvider>(Defaults, Overrides, Own->Mistakes);
  }
  return Configuration(std::move(Own));
}

/// Reads `latchkey-<check>.<Option>` keys. What no check has or takes is named elsewhere: ConfigurationMistakes.h.
static void readOptions(const tidy::ClangTidyOptions &Given, FileConfiguration &Out) {
  std::vector<std::pair<StringRef, StringRef>> Sorted;
  for (const auto &Entry : Given.CheckOptions)
    Sorted.emplace_back(Entry.getKey(), Entry.getValue().Value);
  llvm::sort(Sorted);
  for (auto [Key, Value] : Sorted) {
    StringRef Rest = Key;
    if (!Rest.consume_front(Prefix))
      continue;
    auto [Check, Option] = Rest.split('.');
    if (llvm::is_contained(commonOptions(), Option))
      continue; // See readPaths.
    const Rule *R = findRule(Check);
    const OptionInfo *Info =
        R ? llvm::find_if(R->Info.Options, [&](const OptionInfo &O) { return O.Name == Option; }) : nullptr;
    if (!R || Info == R->Info.Options.end() || (!Info->Choices.empty() && !llvm::is_contained(Info->Choices, Value)))
      continue;
    Out.Analysis.Options[Check][Option] = Value.str();
  }
}

static std::string besides(StringRef Source, StringRef Named) {
  return llvm::sys::path::is_absolute(Source) ? absolutePath(Named, llvm::sys::path::parent_path(Source)) : Named.str();
}

/// Files that one layer of configuration names, relative to the file that it stands in.
static void readPaths(const tidy::ClangTidyOptions &Layer, StringRef Source, FileConfiguration &Out) {
  auto Sets = [](StringRef Key, StringRef Option) { // for one of our checks, or for all
    return Key == Option || (Key.starts_with(Prefix) && Key.ends_with(("." + Option).str()));
  };
  std::set<std::string> Files;
  for (const auto &Entry : Layer.CheckOptions) {
    StringRef Value = Entry.getValue().Value;
    if (Sets(Entry.getKey(), "Models")) {
      llvm::SmallVector<StringRef> Names;
      llvm::SplitString(Value, Names, ";");
      for (StringRef Name : Names)
        Files.insert(besides(Source, Name));
    } else if (Sets(Entry.getKey(), "SummaryDb")) {
      Out.SummaryDb = Value == "none" ? "none" : besides(Source, Value);
    }
  }
  Out.Models.insert(Out.Models.end(), Files.begin(), Files.end());
}

/// What `.clang-tidy` files say about our checks. Those of projects that do not know us often start with `-*`: without
/// a glob that switches one of ours on, only the globs that name ours count, and a `-*` with nothing behind it.
static std::string aboutOurs(StringRef Checks) {
  llvm::SmallVector<StringRef> Globs, Ours;
  llvm::SplitString(Checks, Globs, ",\n");
  for (StringRef &Glob : Globs)
    Glob = Glob.trim();
  llvm::erase_if(Globs, [](StringRef Glob) { return Glob.empty(); });
  if (llvm::any_of(Globs, [](StringRef Glob) { return Glob.starts_with("latchkey"); }))
    return Checks.str();
  llvm::copy_if(Globs, std::back_inserter(Ours), [](StringRef Glob) { return Glob.starts_with("-latchkey"); });
  if (!Globs.empty() && Globs.back() == "-*")
    Ours.push_back("-*");
  return llvm::join(Ours, ",");
}

/// The last glob that matches wins: defaults, files, command line.
static std::string selection(StringRef FromFiles, const std::optional<std::string> &CommandLine) {
  std::string List = defaultChecks();
  if (std::string Ours = aboutOurs(FromFiles); !Ours.empty())
    List += "," + Ours;
  if (CommandLine)
    List += "," + *CommandLine;
  return List;
}

static llvm::StringSet<> enabledRules(StringRef FromFiles, const std::optional<std::string> &CommandLine) {
  llvm::StringSet<> Enabled;
  tidy::GlobList Globs(selection(FromFiles, CommandLine));
  for (const Rule *R : allRules())
    if (Globs.contains((Prefix + R->Info.Name).str()))
      Enabled.insert(R->Info.Name);
  return Enabled;
}

/// What `.latchkey.yaml` files say: models that can be read come before those of `.clang-tidy`.
static void readProject(const model::ProjectSettings &Project, StringRef AbsolutePath, FileConfiguration &Out) {
  for (const model::ModelFile &File : Project.models())
    if (llvm::sys::fs::exists(File.Path))
      Out.Models.push_back(File.Path);
    else
      Out.Mistakes.push_back(fmt::format("{}: there is no file of models {}", File.Place, File.Path));
  Out.Mistakes.insert(Out.Mistakes.end(), Project.Mistakes.begin(), Project.Mistakes.end());
  Out.ThirdParty = Project.isThirdParty(AbsolutePath);
}

const model::ProjectSettings &Configuration::projectFor(StringRef AbsolutePath) {
  return Own->Projects.of(AbsolutePath);
}

/// What one layer says of what we read.
static void fill(ConfigurationLayer &Layer, const tidy::ClangTidyOptions &Options) {
  for (const auto &[Name, Value] : {std::pair("Checks", Options.Checks),
                                    {"HeaderFilterRegex", Options.HeaderFilterRegex},
                                    {"ExcludeHeaderFilterRegex", Options.ExcludeHeaderFilterRegex},
                                    {"WarningsAsErrors", Options.WarningsAsErrors}})
    if (Value)
      Layer.Values.emplace_back(Name, *Value);
  llvm::SmallVector<StringRef> Globs;
  if (Options.Checks)
    llvm::SplitString(*Options.Checks, Globs, ",\n");
  for (StringRef Glob : Globs)
    Layer.CheckGlobs.push_back(Glob.trim().ltrim('-').str());
  std::map<std::string, std::string> Ours;
  for (const auto &Entry : Options.CheckOptions)
    if (Entry.getKey().starts_with(Prefix))
      Ours[Entry.getKey().str()] = Entry.getValue().Value;
  Layer.Values.insert(Layer.Values.end(), Ours.begin(), Ours.end());
}

const Configuration::Impl::Findings &Configuration::Impl::lookAt(const tidy::ClangTidyOptions &Options,
                                                                 const std::string &Source) {
  auto [Entry, New] = Looked.try_emplace(Source);
  if (New) {
    ConfigurationLayer Layer;
    Layer.Source = Source;
    fill(Layer, Options);
    Entry->second = {unknownNames(Layer), brokenPatterns(Layer)};
    llvm::append_range(Entry->second.Mistakes, Mistakes[Source]);
  }
  return Entry->second;
}

std::vector<ConfigurationLayer> Configuration::layersFor(StringRef AbsolutePath) {
  std::vector<ConfigurationLayer> All;
  tidy::ClangTidyOptions Merged;
  unsigned Priority = 0;
  auto Add = [&](std::string Source, const std::optional<std::string> &CommandLine) -> ConfigurationLayer & {
    ConfigurationLayer &Layer = All.emplace_back();
    Layer.Source = std::move(Source);
    llvm::StringSet<> Enabled = enabledRules(Merged.Checks.value_or(""), CommandLine);
    for (const Rule *R : allRules())
      Layer.Enabled += Enabled.contains(R->Info.Name) ? '+' : '-';
    return Layer;
  };
  for (const auto &[Options, Source] : Own->Provider->getRawOptions(AbsolutePath)) {
    Merged.mergeWith(Options, ++Priority);
    ConfigurationLayer &Layer = Add(Own->layerName(Source, Priority), std::nullopt);
    fill(Layer, Options);
  }
  if (Own->Checks)
    Add("--checks", Own->Checks).Values.emplace_back("Checks", *Own->Checks);
  return All;
}

FileConfiguration Configuration::forFile(StringRef AbsolutePath) {
  FileConfiguration Out;
  readProject(projectFor(AbsolutePath), AbsolutePath, Out);
  tidy::ClangTidyOptions Merged;
  unsigned Priority = 0;
  for (const auto &[Layer, Source] : Own->Provider->getRawOptions(AbsolutePath)) {
    Merged.mergeWith(Layer, ++Priority);
    readPaths(Layer, Source, Out);
    const Impl::Findings &Found = Own->lookAt(Layer, Own->layerName(Source, Priority));
    llvm::append_range(Out.Notices, Found.Notices);
    llvm::append_range(Out.Mistakes, Found.Mistakes);
  }

  auto [Known, New] = Own->Enabled.try_emplace(Merged.Checks.value_or(""));
  if (New)
    Known->second = enabledRules(Merged.Checks.value_or(""), Own->Checks);
  llvm::StringSet<> Enabled = Known->second;
  Out.AnyEnabled = !Enabled.empty();
  Out.Analysis.Enabled = [Enabled = std::move(Enabled)](StringRef Check) { return Enabled.contains(Check); };

  readOptions(Merged, Out);
  llvm::raw_string_ostream Identity(Out.Identity);
  for (const Rule *R : allRules())
    Identity << (Out.Analysis.Enabled(R->Info.Name) ? '+' : '-');
  std::map<std::string, std::string> Options;
  for (const auto &Check : Out.Analysis.Options)
    for (const auto &Option : Check.getValue())
      Options[(Check.getKey() + "." + Option.getKey()).str()] = Option.getValue();
  for (const auto &[Name, Value] : Options)
    Identity << ' ' << Name << '=' << Value;
  for (const auto &Pattern : {Merged.HeaderFilterRegex, Merged.ExcludeHeaderFilterRegex, Merged.WarningsAsErrors})
    Identity << '\n' << Pattern.value_or("");
  Out.ExtraArguments = Merged.ExtraArgs.value_or(tidy::ClangTidyOptions::ArgList());
  Out.ExtraArgumentsBefore = Merged.ExtraArgsBefore.value_or(tidy::ClangTidyOptions::ArgList());

  auto Include = std::make_shared<llvm::Regex>(Merged.HeaderFilterRegex.value_or(".*"));
  auto Exclude = std::make_shared<llvm::Regex>(Merged.ExcludeHeaderFilterRegex.value_or(""));
  bool Excludes = !Merged.ExcludeHeaderFilterRegex.value_or("").empty();
  if (Out.ThirdParty)
    Identity << "\nthird-party";
  Out.ReportsHeader = [=](StringRef Header) { return Include->match(Header) && !(Excludes && Exclude->match(Header)); };
  auto Errors = std::make_shared<tidy::GlobList>(Merged.WarningsAsErrors.value_or("-*"));
  Out.AsError = [=](StringRef Check) { return Errors->contains((Prefix + Check).str()); };
  return Out;
}

} // namespace latchkey::driver
