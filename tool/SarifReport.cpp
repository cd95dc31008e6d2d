#include "checks/rules/Rule.h"
#include "tool/Explain.h"
#include "tool/Paths.h"
#include "tool/Program.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"
#include "tool/StaleComments.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include <fmt/format.h>

#include <map>

namespace latchkey::driver {

namespace json = llvm::json;
using llvm::StringRef;

namespace {

class SarifReport {
public:
  SarifReport(const Results &All, const ReportOptions &Options) : All(All), Directory(Options.Directory) {}

  json::Object log() {
    json::Array Results;
    for (const Entry &E : entries()) {
      json::Object Result = result(*E.Of);
      if (!All.ComparedTo.empty())
        Result["baselineState"] = E.State;
      if (E.Silenced) { // Readers that know nothing of suppressions should not take it for a warning.
        Result["suppressions"] = json::Array{suppression(E.Of->Justification)};
        Result["level"] = "note";
      }
      Results.push_back(std::move(Result));
    }
    json::Object Run{{"tool", tool()},
                     {"invocations", json::Array{invocation()}},
                     {"originalUriBaseIds", json::Object{{Base, json::Object{{"uri", fileUri(Directory) + "/"}}}}},
                     {"columnKind", "unicodeCodePoints"},
                     {"results", std::move(Results)}};
    return json::Object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                        {"version", "2.1.0"},
                        {"runs", json::Array{std::move(Run)}}};
  }

private:
  struct Entry {
    const Report *Of;
    StringRef State; ///< "new", "unchanged", "absent".
    bool Silenced;
  };
  std::vector<Entry> entries();
  static json::Object suppression(StringRef Justification);
  json::Object tool();
  json::Object rule(const Metadata &);
  json::Object invocation();
  json::Object notification(StringRef Level, StringRef Message, StringRef File);
  json::Object result(const Report &);
  json::Object codeFlow(llvm::ArrayRef<Note>);
  json::Object fix(const Fix &);
  json::Object artifact(StringRef File);
  json::Object region(const SourcePlace &);
  json::Object location(const SourcePlace &, StringRef Message);
  static std::string percentEncoded(StringRef Path);
  static std::string fileUri(StringRef Path) { return "file://" + percentEncoded(Path); }

  static constexpr StringRef Base = "%SRCROOT%";
  // What GitHub takes: of a run with more results, nothing; of a result, these first ones.
  static constexpr size_t MostResults = 25'000;
  static constexpr size_t MostLocations = 100;

  const Results &All;
  StringRef Directory;
  size_t LeftOut = 0; ///< Results beyond the limit.
  SourceText Sources;
};

} // namespace

static json::Object text(const llvm::Twine &Text) {
  return json::Object{{"text", Text.str()}};
}

static StringRef levelOf(Confidence C) {
  Report R;
  R.What.Level = C;
  return level(R);
}

/// What matters most comes first only if not all of it can be told.
std::vector<SarifReport::Entry> SarifReport::entries() {
  std::vector<Entry> Entries;
  Entries.reserve(All.Reports.size() + All.Known.size() + All.Silenced.size() + All.Gone.size());
  for (const Report &R : All.Reports)
    Entries.push_back({&R, "new", false});
  for (const Report &R : All.Known)
    Entries.push_back({&R, "unchanged", false});
  for (const Report &R : All.Silenced)
    Entries.push_back({&R, R.Known ? "unchanged" : "new", true});
  for (const Report &R : All.Gone)
    Entries.push_back({&R, "absent", false});
  if (Entries.size() <= MostResults)
    return Entries;
  auto Weight = [](const Entry &E) {
    return std::tuple(E.State == "absent", E.Silenced, E.State != "new",
                      E.Of->AsError ? Confidence() : E.Of->What.Level);
  };
  llvm::stable_sort(Entries, [&](const Entry &A, const Entry &B) { return Weight(A) < Weight(B); });
  LeftOut = Entries.size() - MostResults;
  Entries.resize(MostResults);
  return Entries;
}

json::Object SarifReport::suppression(StringRef Justification) {
  json::Object Result{{"kind", "inSource"}};
  if (!Justification.empty())
    Result["justification"] = Justification;
  return Result;
}

std::string SarifReport::percentEncoded(StringRef Path) {
  std::string Uri;
  for (char C : Path)
    if (llvm::isAlnum(C) || StringRef("/-._~!$&'()*+,;=:@").contains(C))
      Uri += C;
    else
      Uri += fmt::format("%{:02X}", static_cast<unsigned char>(C));
  return Uri;
}

json::Object SarifReport::rule(const Metadata &Info) {
  json::Array Tags{"concurrency", Info.Family};
  for (const Reference &R : Info.References)
    if (R.Title.starts_with("CWE-"))
      Tags.push_back("external/cwe/" + R.Title.lower());
  json::Object Rule{
      {"id", "latchkey-" + Info.Name.str()},
      {"name", Info.Name},
      {"shortDescription", text(Info.Summary)},
      {"fullDescription", text(Info.Summary)},
      {"help", json::Object{{"text", Info.Summary}, {"markdown", explain(Info)}}},
      {"defaultConfiguration", json::Object{{"level", levelOf(Info.Highest)}, {"enabled", Info.OnByDefault}}},
      {"properties", json::Object{{"tags", std::move(Tags)},
                                  {"precision", Info.Highest == Confidence::Certain  ? "very-high"
                                                : Info.Highest == Confidence::Likely ? "high"
                                                                                     : "medium"}}}};
  if (!Info.References.empty())
    Rule["helpUri"] = Info.References.front().Url;
  return Rule;
}

json::Object SarifReport::tool() {
  json::Array Rules;
  for (const latchkey::Rule *R : allRules())
    Rules.push_back(rule(R->Info));
  Rules.push_back(rule(staleNolint()));
  return json::Object{{"driver", json::Object{{"name", "latchkey"},
                                              {"version", version()},
                                              {"semanticVersion", version()},
                                              {"rules", std::move(Rules)}}}};
}

json::Object SarifReport::notification(StringRef Level, StringRef Message, StringRef File) {
  json::Object N{{"level", Level}, {"message", text(Message)}};
  if (!File.empty())
    N["locations"] =
        json::Array{json::Object{{"physicalLocation", json::Object{{"artifactLocation", artifact(File)}}}}};
  return N;
}

json::Object SarifReport::invocation() {
  json::Array Execution, Configuration;
  for (const Problem &P : All.Problems)
    Execution.push_back(notification("error", P.Message, P.File));
  for (const std::string &Mistake : All.Mistakes)
    Configuration.push_back(notification("error", Mistake, ""));
  for (const std::string &Notice : All.Notices)
    Configuration.push_back(notification("warning", Notice, ""));
  for (const std::string &Option : All.Dropped)
    Configuration.push_back(notification("note", "compiler option left out: " + Option, ""));
  if (LeftOut)
    Execution.push_back(notification(
        "warning", fmt::format("{} more results, less important ones, are left out: services take no more", LeftOut),
        ""));
  return json::Object{{"executionSuccessful", All.exitStatus() != 2},
                      {"exitCode", All.exitStatus()},
                      {"workingDirectory", json::Object{{"uri", fileUri(Directory)}}},
                      {"toolExecutionNotifications", std::move(Execution)},
                      {"toolConfigurationNotifications", std::move(Configuration)}};
}

json::Object SarifReport::artifact(StringRef File) {
  std::string Short = shortPath(File, Directory);
  if (Short == File)
    return json::Object{{"uri", fileUri(File)}};
  return json::Object{{"uri", percentEncoded(Short)}, {"uriBaseId", Base}};
}

json::Object SarifReport::region(const SourcePlace &P) {
  auto [Start, End] = Sources.span(P);
  return json::Object{{"startLine", std::max(1u, Start.Line)},
                      {"startColumn", Start.Column},
                      {"endLine", std::max(1u, End.Line)},
                      {"endColumn", End.Column},
                      {"byteOffset", P.At.Offset},
                      {"byteLength", P.At.Length}};
}

json::Object SarifReport::location(const SourcePlace &P, StringRef Message) {
  json::Object Physical{{"artifactLocation", artifact(P.File)}};
  if (P.At.Line) // What is gone from a baseline has none.
    Physical["region"] = region(P);
  json::Object L{{"physicalLocation", std::move(Physical)}};
  if (!Message.empty())
    L["message"] = text(Message);
  return L;
}

/// One flow in order of time through all threads, because viewers show the first one; each step says whose it is.
json::Object SarifReport::codeFlow(llvm::ArrayRef<Note> Notes) {
  json::Array Steps;
  unsigned Order = 0;
  for (const Note &N : Notes) {
    std::string Message = N.Lane ? fmt::format("[task {}] {}", N.Lane, N.Message) : N.Message;
    Steps.push_back(json::Object{{"location", location(N.Where, Message)},
                                 {"executionOrder", ++Order},
                                 {"nestingLevel", N.Lane},
                                 {"importance", Order == 1 || Order == Notes.size() ? "essential" : "important"},
                                 {"properties", json::Object{{"lane", N.Lane}}}});
  }
  return json::Object{{"threadFlows", json::Array{json::Object{{"locations", std::move(Steps)}}}}};
}

json::Object SarifReport::fix(const Fix &F) {
  std::map<std::string, json::Array> ByFile;
  for (const Edit &E : F.Edits)
    ByFile[E.Where.File].push_back(json::Object{{"deletedRegion", region(E.Where)}, {"insertedContent", text(E.Text)}});
  json::Array Changes;
  for (auto &[File, Replacements] : ByFile)
    Changes.push_back(json::Object{{"artifactLocation", artifact(File)}, {"replacements", std::move(Replacements)}});
  return json::Object{{"description", text(F.Title)},
                      {"artifactChanges", std::move(Changes)},
                      {"properties", json::Object{{"safe", F.Safe}}}};
}

json::Object SarifReport::result(const Report &R) {
  const Finding &F = R.What;
  const Rule *Check = findRule(F.Check);
  json::Object Result{
      {"ruleId", "latchkey-" + F.Check},
      {"level", level(R)},
      {"message", text(F.Message)},
      {"locations", json::Array{location(F.Where, "")}},
      {"partialFingerprints", json::Object{{"latchkey/v1", R.Fingerprint}}},
      {"properties", json::Object{{"confidence", name(F.Level)}, {"function", F.Function}, {"subject", F.Subject}}}};
  if (Check || F.Check == staleNolint().Name)
    Result["ruleIndex"] = llvm::find(allRules(), Check) - allRules().begin(); // Behind them comes the one that is none.
  json::Array Related, Fixes;
  llvm::ArrayRef<Note> Notes = llvm::ArrayRef(F.Notes).take_front(MostLocations);
  for (const Note &N : Notes) {
    json::Object L = location(N.Where, N.Message);
    L["id"] = Related.size() + 1;
    Related.push_back(std::move(L));
  }
  for (const Fix &One : F.Fixes)
    Fixes.push_back(fix(One));
  if (!Notes.empty()) {
    Result["codeFlows"] = json::Array{codeFlow(Notes)};
    Result["relatedLocations"] = std::move(Related);
  }
  if (!F.Fixes.empty())
    Result["fixes"] = std::move(Fixes);
  return Result;
}

void writeSarif(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  Out << llvm::formatv("{0:2}", json::Value(SarifReport(All, Options).log())) << "\n";
}

} // namespace latchkey::driver
