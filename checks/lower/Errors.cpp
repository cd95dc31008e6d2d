#include "checks/lower/Errors.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"

using namespace clang;

namespace latchkey::lower {
namespace {

class Search : public RecursiveASTVisitor<Search> {
public:
  explicit Search(ASTContext &Context) : Manager(Context.getSourceManager()), Options(Context.getLangOpts()) {}

  bool VisitRecoveryExpr(RecoveryExpr *) { return !(Found = true); }
  bool VisitDecl(Decl *D) { return !(Found |= D->isInvalidDecl()); }
  bool VisitCompoundStmt(CompoundStmt *Block) {
    SourceLocation From = Block->getLBracLoc();
    for (const Stmt *S : Block->body()) {
      if (S->getBeginLoc().isInvalid() || Block->getLBracLoc().isMacroID())
        return true;
      Found |= dropped(From, Manager.getExpansionLoc(S->getBeginLoc()));
      From = Manager.getExpansionRange(S->getSourceRange()).getEnd();
    }
    if (!Block->getRBracLoc().isMacroID())
      Found |= dropped(From, Block->getRBracLoc());
    return !Found;
  }

  bool Found = false;

private:
  /// Whether something stands between the token at From and the one at To.
  bool dropped(SourceLocation From, SourceLocation To) const {
    if (From.isInvalid() || To.isInvalid() || From.isMacroID() || To.isMacroID())
      return false;
    auto [File, Begin] = Manager.getDecomposedLoc(From);
    auto [OtherFile, End] = Manager.getDecomposedLoc(To);
    StringRef Buffer = Manager.getBufferData(File);
    Begin += Lexer::MeasureTokenLength(From, Manager, Options);
    if (OtherFile != File || End <= Begin)
      return false;
    Lexer Raw(SourceLocation(), Options, Buffer.begin(), Buffer.begin() + Begin, Buffer.end());
    for (Token Next; !Raw.LexFromRawLexer(Next);) {
      unsigned Length = Next.getLength();
      unsigned At = static_cast<unsigned>(Raw.getBufferLocation() - Buffer.begin()) - Length;
      // Which branch of a conditional was taken can't be told here.
      if (At >= End || (Next.is(tok::hash) && Next.isAtStartOfLine()))
        return false;
      if (Next.isNot(tok::semi))
        return true;
    }
    return false;
  }

  const SourceManager &Manager;
  const LangOptions &Options;
};

} // namespace

bool hasErrors(const FunctionDecl &F, ASTContext &Context) {
  if (F.isInvalidDecl())
    return true;
  if (!Context.getDiagnostics().hasUncompilableErrorOccurred() || !F.getBody())
    return false;
  Search S(Context);
  S.TraverseStmt(F.getBody());
  if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(&F))
    for (const CXXCtorInitializer *Initialiser : Constructor->inits())
      if (!S.Found && Initialiser->getInit())
        S.TraverseStmt(Initialiser->getInit());
  return S.Found;
}

} // namespace latchkey::lower
