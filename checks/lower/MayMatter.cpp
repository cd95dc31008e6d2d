// The fast way out: looks at declarations' types and at what is called, lowers nothing.
#include "checks/lower/Annotations.h"
#include "checks/lower/Lower.h"
#include "checks/lower/Names.h"
#include "checks/lower/Types.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/DenseSet.h"

using namespace clang;

namespace latchkey::lower {
namespace {

class Search : public RecursiveASTVisitor<Search> {
public:
  Search(ASTContext &Context, const model::Library &Models)
      : Models(Models), Places(Context, Module), Identity(Context), Types(Context, Models, Places, Identity, Module) {}

  bool shouldVisitTemplateInstantiations() const { return true; }
  bool shouldVisitImplicitCode() const { return false; }

  bool TraverseDecl(Decl *D) {
    if (!D || isa<TranslationUnitDecl>(D) || !Places.isSystem(*D))
      return RecursiveASTVisitor::TraverseDecl(D);
    return true;
  }
  bool VisitValueDecl(ValueDecl *D) {
    Found |= D->hasAttr<CleanupAttr>();
    return look(D->getType());
  }
  bool VisitCoroutineBodyStmt(CoroutineBodyStmt *) { return !(Found = true); } // may outlive what it refers to
  bool VisitExpr(Expr *E) { return !E->isPRValue() || !E->getType()->isRecordType() || look(E->getType()); }
  bool VisitCXXConstructExpr(CXXConstructExpr *E) { // A deleter is a guard, whatever the pointer points to.
    Found |= E->getNumArgs() > 1 && Types.isSmartPointer(E->getType());
    return !Found;
  }
  bool VisitCXXRecordDecl(CXXRecordDecl *Class) {
    const CXXDestructorDecl *Destructor = Class->hasDefinition() ? Class->getDestructor() : nullptr;
    return !(Found |= Destructor && Destructor->isUserProvided());
  }
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    const auto *Function = dyn_cast<FunctionDecl>(E->getDecl());
    // Each callee is looked up once.
    if (Function && Callees.insert(Function->getCanonicalDecl()).second)
      Found |= !Models.functions(qualifiedName(*Function)).empty() || isAnnotated(*Function);
    return !Found;
  }

  bool Found = false;

private:
  bool look(QualType T) {
    if (T.isNull() || T->isDependentType() || T->isFunctionType())
      return true;
    // A callable or a class for itself means nothing; both come to matter by what they hold or are given to.
    if (Seen.insert(T.getTypePtr()).second && Types.ofInterest(T))
      Found |= !Types.isCallable(T);
    return !Found;
  }

  ir::Module Module;
  const model::Library &Models;
  Sources Places;
  Ids Identity;
  TypeTable Types;
  llvm::DenseSet<const clang::Type *> Seen;
  llvm::DenseSet<const FunctionDecl *> Callees;
};

} // namespace

bool mayMatter(ASTContext &Context, const Options &Opts) {
  Search S(Context, Opts.Models ? *Opts.Models : model::Library::builtin());
  for (Decl *D : Context.getTraversalScope())
    if (!S.TraverseDecl(D))
      break;
  return S.Found;
}

} // namespace latchkey::lower
