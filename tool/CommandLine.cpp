#include "tool/CommandLine.h"

#include "tool/AdoptionOptions.h"
#include "tool/Cache.h"
#include "tool/Paths.h"
#include "tool/Program.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/StringSaver.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/WithColor.h"

namespace latchkey::driver {

namespace cl = llvm::cl;
using llvm::StringRef;

static constexpr StringRef Overview =
    R"(finds threads nobody waits for, waits nobody ends, and defers that fire in the wrong place

  latchkey [-p DIR] [PATH...]       analyse the compile database, or what of it PATH (file, folder, regex) means
  latchkey FILE... -- FLAGS         analyse files with these compiler options
  latchkey lower FILE [-- FLAGS]    print what the analysis sees of a file, or keep it: -o X.lkir
  latchkey lower -p DIR -o FOLDER/  keep that of all files, or of a part of them: --shard=1/4
  latchkey link X.lkir...           analyse what `lower -o` kept, as one program
  latchkey doctor [-p DIR]          say what is there, what will not work and what to do
  latchkey ninja -p DIR             write a build.ninja of these two steps, for ninja or a cluster

Exit status: 0 nothing found, 1 findings, 2 the job could not be done or not for all files.)";

namespace {

/// Registered while the command line is read only, so that nothing is global.
struct Options {
  cl::OptionCategory Category{"Options"};
  cl::SubCommand LowerCommand{"lower", "Print the effect IR of a file"};
  cl::SubCommand LinkCommand{"link", "Analyse lowered files as one program"};
  cl::SubCommand NinjaCommand{"ninja", "Write a build.ninja that lowers and links; after `--`: options for link"};
  cl::SubCommand DoctorCommand{"doctor", "Say what is there, what will not work and what to do"};
  cl::SubCommand CompletionCommand{"completion", "Print completions for a shell: bash, zsh or fish"};
  cl::SubCommand ManCommand{"man", "Print the manual page"};
  cl::SubCommand &Top = cl::SubCommand::getTopLevel();

  cl::list<std::string> Paths{cl::Positional,        cl::desc("[PATH...]"),  cl::cat(Category),
                              cl::sub(Top),          cl::sub(LowerCommand),  cl::sub(LinkCommand),
                              cl::sub(NinjaCommand), cl::sub(DoctorCommand), cl::sub(CompletionCommand)};
  cl::opt<std::string> BuildPath{"p",
                                 cl::desc("Folder of compile_commands.json, or the file; default: look here and up"),
                                 cl::value_desc("DIR"),
                                 cl::cat(Category),
                                 cl::sub(Top),
                                 cl::sub(LowerCommand),
                                 cl::sub(NinjaCommand),
                                 cl::sub(DoctorCommand)};
  cl::opt<std::string> Checks{"checks",
                              cl::desc("Globs of checks, after those of .clang-tidy: -*,latchkey-leaked-thread"),
                              cl::value_desc("GLOBS"),
                              cl::cat(Category),
                              cl::sub(Top),
                              cl::sub(LinkCommand),
                              cl::sub(DoctorCommand)};
  cl::opt<std::string> Config{"config",
                              cl::desc("Configuration in the format of .clang-tidy, instead of those files"),
                              cl::value_desc("YAML"),
                              cl::cat(Category),
                              cl::sub(Top),
                              cl::sub(LinkCommand),
                              cl::sub(DoctorCommand)};
  cl::opt<std::string> ConfigFile{"config-file",          cl::desc("The same, from a file"),
                                  cl::value_desc("FILE"), cl::cat(Category),
                                  cl::sub(Top),           cl::sub(LinkCommand),
                                  cl::sub(DoctorCommand)};
  cl::opt<std::string> HeaderFilter{"header-filter",
                                    cl::desc("Report in headers whose path matches (default: all of yours)"),
                                    cl::value_desc("REGEX"),
                                    cl::cat(Category),
                                    cl::sub(Top),
                                    cl::sub(LinkCommand)};
  cl::list<std::string> Models{"models",
                               cl::desc("What functions and types of your libraries mean; may be repeated"),
                               cl::value_desc("FILE"),
                               cl::cat(Category),
                               cl::sub(Top),
                               cl::sub(LowerCommand),
                               cl::sub(NinjaCommand),
                               cl::sub(DoctorCommand)};
  cl::opt<Format> As{"format",
                     cl::desc("Form of the report"),
                     cl::init(Format::Text),
                     cl::cat(Category),
                     cl::sub(Top),
                     cl::sub(LinkCommand),
                     cl::values(clEnumValN(Format::Text, "text", "for people (default)"),
                                clEnumValN(Format::Sarif, "sarif", "SARIF 2.1.0"),
                                clEnumValN(Format::Json, "json", "for scripts"),
                                clEnumValN(Format::JsonLines, "jsonl", "for scripts, a finding a line"),
                                clEnumValN(Format::Github, "github", "annotations of a GitHub workflow"),
                                clEnumValN(Format::Gitlab, "gitlab", "GitLab's code quality report"),
                                clEnumValN(Format::Checkstyle, "checkstyle", "Checkstyle's XML"),
                                clEnumValN(Format::JUnit, "junit", "JUnit's XML"))};
  cl::opt<std::string> Output{"output",
                              cl::desc("Write the report to a file; also -o"),
                              cl::value_desc("FILE"),
                              cl::cat(Category),
                              cl::sub(Top),
                              cl::sub(LinkCommand)};
  cl::alias ShortOutput{"o", cl::desc("Same as --output"), cl::aliasopt(Output)};
  cl::opt<std::string> Html{"html",
                            cl::desc("Also write the report as a page for a browser; to a folder as latchkey.html"),
                            cl::value_desc("PATH"),
                            cl::cat(Category),
                            cl::sub(Top),
                            cl::sub(LinkCommand)};
  cl::opt<std::string> LoweredOutput{
      "o",
      cl::desc("Where the result goes: of lower a file, or a folder (FOLDER/) for many; of ninja the build.ninja"),
      cl::value_desc("FILE"),
      cl::cat(Category),
      cl::sub(LowerCommand),
      cl::sub(NinjaCommand)};
  cl::opt<std::string> Depfile{"depfile", cl::desc("With -o: also write what was read, as rules for make and ninja"),
                               cl::value_desc("FILE"), cl::cat(Category), cl::sub(LowerCommand)};
  cl::opt<std::string> ShardOf{
      "shard",
      cl::desc("The I-th of N parts of the work; all parts together report what one run does. Each part reads the "
               "whole program (from the cache, if it is there) and judges its share; lower shares out the reading"),
      cl::value_desc("I/N"),
      cl::cat(Category),
      cl::sub(Top),
      cl::sub(LowerCommand),
      cl::sub(LinkCommand)};
  cl::opt<std::string> SummaryDb{
      "summary-db",
      cl::desc("Where clang-tidy and the editor find what the program says of other files (default: "
               "latchkey.summaries beside compile_commands.json, if all of it is analysed; `none`: nowhere)"),
      cl::value_desc("FILE"),
      cl::cat(Category),
      cl::sub(Top),
      cl::sub(LinkCommand)};
  cl::opt<unsigned> Jobs{"j",
                         cl::Prefix,
                         cl::desc("Worker processes (default: one for each core)"),
                         cl::value_desc("N"),
                         cl::cat(Category),
                         cl::sub(Top),
                         cl::sub(LowerCommand),
                         cl::sub(LinkCommand),
                         cl::sub(DoctorCommand)};
  cl::alias LongJobs{"jobs", cl::desc("Same as -j"), cl::aliasopt(Jobs), cl::cat(Category)};
  cl::opt<unsigned> Timeout{"timeout",
                            cl::desc("Time limit for each file (default: 300; 0: none)"),
                            cl::value_desc("SECONDS"),
                            cl::init(300),
                            cl::cat(Category),
                            cl::sub(Top),
                            cl::sub(LowerCommand),
                            cl::sub(LinkCommand),
                            cl::sub(DoctorCommand)};
  cl::opt<unsigned> MemoryLimit{"memory-limit",        cl::desc("Memory limit of a worker (default: 8192; 0: none)"),
                                cl::value_desc("MIB"), cl::init(8192),
                                cl::cat(Category),     cl::sub(Top),
                                cl::sub(LowerCommand), cl::sub(LinkCommand),
                                cl::sub(DoctorCommand)};
  cl::opt<bool> ListChecks{"list-checks", cl::desc("Print all checks and whether they are on"), cl::cat(Category)};
  cl::opt<std::string> Explain{"explain", cl::desc("Print the documentation of a check"), cl::value_desc("CHECK"),
                               cl::cat(Category)};
  cl::opt<bool> ExplainConfig{"explain-config", cl::desc("Say which file sets what for the sources named, or for all"),
                              cl::cat(Category)};
  cl::opt<bool> VerifyConfig{"verify-config", cl::desc("Check .clang-tidy, .latchkey.yaml and models for mistakes"),
                             cl::cat(Category)};
  cl::opt<bool> Stats{"stats", cl::desc("Say what was analysed, and what was not and why"), cl::cat(Category),
                      cl::sub(Top), cl::sub(LinkCommand)};
  cl::opt<bool> NoLink{"no-link", cl::desc("Judge each file by itself, as clang-tidy does"), cl::cat(Category)};
  cl::opt<bool> NoCache{"no-cache",           cl::desc("Analyse everything anew, and keep nothing"),
                        cl::cat(Category),    cl::sub(Top),
                        cl::sub(LinkCommand), cl::sub(DoctorCommand)};
  cl::opt<std::string> CacheFolder{
      "cache-dir",
      cl::desc("Where results are kept (default: $XDG_CACHE_HOME/latchkey or ~/.cache/latchkey)"),
      cl::value_desc("DIR"),
      cl::cat(Category),
      cl::sub(Top),
      cl::sub(LinkCommand),
      cl::sub(DoctorCommand)};
  cl::opt<unsigned> CacheSize{"cache-size",          cl::desc("How much is kept there (default: 2048)"),
                              cl::value_desc("MIB"), cl::init(2048),
                              cl::cat(Category),     cl::sub(Top),
                              cl::sub(LinkCommand),  cl::sub(DoctorCommand)};
  cl::opt<bool> Quiet{"quiet",
                      cl::desc("Findings only: no summary, notices or progress"),
                      cl::cat(Category),
                      cl::sub(Top),
                      cl::sub(LowerCommand),
                      cl::sub(LinkCommand),
                      cl::sub(DoctorCommand)};
  cl::opt<bool> Verbose{"verbose",
                        cl::desc("Also print compile errors"),
                        cl::cat(Category),
                        cl::sub(Top),
                        cl::sub(LowerCommand),
                        cl::sub(LinkCommand),
                        cl::sub(DoctorCommand)};
  cl::opt<std::string> ResourceDirectory{
      "resource-dir",        cl::desc("Clang's own headers, where they are not found"),
      cl::value_desc("DIR"), cl::cat(Category),
      cl::sub(Top),          cl::sub(LowerCommand),
      cl::sub(NinjaCommand), cl::sub(DoctorCommand)};
  cl::opt<Ranges> Print{"ranges",
                        cl::desc("Source ranges in the effect IR"),
                        cl::init(Ranges::Lines),
                        cl::cat(Category),
                        cl::sub(LowerCommand),
                        cl::values(clEnumValN(Ranges::None, "none", "none"),
                                   clEnumValN(Ranges::Lines, "lines", "lines (default)"),
                                   clEnumValN(Ranges::All, "all", "all, so that it can be read back"))};
  cl::opt<bool> Worker{"internal-worker", cl::Hidden, cl::cat(Category)};
  cl::opt<std::string> Fault{"internal-worker-fault", cl::Hidden, cl::cat(Category), cl::sub(Top), cl::sub(LinkCommand),
                             cl::sub(DoctorCommand)}; ///< For tests: see Worker.h.
  AdoptionOptions Adoption{Category, Top, LinkCommand};

  std::vector<cl::SubCommand *> commands() {
    return {&LowerCommand, &LinkCommand, &NinjaCommand, &DoctorCommand, &CompletionCommand, &ManCommand};
  }
};

} // namespace

/// LLVM's libraries bring options of their own, of which `--stats` has the name of one of ours.
static void removeForeignOption(StringRef Name) {
  auto &Registered = cl::getRegisteredOptions();
  if (auto It = Registered.find(Name); It != Registered.end())
    It->second->removeArgument();
}

/// All that --help shows of the options, of each command.
static OptionTable table(Options &From) {
  auto &Style = From.Adoption.fixStyle();
  const std::map<const cl::Option *, const cl::generic_parser_base *> Choices{
      {&From.As, &From.As.getParser()}, {&From.Print, &From.Print.getParser()}, {&Style, &Style.getParser()}};
  OptionTable Result;
  Result.Overview = Overview.str();
  std::map<std::string, OptionHelp> Sorted;
  auto Add = [&](cl::SubCommand &Command) {
    for (const auto &Entry : cl::getRegisteredOptions(Command)) {
      const cl::Option &O = *Entry.second;
      if (O.getOptionHiddenFlag() != cl::NotHidden || O.isPositional())
        continue;
      OptionHelp &Help = Sorted[Entry.first.str()];
      Help.Name = Entry.first.str();
      Help.Help = O.HelpStr.str();
      Help.Value = O.ValueStr.empty() && O.getValueExpectedFlag() == cl::ValueRequired ? "VALUE" : O.ValueStr.str();
      Help.Commands.push_back(Command.getName().str());
      if (auto Known = Choices.find(&O); Known != Choices.end() && Help.Choices.empty()) {
        Help.Value = "FORM";
        for (unsigned I = 0; I < Known->second->getNumOptions(); ++I)
          Help.Choices.push_back({Known->second->getOption(I).str(), Known->second->getDescription(I).str()});
      }
    }
  };
  Add(From.Top);
  for (cl::SubCommand *Command : From.commands()) {
    Add(*Command);
    Result.Commands.push_back({Command->getName().str(), Command->getDescription().str()});
  }
  for (auto &Entry : Sorted)
    Result.Options.push_back(std::move(Entry.second));
  return Result;
}

template <typename T> static std::optional<T> given(const cl::opt<T> &Option) {
  return Option.getNumOccurrences() ? std::optional<T>(Option) : std::nullopt;
}

static llvm::Expected<Settings> settings(const Options &From) {
  Settings User;
  User.Checks = given(From.Checks);
  User.Config = given(From.Config);
  User.HeaderFilter = given(From.HeaderFilter);
  for (const std::string &File : From.Models)
    User.Models.push_back(absolutePath(File));
  User.MemoryLimit = uint64_t(From.MemoryLimit) << 20;
  User.ResourceDirectory = From.ResourceDirectory.empty() ? "" : absolutePath(From.ResourceDirectory);
  User.Fault = From.Fault;
  if (!From.NoCache)
    User.CacheFolder = From.CacheFolder.empty() ? Cache::defaultFolder() : absolutePath(From.CacheFolder);
  if (auto File = given(From.ConfigFile)) {
    if (User.Config)
      return llvm::createStringError("--config and --config-file exclude each other");
    auto Text = llvm::MemoryBuffer::getFile(*File, /*IsText=*/true);
    if (!Text)
      return llvm::createStringError(*File + ": cannot read this configuration: " + Text.getError().message());
    User.Config = (*Text)->getBuffer().str();
  }
  return User;
}

static CommandLine::Command command(const Options &From) {
  using Command = CommandLine::Command;
  if (From.DoctorCommand)
    return Command::Doctor;
  if (From.CompletionCommand)
    return Command::Completion;
  if (From.ManCommand)
    return Command::Man;
  if (From.LowerCommand)
    return Command::Lower;
  if (From.LinkCommand)
    return Command::Link;
  if (From.NinjaCommand)
    return Command::Ninja;
  if (From.Worker)
    return Command::Worker;
  if (From.ListChecks)
    return Command::ListChecks;
  if (From.ExplainConfig)
    return Command::ExplainConfig;
  if (From.VerifyConfig)
    return Command::VerifyConfig;
  if (From.Explain.getNumOccurrences())
    return Command::Explain;
  return Command::Analyse;
}

static llvm::Expected<CommandLine> take(const Options &From) {
  CommandLine Result;
  auto Adopt = From.Adoption.take();
  if (!Adopt)
    return Adopt.takeError();
  Result.Adopt = std::move(*Adopt);
  auto User = settings(From);
  if (!User)
    return User.takeError();
  Result.User = std::move(*User);
  Result.BuildPath = From.BuildPath;
  Result.Paths.assign(From.Paths.begin(), From.Paths.end());
  Result.As = From.As;
  Result.Html = From.Html;
  Result.Output = From.LowerCommand || From.NinjaCommand ? From.LoweredOutput : From.Output;
  Result.Depfile = From.Depfile;
  Result.SummaryDb = From.SummaryDb;
  if (!From.ShardOf.empty()) {
    auto Part = parseShard(From.ShardOf);
    if (!Part)
      return Part.takeError();
    Result.Part = *Part;
  }
  Result.Jobs = From.Jobs ? unsigned(From.Jobs) : llvm::hardware_concurrency().compute_thread_count();
  Result.CacheSize = uint64_t(From.CacheSize) << 20;
  Result.Timeout = From.Timeout;
  Result.Linked = !From.NoLink;
  Result.Stats = From.Stats;
  Result.Quiet = From.Quiet;
  Result.Verbose = From.Verbose;
  Result.Print = From.Print;
  Result.Check = From.Explain;
  Result.Do = command(From);
  return Result;
}

/// LLVM's messages begin with the program's name, on each line, and name its full path once more.
static std::string oneLine(StringRef Messages, StringRef Program) {
  llvm::SmallVector<StringRef> Lines;
  Messages.split(Lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef &Line : Lines)
    Line = Line.contains(": ") && Program.contains(Line.split(": ").first) ? Line.split(": ").second : Line;
  std::string Text = llvm::join(Lines, " ");
  size_t Path = Text.find(Program);
  return Path == std::string::npos ? Text : Text.replace(Path, Program.size(), "latchkey");
}

llvm::Expected<CommandLine> readCommandLine(int Argc, const char *const *Argv) {
  llvm::ArrayRef<const char *> Words(Argv, Argc);
  auto Separator = llvm::find_if(Words, [](const char *Word) { return StringRef(Word) == "--"; });
  // More files than a command line can hold: @FILE.
  llvm::BumpPtrAllocator Memory;
  llvm::StringSaver Saver(Memory);
  llvm::SmallVector<const char *> Own(Words.begin(), Separator);
  cl::ExpandResponseFiles(Saver, cl::TokenizeGNUCommandLine, Own);
  for (StringRef Word : Own)
    if (Word.consume_front("@")) // One that is there was replaced by what it holds.
      return llvm::createStringError(Word + ": there is no such file of arguments");

  removeForeignOption("stats");
  Options From;
  cl::HideUnrelatedOptions({&From.Category, &llvm::getColorCategory()});
  for (cl::SubCommand *Command : From.commands())
    cl::HideUnrelatedOptions({&From.Category, &llvm::getColorCategory()}, *Command);
  cl::SetVersionPrinter([](llvm::raw_ostream &Out) { Out << versionLine() << "\n"; });
  std::string Wrong;
  llvm::raw_string_ostream Errors(Wrong);
  if (!cl::ParseCommandLineOptions(static_cast<int>(Own.size()), Own.data(), Overview, &Errors))
    return llvm::createStringError(Wrong.empty() ? "--help lists the options" : oneLine(Wrong, Argv[0]));
  auto Result = take(From);
  if (Result && (From.CompletionCommand || From.ManCommand))
    Result->Table = table(From);
  if (Result && Separator != Words.end())
    Result->Flags.emplace(Separator + 1, Words.end());
  return Result;
}

} // namespace latchkey::driver
