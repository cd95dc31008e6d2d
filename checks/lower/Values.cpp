// What is passed, captured, stored and returned.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

ir::Value FunctionLowering::value(const Expr *E) {
  E = strip(E);
  if (!E || E->isTypeDependent() || E->isValueDependent())
    return ir::Value::unknown();
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return ir::Value::unknown();
  QualType T = E->getType();
  if (T->isVoidType()) {
    effects(E);
    return ir::Value::unknown();
  }
  if (const auto *S = dyn_cast<StmtExpr>(E)) {
    ir::Place P = temporary(T, E->getSourceRange());
    statementExpression(*S, [&](const Expr &Last) { initialise(P, &Last); });
    return isNumber(T) ? ir::Value::number(valueAt(P)) : ir::Value::copy(P);
  }
  if (isa<CoroutineSuspendExpr>(E)) {
    suspend(*cast<CoroutineSuspendExpr>(E));
    return ir::Value::unknown();
  }
  if (Mod.Types.isCallable(T) && !T->isPointerType())
    if (std::optional<ir::Value> V = closure(E))
      return std::move(*V);
  if (isNumber(T))
    return numberValue(*E);
  if (T->isPointerType() || T->isNullPtrType())
    return pointerValue(*E);
  if (T->isRecordType())
    return classValue(*E);
  if (const auto *Cast = dyn_cast<CastExpr>(E); Cast && Cast->getCastKind() == CK_LValueToRValue)
    E = Cast->getSubExpr();
  if (E->isGLValue()) {
    std::optional<ir::Place> P = place(E);
    return P ? ir::Value::copy(*P) : ir::Value::unknown();
  }
  if (const auto *Call = dyn_cast<CallExpr>(E))
    return call(*Call, nullptr, true).V;
  effects(E);
  return ir::Value::unknown();
}

ir::Value FunctionLowering::numberValue(const Expr &E) {
  if (const auto *Temporary = dyn_cast<MaterializeTemporaryExpr>(&E))
    return numberValue(*strip(Temporary->getSubExpr()));
  if (std::optional<int64_t> N = constant(E))
    return ir::Value::number(ir::Term::constant(*N));
  if (isTest(E))
    return truth(E);
  if (const auto *Call = dyn_cast<CallExpr>(&E); Call && E.isPRValue()) {
    if (std::optional<ir::Place> Container = sizeOf(E))
      return ir::Value::number(ir::Term::atom({ir::Atom::Kind::Size, *Container}));
    ir::Value V = call(*Call, nullptr, true).V;
    return V.K == ir::Value::Kind::Copy ? ir::Value::number(valueAt(V.P)) : V;
  }
  if (const auto *C = dyn_cast<AbstractConditionalOperator>(&E))
    return chosen(*C);
  if (E.isGLValue() || isa<CastExpr, UnaryOperator, BinaryOperator>(E))
    return ir::Value::number(term(&E));
  if (isa<CXXConstructExpr, InitListExpr>(E) || E.getType()->isRecordType()) {
    childEffects(&E);
    return ir::Value::unknown();
  }
  effects(&E);
  return ir::Value::unknown();
}

bool FunctionLowering::isTest(const Expr &E) {
  if (const auto *B = dyn_cast<BinaryOperator>(&E))
    return B->isLogicalOp() || (B->isComparisonOp() && B->getOpcode() != BO_Cmp);
  if (const auto *U = dyn_cast<UnaryOperator>(&E))
    return U->getOpcode() == UO_LNot;
  return asksSomething(E) || asksEmptiness(E);
}

ir::Value FunctionLowering::truth(const Expr &E) {
  if (std::optional<int64_t> N = constant(E))
    return ir::Value::number(ir::Term::constant(*N != 0));
  ir::Condition Test = condition(&E);
  if (Test.K == ir::Condition::Kind::Leaf) {
    const ir::Predicate &P = Test.Test;
    bool Plain = P.K == ir::Predicate::Kind::Compare && P.Negated && P.Rel == ir::Predicate::Relation::Equal &&
                 P.Right.isConstant() && P.Right.constantValue() == 0 && isNumber(strip(&E)->getType());
    if (Plain || P.K == ir::Predicate::Kind::Opaque) {
      for (ir::Node &N : Test.Before)
        emit(std::move(N));
      // The value of a test of nothing we follow is not followed either.
      return Plain ? ir::Value::number(P.Left) : ir::Value::unknown();
    }
  }
  ir::Place Answer = temporary(Context.BoolTy, E.getSourceRange());
  auto Set = [&](int64_t N) { assign(Answer, ir::Value::number(ir::Term::constant(N)), E.getSourceRange(), true); };
  branch(std::move(Test), E.getSourceRange(), [&] { Set(1); }, [&] { Set(0); });
  return ir::Value::number(valueAt(Answer));
}

ir::Value FunctionLowering::chosen(const AbstractConditionalOperator &C) {
  if (const auto *Binary = dyn_cast<BinaryConditionalOperator>(&C))
    OpaqueValues[Binary->getOpaqueValue()] = value(Binary->getCommon());
  QualType T = C.getType();
  ir::Place P = temporary(T, C.getSourceRange());
  auto Choose = [&](const Expr *E) { assign(P, value(E), E->getSourceRange(), true); };
  branch(
      condition(C.getCond()), C.getSourceRange(), [&] { Choose(C.getTrueExpr()); }, [&] { Choose(C.getFalseExpr()); });
  return isNumber(T) ? ir::Value::number(valueAt(P)) : ir::Value::copy(P);
}

/// `malloc` and its kin, where they make a struct of interest: an object of its own, or none. Of arrays of handles the
/// engine knows too little: loops that join backwards what could be started would be taken to leave some.
std::optional<ir::Value> FunctionLowering::allocated(const CastExpr &Cast) {
  const auto *Call = dyn_cast<CallExpr>(strip(Cast.getSubExpr()));
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : nullptr;
  QualType T = Cast.getType();
  bool Makes = Callee && Callee->hasAttr<RestrictAttr>() && Mod.Places.isSystem(*Callee) &&
               Callee->getReturnType()->isVoidPointerType();
  if (!Makes || !T->isPointerType() || !T->getPointeeType()->isRecordType() ||
      !Mod.Types.ofInterest(T->getPointeeType()))
    return std::nullopt;
  effects(Call);
  ir::Place P = temporary(T, Call->getSourceRange());
  ir::Condition Test;
  Test.Where = range(Call->getSourceRange());
  Test.Test.Text = Callee->getNameAsString() + " fails";
  Test.Test = finished(std::move(Test.Test), /*Pure=*/false, *Call);
  branch(
      std::move(Test), Call->getSourceRange(),
      [&] { assign(P, ofKind(ir::Value::Kind::Default), Call->getSourceRange(), true); },
      [&] { assign(P, ofKind(ir::Value::Kind::Fresh), Call->getSourceRange(), true); });
  return ir::Value::copy(P);
}

ir::Value FunctionLowering::pointerValue(const Expr &E) {
  QualType T = E.getType();
  if (T->isNullPtrType() || isa<CXXNullPtrLiteralExpr, GNUNullExpr>(E))
    return ofKind(ir::Value::Kind::Default);
  if (Mod.Types.isCallable(T))
    if (std::optional<ir::Value> V = closure(&E))
      return std::move(*V);
  bool Const = T->isPointerType() && T->getPointeeType().isConstQualified();
  auto Address = [&](const std::optional<ir::Place> &P) {
    return P ? ir::Value::address(*P, Const) : ir::Value::unknown();
  };
  if (isa<CXXThisExpr>(E))
    return thisPointer().value_or(ir::Value::unknown());
  if (const auto *New = dyn_cast<CXXNewExpr>(&E)) {
    ir::Place P = temporary(T, E.getSourceRange());
    initialiseNew(P, *New);
    return ir::Value::copy(P);
  }
  if (const auto *Call = dyn_cast<CallExpr>(&E)) {
    if (std::optional<ir::Value> V = E.isPRValue() ? view(E) : std::nullopt)
      return std::move(*V);
    if (E.isPRValue())
      return call(*Call, nullptr, true).V;
  }
  if (const auto *O = dyn_cast<OpaqueValueExpr>(&E)) {
    if (auto It = OpaqueValues.find(O); It != OpaqueValues.end())
      return It->second;
    return O->getSourceExpr() ? value(O->getSourceExpr()) : ir::Value::unknown();
  }
  if (const auto *C = dyn_cast<AbstractConditionalOperator>(&E))
    return chosen(*C);
  if (const auto *U = dyn_cast<UnaryOperator>(&E); U && U->getOpcode() == UO_AddrOf)
    return Address(place(U->getSubExpr()));
  if (E.isGLValue()) {
    std::optional<ir::Place> P = place(&E);
    return P ? ir::Value::copy(*P) : ir::Value::unknown();
  }
  if (const auto *Cast = dyn_cast<CastExpr>(&E)) {
    const Expr *Sub = Cast->getSubExpr();
    switch (Cast->getCastKind()) {
    case CK_LValueToRValue: {
      std::optional<ir::Place> P = place(Sub);
      return P ? ir::Value::copy(*P) : ir::Value::unknown();
    }
    case CK_ArrayToPointerDecay:
      if (isa<StringLiteral>(strip(Sub)))
        return ir::Value::unknown();
      return Address(place(Sub));
    case CK_NullToPointer:
      return ofKind(ir::Value::Kind::Default);
    case CK_IntegralToPointer: {
      // A handle kept as an integer.
      ir::Term N = term(Sub);
      return N.isConstant() && N.constantValue() == 0 ? ofKind(ir::Value::Kind::Default) : ir::Value::unknown();
    }
    default:
      if (!Sub->getType()->isPointerType()) {
        effects(Sub);
        return ir::Value::unknown();
      }
      if (std::optional<ir::Value> V = allocated(*Cast))
        return std::move(*V);
      if (Cast->path_empty())
        return value(Sub);
      if (std::optional<ir::Place> P = pointee(Sub))
        return Address(castPlace(*P, *Cast));
      return ir::Value::unknown();
    }
  }
  if (const auto *B = dyn_cast<BinaryOperator>(&E)) {
    if (B->isAdditiveOp())
      return Address(pointee(B));
    if (B->isAssignmentOp() || B->getOpcode() == BO_Comma) {
      if (B->getOpcode() == BO_Comma) {
        effects(B->getLHS());
        return value(B->getRHS());
      }
      std::optional<ir::Place> P = binaryPlace(*B);
      return P ? ir::Value::copy(*P) : ir::Value::unknown();
    }
  }
  effects(&E);
  return ir::Value::unknown();
}

ir::Value FunctionLowering::classValue(const Expr &From) {
  const Expr *E = strip(&From);
  QualType T = E->getType();
  if (Mod.Types.isCallable(T))
    if (std::optional<ir::Value> V = closure(E))
      return std::move(*V);
  if (isView(T))
    if (std::optional<ir::Value> V = view(*E))
      return std::move(*V);
  if (const auto *C = dyn_cast<CXXConstructExpr>(E);
      C && C->getNumArgs() >= 1 && C->getConstructor()->isCopyOrMoveConstructor() && !C->isListInitialization()) {
    // A copy of an object stands for the copied one unless the user wrote how to copy.
    if (!C->getConstructor()->isUserProvided() || Mod.Places.isSystem(*C->getConstructor()) || Mod.Types.model(T)) {
      ir::Value V = classValue(*C->getArg(0));
      // `return local;` copies, where the class has no move constructor.
      if (V.K == ir::Value::Kind::Move && C->getConstructor()->isCopyConstructor() && !Mod.Types.ofInterest(T))
        V.K = ir::Value::Kind::Copy;
      return V;
    }
  }
  if (const auto *Cast = dyn_cast<CastExpr>(E);
      Cast && Cast->getCastKind() == CK_LValueToRValue) // C copies structs so.
    return classValue(*Cast->getSubExpr());
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(E))
    return ir::Value::move(materialise(*M->getSubExpr()));
  if (const auto *B = dyn_cast<BinaryOperator>(E); B && E->isPRValue()) { // in C, assignments and commas are values
    if (B->getOpcode() == BO_Comma) {
      effects(B->getLHS());
      return classValue(*B->getRHS());
    }
    assignment(*B);
    std::optional<ir::Place> P = place(B->getLHS());
    return P ? ir::Value::copy(*P) : ir::Value::unknown();
  }
  if (E->isGLValue()) {
    std::optional<ir::Place> P = place(E);
    if (!P)
      return ir::Value::unknown();
    // `return local;` hides the move in a cast that strip() looks through.
    return E->isXValue() || From.isXValue() ? ir::Value::move(*P) : ir::Value::copy(*P);
  }
  if (const auto *C = dyn_cast<CXXConstructExpr>(E); C && C->getNumArgs() == 0 && Mod.Types.model(T)) {
    return ofKind(ir::Value::Kind::Default);
  }
  if (const auto *L = dyn_cast<InitListExpr>(E); (L && L->getNumInits() == 0) || isa<ImplicitValueInitExpr>(E))
    return ofKind(ir::Value::Kind::Default);
  ir::Place P = materialise(*E, /*Owned=*/false);
  bool Guards = P.R == ir::Place::Root::Variable && Armed.contains(P.Index); // a deleter that is a guard
  return Guards || Mod.Types.ofInterest(T) ? ir::Value::move(P) : ir::Value::unknown();
}

const Expr *FunctionLowering::referred(const Expr &E) {
  const Expr *Plain = strip(&E);
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(Plain))
    return referred(*M->getSubExpr());
  const auto *Call = dyn_cast<CallExpr>(Plain);
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : nullptr;
  if (!Callee || Call->getNumArgs() != 1 || !Callee->getIdentifier())
    return nullptr;
  llvm::StringRef Name = Callee->getName();
  if ((Name != "ref" && Name != "cref") || !Mod.Places.isSystem(*Callee))
    return nullptr;
  return Call->getArg(0);
}

ir::Value FunctionLowering::addressOf(const Expr &E) {
  std::optional<ir::Place> P = place(&E);
  return P ? ir::Value::address(*P, E.getType().isConstQualified()) : ir::Value::unknown();
}

ir::Value FunctionLowering::decayed(const Expr &E) {
  if (const Expr *Object = referred(E))
    return addressOf(*Object);
  const Expr *Plain = strip(&E);
  QualType T = Plain->getType();
  if (T->isArrayType())
    return isa<StringLiteral>(Plain) ? ir::Value::unknown() : addressOf(*Plain);
  if (Mod.Types.isCallable(T))
    if (std::optional<ir::Value> V = closure(Plain))
      return std::move(*V);
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(Plain); M && !T->isRecordType())
    return value(M->getSubExpr());
  return value(Plain);
}

ir::Value FunctionLowering::argument(const Expr &E, QualType Parameter) {
  if (Parameter.isNull())
    return decayed(E);
  const Expr *Plain = strip(&E);
  QualType T = Plain->getType();
  if (!Parameter->isReferenceType()) {
    if (isNumber(T))
      if (const Expr *C = Plain->IgnoreParenImpCasts();
          isa<AbstractConditionalOperator>(C) || (isTest(*C) && !isa<CallExpr>(C))) {
        effects(C); // Nobody needs to know which number is passed on.
        return ir::Value::unknown();
      }
    return value(&E);
  }
  if (!E.isGLValue())
    return value(&E);
  bool Const = Parameter.getNonReferenceType().isConstQualified();
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(Plain)) {
    const Expr *Sub = M->getSubExpr();
    if (Mod.Types.isCallable(T))
      if (std::optional<ir::Value> V = closure(Sub))
        return std::move(*V);
    if (isNumber(T))
      return value(Sub);
    if (!T->isRecordType() && !T->isPointerType()) {
      effects(Sub);
      return ir::Value::unknown();
    }
    ir::Place P = materialise(*Sub);
    return ir::Value::address(P, Const);
  }
  if (T->isFunctionType())
    return closure(Plain).value_or(ir::Value::unknown());
  std::optional<ir::Place> P = place(Plain);
  return P ? ir::Value::address(*P, Const || T.isConstQualified()) : ir::Value::unknown();
}

} // namespace latchkey::lower
