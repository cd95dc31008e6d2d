// From expressions to access paths.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

std::optional<ir::Place> FunctionLowering::target(const ir::Value &V) {
  switch (V.K) {
  case ir::Value::Kind::Address:
    return V.P;
  case ir::Value::Kind::Copy:
  case ir::Value::Kind::Move:
    return V.P.deref();
  default:
    return std::nullopt;
  }
}

std::optional<ir::Place> FunctionLowering::declPlace(const ValueDecl &D) {
  if (const auto It = Bound.find(&D); It != Bound.end())
    return It->second;
  const auto *Var = dyn_cast<VarDecl>(&D);
  if (!Var)
    return std::nullopt;
  // A local of an enclosing function that is not captured is a constant there.
  if (!Var->hasGlobalStorage() && Var->getDeclContext() != Decl && F.Lambda)
    return std::nullopt;
  return variable(*Var);
}

ir::Place FunctionLowering::baseOf(const ir::Place &P, const CXXRecordDecl &Base) {
  return P.field(Mod.Types.baseField(Base));
}

/// A task's `void *` argument is what it is cast to: its object's fields are of interest from there on.
void FunctionLowering::isReally(const ir::Place &Object, QualType Pointer) {
  bool Variable = Object.R == ir::Place::Root::Variable && Object.Path.size() == 1;
  if (Variable && Mod.Module.Types[F.Variables[Object.Index].Type].Element == 0 &&
      Mod.Module.Types[F.Variables[Object.Index].Type].K == ir::Type::Kind::Pointer)
    F.Variables[Object.Index].Type = Mod.Types.index(Pointer);
}

std::optional<ir::Place> FunctionLowering::castPlace(ir::Place P, const CastExpr &Cast) {
  CastKind K = Cast.getCastKind();
  if (K == CK_DerivedToBase || K == CK_UncheckedDerivedToBase) {
    QualType From = Cast.getSubExpr()->getType();
    if (From->isPointerType())
      From = From->getPointeeType();
    for (const CXXBaseSpecifier *Base : Cast.path()) {
      // What is modelled itself (class Task : public std::thread) is not seen as made of parts.
      if (Mod.Types.type(From).K != ir::Type::Kind::Class)
        break;
      From = Base->getType();
      if (const CXXRecordDecl *Class = From->getAsCXXRecordDecl())
        P = baseOf(P, *Class);
    }
    return P;
  }
  if (K == CK_BaseToDerived || K == CK_Dynamic)
    for (size_t I = 0; I < Cast.path_size() && !P.Path.empty(); ++I)
      if (P.Path.back().K == ir::Step::Kind::Field && P.Path.back().Name.starts_with("(base "))
        P.Path.pop_back();
  return P;
}

std::optional<ir::Place> FunctionLowering::place(const Expr *E) {
  E = strip(E);
  if (!E || E->isTypeDependent())
    return std::nullopt;
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return std::nullopt;
  switch (E->getStmtClass()) {
  case Stmt::DeclRefExprClass:
    return declPlace(*cast<DeclRefExpr>(E)->getDecl());
  case Stmt::MemberExprClass:
    return memberPlace(*cast<MemberExpr>(E));
  case Stmt::ArraySubscriptExprClass: {
    const auto *S = cast<ArraySubscriptExpr>(E);
    return elementPlace(*S->getBase(), S->getIdx());
  }
  case Stmt::UnaryOperatorClass: {
    const auto *U = cast<UnaryOperator>(E);
    if (U->getOpcode() == UO_Deref)
      return pointee(U->getSubExpr());
    if (U->isIncrementDecrementOp())
      increment(*U);
    return place(U->getSubExpr());
  }
  case Stmt::BinaryOperatorClass:
  case Stmt::CompoundAssignOperatorClass:
    return binaryPlace(*cast<BinaryOperator>(E));
  case Stmt::ConditionalOperatorClass:
  case Stmt::BinaryConditionalOperatorClass:
    return conditionalPlace(*cast<AbstractConditionalOperator>(E));
  case Stmt::CXXOperatorCallExprClass:
  case Stmt::CXXMemberCallExprClass:
  case Stmt::CallExprClass: {
    if (E->isPRValue())
      return E->getType()->isRecordType() ? std::optional(materialise(*E)) : std::nullopt;
    if (const auto *Operator = dyn_cast<CXXOperatorCallExpr>(E))
      if (std::optional<ir::Place> P = operatorPlace(*Operator))
        return P;
    return target(call(*cast<CallExpr>(E), nullptr, true).V);
  }
  case Stmt::MaterializeTemporaryExprClass: {
    const auto *M = cast<MaterializeTemporaryExpr>(E);
    return M->getExtendingDecl() ? extended(*M) : materialise(*M->getSubExpr());
  }
  case Stmt::OpaqueValueExprClass: {
    if (auto It = OpaqueValues.find(cast<OpaqueValueExpr>(E)); It != OpaqueValues.end())
      return target(It->second);
    const Expr *Source = cast<OpaqueValueExpr>(E)->getSourceExpr();
    return Source ? place(Source) : std::nullopt;
  }
  case Stmt::CXXThisExprClass:
    return std::nullopt; // A pointer.
  case Stmt::CoawaitExprClass:
    suspend(*cast<CoroutineSuspendExpr>(E));
    return std::nullopt;
  case Stmt::StmtExprClass: {
    std::optional<ir::Place> P;
    statementExpression(*cast<StmtExpr>(E), [&](const Expr &Last) { P = place(&Last); });
    return P;
  }
  default:
    break;
  }
  if (const auto *Cast = dyn_cast<CastExpr>(E)) {
    std::optional<ir::Place> P =
        Cast->getSubExpr()->getType()->isPointerType() && Cast->isPRValue() ? std::nullopt : place(Cast->getSubExpr());
    return P ? castPlace(*P, *Cast) : std::nullopt;
  }
  if (E->isPRValue() && E->getType()->isRecordType())
    return materialise(*E);
  effects(E);
  return std::nullopt;
}

ir::Place FunctionLowering::tuplePart(const ir::Place &Tuple, QualType T, uint64_t Index) {
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  if (Class && Class->getName() == "pair" && Index < 2)
    return Tuple.field(Index ? "second" : "first");
  return Tuple.field("(get " + std::to_string(Index) + ")");
}

std::optional<ir::Place> FunctionLowering::object(const Expr &Base, bool Arrow) {
  return Arrow ? pointee(&Base) : place(&Base);
}

std::optional<ir::Place> FunctionLowering::memberPlace(const MemberExpr &M) {
  const ValueDecl *Member = M.getMemberDecl();
  if (const auto *Var = dyn_cast<VarDecl>(Member)) {
    effects(M.getBase());
    return variable(*Var);
  }
  const auto *Field = dyn_cast<FieldDecl>(Member);
  if (!Field)
    return std::nullopt;
  std::optional<ir::Place> Base = object(*M.getBase(), M.isArrow());
  if (!Base)
    return std::nullopt;
  // A map's element is its mapped value.
  if (const auto *Class = dyn_cast<CXXRecordDecl>(Field->getParent()); Class && Class->getName() == "pair") {
    const ir::Type &At = Mod.Module.typeOf(F, *Base);
    if (Field->getName() == "second" && At.K != ir::Type::Kind::Class && At.K != ir::Type::Kind::Other)
      return Base;
  }
  ir::Place P = Base->field(TypeTable::fieldName(*Field));
  return Field->getType()->isReferenceType() ? P.deref() : P;
}

std::string FunctionLowering::indexText(const Expr *E) {
  E = strip(E);
  if (!E)
    return "";
  if (std::optional<int64_t> Constant = constant(*E))
    return std::to_string(*Constant);
  const Expr *Plain = E->IgnoreParenImpCasts();
  if (const auto *Ref = dyn_cast<DeclRefExpr>(Plain); Ref && isNumber(Ref->getType()))
    return Ref->getDecl()->getNameAsString();
  return "";
}

std::optional<ir::Place> FunctionLowering::elementPlace(const Expr &Container, const Expr *Index) {
  for (const ElementLoop *Loop : llvm::reverse(Elements))
    if (Index && isElement(Container, *Index, Loop->Loop))
      return Loop->Item;
  const Expr *Base = strip(&Container);
  std::optional<ir::Place> P;
  if (const auto *Decay = dyn_cast<CastExpr>(Base); Decay && Decay->getCastKind() == CK_ArrayToPointerDecay)
    P = place(Decay->getSubExpr());
  else if (Base->getType()->isPointerType())
    P = pointee(Base);
  else
    P = place(Base);
  std::string Text = indexText(Index);
  if (Index)
    effects(Index);
  if (!P)
    return std::nullopt;
  return P->element(std::move(Text));
}

std::optional<ir::Place> FunctionLowering::operatorPlace(const CXXOperatorCallExpr &C) {
  const Expr *First = C.getNumArgs() ? C.getArg(0) : nullptr;
  if (!First)
    return std::nullopt;
  QualType T = First->getType();
  switch (C.getOperator()) {
  case OO_Star:
  case OO_Arrow:
    if (Mod.Types.isSmartPointer(T)) // also one that is the element of a loop
      if (std::optional<ir::Place> P = place(First))
        return P->deref();
    for (const ElementLoop *Loop : llvm::reverse(Elements))
      if (!Loop->Loop.Subscripts && isElement(C, Loop->Loop))
        return Loop->Item;
    if (std::optional<ir::Place> Container = iterated(*First)) {
      effects(First);
      return Container->element();
    }
    return std::nullopt;
  case OO_Subscript:
    if (Mod.Types.isContainer(T) && C.getNumArgs() == 2)
      return elementPlace(*First, C.getArg(1));
    if (Mod.Types.isSmartPointer(T) && C.getNumArgs() == 2) { // unique_ptr<T[]>
      std::optional<ir::Place> P = place(First);
      return P ? std::optional(P->deref().element(indexText(C.getArg(1)))) : std::nullopt;
    }
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

/// The container of objects of interest that an iterator goes through.
std::optional<ir::Place> FunctionLowering::walkedObjects(const Expr &E) {
  QualType T = strip(&E)->getType();
  auto Leads = [&](const CXXMethodDecl *Method) {
    return Method->getOverloadedOperator() == OO_Star && Method->getNumParams() == 0 &&
           Mod.Types.ofInterest(Method->getReturnType().getNonReferenceType());
  };
  return isIterator(T) && llvm::any_of(T->getAsCXXRecordDecl()->methods(), Leads) ? iterated(E) : std::nullopt;
}

bool FunctionLowering::isIterator(QualType T) {
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  return Class && Mod.Places.isSystem(*Class) && !Mod.Types.isContainer(T) && !Mod.Types.isSmartPointer(T) &&
         !Mod.Types.model(T) && !Mod.Types.isCallable(T) && !isArmed(T);
}

std::optional<ir::Place> FunctionLowering::iterated(const Expr &E) {
  const Expr *Plain = E.IgnoreParenImpCasts();
  if (const auto *Construct = dyn_cast<CXXConstructExpr>(Plain); Construct && Construct->getNumArgs() == 1)
    return iterated(*Construct->getArg(0));
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(Plain))
    return iterated(*M->getSubExpr());
  if (const auto *Cleanups = dyn_cast<ExprWithCleanups>(Plain))
    return iterated(*Cleanups->getSubExpr());
  if (const auto *Ref = dyn_cast<DeclRefExpr>(Plain)) {
    auto It = Iterators.find(Ref->getDecl());
    return It == Iterators.end() ? std::nullopt : std::optional(It->second);
  }
  const auto *Call = dyn_cast<CallExpr>(Plain);
  if (!Call || !Call->getDirectCallee())
    return std::nullopt;
  // An object of a class, or a pointer, that a container's method returns for one of its elements.
  if (!isIterator(Call->getType()))
    return std::nullopt;
  if (const auto *Member = dyn_cast<CXXMemberCallExpr>(Call)) {
    const Expr *Object = Member->getImplicitObjectArgument();
    if (!Object || Object->getType()->isPointerType() || !Mod.Types.isContainer(Object->getType()))
      return std::nullopt;
    const Expr *Named = Object->IgnoreParenImpCasts();
    return isa<DeclRefExpr, MemberExpr>(Named) ? place(Named) : std::nullopt;
  }
  if (Call->getNumArgs() >= 1) { // std::begin(v), std::find_if(v.begin(), …), it++
    const Expr *First = Call->getArg(0)->IgnoreParenImpCasts();
    if (Mod.Types.isContainer(First->getType()) && isa<DeclRefExpr, MemberExpr>(First))
      return place(First);
    return iterated(*First);
  }
  return std::nullopt;
}

std::optional<ir::Place> FunctionLowering::conditionalPlace(const AbstractConditionalOperator &C) {
  if (isa<BinaryConditionalOperator>(C) || !C.isGLValue()) {
    effects(&C);
    return std::nullopt;
  }
  ir::Place Holder = temporary(Context.getLValueReferenceType(C.getType()), C.getSourceRange());
  auto Choose = [&](const Expr *E) {
    if (std::optional<ir::Place> P = place(E))
      assign(Holder, ir::Value::address(*P), E->getSourceRange(), true);
    else
      write(Holder, E->getSourceRange(), true);
  };
  branch(
      condition(C.getCond()), C.getSourceRange(), [&] { Choose(C.getTrueExpr()); }, [&] { Choose(C.getFalseExpr()); });
  return Holder.deref();
}

std::optional<ir::Place> FunctionLowering::binaryPlace(const BinaryOperator &B) {
  if (B.isAssignmentOp()) {
    assignment(B);
    ir::Nodes Dropped; // Its effects have happened.
    Redirect To(*this, Dropped);
    return place(B.getLHS());
  }
  if (B.getOpcode() == BO_Comma) {
    effects(B.getLHS());
    return place(B.getRHS());
  }
  if (B.isPtrMemOp()) {
    effects(B.getRHS());
    std::optional<ir::Place> P = object(*B.getLHS(), B.getOpcode() == BO_PtrMemI);
    return std::nullopt;
  }
  effects(&B);
  return std::nullopt;
}

std::optional<ir::Place> FunctionLowering::pointee(const Expr *E) {
  E = strip(E);
  if (!E || E->isTypeDependent())
    return std::nullopt;
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return std::nullopt;
  if (isa<CXXThisExpr>(E))
    return thisObject();
  // A pointer that goes over an array is an iterator.
  const auto *Named = dyn_cast<DeclRefExpr>(E->IgnoreParenImpCasts());
  for (const ElementLoop *Loop : llvm::reverse(Elements))
    if (Named && !Loop->Loop.Subscripts && Named->getDecl() == Loop->Loop.Index)
      return Loop->Item;
  if (const auto *U = dyn_cast<UnaryOperator>(E)) {
    if (U->getOpcode() == UO_AddrOf)
      return place(U->getSubExpr());
    if (U->isIncrementDecrementOp()) {
      increment(*U);
      std::optional<ir::Place> P = place(U->getSubExpr());
      return P ? std::optional(P->deref()) : std::nullopt;
    }
  }
  if (const auto *Cast = dyn_cast<CastExpr>(E)) {
    const Expr *Sub = Cast->getSubExpr();
    switch (Cast->getCastKind()) {
    case CK_LValueToRValue:
      if (std::optional<ir::Place> P = place(Sub))
        return P->deref();
      return std::nullopt;
    case CK_ArrayToPointerDecay:
      return place(Sub);
    case CK_NullToPointer:
      return std::nullopt;
    default:
      if (Sub->getType()->isPointerType()) {
        std::optional<ir::Place> P = pointee(Sub);
        if (P && Sub->getType()->isVoidPointerType())
          isReally(*P, E->getType());
        return P ? castPlace(*P, *Cast) : std::nullopt;
      }
      effects(Sub);
      return std::nullopt;
    }
  }
  if (const auto *B = dyn_cast<BinaryOperator>(E)) {
    if (B->isAdditiveOp()) {
      const Expr *Pointer = B->getLHS()->getType()->isPointerType() ? B->getLHS() : B->getRHS();
      const Expr *Offset = Pointer == B->getLHS() ? B->getRHS() : B->getLHS();
      return B->getOpcode() == BO_Add ? elementPlace(*Pointer, Offset) : std::nullopt;
    }
    if (B->isAssignmentOp() || B->getOpcode() == BO_Comma) {
      if (B->getOpcode() == BO_Comma) {
        effects(B->getLHS());
        return pointee(B->getRHS());
      }
      std::optional<ir::Place> P = binaryPlace(*B);
      return P ? std::optional(P->deref()) : std::nullopt;
    }
  }
  if (const auto *Arrow = dyn_cast<CXXOperatorCallExpr>(E); Arrow && Arrow->getOperator() == OO_Arrow)
    if (std::optional<ir::Place> P = operatorPlace(*Arrow))
      return P;
  if (E->isGLValue()) { // A pointer-like object: smart pointer, optional, reference to a pointer.
    std::optional<ir::Place> P = place(E);
    return P ? std::optional(P->deref()) : std::nullopt;
  }
  return target(value(E));
}

} // namespace latchkey::lower
