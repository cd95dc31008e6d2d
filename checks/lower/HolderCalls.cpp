// Calls of and on what holds something: callables, guards, smart pointers; algorithms over all elements.
#include "checks/lower/BodyScan.h"
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::lower {

using namespace clang;

std::optional<FunctionLowering::Called> FunctionLowering::callableCall(const Parts &P, const ir::Place *Dest,
                                                                       bool Used) {
  std::optional<ir::Value> Input;
  const Expr *First = nullptr; // Its own first argument: a member function pointer's object.
  const auto *Method = dyn_cast_or_null<CXXMethodDecl>(P.Callee);
  std::vector<const Expr *> Args = P.Args;
  if (!P.Callee) {
    const auto *E = dyn_cast<CallExpr>(P.E);
    if (!E)
      return std::nullopt;
    const Expr *Callee = strip(E->getCallee());
    if (const auto *B = dyn_cast<BinaryOperator>(Callee->IgnoreParens()); B && B->isPtrMemOp()) {
      First = B->getLHS();
      Input = closure(B->getRHS());
    } else {
      Input = closure(Callee);
      if (!Input)
        effects(Callee);
    }
    if (!Input)
      Input = ofKind(ir::Value::Kind::Closure);
  } else if (Method && Method->getOverloadedOperator() == OO_Call && P.Object) {
    QualType T = objectType(P.Object, false);
    if (!Mod.Types.isLambda(T) && !Mod.Types.isCallableHolder(T))
      return std::nullopt;
    std::optional<ir::Value> V = closure(P.Object, P.Args);
    if (!V)
      return std::nullopt;
    Input = std::move(V);
  } else if (P.Callee->getIdentifier() && P.Callee->getName() == "invoke" && Mod.Places.isSystem(*P.Callee) &&
             !Args.empty()) {
    Input = task(*Args.front(), llvm::ArrayRef(Args).drop_front());
    Args.clear();
  } else {
    return std::nullopt;
  }
  ir::Effect Invoke = effect(ir::Op::Invoke, {}, P.Where);
  Invoke.Text = Mod.Places.compactText(cast<CallExpr>(P.E)->getCallee()->getSourceRange());
  Invoke.Input = std::move(*Input);
  const auto *Type = Method ? Method->getType()->getAs<FunctionProtoType>() : nullptr;
  if (First)
    Invoke.Args.push_back(First->getType()->isPointerType() ? value(First) : addressOf(*First));
  if (!Type)
    if (QualType T = cast<CallExpr>(P.E)->getCallee()->getType(); T->isPointerType())
      Type = T->getPointeeType()->getAs<FunctionProtoType>();
  for (unsigned I = 0; I < Args.size(); ++I)
    Invoke.Args.push_back(
        argument(*Args[I], Type && I < Type->getNumParams() ? Type->getParamType(I) : Args[I]->getType()));
  Called C = result(Invoke, cast<CallExpr>(P.E)->getCallReturnType(Context), Dest, Used);
  emit(std::move(Invoke));
  return C;
}

std::optional<FunctionLowering::Called> FunctionLowering::guardCall(const Parts &P, const ir::Place *Dest, bool) {
  // A factory that returns a guard and is given a callable arms it.
  QualType Returned = P.E->getType();
  if (Dest && P.E->isPRValue() && Returned->isRecordType() && Mod.Types.type(Returned).K == ir::Type::Kind::Guard) {
    for (const Expr *Arg : P.Args) {
      if (!Mod.Types.isCallable(Arg->getType().getNonReferenceType()))
        continue;
      std::optional<ir::Value> V = closure(Arg);
      if (!V)
        continue;
      for (const Expr *Other : P.Args)
        if (Other != Arg)
          effects(Other);
      maskGuard(*Dest, Returned);
      ir::Effect Arm = effect(ir::Op::Arm, *Dest, P.Where);
      Arm.Initial = true;
      Arm.Input = std::move(*V);
      Arm.Text = P.Callee->getNameAsString();
      emit(std::move(Arm));
      Called C;
      C.Placed = true;
      return C;
    }
    return std::nullopt;
  }
  const auto *Method = dyn_cast<CXXMethodDecl>(P.Callee);
  if (!Method || !P.Object)
    return std::nullopt;
  QualType Object = objectType(P.Object, P.Arrow);
  const Shape &S = Mod.Types.shape(Object);
  const CXXRecordDecl *Guard = Object->getAsCXXRecordDecl(); // The method may be a base's.
  ir::Op O = ir::Op::Use;
  llvm::StringRef Name = Method->getIdentifier() ? Method->getName() : "";
  if (isArmed(Object) && Mod.Types.isSmartPointer(Object)) // A deleter of the user's makes it a guard.
    O = llvm::StringSwitch<ir::Op>(Name)
            .Case("release", ir::Op::Dismiss)
            .Case("reset", ir::Op::Fire)
            .Default(ir::Op::Use);
  switch (S.K) {
  case Shape::Kind::Guard:
    O = Mod.Types.shapes().fires(*Method, Guard)       ? ir::Op::Fire
        : Mod.Types.shapes().dismisses(*Method, Guard) ? ir::Op::Dismiss
                                                       : ir::Op::Use;
    break;
  case Shape::Kind::Locker:
  case Shape::Kind::Mutex:
    O = llvm::StringSwitch<ir::Op>(Name)
            .Cases({"lock", "Lock", "acquire"}, ir::Op::Lock)
            .Cases({"unlock", "Unlock"}, ir::Op::Unlock)
            .Cases({"try_lock", "TryLock", "tryLock"}, ir::Op::TryLock)
            .Default(ir::Op::Use);
    // One of the user's own names, such as `Release`, says by its body what it does.
    if (LockCall Does = Guard ? Mod.Types.shapes().lockerCall(*Method, *Guard) : LockCall::None; O == ir::Op::Use)
      O = isUnlock(Does) ? ir::Op::Unlock : isLock(Does) && Method->getReturnType()->isVoidType() ? ir::Op::Lock : O;
    if (O == ir::Op::Use && S.K == Shape::Kind::Locker && Mod.Types.shapes().dismisses(*Method, Guard))
      O = ir::Op::Dismiss;
    break;
  default:
    break;
  }
  std::optional<ir::Value> Given;
  if (O == ir::Op::Use && P.Args.size() == 1 && Guard && Mod.Types.shapes().rearms(*Method, *Guard) == 0U)
    Given = closure(P.Args[0]);
  if (Given)
    O = ir::Op::Arm;
  else if (O == ir::Op::Use || O == ir::Op::TryLock || !P.Args.empty())
    return std::nullopt;
  std::optional<ir::Place> At = object(*P.Object, P.Arrow);
  if (!At)
    return std::nullopt;
  ir::Effect E = effect(O, *At, P.Where);
  E.Text = Name.str();
  if (Given)
    E.Input = std::move(*Given);
  emit(std::move(E));
  return Called();
}

/// A function name that makes an object behind a smart pointer from constructor arguments.
static std::optional<unsigned> firstConstructorArgument(llvm::StringRef Name) {
  if (Name.starts_with("allocate_"))
    return 1;
  if (Name.starts_with("make_") || Name.starts_with("Make") || Name.starts_with("make"))
    return 0;
  return std::nullopt;
}

std::optional<FunctionLowering::Called> FunctionLowering::makePointer(const Parts &P, const ir::Place *Dest, bool) {
  if (!Dest || P.Object || !P.Callee->getIdentifier() || !Mod.Types.isSmartPointer(P.E->getType()) ||
      !Mod.Places.isSystem(*P.Callee))
    return std::nullopt;
  std::optional<unsigned> First = firstConstructorArgument(P.Callee->getName());
  QualType Element = Mod.Types.element(P.E->getType());
  if (!First || Element.isNull() || *First > P.Args.size())
    return std::nullopt;
  llvm::ArrayRef<const Expr *> Args = llvm::ArrayRef(P.Args).drop_front(*First);
  if (Element->isArrayType()) {
    for (const Expr *Arg : Args)
      effects(Arg);
    assign(*Dest, ofKind(ir::Value::Kind::Fresh), P.Where, true);
  } else {
    assign(*Dest, ofKind(ir::Value::Kind::Fresh), P.Where, true);
    emplace(Dest->deref(), Element, Args, P.Where);
  }
  Called C;
  C.Placed = true;
  return C;
}

std::optional<FunctionLowering::Called> FunctionLowering::pointerCall(const Parts &P, const ir::Place *, bool Used) {
  const auto *Method = dyn_cast<CXXMethodDecl>(P.Callee);
  QualType T = objectType(P.Object, P.Arrow);
  if (!Method || !P.Object || !Mod.Types.isSmartPointer(T))
    return std::nullopt;
  std::optional<ir::Place> At = object(*P.Object, P.Arrow);
  if (!At)
    return std::nullopt;
  Called C;
  OverloadedOperatorKind Operator = Method->getOverloadedOperator();
  llvm::StringRef Name = Method->getIdentifier() ? Method->getName() : "";
  if (Operator == OO_Arrow || Name == "get" || isa<CXXConversionDecl>(Method)) {
    C.V = P.E->isGLValue() ? ir::Value::address(At->deref()) : ir::Value::copy(*At);
    if (P.E->getType()->isBooleanType())
      C.V = ir::Value::unknown();
  } else if (Operator == OO_Star || Name == "value") {
    C.V = ir::Value::address(At->deref());
  } else if (Operator == OO_Subscript && P.Args.size() == 1) {
    C.V = ir::Value::address(At->deref().element(indexText(P.Args[0])));
  } else if (Name == "release") {
    if (!Used) // somebody else owns it already
      write(*At, P.Where);
    C.V = ir::Value::move(*At);
  } else if (Name == "reset") {
    if (P.Args.empty() || isa<CXXDefaultArgExpr>(P.Args[0]))
      assign(*At, ofKind(ir::Value::Kind::Default), P.Where, false);
    else
      assign(*At, value(P.Args[0]), P.Where, false);
  } else if (Name == "emplace") {
    assign(*At, ofKind(ir::Value::Kind::Fresh), P.Where, false);
    emplace(At->deref(), Mod.Types.element(T), P.Args, P.Where);
    C.V = ir::Value::address(At->deref());
  } else if (Mod.Places.isSystem(*Method)) {
    for (const Expr *Arg : P.Args)
      effects(Arg);
  } else {
    return std::nullopt;
  }
  return C;
}

std::optional<FunctionLowering::Called> FunctionLowering::swapCall(const Parts &P, const ir::Place *, bool) {
  if (!P.Object || P.Args.size() != 1 || !P.Callee->getIdentifier() || P.Callee->getName() != "swap" ||
      !Mod.Places.isSystem(*P.Callee))
    return std::nullopt;
  std::optional<ir::Place> A = object(*P.Object, P.Arrow), B = place(P.Args[0]);
  if (!A || !B)
    return std::nullopt;
  ir::Effect Swap = effect(ir::Op::Swap, *A, P.Where);
  Swap.Input = ir::Value::address(*B);
  emit(std::move(Swap));
  return Called();
}

/// The name of the function, or of the object that is called like one (std::ranges::for_each).
static llvm::StringRef calledName(const FunctionDecl &Callee, const Expr *Object) {
  if (Callee.getIdentifier())
    return Callee.getName();
  const auto *Ref = Object ? dyn_cast<DeclRefExpr>(Object->IgnoreParenImpCasts()) : nullptr;
  bool Called = Callee.getOverloadedOperator() == OO_Call && Ref && Ref->getDecl()->getIdentifier();
  return Called ? Ref->getDecl()->getName() : "";
}

std::optional<FunctionLowering::Called> FunctionLowering::forEachCall(const Parts &P, const ir::Place *, bool) {
  llvm::ArrayRef<const Expr *> Args = P.Args;
  while (!Args.empty() && isa<CXXDefaultArgExpr>(Args.back())) // no projection
    Args = Args.drop_back();
  if (calledName(*P.Callee, P.Object) != "for_each" || Args.size() < 2 || Args.size() > 3 ||
      !Mod.Places.isSystem(*P.Callee))
    return std::nullopt;
  const Expr *Range = Args[0];
  std::optional<ir::Place> Container = Args.size() == 3 ? iterated(*Range) : place(Range);
  if (!Container)
    return std::nullopt;
  QualType ElementType;
  if (Args.size() == 3) {
    const auto *Begin = dyn_cast<CallExpr>(strip(Range)->IgnoreParenImpCasts());
    const FunctionDecl *Callee = Begin ? Begin->getDirectCallee() : nullptr;
    if (!Callee || !Callee->getIdentifier() || !Callee->getName().ends_with("begin"))
      return std::nullopt;
    Parts Inner = parts(*Begin);
    const Expr *Object = Inner.Object ? Inner.Object : Inner.Args.empty() ? nullptr : Inner.Args[0];
    if (Object)
      ElementType = Mod.Types.element(objectType(Object, Inner.Arrow));
  } else {
    ElementType = Mod.Types.element(Range->getType().getNonReferenceType());
  }
  if (ElementType.isNull())
    return std::nullopt;
  std::optional<ir::Value> Callable = closure(Args.back());
  if (!Callable)
    return std::nullopt;
  ir::Foreach Node;
  Node.Container = *Container;
  Node.Item = addVariable(ir::Variable::Kind::Local, "element", Context.getLValueReferenceType(ElementType), P.Where);
  Node.Body.push_back(scope(P.Where, true, [&] {
    ir::Effect Invoke = effect(ir::Op::Invoke, {}, P.Where);
    Invoke.Input = std::move(*Callable);
    Invoke.Args.push_back(ir::Value::address(ir::Place::variable(Node.Item).deref()));
    Invoke.Text = "for_each";
    emit(std::move(Invoke));
  }));
  emit(std::move(Node), P.Where);
  return Called();
}

} // namespace latchkey::lower
