// Objects that begin their life: what initialises them is them, whatever nodes the AST has in between.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Templates.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

void FunctionLowering::initialise(const ir::Place &Dest, const Expr *E) {
  E = strip(E);
  if (!E || E->isTypeDependent() || E->isValueDependent())
    return;
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return;
  QualType T = E->getType();
  if (const auto *C = dyn_cast<AbstractConditionalOperator>(E); C && T->isRecordType()) {
    return branch(
        condition(C->getCond()), C->getSourceRange(), [&] { initialise(Dest, C->getTrueExpr()); },
        [&] { initialise(Dest, C->getFalseExpr()); });
  }
  if (const auto *B = dyn_cast<BinaryOperator>(E); B && B->getOpcode() == BO_Comma) {
    effects(B->getLHS());
    return initialise(Dest, B->getRHS());
  }
  if (const auto *S = dyn_cast<StmtExpr>(E))
    return statementExpression(*S, [&](const Expr &Last) { initialise(Dest, &Last); });
  if (T->isRecordType() && isView(T))
    if (std::optional<ir::Value> V = view(*E))
      return assign(Dest, std::move(*V), E->getSourceRange(), true);
  if (const auto *C = dyn_cast<CXXConstructExpr>(E))
    return construct(Dest, *C);
  if (const auto *C = dyn_cast<CXXInheritedCtorInitExpr>(E))
    return constructWith(Dest, T, C->getConstructor(), {}, C->getSourceRange());
  if (const auto *N = dyn_cast<CXXNewExpr>(E))
    return initialiseNew(Dest, *N);
  if (isa<CXXScalarValueInitExpr, ImplicitValueInitExpr, CXXNullPtrLiteralExpr, GNUNullExpr>(E)) {
    ir::Value V;
    V.K = ir::Value::Kind::Default;
    if (isNumber(T))
      V = ir::Value::number(ir::Term::constant(0));
    return assign(Dest, std::move(V), E->getSourceRange(), true);
  }
  if (initialiseList(Dest, *E))
    return;
  if (const auto *Call = dyn_cast<CallExpr>(E)) {
    if (T->isPointerType())
      if (std::optional<ir::Value> V = view(*E))
        return assign(Dest, std::move(*V), E->getSourceRange(), true);
    if (Mod.Types.isCallable(T))
      if (std::optional<ir::Value> V = boundValue(*Call))
        return assign(Dest, std::move(*V), E->getSourceRange(), true);
    if (isNumber(T)) {
      if (isTest(*E))
        return assign(Dest, truth(*E), E->getSourceRange(), true);
      if (std::optional<ir::Place> Container = sizeOf(*E))
        return assign(Dest, ir::Value::number(ir::Term::atom({ir::Atom::Kind::Size, *Container})), E->getSourceRange(),
                      true);
    }
    Called C = call(*Call, &Dest, true);
    if (!C.Placed)
      assign(Dest, std::move(C.V), E->getSourceRange(), true);
    return;
  }
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(E))
    return initialise(Dest, M->getSubExpr());
  if (T->isRecordType() && E->isGLValue())
    return transfer(Dest, *E, E->getSourceRange(), true);
  if (const auto *Cast = dyn_cast<CastExpr>(E);
      Cast && Cast->getCastKind() == CK_LValueToRValue && T->isRecordType()) // C copies structs so.
    return transfer(Dest, *Cast->getSubExpr(), E->getSourceRange(), true);
  assign(Dest, value(E), E->getSourceRange(), true);
}

/// A guard by shape without constructors: `Defer d{[&] { … }};`.
bool FunctionLowering::armAggregate(const ir::Place &Dest, QualType T, llvm::ArrayRef<Expr *> Inits,
                                    SourceRange Where) {
  const Shape &S = Mod.Types.shape(T);
  if (S.K != Shape::Kind::Guard || T->getAsCXXRecordDecl()->getNumBases() != 0)
    return false;
  ir::Effect Arm = effect(ir::Op::Arm, Dest, Where);
  Arm.Initial = true;
  for (unsigned I = 0; I < Inits.size(); ++I) {
    std::optional<ir::Value> V = I == S.Member->getFieldIndex() ? closure(Inits[I]) : std::nullopt;
    if (V)
      Arm.Input = std::move(*V);
    else
      effects(Inits[I]);
  }
  emit(std::move(Arm));
  return true;
}

bool FunctionLowering::initialiseList(const ir::Place &Dest, const Expr &E) {
  llvm::ArrayRef<Expr *> Inits;
  if (const auto *List = dyn_cast<InitListExpr>(&E)) {
    if (List->isSemanticForm() == false && List->getSemanticForm())
      return initialiseList(Dest, *List->getSemanticForm());
    Inits = List->inits();
  } else if (const auto *Parens = dyn_cast<CXXParenListInitExpr>(&E)) {
    Inits = Parens->getInitExprs();
  } else {
    return false;
  }
  QualType T = E.getType();
  if (const auto *List = dyn_cast<InitListExpr>(&E); List && (List->isTransparent() || !T->isAggregateType())) {
    if (Inits.size() == 1)
      initialise(Dest, Inits[0]);
    else
      assign(Dest, isNumber(T) ? ir::Value::number(ir::Term::constant(0)) : ofKind(ir::Value::Kind::Default),
             E.getSourceRange(), true);
    return true;
  }
  if (T->isArrayType() || Mod.Types.isContainer(T)) {
    // std::array holds its array as its only field.
    if (!T->isArrayType() && Inits.size() == 1 && Inits[0]->getType()->isArrayType()) {
      if (initialiseList(Dest, *strip(Inits[0])))
        return true;
      Inits = {}; // `{}`: its elements are made from nothing
    }
    declareObject(Dest, T, E.getSourceRange());
    unsigned I = 0;
    for (const Expr *Init : Inits) {
      if (Mod.Types.ofInterest(Init->getType()) && !isa<ImplicitValueInitExpr>(strip(Init)))
        initialise(Dest.element(std::to_string(I)), Init);
      else
        effects(Init);
      ++I;
    }
    return true;
  }
  const auto *Record = T->getAsRecordDecl();
  if (!Record || Record->isUnion()) {
    for (const Expr *Init : Inits)
      effects(Init);
    emit(effect(ir::Op::Declare, Dest, E.getSourceRange()));
    return true;
  }
  if (armAggregate(Dest, T, Inits, E.getSourceRange()))
    return true;
  auto Init = Inits.begin();
  if (const auto *Class = dyn_cast<CXXRecordDecl>(Record))
    for (const CXXBaseSpecifier &Base : Class->bases())
      if (Init != Inits.end())
        if (const CXXRecordDecl *B = Base.getType()->getAsCXXRecordDecl())
          initialise(baseOf(Dest, *B), *Init++);
  for (const FieldDecl *Field : Record->fields()) {
    if (Field->isUnnamedBitField())
      continue;
    if (Init == Inits.end())
      break;
    const Expr *FieldInit = *Init++;
    QualType FT = Field->getType();
    ir::Place Part = Dest.field(TypeTable::fieldName(*Field));
    if (FT->isReferenceType()) {
      if (std::optional<ir::Place> Target = place(FieldInit))
        assign(Part, ir::Value::address(*Target), FieldInit->getSourceRange(), true);
    } else if (Mod.Types.ofInterest(FT) || isNumber(FT) || FT->isPointerType()) {
      initialise(Part, FieldInit);
    } else {
      effects(FieldInit);
    }
  }
  return true;
}

void FunctionLowering::initialiseNew(const ir::Place &Dest, const CXXNewExpr &N) {
  for (unsigned I = 0; I < N.getNumPlacementArgs(); ++I)
    effects(N.getPlacementArg(I));
  ir::Value Fresh;
  Fresh.K = ir::Value::Kind::Fresh;
  if (N.getOperatorNew() && N.getOperatorNew()->isReservedGlobalPlacementOperator())
    if (std::optional<ir::Place> At = pointee(N.getPlacementArg(0)))
      Fresh = ir::Value::address(*At);
  assign(Dest, std::move(Fresh), N.getSourceRange(), true);
  QualType T = N.getAllocatedType();
  ir::Place Object = Dest.deref();
  if (N.isArray()) {
    if (std::optional<const Expr *> Size = N.getArraySize(); Size && *Size)
      effects(*Size);
    if (N.getInitializer())
      childEffects(N.getInitializer());
    return;
  }
  if (const Expr *Init = N.getInitializer())
    return initialise(Object, Init);
  if (Mod.Types.ofInterest(T))
    emit(effect(ir::Op::Declare, Object, N.getSourceRange()));
}

void FunctionLowering::declareObject(const ir::Place &P, QualType T, SourceRange Where) {
  emit(effect(ir::Op::Declare, P, Where));
  std::optional<uint64_t> Size = fixedSize(T, Context);
  if (!Size || !Mod.Types.ofInterest(Mod.Types.element(T)))
    return;
  ir::Effect Resize = effect(ir::Op::Resize, P, Where);
  Resize.Amount = ir::Term::constant(static_cast<int64_t>(*Size));
  emit(std::move(Resize));
}

void FunctionLowering::construct(const ir::Place &Dest, const CXXConstructExpr &C) {
  const CXXConstructorDecl *Constructor = C.getConstructor();
  QualType T = C.getType();
  if (T->isArrayType()) { // Every element is constructed so.
    declareObject(Dest, T, C.getSourceRange());
    T = Context.getBaseElementType(T);
    if (!Mod.Types.ofInterest(T))
      return;
    if (Constructor->getParent()->isLambda() || C.getNumArgs() || Constructor->isUserProvided()) {
      if (Mod.Types.model(T) || !Mod.hasBody(*Constructor))
        return;
      return constructWith(Dest.element(), T, Constructor, {C.getArgs(), C.getNumArgs()}, C.getSourceRange());
    }
    return;
  }
  if (C.getNumArgs() == 1 && Constructor->isCopyOrMoveConstructor()) {
    // Elided, or a copy of something that has no constructor to call.
    const Expr *From = strip(C.getArg(0));
    const auto *Temporary = dyn_cast<MaterializeTemporaryExpr>(From);
    if (C.isElidable() && (Temporary || From->isPRValue()))
      return initialise(Dest, Temporary ? Temporary->getSubExpr() : From);
    const CXXRecordDecl *Class = Constructor->getParent();
    if (!Constructor->isUserProvided() || Mod.Types.model(T) || Class->isLambda() || Mod.Types.isCallableHolder(T) ||
        Mod.Types.isSmartPointer(T) || Mod.Types.isContainer(T) || Mod.Places.isSystem(*Constructor) || isArmed(T))
      return transfer(Dest, *C.getArg(0), C.getSourceRange(), true);
  }
  constructWith(Dest, T, Constructor, {C.getArgs(), C.getNumArgs()}, C.getSourceRange());
}

void FunctionLowering::transfer(const ir::Place &Dest, const Expr &From, SourceRange Where, bool Initial) {
  ir::Value V = classValue(From);
  assign(Dest, std::move(V), Where, Initial);
}

bool FunctionLowering::isArmed(QualType T) {
  switch (Mod.Types.type(T).K) {
  case ir::Type::Kind::Guard:
  case ir::Type::Kind::Locker:
    return true;
  default:
    return false;
  }
}

void FunctionLowering::armDeleter(const ir::Place &Dest, QualType T, const Expr &Pointer, SourceRange Where) {
  ir::Effect Arm = effect(ir::Op::Arm, Dest, Where);
  Arm.Initial = true;
  ir::Value Released = argument(Pointer, Pointer.getType());
  QualType Deleter = writtenArgument(T, 1);
  if (const CXXMethodDecl *Operator = Mod.Bodies.callOperator(Deleter, {Pointer.getType()})) {
    Arm.Input = ofKind(ir::Value::Kind::Closure);
    Arm.Input.Callee = Mod.need(*Operator);
    Arm.Input.Args = {ir::Value::unknown(), std::move(Released)}; // The deleter itself has no place.
  }
  emit(std::move(Arm));
}

} // namespace latchkey::lower
