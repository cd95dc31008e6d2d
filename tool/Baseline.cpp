#include "tool/Baseline.h"

#include "tool/Comparison.h"
#include "tool/Configuration.h"
#include "tool/LinkedProgram.h"
#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/StaleComments.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

#include <fmt/format.h>

#include <tuple>

namespace latchkey::driver {

namespace json = llvm::json;
using llvm::StringRef;

static constexpr int64_t Version = 1;

namespace {
struct Entry {
  std::string File, Check, Function, Subject, Message, Fingerprint;
  auto operator<=>(const Entry &) const = default;
};

bool fromJSON(const json::Value &V, Entry &E, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("file", E.File) && O.map("check", E.Check) && O.map("function", E.Function) &&
         O.map("subject", E.Subject) && O.map("message", E.Message) && O.map("fingerprint", E.Fingerprint);
}
} // namespace

static llvm::Error unusable(const std::string &Path, const std::string &Why) {
  return llvm::createStringError(
      fmt::format("{}: cannot use this baseline: {}; --write-baseline makes a new one", Path, Why));
}

static Report report(Entry E, StringRef Folder) {
  Report R;
  StringRef Check = E.Check;
  Check.consume_front("latchkey-");
  R.What.Check = Check.str();
  R.What.Where = {absolutePath(E.File, Folder), {}};
  R.What.Function = std::move(E.Function);
  R.What.Subject = std::move(E.Subject);
  R.What.Message = std::move(E.Message);
  if (const Rule *Of = findRule(Check))
    R.What.Level = Of->Info.Highest;
  R.Fingerprint = std::move(E.Fingerprint);
  R.Known = true;
  return R;
}

llvm::Expected<std::vector<Report>> readBaseline(const std::string &Path) {
  auto Text = llvm::MemoryBuffer::getFile(Path, /*IsText=*/true);
  if (!Text)
    return unusable(Path, Text.getError().message());
  auto Parsed = json::parse((*Text)->getBuffer());
  if (!Parsed)
    return unusable(Path, llvm::toString(Parsed.takeError()));
  if (const json::Object *Top = Parsed->getAsObject(); Top && Top->getArray("runs"))
    return unusable(Path, "it is a SARIF report");
  json::Path::Root Root("baseline");
  json::ObjectMapper O(*Parsed, Root);
  int64_t Of = 0;
  std::vector<Entry> Entries;
  if (!O || !O.map("version", Of))
    return unusable(Path, llvm::toString(Root.getError()));
  if (Of != Version)
    return unusable(Path, fmt::format("it is of version {}, this program reads version {}", Of, Version));
  if (!O.map("findings", Entries))
    return unusable(Path, llvm::toString(Root.getError()));
  std::vector<Report> Result;
  Result.reserve(Entries.size());
  for (Entry &E : Entries)
    Result.push_back(report(std::move(E), llvm::sys::path::parent_path(Path)));
  return Result;
}

/// A damaged baseline may be replaced, say one with the marks of a merge in it; a source that was named by mistake not.
static bool mayBeReplaced(const std::string &Path) {
  auto Text = llvm::MemoryBuffer::getFile(Path, /*IsText=*/true);
  StringRef Start = Text ? (*Text)->getBuffer().ltrim() : StringRef();
  return Start.empty() || Start.take_front(200).contains("\"findings\"");
}

/// As seen from the baseline's folder, so that a checkout elsewhere means the same.
static std::string relativePath(StringRef File, StringRef Folder) {
  std::string Up;
  for (StringRef Above = Folder; !Above.empty() && Above != "/"; Above = llvm::sys::path::parent_path(Above)) {
    if (std::string Short = shortPath(File, Above); Short != File)
      return Up + Short;
    Up += "../";
  }
  return File.str();
}

llvm::Error writeBaseline(const std::string &Path, llvm::ArrayRef<Report> Reports) {
  StringRef Folder = llvm::sys::path::parent_path(Path);
  std::vector<Entry> Entries;
  Entries.reserve(Reports.size());
  for (const Report &R : Reports)
    Entries.push_back({relativePath(R.What.Where.File, Folder), "latchkey-" + R.What.Check, R.What.Function,
                       R.What.Subject, R.What.Message, R.Fingerprint});
  llvm::sort(Entries);
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  Out << "{\n  \"version\": " << Version << ",\n  \"findings\": [";
  StringRef Separator = "\n";
  for (const Entry &E : Entries) {
    Out << Separator << "    "
        << json::Value(json::Object{{"check", E.Check},
                                    {"file", E.File},
                                    {"fingerprint", E.Fingerprint},
                                    {"function", E.Function},
                                    {"message", E.Message},
                                    {"subject", E.Subject}});
    Separator = ",\n";
  }
  Out << "\n  ]\n}\n";
  return writeFile(Path, Text);
}

/// Whether the whole program was looked at.
static bool isWhole(const Results &Now, const CommandLine &How) {
  bool Chosen = How.Do == CommandLine::Command::Analyse && (!How.Paths.empty() || How.Flags);
  return !Chosen && How.Part.Count == 1 && Now.Problems.empty();
}

static bool couldBeFound(const Finding &F, bool Whole, Configuration &Config, const CommandLine &How) {
  if (!llvm::sys::fs::exists(F.Where.File))
    return true;
  if (F.Check == staleNolint().Name)
    return Whole && How.Adopt.StaleComments;
  if (!Whole || (!How.User.Checks && !How.User.HeaderFilter))
    return Whole;
  FileConfiguration Here = Config.forFile(F.Where.File);
  return Here.Analysis.Enabled(F.Check) && Here.ReportsHeader(F.Where.File);
}

static llvm::Error writeKnown(Results &Now, const CommandLine &How, std::vector<Report> Unknown) {
  const std::string &Path = How.Adopt.Baseline;
  size_t New = Now.Reports.size();
  std::move(Now.Reports.begin(), Now.Reports.end(), std::back_inserter(Now.Known));
  Now.Reports.clear();
  Unknown.insert(Unknown.end(), Now.Known.begin(), Now.Known.end());
  size_t Written = Unknown.size();
  if (llvm::Error Failed = writeBaseline(Path, Unknown))
    return Failed;
  if (!How.Quiet)
    llvm::WithColor::note(llvm::errs(), "latchkey")
        << fmt::format("{} written to {}: {} new, {} gone\n", counted(Written, "finding"),
                       shortPath(Path, workingDirectory()), New, Now.Gone.size());
  return llvm::Error::success();
}

llvm::Error applyBaseline(Results &Now, const CommandLine &How) {
  const std::string &Path = How.Adopt.Baseline;
  auto Config = Configuration::create(How.User);
  if (!Config)
    return Config.takeError();
  bool Whole = isWhole(Now, How);
  std::vector<Report> Before;
  if (!How.Adopt.WriteBaseline || llvm::sys::fs::exists(Path)) {
    auto Read = readBaseline(Path);
    if (Read)
      Before = std::move(*Read);
    else if (!How.Adopt.WriteBaseline || !Whole)
      return Read.takeError();
    else if (llvm::consumeError(Read.takeError()); !mayBeReplaced(Path)) // Nothing of a damaged one would stay.
      return llvm::createStringError(Path + ": this is no baseline, and is not replaced; give another name");
  }
  auto CouldBe = [&](const Report &R) { return couldBeFound(R.What, Whole, *Config, How); };
  std::vector<Report> Unknown = compare(Now, std::move(Before), shortPath(Path, workingDirectory()), CouldBe);
  return How.Adopt.WriteBaseline ? writeKnown(Now, How, std::move(Unknown)) : llvm::Error::success();
}

} // namespace latchkey::driver
