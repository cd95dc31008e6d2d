#include "tool/TranslationUnit.h"

namespace json = llvm::json;

namespace latchkey {

// A place is written flat: file, line, column, offset, length.
static json::Object placeToJSON(const SourcePlace &P) {
  json::Object O{
      {"file", P.File}, {"line", P.At.Line}, {"column", P.At.Column}, {"offset", P.At.Offset}, {"length", P.At.Length}};
  if (P.At.Macro)
    O["macro"] = true;
  return O;
}

static bool placeFromJSON(json::ObjectMapper &O, SourcePlace &P) {
  return O.map("file", P.File) && O.map("line", P.At.Line) && O.map("column", P.At.Column) &&
         O.map("offset", P.At.Offset) && O.map("length", P.At.Length) && O.mapOptional("macro", P.At.Macro);
}

json::Value toJSON(const Note &N) {
  json::Object O = placeToJSON(N.Where);
  O["message"] = N.Message;
  O["lane"] = N.Lane;
  O["kind"] = name(N.Kind);
  return O;
}

static bool fromJSON(const json::Value &V, StepKind &K, json::Path P) {
  for (StepKind Known = StepKind::Other; Known <= StepKind::Leave; Known = StepKind(uint8_t(Known) + 1))
    if (V.getAsString() == name(Known)) {
      K = Known;
      return true;
    }
  P.report("expected the kind of a step");
  return false;
}

bool fromJSON(const json::Value &V, Note &N, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && placeFromJSON(O, N.Where) && O.map("message", N.Message) && O.map("lane", N.Lane) &&
         O.map("kind", N.Kind);
}

json::Value toJSON(const Edit &E) {
  json::Object O = placeToJSON(E.Where);
  O["text"] = E.Text;
  return O;
}

bool fromJSON(const json::Value &V, Edit &E, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && placeFromJSON(O, E.Where) && O.map("text", E.Text);
}

json::Value toJSON(const Fix &F) {
  return json::Object{{"title", F.Title}, {"edits", json::Array(F.Edits)}, {"safe", F.Safe}};
}

bool fromJSON(const json::Value &V, Fix &F, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("title", F.Title) && O.map("edits", F.Edits) && O.map("safe", F.Safe);
}

static bool fromJSON(const json::Value &V, Confidence &C, json::Path P) {
  for (Confidence Known : {Confidence::Certain, Confidence::Likely, Confidence::Style})
    if (V.getAsString() == driver::name(Known)) {
      C = Known;
      return true;
    }
  P.report("expected certain, likely or style");
  return false;
}

json::Value toJSON(const Finding &F) {
  json::Object O = placeToJSON(F.Where);
  O["check"] = "latchkey-" + F.Check;
  O["confidence"] = driver::name(F.Level);
  O["message"] = F.Message;
  O["lane"] = F.Lane;
  O["function"] = F.Function;
  O["subject"] = F.Subject;
  O["notes"] = json::Array(F.Notes);
  O["fixes"] = json::Array(F.Fixes);
  return O;
}

bool fromJSON(const json::Value &V, Finding &F, json::Path P) {
  json::ObjectMapper O(V, P);
  if (!O || !placeFromJSON(O, F.Where) || !O.map("check", F.Check) || !O.map("confidence", F.Level) ||
      !O.map("message", F.Message) || !O.map("lane", F.Lane) || !O.map("function", F.Function) ||
      !O.map("subject", F.Subject) || !O.map("notes", F.Notes) || !O.map("fixes", F.Fixes))
    return false;
  llvm::StringRef Check = F.Check;
  if (Check.consume_front("latchkey-"))
    F.Check = Check.str();
  return true;
}

} // namespace latchkey

namespace latchkey::driver {

llvm::StringRef name(Confidence C) {
  switch (C) {
  case Confidence::Certain:
    return "certain";
  case Confidence::Likely:
    return "likely";
  case Confidence::Style:
    return "style";
  }
  return "";
}

Counts &Counts::operator+=(const Counts &O) {
  FunctionsSeen += O.FunctionsSeen;
  FunctionsLowered += O.FunctionsLowered;
  FunctionsAnalysed += O.FunctionsAnalysed;
  Opaque += O.Opaque;
  OverBudget += O.OverBudget;
  NotAnalysed.insert(NotAnalysed.end(), O.NotAnalysed.begin(), O.NotAnalysed.end());
  return *this;
}

Times &Times::operator+=(const Times &O) {
  Total += O.Total;
  Lowering += O.Lowering;
  Analysis += O.Analysis;
  return *this;
}

json::Value toJSON(const TranslationUnit &U) {
  return json::Object{{"file", U.File}, {"directory", U.Directory}, {"command", json::Array(U.Command)}};
}

bool fromJSON(const json::Value &V, TranslationUnit &U, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("file", U.File) && O.map("directory", U.Directory) && O.map("command", U.Command);
}

json::Value toJSON(const Job &J) {
  return json::Object{{"file", J.File}, {"unit", J.Unit}, {"program", J.Program}};
}

bool fromJSON(const json::Value &V, Job &J, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("file", J.File) && O.map("unit", J.Unit) && O.map("program", J.Program);
}

json::Value toJSON(const Settings &S) {
  json::Object Earlier;
  for (const auto &[Path, Instead] : S.Earlier)
    Earlier[Path] = Instead;
  return json::Object{{"checks", S.Checks},
                      {"config", S.Config},
                      {"headerFilter", S.HeaderFilter},
                      {"models", json::Array(S.Models)},
                      {"resourceDirectory", S.ResourceDirectory},
                      {"memoryLimit", S.MemoryLimit},
                      {"fault", S.Fault},
                      {"loweredFolder", S.LoweredFolder},
                      {"cacheFolder", S.CacheFolder},
                      {"earlier", std::move(Earlier)}};
}

bool fromJSON(const json::Value &V, Settings &S, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("checks", S.Checks) && O.map("config", S.Config) && O.map("headerFilter", S.HeaderFilter) &&
         O.map("models", S.Models) && O.map("resourceDirectory", S.ResourceDirectory) &&
         O.map("memoryLimit", S.MemoryLimit) && O.map("fault", S.Fault) && O.map("loweredFolder", S.LoweredFolder) &&
         O.map("cacheFolder", S.CacheFolder) && O.map("earlier", S.Earlier);
}

static json::Value toJSON(const Report &R) {
  return json::Object{{"finding", latchkey::toJSON(R.What)}, {"asError", R.AsError}};
}

static bool fromJSON(const json::Value &V, Report &R, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("finding", R.What) && O.map("asError", R.AsError);
}

json::Value toJSON(const Counts &C) {
  return json::Object{{"functionsSeen", C.FunctionsSeen},
                      {"functionsLowered", C.FunctionsLowered},
                      {"functionsAnalysed", C.FunctionsAnalysed},
                      {"opaque", C.Opaque},
                      {"overBudget", C.OverBudget},
                      {"notAnalysed", json::Array(C.NotAnalysed)}};
}

static bool fromJSON(const json::Value &V, Counts &C, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("functionsSeen", C.FunctionsSeen) && O.map("functionsLowered", C.FunctionsLowered) &&
         O.map("functionsAnalysed", C.FunctionsAnalysed) && O.map("opaque", C.Opaque) &&
         O.map("overBudget", C.OverBudget) && O.map("notAnalysed", C.NotAnalysed);
}

static json::Value toJSON(const Times &T) {
  return json::Object{{"total", T.Total}, {"lowering", T.Lowering}, {"analysis", T.Analysis}};
}

static bool fromJSON(const json::Value &V, Times &T, json::Path P) {
  json::ObjectMapper O(V, P);
  return O && O.map("total", T.Total) && O.map("lowering", T.Lowering) && O.map("analysis", T.Analysis);
}

/// Numbers in hexadecimal, 16 digits each.
static std::string toText(llvm::ArrayRef<uint64_t> Numbers) {
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  for (uint64_t Number : Numbers)
    Out << llvm::format_hex_no_prefix(Number, 16);
  return Text;
}

static std::vector<uint64_t> fromText(llvm::StringRef Text) {
  std::vector<uint64_t> Numbers;
  for (uint64_t Number = 0; Text.size() >= 16 && !Text.take_front(16).getAsInteger(16, Number);
       Text = Text.drop_front(16))
    Numbers.push_back(Number);
  return Numbers;
}

json::Value toJSON(const Outcome &R) {
  json::Array Reports;
  for (const Report &One : R.Reports)
    Reports.push_back(toJSON(One));
  return json::Object{{"file", R.File},
                      {"lowered", R.Lowered},
                      {"fromCache", R.FromCache},
                      {"reports", std::move(Reports)},
                      {"problem", R.Problem},
                      {"diagnostics", json::Array(R.Diagnostics)},
                      {"dropped", json::Array(R.Dropped)},
                      {"notices", json::Array(R.Notices)},
                      {"mistakes", json::Array(R.Mistakes)},
                      {"commented", json::Array(R.Commented)},
                      {"asked", toText(R.Asked)},
                      {"count", toJSON(R.Count)},
                      {"spent", toJSON(R.Spent)}};
}

bool fromJSON(const json::Value &V, Outcome &R, json::Path P) {
  json::ObjectMapper O(V, P);
  std::string Asked;
  bool Sound = O && O.map("asked", Asked);
  R.Asked = fromText(Asked);
  return Sound && O.map("file", R.File) && O.map("lowered", R.Lowered) && O.map("fromCache", R.FromCache) &&
         O.map("reports", R.Reports) && O.map("problem", R.Problem) && O.map("diagnostics", R.Diagnostics) &&
         O.map("dropped", R.Dropped) && O.map("notices", R.Notices) && O.map("mistakes", R.Mistakes) &&
         O.map("commented", R.Commented) && O.map("count", R.Count) && O.map("spent", R.Spent);
}

} // namespace latchkey::driver
