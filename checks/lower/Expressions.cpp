// Expressions evaluated for their side effects; throw, delete, conditionals, statement expressions, suspension.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Throws.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"

namespace latchkey::lower {

using namespace clang;

const Expr *FunctionLowering::strip(const Expr *E) {
  while (E) {
    const Expr *Inner = nullptr;
    if (const auto *X = dyn_cast<ParenExpr>(E))
      Inner = X->getSubExpr();
    else if (const auto *X = dyn_cast<FullExpr>(E))
      Inner = X->getSubExpr();
    else if (const auto *X = dyn_cast<CXXBindTemporaryExpr>(E))
      Inner = X->getSubExpr();
    else if (const auto *X = dyn_cast<SubstNonTypeTemplateParmExpr>(E))
      Inner = X->getReplacement();
    else if (const auto *X = dyn_cast<CXXDefaultArgExpr>(E))
      Inner = X->getExpr();
    else if (const auto *X = dyn_cast<CXXDefaultInitExpr>(E))
      Inner = X->getExpr();
    else if (const auto *X = dyn_cast<GenericSelectionExpr>(E))
      Inner = X->isResultDependent() ? nullptr : X->getResultExpr();
    else if (const auto *X = dyn_cast<ChooseExpr>(E))
      Inner = X->isConditionDependent() ? nullptr : X->getChosenSubExpr();
    else if (const auto *X = dyn_cast<CXXRewrittenBinaryOperator>(E))
      Inner = X->getSemanticForm();
    else if (const auto *X = dyn_cast<UnaryOperator>(E); X && X->getOpcode() == UO_Extension)
      Inner = X->getSubExpr();
    else if (const auto *X = dyn_cast<CXXStdInitializerListExpr>(E))
      Inner = X->getSubExpr();
    else if (const auto *X = dyn_cast<ImplicitCastExpr>(E);
             X && (X->getCastKind() == CK_NoOp || X->getCastKind() == CK_ConstructorConversion ||
                   X->getCastKind() == CK_UserDefinedConversion))
      Inner = X->getSubExpr();
    else if (const auto *X = dyn_cast<ExplicitCastExpr>(E);
             X && (X->getCastKind() == CK_NoOp || X->getCastKind() == CK_ConstructorConversion ||
                   X->getCastKind() == CK_UserDefinedConversion))
      Inner = X->getSubExpr();
    if (!Inner)
      return E;
    E = Inner;
  }
  return E;
}

void FunctionLowering::childEffects(const Expr *E) {
  for (const Stmt *Child : E->children())
    if (const auto *Sub = dyn_cast_or_null<Expr>(Child))
      effects(Sub);
}

void FunctionLowering::effects(const Expr *E) {
  E = strip(E);
  if (!E || E->isTypeDependent() || E->isValueDependent())
    return;
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return;
  if (E->isPRValue() && E->getType()->isRecordType() && !isa<LambdaExpr>(E) && !isa<AbstractConditionalOperator>(E) &&
      !isa<StmtExpr>(E) && !isa<BinaryOperator>(E)) {
    materialise(*E);
    return;
  }
  switch (E->getStmtClass()) {
  case Stmt::CallExprClass:
  case Stmt::CXXMemberCallExprClass:
  case Stmt::CXXOperatorCallExprClass:
  case Stmt::UserDefinedLiteralClass:
    call(*cast<CallExpr>(E), nullptr, false);
    return;
  case Stmt::MaterializeTemporaryExprClass:
    materialise(*cast<MaterializeTemporaryExpr>(E)->getSubExpr());
    return;
  case Stmt::LambdaExprClass:
    lambda(*cast<LambdaExpr>(E), {});
    return;
  case Stmt::BinaryOperatorClass:
  case Stmt::CompoundAssignOperatorClass: {
    const auto *B = cast<BinaryOperator>(E);
    if (B->isAssignmentOp())
      return assignment(*B);
    if (B->isLogicalOp())
      return shortCircuit(*B);
    effects(B->getLHS());
    return effects(B->getRHS());
  }
  case Stmt::UnaryOperatorClass: {
    const auto *U = cast<UnaryOperator>(E);
    if (U->isIncrementDecrementOp())
      return increment(*U);
    return effects(U->getSubExpr());
  }
  case Stmt::ConditionalOperatorClass:
  case Stmt::BinaryConditionalOperatorClass:
    return conditional(*cast<AbstractConditionalOperator>(E));
  case Stmt::CXXThrowExprClass:
    return lowerThrow(*cast<CXXThrowExpr>(E));
  case Stmt::CXXNewExprClass:
    value(E);
    return;
  case Stmt::CXXDeleteExprClass:
    return lowerDelete(*cast<CXXDeleteExpr>(E));
  case Stmt::StmtExprClass:
    return statementExpression(*cast<StmtExpr>(E), [&](const Expr &Last) { effects(&Last); });
  case Stmt::CoawaitExprClass:
  case Stmt::CoyieldExprClass:
    return suspend(*cast<CoroutineSuspendExpr>(E));
  case Stmt::OpaqueValueExprClass: // Evaluated where it is bound.
  case Stmt::UnaryExprOrTypeTraitExprClass:
  case Stmt::CXXNoexceptExprClass:
  case Stmt::CXXTypeidExprClass:
  case Stmt::RequiresExprClass:
  case Stmt::BlockExprClass:
  case Stmt::ObjCAtTryStmtClass:
    return;
  case Stmt::PseudoObjectExprClass:
    for (const Expr *Semantic : cast<PseudoObjectExpr>(E)->semantics())
      effects(Semantic);
    return;
  default:
    return childEffects(E);
  }
}

void FunctionLowering::shortCircuit(const BinaryOperator &B) {
  ir::Nodes Right;
  {
    Redirect To(*this, Right);
    effects(B.getRHS());
  }
  if (Right.empty())
    return effects(B.getLHS());
  ir::Condition Test = condition(B.getLHS());
  auto Run = [&] {
    for (ir::Node &N : Right)
      emit(std::move(N));
  };
  if (B.getOpcode() == BO_LAnd)
    branch(std::move(Test), B.getSourceRange(), Run);
  else
    branch(std::move(Test), B.getSourceRange(), [] {}, Run);
}

void FunctionLowering::conditional(const AbstractConditionalOperator &C) {
  ir::Nodes Then, Else;
  const auto *Binary = dyn_cast<BinaryConditionalOperator>(&C);
  if (Binary)
    OpaqueValues[Binary->getOpaqueValue()] = value(Binary->getCommon());
  if (!Binary) {
    Redirect To(*this, Then);
    effects(C.getTrueExpr());
  }
  {
    Redirect To(*this, Else);
    effects(C.getFalseExpr());
  }
  if (Then.empty() && Else.empty())
    return Binary ? void() : effects(C.getCond());
  auto Run = [&](ir::Nodes &From) {
    for (ir::Node &N : From)
      emit(std::move(N));
  };
  branch(condition(C.getCond()), C.getSourceRange(), [&] { Run(Then); }, [&] { Run(Else); });
}

void FunctionLowering::lowerThrow(const CXXThrowExpr &T) {
  ir::Throw Node;
  if (T.getSubExpr()) {
    const Expr *Thrown = strip(T.getSubExpr());
    if (Thrown->isPRValue() && Thrown->getType()->isRecordType())
      materialise(*Thrown, /*Owned=*/false); // Whoever catches it destroys it.
    else
      effects(Thrown);
    Node.Types = thrownTypes(T);
  }
  emit(std::move(Node), T.getSourceRange());
}

void FunctionLowering::lowerDelete(const CXXDeleteExpr &D) {
  QualType T = D.getDestroyedType();
  std::optional<ir::Place> P = pointee(D.getArgument());
  if (!P || T.isNull())
    return;
  ir::Effect Destroy = effect(ir::Op::Destroy, *P, D.getSourceRange());
  Destroy.Ends = !Mod.Types.ofInterest(T); // for guards only
  emit(std::move(Destroy));
}

void FunctionLowering::statementExpression(const StmtExpr &S, llvm::function_ref<void(const Expr &)> Last) {
  const CompoundStmt *C = S.getSubStmt();
  ir::Range Outer = Statement;
  FullExpression *OuterFull = Full;
  emit(scope(S.getSourceRange(), true, [&] {
    for (const Stmt *Child : C->body()) {
      const auto *E = dyn_cast<Expr>(Child);
      if (E && Child == C->body_back() && !E->getType()->isVoidType())
        fullExpression(E->getSourceRange(), [&] { Last(*E); });
      else
        statement(Child);
    }
  }));
  Full = OuterFull;
  Statement = Outer;
}

void FunctionLowering::suspend(const CoroutineSuspendExpr &S) {
  effects(S.getOperand());
  emit(ir::Suspend{Mod.Places.compactText(S.getSourceRange())}, S.getSourceRange());
}

} // namespace latchkey::lower
