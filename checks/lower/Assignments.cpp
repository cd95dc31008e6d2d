// Assignment in all its forms.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

void FunctionLowering::assignTo(const ir::Place &P, QualType T, const Expr &From, SourceRange Where) {
  const Expr *E = strip(&From);
  ir::Value V;
  QualType Element = Mod.Types.isSmartPointer(T) ? Mod.Types.element(T) : QualType();
  if (!Element.isNull() && Context.hasSameUnqualifiedType(E->getType(), Element) && Mod.Types.ofInterest(Element)) {
    // `optional = object`: as if made anew.
    assign(P, ofKind(ir::Value::Kind::Fresh), Where, false);
    return emplace(P.deref(), Element, {E}, Where);
  }
  if (isNumber(T)) {
    V = value(E);
  } else if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(E); M && Mod.Types.ofInterest(T)) {
    // `h = {}` and `h = nullptr` through a constructor are the default value; the rest is moved from.
    const Expr *Sub = strip(M->getSubExpr());
    const auto *Made = dyn_cast<CXXConstructExpr>(Sub);
    bool Null = Made && Made->getNumArgs() >= 1 && strip(Made->getArg(0))->getType()->isNullPtrType();
    bool Empty = (Made && Made->getNumArgs() == 0 && !Mod.Types.isContainer(T) &&
                  Mod.Types.type(T).K != ir::Type::Kind::Class) ||
                 (isa<InitListExpr>(Sub) && cast<InitListExpr>(Sub)->getNumInits() == 0);
    V = Null || Empty ? ofKind(ir::Value::Kind::Default) : classValue(*E);
  } else {
    V = value(E);
  }
  assign(P, std::move(V), Where, false);
}

void FunctionLowering::assignment(const BinaryOperator &B) {
  const Expr *Left = B.getLHS();
  QualType T = Left->getType();
  if (B.getOpcode() == BO_Assign) {
    // The right side is evaluated first; where the left side has no effects the order cannot be seen.
    ir::Nodes Dropped;
    std::optional<ir::Place> P;
    {
      Redirect To(*this, Dropped);
      P = place(Left);
    }
    if (!Dropped.empty()) {
      ir::Value V = value(B.getRHS());
      P = place(Left);
      if (P)
        assign(*P, std::move(V), B.getSourceRange(), false);
      return;
    }
    if (!P)
      return effects(B.getRHS());
    return assignTo(*P, T, *B.getRHS(), B.getSourceRange());
  }
  std::optional<ir::Place> P = place(Left);
  if (!isNumber(T)) {
    effects(B.getRHS());
    if (P)
      write(*P, B.getSourceRange());
    return;
  }
  ir::Term Right = term(B.getRHS());
  if (!P)
    return;
  ir::Term Now = valueAt(*P);
  ir::Term New = ir::Term::unknown();
  if (Right.Known) {
    if (B.getOpcode() == BO_AddAssign)
      New = Now + Right;
    else if (B.getOpcode() == BO_SubAssign)
      New = Now - Right;
    else if (B.getOpcode() == BO_MulAssign)
      New = Now * Right;
  }
  assign(*P, ir::Value::number(std::move(New)), B.getSourceRange(), false);
}

void FunctionLowering::increment(const UnaryOperator &U) {
  std::optional<ir::Place> P = place(U.getSubExpr());
  if (!P)
    return;
  if (!isNumber(U.getSubExpr()->getType()))
    return write(*P, U.getSourceRange());
  ir::Term One = ir::Term::constant(1);
  ir::Term Now = valueAt(*P);
  assign(*P, ir::Value::number(U.isIncrementOp() ? Now + One : Now - One), U.getSourceRange(), false);
}

/// An object of a class that we do not look into (std::variant, std::any) takes what it is given.
void FunctionLowering::handOver(const Expr &E) {
  ir::Value V = argument(E, E.getType());
  if (V.P.valid() && !E.isLValue() && Mod.Types.ofInterest(E.getType()))
    emit(effect(ir::Op::Escape, V.P, E.getSourceRange()));
}

/// nullptr, nullopt.
static bool isNothing(const Expr &E) {
  QualType T = E.IgnoreUnlessSpelledInSource()->getType().getNonReferenceType();
  const auto *Record = T->getAsCXXRecordDecl();
  return T->isNullPtrType() || (Record && Record->getIdentifier() && Record->getName() == "nullopt_t");
}

std::optional<FunctionLowering::Called> FunctionLowering::assignmentCall(const Parts &P, const ir::Place *, bool) {
  const auto *Method = dyn_cast<CXXMethodDecl>(P.Callee);
  if (!Method || Method->getOverloadedOperator() != OO_Equal || !P.Object || P.Args.size() != 1)
    return std::nullopt;
  if (names(P.Object, "std::ignore")) { // Keeps nothing: its right side is evaluated and dropped.
    argument(*P.Args[0], P.Args[0]->getType());
    return Called();
  }
  QualType T = P.Object->getType().getNonReferenceType();
  if (P.Arrow && T->isPointerType())
    T = T->getPointeeType();
  if (Mod.Types.type(T).K == ir::Type::Kind::Number)
    return std::nullopt; // An atomic.
  bool Written = Method->isUserProvided() && !Mod.Places.isSystem(*Method) && !Mod.Types.model(T) && !isArmed(T);
  if (Written)
    return std::nullopt;
  Called C;
  if (!Mod.Types.ofInterest(T)) {
    handOver(*P.Args[0]);
    if (std::optional<ir::Place> At = object(*P.Object, P.Arrow)) {
      if (HasGuard && Mod.Types.isSmartPointer(T) && isNothing(*P.Args[0]))
        assign(*At, ofKind(ir::Value::Kind::Default), P.Where, false); // what it held is gone for a guard
      else
        write(*At, P.Where);
      C.V = ir::Value::address(*At);
    }
    return C;
  }
  // A guard that is assigned a callable is armed with it.
  if (Mod.Types.type(T).K == ir::Type::Kind::Guard && Mod.Types.isLambda(P.Args[0]->getType())) {
    std::optional<ir::Place> Guard = object(*P.Object, P.Arrow);
    std::optional<ir::Value> Runs = closure(P.Args[0]);
    if (Guard && Runs) {
      ir::Effect Arm = effect(ir::Op::Arm, *Guard, P.Where);
      Arm.Input = std::move(*Runs);
      emit(std::move(Arm));
      return C;
    }
  }
  ir::Nodes Dropped;
  std::optional<ir::Place> At;
  {
    Redirect To(*this, Dropped);
    At = object(*P.Object, P.Arrow);
  }
  if (!Dropped.empty() || !At) {
    ir::Value V = decayed(*P.Args[0]); // The right side comes first.
    At = object(*P.Object, P.Arrow);
    if (At)
      assign(*At, std::move(V), P.Where, false);
  } else {
    assignTo(*At, T, *P.Args[0], P.Where);
  }
  if (At)
    C.V = ir::Value::address(*At);
  return C;
}

} // namespace latchkey::lower
