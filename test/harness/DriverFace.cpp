// The driver over one database, read back from its SARIF.

#include "test/harness/Faces.h"
#include "test/harness/LanguageServer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fmt/format.h>

using namespace latchkey::test;
using llvm::StringRef;
namespace json = llvm::json;

/// Follows member names; null where one is missing. A number is an index.
static const json::Value *at(const json::Value *V, llvm::ArrayRef<StringRef> Path) {
  for (StringRef Step : Path) {
    size_t Index = 0;
    if (!V)
      return nullptr;
    if (const json::Object *Object = V->getAsObject())
      V = Object->get(Step);
    else if (const json::Array *Array = V->getAsArray();
             Array && !Step.getAsInteger(10, Index) && Index < Array->size())
      V = &(*Array)[Index];
    else
      return nullptr;
  }
  return V;
}

static std::string textAt(const json::Value *V, llvm::ArrayRef<StringRef> Path) {
  const json::Value *Found = at(V, Path);
  return Found ? Found->getAsString().value_or("").str() : "";
}

static llvm::ArrayRef<json::Value> listAt(const json::Value *V, llvm::ArrayRef<StringRef> Path) {
  const json::Value *Found = at(V, Path);
  const json::Array *List = Found ? Found->getAsArray() : nullptr;
  return List ? llvm::ArrayRef(List->data(), List->size()) : llvm::ArrayRef<json::Value>();
}

/// File and line of a SARIF location.
static std::pair<std::string, unsigned> placeOf(const Workspace &W, const json::Value *Location) {
  const json::Value *Line = at(Location, {"physicalLocation", "region", "startLine"});
  std::string Uri = textAt(Location, {"physicalLocation", "artifactLocation", "uri"});
  return {W.nameOf(uriPath(Uri)), static_cast<unsigned>(Line ? Line->getAsInteger().value_or(0) : 0)};
}

static Reported fromResult(const Workspace &W, const json::Value &Result) {
  Reported R;
  R.Check = textAt(&Result, {"ruleId"});
  if (StringRef(R.Check).starts_with("latchkey-"))
    R.Check.erase(0, StringRef("latchkey-").size());
  R.Message = textAt(&Result, {"message", "text"});
  std::tie(R.File, R.Line) = placeOf(W, at(&Result, {"locations", "0"}));
  for (const json::Value &Step : listAt(&Result, {"codeFlows", "0", "threadFlows"}))
    for (const json::Value &Location : listAt(&Step, {"locations"})) {
      auto [File, Line] = placeOf(W, at(&Location, {"location"}));
      R.Notes.push_back({File, Line, textAt(&Location, {"location", "message", "text"})});
    }
  return R;
}

llvm::Expected<Reports> latchkey::test::runDriver(const Workspace &W, const Selection &S) {
  std::string Output = (W.directory() + "/findings.sarif").str();
  std::vector<std::string> Command{LATCHKEY_BINARY_DIR "/tool/latchkey", "-p=" + W.directory().str(), "--format=sarif",
                                   "--output=" + Output, "--no-cache"};
  if (!S.Linked)
    Command.push_back("--no-link");
  std::string Checks = "--checks=-*";
  for (const std::string &Check : S.Checks)
    Checks += ",latchkey-" + Check;
  Command.push_back(Checks);
  if (!S.Options.empty()) {
    std::vector<std::string> Settings;
    for (const auto &[Name, Value] : S.Options)
      Settings.push_back(llvm::formatv("{0}: {1}", json::Value(Name), json::Value(Value)).str());
    Command.push_back("--config={CheckOptions: {" + llvm::join(Settings, ", ") + "}}");
  }
  llvm::Expected<Ran> Result = runProgram(Command);
  if (!Result)
    return Result.takeError();
  auto Buffer = llvm::MemoryBuffer::getFile(Output);
  if (!Buffer)
    return llvm::createStringError(fmt::format("the driver ends with status {} and writes nothing\n{}{}",
                                               Result->Status, Result->Out, Result->Err));
  llvm::Expected<json::Value> Log = json::parse((*Buffer)->getBuffer());
  if (!Log)
    return Log.takeError();
  llvm::ArrayRef<json::Value> Results = listAt(&*Log, {"runs", "0", "results"});
  if (Result->Status != (Results.empty() ? 0 : 1))
    return llvm::createStringError(fmt::format("the driver ends with status {} after {} findings\n{}{}", Result->Status,
                                               Results.size(), Result->Out, Result->Err));
  Reports ByUnit(W.units().size());
  for (const json::Value &Value : Results)
    distribute(W, fromResult(W, Value), ByUnit);
  return ByUnit;
}
