#include "checks/lower/Changes.h"

#include "clang/AST/RecursiveASTVisitor.h"

namespace latchkey::lower {

using namespace clang;

namespace {

const ValueDecl *named(const Expr *E) {
  E = E->IgnoreParenCasts();
  if (const auto *Ref = dyn_cast<DeclRefExpr>(E))
    return Ref->getDecl();
  if (const auto *Member = dyn_cast<MemberExpr>(E))
    return Member->getMemberDecl();
  return nullptr;
}

class Visitor : public RecursiveASTVisitor<Visitor> {
public:
  Visitor(llvm::DenseSet<const ValueDecl *> &Changed, llvm::DenseSet<const ValueDecl *> &Own)
      : Changed(Changed), Own(Own) {}

  bool shouldVisitImplicitCode() const { return true; }
  bool VisitMemberExpr(MemberExpr *E) {
    if (isa<FieldDecl>(E->getMemberDecl()) && isa<CXXThisExpr>(E->getBase()->IgnoreParenImpCasts()))
      Own.insert(E->getMemberDecl());
    return true;
  }
  bool VisitBinaryOperator(BinaryOperator *B) {
    if (B->isAssignmentOp())
      add(B->getLHS());
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *U) {
    if (U->isIncrementDecrementOp() || U->getOpcode() == UO_AddrOf)
      add(U->getSubExpr());
    return true;
  }
  bool VisitCallExpr(CallExpr *C) {
    const FunctionDecl *Callee = C->getDirectCallee();
    unsigned Skip = isa<CXXOperatorCallExpr>(C) && isa_and_nonnull<CXXMethodDecl>(Callee) ? 1 : 0;
    for (unsigned I = 0; I < C->getNumArgs(); ++I) {
      const Expr *Arg = C->getArg(I);
      if (!Arg->isGLValue())
        continue;
      if (I < Skip) {
        if (!cast<CXXMethodDecl>(Callee)->isConst())
          add(Arg);
        continue;
      }
      if (!Callee || I - Skip >= Callee->getNumParams()) {
        add(Arg);
        continue;
      }
      QualType T = Callee->getParamDecl(I - Skip)->getType();
      if (T->isReferenceType() && !T.getNonReferenceType().isConstQualified())
        add(Arg);
    }
    return true;
  }
  bool VisitCXXMemberCallExpr(CXXMemberCallExpr *C) {
    const CXXMethodDecl *Method = C->getMethodDecl();
    if (Method && !Method->isConst() && C->getImplicitObjectArgument()->isGLValue())
      add(C->getImplicitObjectArgument());
    return true;
  }

private:
  void add(const Expr *E) {
    if (const ValueDecl *D = named(E))
      Changed.insert(D);
  }

  llvm::DenseSet<const ValueDecl *> &Changed, &Own;
};

} // namespace

void changes(const Stmt &Body, llvm::DenseSet<const ValueDecl *> &Changed, llvm::DenseSet<const ValueDecl *> &Own) {
  Visitor(Changed, Own).TraverseStmt(const_cast<Stmt *>(&Body));
}

} // namespace latchkey::lower
