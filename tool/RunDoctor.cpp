// latchkey doctor: what is there, what will not work and what to do about it.
#include "tool/Cache.h"
#include "tool/Commands.h"
#include "tool/Configuration.h"
#include "tool/Frontend.h"
#include "tool/Inputs.h"
#include "tool/Jobs.h"
#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/Program.h"
#include "tool/ResourceDirectory.h"
#include "tool/Results.h"
#include "tool/Run.h"
#include "tool/ScratchFolder.h"

#include "llvm-c/Core.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/WithColor.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace latchkey::driver {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using llvm::StringRef;

static std::string firstLine(StringRef Text) {
  return Text.trim().split('\n').first.trim().str();
}

/// The version in what a program of LLVM's says of itself: "22.1.8".
static std::string llvmVersion(StringRef Text) {
  llvm::SmallVector<StringRef> Found;
  return llvm::Regex("version ([0-9]+\\.[0-9]+\\.[0-9]+)").match(Text, &Found) ? Found[1].str() : "";
}

namespace {

class Doctor {
public:
  Doctor(const CommandLine &How, llvm::raw_ostream &Out) : How(How), Directory(workingDirectory()), Out(Out) {}

  llvm::Expected<int> run() {
    self();
    resourceDirectory();
    clangTidy();
    languageServer();
    cache();
    if (auto Given = database()) {
      compilers(Given->Selected.Units);
      configuration(Given->Selected.Units);
      if (llvm::Error Failed = read(*Given))
        return Failed;
    }
    Out << (Wrong ? fmt::format("{} thing{} wrong\n", Wrong, Wrong == 1 ? " is" : "s are") : "all is well\n");
    return Wrong ? 2 : 0;
  }

private:
  void self();
  void resourceDirectory();
  void clangTidy();
  void languageServer();
  void cache();
  std::optional<Inputs> database();
  void age(const std::string &Database);
  void compilers(llvm::ArrayRef<TranslationUnit>);
  void configuration(llvm::ArrayRef<TranslationUnit>);
  llvm::Error read(const Inputs &);
  void problems(llvm::ArrayRef<Problem>);

  void ok(const std::string &Text) { Out << "ok     " << Text << "\n"; }
  void note(const std::string &Text) { Out << "note   " << Text << "\n"; }
  void wrong(const std::string &Text, const std::string &Way) {
    ++Wrong;
    llvm::WithColor(Out, llvm::HighlightColor::Error) << "wrong";
    Out << "  " << Text << "\n";
    way(Way);
  }
  void way(const std::string &Text) { Out << "       do: " << Text << "\n"; }

  const CommandLine &How;
  std::string Directory;
  llvm::raw_ostream &Out;
  unsigned Wrong = 0;
};

} // namespace

void Doctor::self() {
  unsigned Major = 0, Minor = 0, Patch = 0;
  LLVMGetVersion(&Major, &Minor, &Patch);
  std::string Running = fmt::format("{}.{}.{}", Major, Minor, Patch);
  ok(fmt::format("{}, {}", versionLine(), ownProgram()));
  if (Running != LLVM_VERSION_STRING)
    wrong(fmt::format("it was built with LLVM {} and runs with {}", LLVM_VERSION_STRING, Running),
          "install the version of latchkey that belongs to your LLVM, or build it again");
}

void Doctor::resourceDirectory() {
  if (!How.User.ResourceDirectory.empty())
    return ok("headers of Clang: " + How.User.ResourceDirectory + " (--resource-dir)");
  if (auto Found = findResourceDirectory())
    ok("headers of Clang: " + *Found);
  else
    wrong(llvm::toString(Found.takeError()), fmt::format("apt install libclang-common-{}-dev", LLVM_VERSION_MAJOR));
}

/// The plugin is loaded for real: what keeps it from that is what clang-tidy says.
void Doctor::clangTidy() {
  std::string Plugin = pluginPath();
  const std::string Name = fmt::format("clang-tidy-{}", LLVM_VERSION_MAJOR);
  auto Host = llvm::sys::findProgramByName(Name);
  if (!Host)
    Host = llvm::sys::findProgramByName("clang-tidy", {LATCHKEY_LLVM_BINARIES});
  if (Plugin.empty())
    return note("plugin for clang-tidy: not installed (liblatchkey-tidy.so)");
  if (!Host)
    return note(fmt::format("plugin: {}; there is no {} to load it", Plugin, Name));
  std::string Version = llvmVersion(outputOf(*Host, {"--version"}));
  std::string Checks = outputOf(*Host, {"--load=" + Plugin, "--checks=-*,latchkey-*", "--list-checks"});
  size_t Count = StringRef(Checks).count("latchkey-");
  if (Count)
    return ok(fmt::format("plugin: {} loads {}: {} checks", *Host + " " + Version, Plugin, Count));
  wrong(fmt::format("plugin: {} {} does not load {}", *Host, Version, Plugin),
        fmt::format("use clang-tidy {}: a plugin belongs to one version", LLVM_VERSION_STRING));
}

void Doctor::languageServer() {
  const std::string Own = ownProgram();
  llvm::SmallString<128> Server(path::parent_path(Own));
  path::append(Server, "latchkey-clangd");
  if (!fs::can_execute(Server))
    return note("language server: not installed (latchkey-clangd beside latchkey)");
  std::string Said = outputOf(Server, {"--version"});
  if (std::string Version = llvmVersion(Said); !Version.empty())
    ok(fmt::format("language server: {} (clangd {})", Server.str().str(), Version));
  else
    wrong(fmt::format("language server: {} does not run: {}", Server.str().str(), firstLine(Said)),
          "install it again, with what it needs");
}

void Doctor::cache() {
  const std::string &Folder = How.User.CacheFolder;
  if (Folder.empty())
    return note("cache: none; every run reads everything");
  if (fs::create_directories(Folder) || fs::access(Folder, fs::AccessMode::Write))
    return wrong("cache: " + Folder + " cannot be written", "give another folder with --cache-dir");
  uint64_t Bytes = 0;
  std::error_code Failed;
  for (fs::directory_iterator It(Folder, Failed), End; It != End && !Failed; It.increment(Failed))
    if (auto Status = It->status())
      Bytes += Status->getSize();
  ok(fmt::format("cache: {}, {} of {} MiB", Folder, Bytes >> 20, How.CacheSize >> 20));
}

std::optional<Inputs> Doctor::database() {
  auto Given = findInputs(How);
  if (!Given) {
    wrong("database: " + llvm::toString(Given.takeError()),
          "with CMake: cmake -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, then -p build");
    return std::nullopt;
  }
  const Selection &Selected = Given->Selected;
  std::string Text =
      fmt::format("database: {}, {}", Selected.Database.empty() ? "your command line" : Selected.Database,
                  counted(Selected.Units.size(), "file"));
  if (Given->Excluded)
    Text += fmt::format(", {} excluded", Given->Excluded);
  if (Selected.PassedOver)
    Text += fmt::format(", {} entries that are not C or C++", Selected.PassedOver);
  ok(Text);
  if (!Selected.Database.empty())
    age(Selected.Database);
  return std::move(*Given);
}

/// CMake writes the database when it configures, and says beside it what for.
void Doctor::age(const std::string &Database) {
  llvm::SmallString<128> Cache(path::parent_path(Database)), Lists;
  path::append(Cache, "CMakeCache.txt");
  auto Text = llvm::MemoryBuffer::getFile(Cache, /*IsText=*/true);
  if (!Text)
    return;
  Lists = (*Text)->getBuffer().split("\nCMAKE_HOME_DIRECTORY:INTERNAL=").second.split('\n').first;
  path::append(Lists, "CMakeLists.txt");
  fs::file_status Its, Ours;
  if (!fs::status(Lists, Its) && !fs::status(Database, Ours) &&
      Its.getLastModificationTime() > Ours.getLastModificationTime())
    note(fmt::format("database: older than {}; configure the build again if files were added", Lists.str().str()));
}

/// Latchkey does not run them; which they are says which headers are read.
void Doctor::compilers(llvm::ArrayRef<TranslationUnit> Units) {
  std::map<std::string, unsigned> Named;
  for (const TranslationUnit &Unit : Units) {
    llvm::ArrayRef<std::string> Command = withoutLaunchers(Unit.Command);
    ++Named[Command.empty() ? "" : Command.front()];
  }
  for (const auto &[Name, Count] : Named) {
    if (Name.empty() || How.Flags)
      continue;
    auto Found = path::is_absolute(Name) && fs::can_execute(Name) ? llvm::ErrorOr<std::string>(Name)
                                                                  : llvm::sys::findProgramByName(Name);
    if (Found)
      ok(fmt::format("compiler: {}, of {}: {}", *Found, counted(Count, "file"),
                     firstLine(outputOf(*Found, {"--version"}))));
    else
      note(fmt::format("compiler: {}, of {}, is not here; its own headers may be missing", Name,
                       counted(Count, "file")));
  }
}

void Doctor::configuration(llvm::ArrayRef<TranslationUnit> Units) {
  auto Config = Configuration::create(How.User);
  if (!Config)
    return wrong("configuration: " + llvm::toString(Config.takeError()), "correct it");
  std::set<std::string> Files, Mistakes;
  size_t Off = 0;
  for (const TranslationUnit &Unit : Units) {
    FileConfiguration File = Config->forFile(Unit.File);
    Mistakes.insert(File.Mistakes.begin(), File.Mistakes.end());
    Mistakes.insert(File.Notices.begin(), File.Notices.end());
    Off += !File.AnyEnabled;
    for (const model::ProjectFile *Project : Config->projectFor(Unit.File).Files)
      Files.insert(shortPath(Project->Path, Directory));
    for (const ConfigurationLayer &Layer : Config->layersFor(Unit.File))
      if (path::is_absolute(Layer.Source))
        Files.insert(shortPath(Layer.Source, Directory));
  }
  for (const std::string &Mistake : Mistakes)
    wrong("configuration: " + Mistake, "correct it; --verify-config looks at all of it");
  ok("configuration: " + (Files.empty() ? "none, all is as by default" : llvm::join(Files, ", ")));
  if (Off)
    note(fmt::format("configuration: all checks are off for {}; --explain-config says why", counted(Off, "file")));
}

/// What the user can do about a file that is not wholly analysed.
static std::string advice(StringRef Message) {
  if (Message.contains("file not found"))
    return "build once if the header is generated, else install the package that has it";
  if (Message.contains("no such file") || Message.contains("cannot be entered"))
    return "build once if the file is generated, else configure the build again";
  if (Message.contains("more memory") || Message.contains("not done after") || Message.contains("crashed"))
    return "see the option it names, or leave the file out: `exclude` in .latchkey.yaml";
  return "see what Clang says with --verbose; what it does not understand of it is left out";
}

llvm::Error Doctor::read(const Inputs &Given) {
  auto Scratch = ScratchFolder::create();
  if (!Scratch)
    return Scratch.takeError();
  Settings User = Given.User;
  User.LoweredFolder = Scratch->path();
  auto Read = runJobs(jobsOf(Given.Selected.Units), User, How, "reading");
  if (!Read)
    return Read.takeError();
  Suppressions Comments; // Nothing is judged here.
  Results All = merge(std::move(*Read), {}, Comments);
  if (!All.Dropped.empty())
    note("compiler options that Clang does not know are left out: " + llvm::join(All.Dropped, " "));
  if (All.Problems.empty())
    ok("sources: " + counted(All.Files, "file") + ", all can be read");
  else
    problems(All.Problems);
  return llvm::Error::success();
}

void Doctor::problems(llvm::ArrayRef<Problem> Problems) {
  std::map<std::string, std::vector<const Problem *>> ByAdvice;
  for (const Problem &P : Problems)
    ByAdvice[advice(P.Message)].push_back(&P);
  constexpr size_t MostShown = 10;
  for (const auto &[Advice, Which] : ByAdvice) {
    wrong(fmt::format("sources: {} {} not wholly analysed", counted(Which.size(), "file"),
                      Which.size() == 1 ? "is" : "are"),
          Advice);
    for (const Problem *P : llvm::ArrayRef(Which).take_front(How.Verbose ? Which.size() : MostShown)) {
      Out << "       " << shortPath(P->File, Directory) << ": " << P->Message << "\n";
      if (How.Verbose)
        for (const std::string &Diagnostic : P->Diagnostics)
          Out << "         " << Diagnostic << "\n";
    }
    if (!How.Verbose && Which.size() > MostShown)
      Out << fmt::format("       and {} more; --verbose shows them\n", Which.size() - MostShown);
  }
}

llvm::Expected<int> runDoctor(const CommandLine &How) {
  return Doctor(How, llvm::outs()).run();
}

} // namespace latchkey::driver
