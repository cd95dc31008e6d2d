// The language server, spoken to as an editor does.

#include "test/harness/Editor.h"
#include "test/harness/Faces.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cctype>

using namespace latchkey::test;
using llvm::StringRef;
namespace json = llvm::json;

/// Options and checks that are off by default need a configuration, which the server reads where a user has it. The
/// index of the standard library has nothing to do with diagnostics and costs seconds.
static llvm::Error configure(const Workspace &W, const Selection &S) {
  std::string Folder = (W.directory() + "/config/clangd").str();
  std::error_code Failed = llvm::sys::fs::create_directories(Folder);
  if (Failed)
    return llvm::createStringError(Failed, Folder);
  llvm::raw_fd_ostream Out(Folder + "/config.yaml", Failed);
  if (Failed)
    return llvm::createStringError(Failed, Folder);
  Out << "Index:\n  StandardLibrary: No\n";
  if (S.Options.empty() && S.OnByDefault)
    return llvm::Error::success();
  Out << "Diagnostics:\n  ClangTidy:\n    Add: [";
  for (const std::string &Check : S.Checks)
    Out << "latchkey-" << Check << ", ";
  Out << "]\n";
  if (!S.Options.empty())
    Out << "    CheckOptions:\n";
  for (const auto &[Name, Value] : S.Options)
    Out << "      " << Name << ": " << json::Value(Value) << "\n";
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<LanguageServer>> latchkey::test::startEditor(const Workspace &W, const Selection &S) {
  if (llvm::Error Failed = configure(W, S))
    return Failed;
  auto Server = LanguageServer::start(LATCHKEY_BINARY_DIR "/tool/latchkey-clangd",
                                      {"--compile-commands-dir=" + W.directory().str(), "--background-index=false",
                                       "--pch-storage=memory", "--log=error", "-j=2"},
                                      {"XDG_CONFIG_HOME=" + W.directory().str() + "/config"});
  if (!Server)
    return Server;
  if (llvm::Error Failed = (*Server)->initialize(W.directory()))
    return Failed;
  return Server;
}

static unsigned lineOf(const json::Object *Range) {
  const json::Object *Start = Range ? Range->getObject("start") : nullptr;
  return Start ? static_cast<unsigned>(Start->getInteger("line").value_or(0)) + 1 : 0;
}

/// As the check wrote it: clangd begins with a capital letter and appends a remark about fixes.
static std::string original(StringRef Message) {
  Message.consume_back(" (fix available)");
  Message.consume_back(" (fixes available)");
  std::string Text = Message.str();
  if (!Text.empty())
    Text[0] = static_cast<char>(std::tolower(Text[0]));
  return Text;
}

static std::vector<ReportedNote> notesOf(const Workspace &W, const json::Object &Diagnostic) {
  std::vector<ReportedNote> Notes;
  const json::Array *Related = Diagnostic.getArray("relatedInformation");
  for (size_t I = 0; Related && I < Related->size(); ++I) {
    const json::Object *Note = (*Related)[I].getAsObject();
    const json::Object *Location = Note ? Note->getObject("location") : nullptr;
    if (Location)
      Notes.push_back({W.nameOf(uriPath(Location->getString("uri").value_or(""))), lineOf(Location->getObject("range")),
                       original(Note->getString("message").value_or(""))});
  }
  return Notes;
}

std::vector<Reported> latchkey::test::fromDiagnostics(const Workspace &W, StringRef File,
                                                      const json::Array &Diagnostics) {
  std::vector<Reported> All;
  for (const json::Value &Value : Diagnostics) {
    const json::Object &D = *Value.getAsObject();
    StringRef Check = D.getString("code").value_or("");
    bool Ours = Check.consume_front("latchkey-");
    if (!Ours && D.getInteger("severity") != 1) // The compiler's warnings are not about us.
      continue;
    std::string Message = original(D.getString("message").value_or(""));
    All.push_back({Ours ? Check.str() : "", File.str(), lineOf(D.getObject("range")),
                   Ours ? Message : "does not compile: " + Message, notesOf(W, D)});
  }
  return All;
}

llvm::Expected<Reports> latchkey::test::runEditor(const Workspace &W, const Selection &S) {
  auto Server = startEditor(W, S);
  if (!Server)
    return Server.takeError();
  Reports All;
  for (const Unit &U : W.units()) {
    if (llvm::Error Failed = (*Server)->open(U.Path, U.F->C ? "c" : "cpp", U.F->Text))
      return Failed;
    llvm::Expected<json::Array> Diagnostics = (*Server)->diagnostics(U.Path);
    if (!Diagnostics)
      return llvm::createStringError(U.F->name() + ": " + llvm::toString(Diagnostics.takeError()));
    All.push_back(fromDiagnostics(W, U.F->File, *Diagnostics));
    if (llvm::Error Failed = (*Server)->close(U.Path))
      return Failed;
  }
  if (llvm::Error Failed = (*Server)->shutdown())
    return Failed;
  return All;
}
