#include "tool/Frontend.h"

#include "clang/Basic/DiagnosticOptions.h"
#include "clang/Basic/Stack.h"
#include "clang/Driver/CreateInvocationFromArgs.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/LexDiagnostic.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "clang/Sema/SemaConsumer.h"
#include "llvm/Support/TargetSelect.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;
using FileSystem = llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>;

namespace {

/// Keeps errors as text; warnings are the compiler's business.
class ErrorCollector : public clang::DiagnosticConsumer {
public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level Level, const clang::Diagnostic &Info) override {
    DiagnosticConsumer::HandleDiagnostic(Level, Info);
    if (Level < clang::DiagnosticsEngine::Error || Messages.size() >= MaxKept)
      return;
    llvm::SmallString<128> Text;
    Info.FormatDiagnostic(Text);
    std::string Place;
    if (Info.hasSourceManager() && Info.getLocation().isValid()) {
      clang::PresumedLoc Loc = Info.getSourceManager().getPresumedLoc(Info.getLocation());
      if (Loc.isValid())
        Place = fmt::format("{}:{}:{}: ", Loc.getFilename(), Loc.getLine(), Loc.getColumn());
    }
    Messages.push_back(Place + "error: " + Text.str().str());
  }

  std::vector<std::string> Messages;

private:
  static constexpr size_t MaxKept = 20;
};

class Consumer : public clang::SemaConsumer {
public:
  explicit Consumer(AstVisitor Visit) : Visit(Visit) {}

  void InitializeSema(clang::Sema &S) override { Sema = &S; }
  void ForgetSema() override { Sema = nullptr; }

  void HandleTranslationUnit(clang::ASTContext &Context) override { Visit(Context, *Sema); }

  /// Constructors, destructors and call operators are kept everywhere: classes are recognised by what theirs do, and
  /// user code is instantiated from inside them.
  bool shouldSkipFunctionBody(clang::Decl *D) override {
    const clang::FunctionDecl *Function = D->getAsFunction();
    if (!Function)
      return false;
    const clang::SourceManager &Sources = Function->getASTContext().getSourceManager();
    if (!Sources.isInSystemHeader(Sources.getExpansionLoc(Function->getLocation())))
      return false;
    return !llvm::isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(Function) &&
           Function->getOverloadedOperator() != clang::OO_Call;
  }

private:
  AstVisitor Visit;
  clang::Sema *Sema = nullptr;
};

class Action : public clang::ASTFrontendAction {
public:
  explicit Action(AstVisitor Visit) : Visit(Visit) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &, StringRef) override {
    return std::make_unique<Consumer>(Visit);
  }

private:
  AstVisitor Visit;
};

} // namespace

/// What a compiler does besides reading the file is switched off.
static void readOnly(clang::CompilerInvocation &Invocation) {
  clang::FrontendOptions &Frontend = Invocation.getFrontendOpts();
  Frontend.ProgramAction = clang::frontend::ParseSyntaxOnly;
  Frontend.SkipFunctionBodies = true;
  Frontend.DisableFree = false;
  Frontend.Plugins.clear();
  Frontend.AddPluginActions.clear();
  Frontend.OutputFile.clear();
  Frontend.TimeTracePath.clear();
  Frontend.ShowStats = false;
  clang::DiagnosticOptions &Diagnostics = Invocation.getDiagnosticOpts();
  Diagnostics.IgnoreWarnings = true;
  Diagnostics.Warnings = {"no-everything"}; // Those that are errors by default, too: GCC may have taken the code.
  Diagnostics.Pedantic = Diagnostics.PedanticErrors = false;
  Diagnostics.ErrorLimit = 0;
  Diagnostics.VerifyDiagnostics = false;
  Diagnostics.ShowCarets = false;
  Diagnostics.DiagnosticLogFile.clear();
  Diagnostics.DiagnosticSerializationFile.clear();
  Invocation.getDependencyOutputOpts() = {};
  clang::PreprocessorOptions &Preprocessor = Invocation.getPreprocessorOpts();
  Preprocessor.ImplicitPCHInclude.clear();
  Preprocessor.DetailedRecord = false;
  clang::LangOptions &Language = Invocation.getLangOpts();
  Language.SpellChecking = false;
  Language.CommentOpts.ParseAllComments = false;
  Language.RetainCommentsFromSystemHeaders = false;
}

/// Word stands in Text by itself, not as part of a longer one.
static bool mentions(StringRef Text, StringRef Word) {
  auto Joins = [](char C) { return llvm::isAlnum(C) || C == '-' || C == '_'; };
  for (size_t At = Text.find(Word); At != StringRef::npos; At = Text.find(Word, At + 1)) {
    StringRef Rest = Text.drop_front(At + Word.size());
    if ((At == 0 || !Joins(Text[At - 1])) && (Rest.empty() || !Joins(Rest.front())))
      return true;
  }
  return false;
}

/// The option that a refusal of the driver speaks of: the longest argument that stands in the message, or whose value
/// does. End if there is none that could be left out.
static size_t refusedOption(const std::vector<std::string> &Arguments, StringRef Message) {
  size_t Best = Arguments.size(), Length = 0;
  for (size_t I = 1; I < Arguments.size() && Arguments[I] != "--"; ++I) {
    StringRef Word = Arguments[I], Value = Word.split('=').second;
    if (!Word.starts_with("-") || Word.size() < 3 || Word.starts_with("-resource-dir="))
      continue;
    bool Named = mentions(Message, Word) || (!Value.empty() && mentions(Message, Value));
    if (Named && Word.size() > Length) {
      Best = I;
      Length = Word.size();
    }
  }
  return Best;
}

static std::unique_ptr<clang::CompilerInvocation> invocation(const std::vector<std::string> &Arguments,
                                                             FileSystem Files, ErrorCollector &Errors) {
  std::vector<const char *> Words;
  Words.reserve(Arguments.size());
  for (const std::string &Word : Arguments)
    Words.push_back(Word.c_str());
  clang::DiagnosticOptions Options;
  auto Engine = llvm::makeIntrusiveRefCnt<clang::DiagnosticsEngine>(clang::DiagnosticIDs::create(), Options, &Errors,
                                                                    /*ShouldOwnClient=*/false);
  clang::CreateInvocationOptions How;
  How.Diags = Engine;
  How.VFS = std::move(Files);
  auto Result = clang::createInvocation(Words, How);
  return Errors.getNumErrors() ? nullptr : std::move(Result);
}

static bool run(std::shared_ptr<clang::CompilerInvocation> Invocation, FileSystem Files, ErrorCollector &Errors,
                AstVisitor Visit) {
  clang::CompilerInstance Compiler(std::move(Invocation));
  Compiler.setVirtualFileSystem(Files);
  Compiler.createDiagnostics(&Errors, /*ShouldOwnClient=*/false);
  clang::DiagnosticsEngine &Engine = Compiler.getDiagnostics();
  // What -ivfsoverlay puts in the place of files.
  Compiler.setVirtualFileSystem(
      clang::createVFSFromCompilerInvocation(Compiler.getInvocation(), Engine, std::move(Files)));
  // A header that is not there costs what it declares, not everything after it.
  Engine.setSeverity(clang::diag::err_pp_file_not_found, clang::diag::Severity::Error, clang::SourceLocation());
  Compiler.createFileManager();
  Compiler.createSourceManager();
  bool Visited = false;
  Action Parse([&](clang::ASTContext &Context, clang::Sema &Sema) {
    Visited = true;
    Visit(Context, Sema);
  });
  Compiler.ExecuteAction(Parse);
  return Visited;
}

ParseResult parse(const PreparedCommand &Command, const FileSystem &Files, AstVisitor Visit) {
  static constexpr unsigned MaxRefused = 16;
  ParseResult Result;
  std::vector<std::string> Arguments = Command.Arguments;
  for (unsigned Attempt = 0;; ++Attempt) {
    ErrorCollector Errors;
    if (auto Invocation = invocation(Arguments, Files, Errors)) {
      readOnly(*Invocation);
      Result.Parsed = run(std::move(Invocation), Files, Errors, Visit);
    }
    // Options are refused by the driver, or by the target when it is made; both are before anything is parsed.
    if (!Result.Parsed && !Errors.Messages.empty() && Attempt < MaxRefused)
      if (size_t Refused = refusedOption(Arguments, Errors.Messages.front()); Refused != Arguments.size()) {
        Result.Dropped.push_back(Arguments[Refused]);
        Arguments.erase(Arguments.begin() + static_cast<ptrdiff_t>(Refused));
        continue;
      }
    Result.Errors = Errors.getNumErrors();
    Result.Diagnostics = std::move(Errors.Messages);
    return Result;
  }
}

void initialiseClang() {
  llvm::InitializeAllTargetInfos();
  clang::noteBottomOfStack();
}

} // namespace latchkey::driver
