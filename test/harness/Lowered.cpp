#include "test/harness/Lowered.h"

#include "checks/flow/Link.h"
#include "checks/ir/Binary.h"
#include "checks/ir/Text.h"
#include "checks/lower/Lower.h"

#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/VirtualFileSystem.h"

using namespace latchkey;
using namespace latchkey::test;
using llvm::StringRef;

namespace {

class LowerConsumer : public clang::ASTConsumer {
public:
  LowerConsumer(clang::CompilerInstance &Compiler, std::optional<ir::Module> &Into) : Compiler(Compiler), Into(Into) {}

  void HandleTranslationUnit(clang::ASTContext &Context) override {
    lower::Options Options;
    Options.Sema = &Compiler.getSema();
    Into = lower::lower(Context, Options);
  }

private:
  clang::CompilerInstance &Compiler;
  std::optional<ir::Module> &Into;
};

class LowerAction : public clang::ASTFrontendAction {
public:
  explicit LowerAction(std::optional<ir::Module> &Into) : Into(Into) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &Compiler, StringRef) override {
    return std::make_unique<LowerConsumer>(Compiler, Into);
  }

private:
  std::optional<ir::Module> &Into;
};

/// Keeps the errors.
class ErrorCollector : public clang::DiagnosticConsumer {
public:
  ErrorCollector(const Workspace &W, std::vector<Reported> &Into) : W(W), Into(Into) {}

  void HandleDiagnostic(clang::DiagnosticsEngine::Level Level, const clang::Diagnostic &Info) override {
    DiagnosticConsumer::HandleDiagnostic(Level, Info);
    if (Level < clang::DiagnosticsEngine::Error)
      return;
    llvm::SmallString<128> Message("does not compile: ");
    Info.FormatDiagnostic(Message);
    clang::PresumedLoc At;
    if (Info.hasSourceManager() && Info.getLocation().isValid())
      At = Info.getSourceManager().getPresumedLoc(Info.getLocation());
    Into.push_back(
        {"", At.isValid() ? W.nameOf(At.getFilename()) : "", At.isValid() ? At.getLine() : 0, Message.str().str(), {}});
  }

private:
  const Workspace &W;
  std::vector<Reported> &Into;
};

} // namespace

Lowered test::lowerUnit(const Workspace &W, const Unit &U, std::optional<StringRef> Text) {
  Lowered Result;
  std::vector<std::string> Command = U.Command;
  Command.insert(Command.begin() + 1, {"-resource-dir=" LATCHKEY_RESOURCE_DIR, "-fsyntax-only", "-w"});
  auto Files = llvm::makeIntrusiveRefCnt<clang::FileManager>(clang::FileSystemOptions{W.directory().str()},
                                                             llvm::vfs::getRealFileSystem());
  clang::tooling::ToolInvocation Invocation(Command, std::make_unique<LowerAction>(Result.Module), Files.get());
  ErrorCollector Errors(W, Result.Errors);
  Invocation.setDiagnosticConsumer(&Errors);
  if (Text) {
    auto Layered = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
    auto Memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    Memory->addFile(U.Path, 0, llvm::MemoryBuffer::getMemBufferCopy(*Text));
    Layered->pushOverlay(Memory);
    Files->setVirtualFileSystem(Layered);
  }
  if (!Invocation.run() && Result.Errors.empty())
    Result.Errors.push_back({"", U.F->File, 1, "does not compile", {}});
  return Result;
}

AnalysisOptions test::analysisOptions(const Selection &S) {
  AnalysisOptions Options;
  Options.Enabled = [&S](StringRef Check) { return llvm::is_contained(S.Checks, Check); };
  for (const auto &[Key, Value] : S.Options) {
    auto [Check, Name] = StringRef(Key).split('.');
    Check.consume_front("latchkey-");
    Options.Options[Check][Name] = Value;
  }
  return Options;
}

std::vector<std::string> test::irProblems(const ir::Module &Module) {
  std::vector<std::string> Problems = ir::verify(Module);
  for (std::string &Problem : Problems)
    Problem = "the IR is not sound: " + Problem;
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  ir::print(Module, Out);
  llvm::Expected<ir::Module> Again = ir::parse(Text);
  if (!Again)
    Problems.push_back("the printed IR does not parse: " + llvm::toString(Again.takeError()));
  else if (*Again != Module)
    Problems.push_back("the IR is another one after print and parse");
  llvm::Expected<ir::Module> Read = ir::readBinary(ir::writeBinary(Module));
  if (!Read)
    Problems.push_back("the binary IR cannot be read: " + llvm::toString(Read.takeError()));
  else if (*Read != Module)
    Problems.push_back("the IR is another one after writing and reading its binary form");
  return Problems;
}

/// What the style of messages asks for.
static std::optional<std::string> badStyle(StringRef What, StringRef Text) {
  bool Capital = !Text.empty() && llvm::isUpper(Text.front());
  if (!Text.empty() && !Capital && !Text.ends_with(".") && Text.trim() == Text && !Text.contains('\n'))
    return std::nullopt;
  return (What + " must begin lower case and end without full stop: \"" + Text + "\"").str();
}

static std::vector<std::string> styleProblems(const Finding &F) {
  std::vector<std::string> Problems;
  auto Check = [&](StringRef What, StringRef Text) {
    if (std::optional<std::string> Problem = badStyle(What, Text))
      Problems.push_back(std::move(*Problem));
  };
  Check("a message", F.Message);
  for (const Note &N : F.Notes)
    Check("a note", N.Message);
  for (const Fix &Offered : F.Fixes)
    Check("a fix's title", Offered.Title);
  return Problems;
}

static Reported reported(const Workspace &W, const Finding &F) {
  Reported R{F.Check, W.nameOf(F.Where.File), F.Where.At.Line, F.Message, {}};
  for (const Note &N : F.Notes)
    R.Notes.push_back({W.nameOf(N.Where.File), N.Where.At.Line, N.Message});
  return R;
}

/// All units as one program.
static Reports runLinked(const Workspace &W, const AnalysisOptions &Options) {
  Reports ByUnit(W.units().size());
  std::vector<ir::Module> Modules;
  for (auto [Index, U] : llvm::enumerate(W.units())) {
    Lowered L = lowerUnit(W, U);
    ByUnit[Index] = std::move(L.Errors);
    if (L.Module)
      Modules.push_back(std::move(*L.Module));
  }
  flow::LinkStatistics Ignored;
  ir::Module Program = flow::link(std::move(Modules), Ignored);
  for (std::string &Problem : irProblems(Program))
    ByUnit.front().push_back({"", W.units().front().F->File, 1, std::move(Problem), {}});
  for (const Finding &F : analyse(Program, Options).Findings)
    distribute(W, reported(W, F), ByUnit);
  return ByUnit;
}

llvm::Expected<Reports> test::runInProcess(const Workspace &W, const Selection &S) {
  AnalysisOptions Options = analysisOptions(S);
  if (S.Linked)
    return runLinked(W, Options);
  Reports ByUnit;
  for (const Unit &U : W.units()) {
    Lowered L = lowerUnit(W, U);
    std::vector<Reported> &Into = ByUnit.emplace_back(std::move(L.Errors));
    if (!L.Module)
      continue;
    for (std::string &Problem : irProblems(*L.Module))
      Into.push_back({"", U.F->File, 1, std::move(Problem), {}});
    for (Finding &F : analyse(*L.Module, Options).Findings) {
      Into.push_back(reported(W, F));
      for (std::string &Problem : styleProblems(F))
        Into.push_back({"", W.nameOf(F.Where.File), F.Where.At.Line, std::move(Problem), {}});
    }
  }
  return ByUnit;
}
