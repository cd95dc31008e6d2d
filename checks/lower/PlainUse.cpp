#include "checks/lower/PlainUse.h"

#include "clang/AST/RecursiveASTVisitor.h"
#include "llvm/ADT/STLExtras.h"

namespace latchkey::lower {

using namespace clang;

namespace {

class Visitor : public RecursiveASTVisitor<Visitor> {
public:
  explicit Visitor(const ValueDecl &Of) : Of(Of) {}
  bool holds() const { return Uses == Plain; }

  bool VisitDeclRefExpr(DeclRefExpr *E) { return Uses += E->getDecl() == &Of, true; }
  bool VisitMemberExpr(MemberExpr *E) { return Uses += E->getMemberDecl() == &Of, true; }
  bool VisitImplicitCastExpr(ImplicitCastExpr *E) {
    Plain += E->getCastKind() == CK_LValueToRValue && names(E->getSubExpr());
    return true;
  }
  bool VisitBinaryOperator(BinaryOperator *B) {
    Plain += B->getOpcode() == BO_Assign && names(B->getLHS());
    return true;
  }
  bool VisitLambdaExpr(LambdaExpr *E) {
    for (const LambdaCapture &Capture : E->captures()) {
      if (!Capture.capturesVariable() || Capture.getCapturedVar() != &Of)
        continue;
      if (Capture.getCaptureKind() != LCK_ByRef)
        ++Uses; // A copy, which nobody can make.
      else if (Capture.isExplicit())
        ++Plain;
    }
    return true;
  }

private:
  bool names(const Expr *E) const {
    E = E->IgnoreParens();
    if (const auto *Ref = dyn_cast<DeclRefExpr>(E))
      return Ref->getDecl() == &Of;
    const auto *Member = dyn_cast<MemberExpr>(E);
    return Member && Member->getMemberDecl() == &Of;
  }

  const ValueDecl &Of;
  unsigned Uses = 0, Plain = 0;
};

bool isFlag(const ValueDecl &D, ASTContext &Context) {
  if (!D.getType()->isBooleanType() || D.getType().isConstQualified())
    return false;
  for (const NamedDecl *Std : Context.getTranslationUnitDecl()->lookup(&Context.Idents.get("std")))
    if (const auto *Names = dyn_cast<NamespaceDecl>(Std))
      return llvm::any_of(Names->lookup(&Context.Idents.get("atomic")),
                          [](const NamedDecl *Found) { return isa<ClassTemplateDecl>(Found); });
  return false;
}

} // namespace

bool couldBeAtomic(const VarDecl &Var, const Stmt *Body, ASTContext &Context) {
  if (!Body || !isFlag(Var, Context))
    return false;
  Visitor Uses(Var);
  Uses.TraverseStmt(const_cast<Stmt *>(Body));
  return Uses.holds();
}

bool couldBeAtomic(const FieldDecl &Field, ASTContext &Context) {
  const auto *Class = dyn_cast<CXXRecordDecl>(Field.getParent());
  if (!Class || Field.getAccess() != AS_private || Field.isBitField() || Class->hasFriends() ||
      !isFlag(Field, Context) || isa<ClassTemplateSpecializationDecl>(Class))
    return false;
  Visitor Uses(Field);
  for (const CXXMethodDecl *Method : Class->methods()) {
    const FunctionDecl *Defined = nullptr;
    if (Method->isImplicit() || Method->isDeleted())
      continue;
    if (Method->getDescribedFunctionTemplate() || !Method->isDefined(Defined))
      return false;
    Uses.TraverseStmt(Defined->getBody());
  }
  return Uses.holds();
}

} // namespace latchkey::lower
