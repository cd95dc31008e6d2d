// Fixtures cut off at a token, as they are while one types them. Nothing may crash or hang. A seeded sample runs with
// the other tests, every cut with the long ones (label `long`).

#include "checks/lower/Lower.h"
#include "test/harness/Editor.h"
#include "test/harness/Lowered.h"

#include "clang/Basic/Diagnostic.h"
#include "clang/Driver/CreateASTUnitFromArgs.h"
#include "clang/Frontend/ASTUnit.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Lex/Lexer.h"
#include "clang/Serialization/PCHContainerOperations.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <gtest/gtest.h>
#include <random>

using namespace latchkey;
using namespace latchkey::test;
using llvm::StringRef;

namespace {

constexpr unsigned Seed = 20240917;
constexpr std::chrono::seconds Patience(20);

/// The offsets behind each token, without those of the includes at the top: they would be parsed anew each time.
std::vector<size_t> cuts(const Fixture &F) {
  clang::LangOptions Language;
  Language.CPlusPlus = !F.C;
  size_t LastInclude = StringRef(F.Text).rfind("#include");
  std::vector<size_t> Ends;
  clang::Lexer Lexer(clang::SourceLocation(), Language, F.Text.data(), F.Text.data(), F.Text.data() + F.Text.size());
  for (clang::Token Token; !Lexer.LexFromRawLexer(Token);) {
    size_t End = static_cast<size_t>(Lexer.getBufferLocation() - F.Text.data());
    if (LastInclude == StringRef::npos || End > F.Text.find('\n', LastInclude))
      Ends.push_back(End);
  }
  return Ends;
}

std::vector<size_t> sample(const std::vector<size_t> &All, unsigned Count) {
  std::vector<size_t> Some;
  std::mt19937 Random(Seed);
  std::sample(All.begin(), All.end(), std::back_inserter(Some), Count, Random);
  return Some;
}

/// A unit whose includes are parsed once and whose rest is parsed for each cut, as an editor does.
class Preparsed {
public:
  explicit Preparsed(const Unit &U) : Path(U.Path) {
    std::vector<const char *> Arguments;
    for (const std::string &Argument : U.Command)
      if (Argument != "-c" && Argument != U.Path)
        Arguments.push_back(Argument.c_str());
    Arguments.insert(Arguments.end(), {"-w", U.Path.c_str()});
    auto DiagnosticOptions = std::make_shared<clang::DiagnosticOptions>();
    llvm::IntrusiveRefCntPtr<clang::DiagnosticsEngine> Diagnostics = clang::CompilerInstance::createDiagnostics(
        *llvm::vfs::getRealFileSystem(), *DiagnosticOptions, new clang::IgnoringDiagConsumer);
    AST = clang::CreateASTUnitFromCommandLine(Arguments.data(), Arguments.data() + Arguments.size(), Containers,
                                              DiagnosticOptions, Diagnostics, LATCHKEY_RESOURCE_DIR,
                                              /*StorePreamblesInMemory=*/true, "", /*OnlyLocalDecls=*/false,
                                              clang::CaptureDiagsKind::None, {}, /*RemappedFilesKeepOriginalName=*/true,
                                              /*PrecompilePreambleAfterNParses=*/1);
  }

  explicit operator bool() const { return AST != nullptr; }

  /// Lowers and analyses the text as the language server would, and as the plugin would.
  void analyse(StringRef Text) {
    clang::ASTUnit::RemappedFile Changed(Path, llvm::MemoryBuffer::getMemBufferCopy(Text).release());
    AST->Reparse(Containers, Changed);
    clang::ASTContext &Context = AST->getASTContext();
    for (bool Editor : {true, false}) {
      std::vector<clang::Decl *> Scope(AST->top_level_begin(), AST->top_level_end());
      Context.setTraversalScope(Editor ? Scope : std::vector<clang::Decl *>{Context.getTranslationUnitDecl()});
      lower::Options Lowering;
      Lowering.TraversalScopeOnly = Editor;
      lower::mayMatter(Context, Lowering);
      ir::Module Module = lower::lower(Context, Lowering);
      for (const std::string &Problem : irProblems(Module))
        ADD_FAILURE() << Problem;
      AnalysisOptions Everything;
      Everything.Enabled = [](StringRef) { return true; };
      latchkey::analyse(Module, Everything);
    }
  }

private:
  std::string Path;
  std::shared_ptr<clang::PCHContainerOperations> Containers = std::make_shared<clang::PCHContainerOperations>();
  std::unique_ptr<clang::ASTUnit> AST;
};

void cutInProcess(const Fixture &F, const std::vector<size_t> &Where) {
  auto W = Workspace::create(batches(F, "process").front());
  ASSERT_TRUE(static_cast<bool>(W)) << llvm::toString(W.takeError());
  Preparsed Unit((*W)->units().front());
  ASSERT_TRUE(static_cast<bool>(Unit)) << F.Origin;
  for (size_t Offset : Where) {
    // What a crash leaves behind.
    std::string Which = F.Origin + " cut at offset " + std::to_string(Offset);
    llvm::PrettyStackTraceString Trace(Which.c_str());
    SCOPED_TRACE(Which);
    auto Start = std::chrono::steady_clock::now();
    Unit.analyse(StringRef(F.Text).take_front(Offset));
    EXPECT_LT(std::chrono::steady_clock::now() - Start, Patience);
  }
}

void cutInEditor(const Fixture &F, const std::vector<size_t> &Where) {
  auto W = Workspace::create(batches(F, "clangd").front());
  ASSERT_TRUE(static_cast<bool>(W)) << llvm::toString(W.takeError());
  auto Server = startEditor(**W, selectionFor(F.Folder, F));
  ASSERT_TRUE(static_cast<bool>(Server)) << llvm::toString(Server.takeError());
  const std::string &Path = (*W)->units().front().Path;
  auto Shown = [&]() -> std::optional<std::vector<std::string>> {
    llvm::Expected<llvm::json::Array> Array = (*Server)->diagnostics(Path, Patience);
    if (!Array) {
      ADD_FAILURE() << llvm::toString(Array.takeError());
      return std::nullopt;
    }
    std::vector<std::string> Texts;
    for (const Reported &R : fromDiagnostics(**W, F.File, *Array))
      Texts.push_back(std::to_string(R.Line) + ": " + R.Check + ": " + R.Message);
    return Texts;
  };
  ASSERT_FALSE(static_cast<bool>((*Server)->open(Path, F.C ? "c" : "cpp", F.Text)));
  std::optional<std::vector<std::string>> Before = Shown();
  for (size_t Offset : Where) {
    SCOPED_TRACE(F.Origin + " cut at offset " + std::to_string(Offset));
    ASSERT_FALSE(static_cast<bool>((*Server)->change(Path, StringRef(F.Text).take_front(Offset))));
    if (!Shown())
      return; // It is dead; one report is enough.
  }
  // And afterwards it is as good as new.
  ASSERT_FALSE(static_cast<bool>((*Server)->change(Path, F.Text)));
  EXPECT_EQ(Shown(), Before) << F.Origin;
  if (llvm::Error Failed = (*Server)->shutdown())
    ADD_FAILURE() << llvm::toString(std::move(Failed));
}

class Cuts : public testing::TestWithParam<std::string> {
protected:
  static void SetUpTestSuite() {
    llvm::EnablePrettyStackTrace();
    llvm::sys::PrintStackTraceOnErrorSignal("cuts-test");
  }

  void SetUp() override {
    llvm::Expected<std::vector<Fixture>> Read = readFixtures(LATCHKEY_SOURCE_DIR, GetParam());
    ASSERT_TRUE(static_cast<bool>(Read)) << llvm::toString(Read.takeError());
    Fixtures = std::move(*Read);
    ASSERT_FALSE(Fixtures.empty());
  }

  std::vector<Fixture> Fixtures;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Cuts);

TEST_P(Cuts, SampleInProcess) {
  std::vector<const Fixture *> All, Some;
  for (const Fixture &F : Fixtures)
    All.push_back(&F);
  std::mt19937 Random(Seed);
  std::sample(All.begin(), All.end(), std::back_inserter(Some), 3, Random);
  unsigned Total = 0;
  for (const Fixture *F : Some) {
    std::vector<size_t> Where = sample(cuts(*F), 12);
    Total += Where.size();
    cutInProcess(*F, Where);
  }
  EXPECT_GT(Total, 10U);
}

TEST_P(Cuts, SampleInTheEditor) {
  const Fixture &F = Fixtures[Seed % Fixtures.size()];
  cutInEditor(F, sample(cuts(F), 5));
}

TEST_P(Cuts, LongInProcess) {
  for (const Fixture &F : Fixtures)
    cutInProcess(F, cuts(F));
}

TEST_P(Cuts, LongInTheEditor) {
  for (const Fixture &F : Fixtures)
    cutInEditor(F, cuts(F));
}

INSTANTIATE_TEST_SUITE_P(All, Cuts, testing::ValuesIn(fixtureFolders(LATCHKEY_SOURCE_DIR)),
                         [](const testing::TestParamInfo<std::string> &Info) {
                           std::string Name = Info.param;
                           std::replace(Name.begin(), Name.end(), '-', '_');
                           return Name;
                         });

} // namespace
