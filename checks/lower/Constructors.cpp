// Constructors with their initialisers, destructors with what they destroy, whether the user wrote them or not.
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

ir::Place FunctionLowering::fieldOfThis(const FieldDecl &Field) {
  return This.deref().field(TypeTable::fieldName(Field));
}

void FunctionLowering::initialiseMember(const ir::Place &Part, QualType T, const Expr &Init) {
  fullExpression(Init.getSourceRange(), [&] {
    if (T->isReferenceType()) {
      std::optional<ir::Place> Target = place(&Init);
      ir::Value V =
          Target ? ir::Value::address(*Target, T.getNonReferenceType().isConstQualified()) : ir::Value::unknown();
      assign(Part, std::move(V), Init.getSourceRange(), true);
    } else if (Mod.Types.ofInterest(T) || isNumber(T) || T->isPointerType() || Mod.Types.isCallable(T)) {
      initialise(Part, &Init);
    } else {
      effects(&Init);
    }
  });
  if (!T->isReferenceType())
    cleanup(Part, T, Init.getSourceRange(), ir::Cleanup::Mask::Throw);
}

void FunctionLowering::initialisers(const CXXConstructorDecl &C) {
  for (const CXXCtorInitializer *Init : C.inits()) {
    const Expr *E = Init->getInit();
    if (!E)
      continue;
    ir::Range Outer = Statement;
    Statement = Init->isWritten() ? range(Init->getSourceRange()) : ir::Range();
    ir::Place Object = This.deref();
    if (Init->isDelegatingInitializer()) {
      QualType T = Context.getCanonicalTagType(C.getParent());
      fullExpression(E->getSourceRange(), [&] { initialise(Object, E); });
      cleanup(Object, T, E->getSourceRange(), ir::Cleanup::Mask::Throw);
    } else if (Init->isBaseInitializer()) {
      QualType T(Init->getBaseClass(), 0);
      if (const CXXRecordDecl *Base = T->getAsCXXRecordDecl())
        if (Mod.Types.ofInterest(T) || !E->children().empty())
          initialiseMember(baseOf(Object, *Base), T, *E);
    } else {
      if (const IndirectFieldDecl *Indirect = Init->getIndirectMember()) {
        for (const NamedDecl *Link : Indirect->chain())
          if (const auto *Field = dyn_cast<FieldDecl>(Link))
            Object = Object.field(TypeTable::fieldName(*Field));
      } else if (const FieldDecl *Field = Init->getMember()) {
        Object = fieldOfThis(*Field);
      }
      if (const FieldDecl *Field = Init->getAnyMember())
        initialiseMember(Object, Field->getType(), *E);
    }
    Statement = Outer;
  }
}

void FunctionLowering::constructorBody(const CXXConstructorDecl &C) {
  const Stmt *Body = C.doesThisDeclarationHaveABody() ? C.getBody() : nullptr;
  auto Inside = [&] {
    initialisers(C);
    if (!Body && C.isDefaultConstructor() && C.inits().empty())
      defaultMembers(*C.getParent());
  };
  if (const auto *Try = dyn_cast_or_null<CXXTryStmt>(Body)) {
    // The handlers of a constructor's function-try-block see what its initialisers throw.
    lowerTry(*Try, Inside);
    return;
  }
  Inside();
  if (const auto *Compound = dyn_cast_or_null<CompoundStmt>(Body))
    compound(*Compound, *Out);
}

void FunctionLowering::defaultMembers(const CXXRecordDecl &Class) {
  // Implicit, and Sema did not have to define it: bases and members in order, from the layout.
  for (const CXXBaseSpecifier &Base : Class.bases())
    if (const CXXRecordDecl *B = Base.getType()->getAsCXXRecordDecl())
      defaultPart(baseOf(This.deref(), *B), Base.getType(), Base.getSourceRange());
  for (const FieldDecl *Field : Class.fields()) {
    if (const Expr *Init = Field->getInClassInitializer())
      initialiseMember(fieldOfThis(*Field), Field->getType(), *Init);
    else
      defaultPart(fieldOfThis(*Field), Field->getType(), Field->getSourceRange());
  }
}

void FunctionLowering::defaultPart(const ir::Place &Part, QualType T, SourceRange Where) {
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  if (!Class || !Mod.Types.ofInterest(T))
    return;
  emplace(Part, T, {}, Where);
  cleanup(Part, T, Where, ir::Cleanup::Mask::Throw);
}

/// Whether control can leave S by a return.
static bool returns(const Stmt *S, unsigned Depth = 0) {
  if (!S || isa<LambdaExpr>(S))
    return false;
  if (isa<ReturnStmt>(S) || Depth > 200)
    return true;
  return llvm::any_of(S->children(), [&](const Stmt *Child) { return returns(Child, Depth + 1); });
}

void FunctionLowering::destructorBody(const CXXDestructorDecl &D) {
  const CXXRecordDecl &Class = *D.getParent();
  struct Part {
    ir::Place P;
    QualType T;
    SourceRange Where;
  };
  std::vector<Part> Parts; // In order of construction.
  for (const CXXBaseSpecifier &Base : Class.bases())
    if (const CXXRecordDecl *B = Base.getType()->getAsCXXRecordDecl())
      Parts.push_back({baseOf(This.deref(), *B), Base.getType(), Base.getSourceRange()});
  if (!Class.isUnion())
    for (const FieldDecl *Field : Class.fields())
      Parts.push_back({fieldOfThis(*Field), Field->getType(), Field->getSourceRange()});
  llvm::erase_if(Parts, [&](const Part &P) { return !Mod.Types.needsDestroy(P.T); });
  const Stmt *Body = D.doesThisDeclarationHaveABody() ? D.getBody() : nullptr;
  bool Early = returns(Body);
  if (Early)
    for (const Part &P : Parts)
      cleanup(P.P, P.T, P.Where);
  if (const auto *Compound = dyn_cast_or_null<CompoundStmt>(Body)) {
    if (Early || Parts.empty())
      compound(*Compound, *Out);
    else // The body's own locals die before the members.
      emit(scope(Compound->getSourceRange(), true, [&] { compound(*Compound, *Out); }));
  } else if (Body) {
    statement(Body);
  }
  if (Early)
    return;
  for (const Part &P : llvm::reverse(Parts))
    destroy(P.P, P.Where);
}

void FunctionLowering::implicitAssignment(const CXXMethodDecl &Method) {
  // A defaulted operator= assigns all members; its callers say so themselves.
  if (Method.getOverloadedOperator() != OO_Equal || F.Parameters.empty() || !This.valid())
    return;
  ir::Place From = ir::Place::variable(F.Parameters[0]).deref();
  assign(This.deref(), Method.isMoveAssignmentOperator() ? ir::Value::move(From) : ir::Value::copy(From),
         Method.getSourceRange(), false);
}

} // namespace latchkey::lower
