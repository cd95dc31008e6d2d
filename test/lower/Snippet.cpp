#include "test/lower/Snippet.h"

#include "checks/lower/Names.h"

#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/ErrorHandling.h"

using namespace clang;

namespace latchkey::lower {
namespace {

template <typename Node> class Collector : public RecursiveASTVisitor<Collector<Node>> {
public:
  bool shouldVisitTemplateInstantiations() const { return true; }
  bool VisitDecl(Decl *D) {
    if constexpr (std::is_base_of_v<Decl, Node>)
      if (auto *Wanted = dyn_cast<Node>(D))
        Found.push_back(Wanted);
    return true;
  }
  bool VisitStmt(Stmt *S) {
    if constexpr (std::is_base_of_v<Stmt, Node>)
      if (auto *Wanted = dyn_cast<Node>(S))
        Found.push_back(Wanted);
    return true;
  }
  std::vector<const Node *> Found;
};

template <typename Node> std::vector<const Node *> all(ASTContext &Context) {
  Collector<Node> C;
  C.TraverseDecl(Context.getTranslationUnitDecl());
  return std::move(C.Found);
}

bool defines(const FunctionDecl &F) {
  return F.doesThisDeclarationHaveABody() && !F.isDependentContext();
}
bool defines(const CXXRecordDecl &R) {
  return R.isThisDeclarationADefinition() && !R.isDependentContext();
}
bool defines(const VarDecl &) {
  return true;
}

} // namespace

Snippet::Snippet(StringRef Code, std::vector<std::string> Args, StringRef File)
    : Unit(tooling::buildASTFromCodeWithArgs(Code, Args, File)), Places(Unit->getASTContext(), Module),
      Identity(Unit->getASTContext()),
      Types(Unit->getASTContext(), model::Library::builtin(), Places, Identity, Module) {}

template <typename T> const T &Snippet::find(StringRef Name) {
  const T *Any = nullptr;
  for (const T *D : all<T>(context()))
    if (qualifiedName(*D) == Name) {
      if (defines(*D))
        return *D;
      Any = Any ? Any : D;
    }
  if (!Any)
    llvm::report_fatal_error("the snippet has no " + Name);
  return *Any;
}

const FunctionDecl &Snippet::function(StringRef Name) {
  return find<FunctionDecl>(Name);
}
const CXXRecordDecl &Snippet::record(StringRef Name) {
  return find<CXXRecordDecl>(Name);
}
const VarDecl &Snippet::variable(StringRef Name) {
  return find<VarDecl>(Name);
}

const CXXRecordDecl &Snippet::lambda(unsigned N) {
  return *all<LambdaExpr>(context()).at(N)->getLambdaClass();
}

const Stmt &Snippet::loop(unsigned N) {
  std::vector<const Stmt *> Loops;
  for (const Stmt *S : all<Stmt>(context()))
    if (isa<ForStmt, WhileStmt, CXXForRangeStmt>(S))
      Loops.push_back(S);
  return *Loops.at(N);
}

ir::Type Snippet::type(StringRef Variable) {
  return Types.type(variable(Variable).getType());
}

} // namespace latchkey::lower
