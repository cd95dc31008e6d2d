// Construction from arguments, by what the type means.
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

void FunctionLowering::constructWith(const ir::Place &Dest, QualType T, const CXXConstructorDecl *Constructor,
                                     llvm::ArrayRef<const Expr *> Args, SourceRange Where) {
  while (!Args.empty() && isa<CXXDefaultArgExpr>(Args.back()) && Mod.Types.model(T))
    Args = Args.drop_back(); // Models count what is written.
  if (constructModelled(Dest, T, Constructor, Args, Where) || constructGuard(Dest, T, Constructor, Args, Where))
    return;
  if (Mod.Types.isSmartPointer(T))
    if (constructPointer(Dest, T, Args, Where))
      return;
  if (Mod.Types.isCallableHolder(T) && Args.size() >= 1) {
    if (std::optional<ir::Value> V = closure(Args[0], Args.drop_front()))
      return assign(Dest, std::move(*V), Where, true);
    effects(Args[0]);
    return assign(
        Dest, ofKind(strip(Args[0])->getType()->isNullPtrType() ? ir::Value::Kind::Default : ir::Value::Kind::Unknown),
        Where, true);
  }
  if (Mod.Types.isContainer(T) && constructContainer(Dest, T, Args, Where))
    return;
  constructClass(Dest, T, Constructor, Args, Where);
}

bool FunctionLowering::constructModelled(const ir::Place &Dest, QualType T, const CXXConstructorDecl *Constructor,
                                         llvm::ArrayRef<const Expr *> Args, SourceRange Where) {
  const model::TypeModel *Model = Mod.Types.model(T);
  // A class of the user's that derives from a modelled one has constructors of its own.
  if (!Model || (Constructor && Constructor->isUserProvided() && !Constructor->isInheritingConstructor() &&
                 Mod.Types.model(*Constructor->getParent()) == Model && Mod.Types.type(T).K == ir::Type::Kind::Class))
    return false;
  const model::FunctionModel *Chosen = model::select(Model->Constructors, "", argumentTypes(Args));
  if (!Chosen || Chosen->Actions.empty()) {
    if (Args.empty()) {
      emit(effect(ir::Op::Declare, Dest, Where));
    } else {
      for (const Expr *Arg : Args)
        argument(*Arg, Arg->getType());
      write(Dest, Where, true);
    }
    return true;
  }
  Parts P;
  P.Callee = Constructor;
  P.Args.assign(Args.begin(), Args.end());
  P.Where = Where;
  Bindings B{P};
  B.Dest = &Dest;
  B.Object = Dest;
  B.HasObject = true;
  otherArguments(*Chosen, P);
  // A temporary that waits on purpose (absl::MutexLock with a Condition) guards nothing and is meant so.
  bool Waits = (Chosen->Blocks || Model->BlocksInConstructor) && Dest.R == ir::Place::Root::Variable &&
               F.Variables[Dest.Index].K == ir::Variable::Kind::Temporary;
  for (const model::Action &Action : Chosen->Actions) {
    model::Action Done = Action;
    if (Waits && Done.O == ir::Op::Arm && Done.Mutex) {
      Done.O = ir::Op::Unlock;
      Done.Subject.K = model::Operand::Kind::Argument;
      Done.Subject.Index = *Done.Mutex;
      if (*Done.Mutex < Args.size() && Args[*Done.Mutex]->getType()->isPointerType())
        Done.Subject.K = model::Operand::Kind::Pointee;
      Done.Mutex.reset();
    }
    execute(Done, B);
  }
  knownThrows(*Chosen, P);
  return true;
}

/// The variable, or `this`, that the initialiser names first.
static const Expr *firstNamed(const Stmt &S) {
  if (const auto *Ref = dyn_cast<DeclRefExpr>(&S); Ref && isa<VarDecl>(Ref->getDecl()))
    return Ref;
  if (const auto *This = dyn_cast<CXXThisExpr>(&S))
    return This;
  for (const Stmt *Child : S.children())
    if (const Expr *Found = Child ? firstNamed(*Child) : nullptr)
      return Found;
  return nullptr;
}

/// What the destructor of a guard passes on, `captured->name.value`, as the function that captured it names it.
ir::Value FunctionLowering::lent(const Expr &Arg, const ParmVarDecl &Parameter) {
  const auto *Member = dyn_cast<MemberExpr>(Arg.IgnoreParenImpCasts());
  while (Member && !Member->isArrow())
    Member = dyn_cast<MemberExpr>(Member->getBase()->IgnoreParenImpCasts());
  const auto *Field = Member ? dyn_cast<FieldDecl>(Member->getMemberDecl()) : nullptr;
  const auto *Holder = Field ? dyn_cast<CXXRecordDecl>(Field->getParent()) : nullptr;
  const VarDecl *Struct = Holder ? LocalObjects.lookup(Holder->getCanonicalDecl()) : nullptr;
  const auto *List =
      dyn_cast_or_null<InitListExpr>(Struct && Struct->getInit() ? Struct->getInit()->IgnoreImplicit() : nullptr);
  const Expr *From = List && Field->getFieldIndex() < List->getNumInits()
                         ? firstNamed(*List->getInit(Field->getFieldIndex()))
                         : nullptr;
  if (!From)
    return ir::Value::unknown();
  if (isa<CXXThisExpr>(From))
    return thisPointer().value_or(ir::Value::unknown());
  std::optional<ir::Place> P = place(From);
  if (!P)
    return ir::Value::unknown();
  return Parameter.getType()->isReferenceType() ? ir::Value::address(*P) : ir::Value::copy(*P);
}

bool FunctionLowering::constructGuard(const ir::Place &Dest, QualType T, const CXXConstructorDecl *Constructor,
                                      llvm::ArrayRef<const Expr *> Args, SourceRange Where) {
  const Shape &S = Mod.Types.shape(T);
  if ((S.K != Shape::Kind::Guard && S.K != Shape::Kind::Locker) || !Constructor)
    return false;
  if (S.Passes) {
    // Its name stands at the end of the body; the user's line is that of the beginning.
    const auto &Body = *cast<CXXMethodDecl>(S.Passes->getDirectCallee());
    ir::Effect Arm = effect(ir::Op::Arm, Dest, SourceRange(Body.getLocation()));
    Arm.Initial = true;
    Arm.Input.K = ir::Value::Kind::Closure;
    Arm.Input.Callee = Mod.need(Body);
    for (unsigned I = 0; I < S.Passes->getNumArgs() && I < Body.getNumParams(); ++I)
      Arm.Input.Args.push_back(lent(*S.Passes->getArg(I), *Body.getParamDecl(I)));
    emit(std::move(Arm));
    return true;
  }
  std::optional<unsigned> Source = Mod.Types.shapes().source(*Constructor);
  if (!Source || *Source >= Args.size()) {
    for (const Expr *Arg : Args)
      argument(*Arg, Arg->getType());
    emit(effect(ir::Op::Declare, Dest, Where));
    return true;
  }
  maskGuard(Dest, T);
  ir::Effect Arm = effect(ir::Op::Arm, Dest, Where);
  Arm.Initial = true;
  if (S.K == Shape::Kind::Locker) {
    const Expr *Mutex = strip(Args[*Source]);
    std::optional<ir::Place> M = Mutex->getType()->isPointerType() ? pointee(Mutex) : place(Mutex);
    ir::Effect Lock = effect(ir::Op::Lock, M.value_or(ir::Place()), Where);
    Lock.Shared = S.Shared;
    if (Mod.Types.shapes().asksToLock(*Constructor))
      Lock.O = ir::Op::TryLock; // whether it is held is not known
    Arm.Input.K = ir::Value::Kind::Closure;
    Arm.Input.Callee = operation(ir::Op::Unlock);
    Arm.Input.Args.push_back(M ? ir::Value::address(*M) : ir::Value::unknown());
    if (M && Mod.Types.shapes().locks(*Constructor))
      emit(std::move(Lock));
    emit(std::move(Arm));
    return true;
  }
  if (std::optional<ir::Value> V = closure(Args[*Source]))
    Arm.Input = std::move(*V);
  else
    effects(Args[*Source]);
  for (unsigned I = 0; I < Args.size(); ++I)
    if (I != *Source)
      effects(Args[I]);
  emit(std::move(Arm));
  return true;
}

bool FunctionLowering::constructPointer(const ir::Place &Dest, QualType T, llvm::ArrayRef<const Expr *> Args,
                                        SourceRange Where) {
  if (Args.empty()) {
    assign(Dest, ofKind(ir::Value::Kind::Default), Where, true);
    return true;
  }
  const Expr *From = strip(Args[0]);
  QualType FT = From->getType();
  // A deleter of the user's makes it a guard: unique_ptr<void, F> g(p, f). A lambda says so by itself.
  bool Object = Dest.R == ir::Place::Root::Variable && Dest.Path.empty();
  if (Args.size() >= 2 && Mod.Types.isCallable(Args[1]->getType().getNonReferenceType()) &&
      (isArmed(T) || (Object && (Mod.Types.isLambda(Args[1]->getType()) ||
                                 (Mod.Types.type(T).SharedCopies && functionValue(*Args[1])))))) {
    if (Object)
      Armed.insert(Dest.Index);
    ir::Effect Arm = effect(ir::Op::Arm, Dest, Where);
    Arm.Initial = true;
    Arm.Input = task(*Args[1], Args.take_front(1));
    emit(std::move(Arm));
    return true;
  }
  if (FT->isNullPtrType()) {
    assign(Dest, ofKind(ir::Value::Kind::Default), Where, true);
    return true;
  }
  if (FT->isPointerType() && isArmed(T)) {
    armDeleter(Dest, T, *Args[0], Where);
    return true;
  }
  if (FT->isPointerType()) {
    initialise(Dest, From);
    return true;
  }
  if (Mod.Types.isSmartPointer(FT)) {
    transfer(Dest, *Args[0], Where, true);
    return true;
  }
  QualType Element = Mod.Types.element(T);
  if (FT->isRecordType() && FT->getAsCXXRecordDecl()->getName() == "in_place_t")
    Args = Args.drop_front();
  else if (Element.isNull() || Args.size() != 1)
    return false;
  // optional<T> from a T, reference_wrapper<T> of a T.
  if (std::optional<ir::Place> P; From->isLValue() && referred(*Args[0]) == nullptr &&
                                  T->getAsCXXRecordDecl()->getName() == "reference_wrapper" && (P = place(From))) {
    assign(Dest, ir::Value::address(*P), Where, true);
    return true;
  }
  if (!Mod.Types.ofInterest(Element)) {
    for (const Expr *Arg : Args)
      effects(Arg);
    write(Dest, Where, true);
    return true;
  }
  assign(Dest, ofKind(ir::Value::Kind::Fresh), Where, true);
  emplace(Dest.deref(), Element, Args, Where);
  return true;
}

bool FunctionLowering::constructContainer(const ir::Place &Dest, QualType T, llvm::ArrayRef<const Expr *> Args,
                                          SourceRange Where) {
  while (!Args.empty() && isa<CXXDefaultArgExpr>(Args.back()))
    Args = Args.drop_back();
  QualType Element = Mod.Types.element(T);
  if (Args.empty()) {
    declareObject(Dest, T, Where);
    return true;
  }
  const Expr *First = strip(Args[0]);
  if (Mod.Context.hasSameUnqualifiedType(First->getType(), T)) {
    transfer(Dest, *Args[0], Where, true);
    return true;
  }
  if (isNumber(First->getType()) && Args.size() <= 2) {
    emit(effect(ir::Op::Declare, Dest, Where));
    ir::Effect Resize = effect(ir::Op::Resize, Dest, Where);
    Resize.Amount = term(First);
    if (Args.size() == 2)
      Resize.Input = value(Args[1]);
    emit(std::move(Resize));
    return true;
  }
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(First))
    First = strip(M->getSubExpr());
  if (const auto *List = dyn_cast<InitListExpr>(First); List && !Element.isNull()) {
    emit(effect(ir::Op::Declare, Dest, Where));
    for (const Expr *Init : List->inits())
      push(Dest, Element, {Init}, false, Init->getSourceRange());
    return true;
  }
  for (const Expr *Arg : Args)
    argument(*Arg, Arg->getType());
  write(Dest, Where, true);
  return true;
}

void FunctionLowering::constructClass(const ir::Place &Dest, QualType T, const CXXConstructorDecl *Constructor,
                                      llvm::ArrayRef<const Expr *> Args, SourceRange Where) {
  bool Interesting = Mod.Types.ofInterest(T);
  // The parts of a tuple are what get<N> gives, wherever the library keeps them.
  if (const auto *Tuple = dyn_cast_or_null<ClassTemplateSpecializationDecl>(T->getAsCXXRecordDecl());
      Tuple && Tuple->isInStdNamespace() && Tuple->getName() == "tuple" && Interesting &&
      Tuple->getTemplateArgs().size() == 1 && Tuple->getTemplateArgs()[0].pack_size() == Args.size()) {
    emit(effect(ir::Op::Declare, Dest, Where));
    for (unsigned I = 0; I < Args.size(); ++I)
      initialise(tuplePart(Dest, T, I), Args[I]);
    return;
  }
  bool HasBody = Constructor && !Constructor->isTrivial() && Mod.hasBody(*Constructor) &&
                 (Interesting || !Mod.Places.isSystem(*Constructor));
  if (!HasBody && (!Constructor || !Interesting) &&
      !(Constructor && !Mod.Places.isSystem(*Constructor) && Constructor->isUserProvided())) {
    for (const Expr *Arg : Args)
      handOver(*Arg);
    emit(effect(ir::Op::Declare, Dest, Where));
    return;
  }
  if (Constructor->isTrivial() || (!HasBody && Constructor->isDefaultConstructor() && !Constructor->isUserProvided())) {
    for (const Expr *Arg : Args)
      effects(Arg);
    emit(effect(ir::Op::Declare, Dest, Where));
    return;
  }
  Parts P;
  P.Callee = Constructor;
  P.Args.assign(Args.begin(), Args.end());
  P.Where = Where;
  std::vector<ir::Value> Values = arguments(P);
  ir::Effect Call = effect(ir::Op::Call, {}, Where);
  Call.Callee = Mod.need(*Constructor);
  Call.Text = Constructor->getParent()->getNameAsString();
  Call.Args.push_back(ir::Value::address(Dest));
  for (ir::Value &V : Values)
    Call.Args.push_back(std::move(V));
  Call.System = Mod.Places.isSystem(*Constructor);
  if (const auto *Type = Constructor->getType()->getAs<FunctionProtoType>())
    Call.NoThrow = !isUnresolvedExceptionSpec(Type->getExceptionSpecType()) && Type->isNothrow();
  emit(std::move(Call));
}

void FunctionLowering::emplace(const ir::Place &Dest, QualType T, llvm::ArrayRef<const Expr *> Args,
                               SourceRange Where) {
  if (Args.size() == 1) {
    // Of its own type: copied, moved, or the prvalue itself.
    const Expr *From = strip(Args[0]);
    if (Context.hasSameUnqualifiedType(From->getType(), T)) {
      if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(From))
        return initialise(Dest, M->getSubExpr());
      if (From->isPRValue())
        return initialise(Dest, From);
      return transfer(Dest, *Args[0], Where, true);
    }
  }
  if (!T->isRecordType()) {
    if (Args.size() == 1)
      return initialise(Dest, Args[0]);
    return assign(Dest, ofKind(ir::Value::Kind::Default), Where, true);
  }
  if (!Mod.Types.ofInterest(T)) {
    for (const Expr *Arg : Args)
      effects(Arg);
    return;
  }
  llvm::SmallVector<QualType, 4> Types;
  for (const Expr *Arg : Args)
    Types.push_back(Arg->isLValue() ? Context.getLValueReferenceType(Arg->getType()) : Arg->getType());
  const auto *Constructor =
      Mod.Types.model(T) ? nullptr : dyn_cast_or_null<CXXConstructorDecl>(Mod.Bodies.constructor(T, Types));
  if (!Constructor && !Mod.Types.model(T) && !Mod.Types.isSmartPointer(T) && !Mod.Types.isCallableHolder(T) &&
      !Mod.Types.isContainer(T)) {
    for (const Expr *Arg : Args)
      argument(*Arg, Arg->getType());
    return Args.empty() ? emit(effect(ir::Op::Declare, Dest, Where)) : write(Dest, Where, true);
  }
  constructWith(Dest, T, Constructor, Args, Where);
}

} // namespace latchkey::lower
