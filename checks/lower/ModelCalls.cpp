// Calls that a model describes: its actions, executed.
#include "checks/ir/TextNames.h"
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

std::vector<std::string> FunctionLowering::argumentTypes(llvm::ArrayRef<const Expr *> Args) const {
  std::vector<std::string> Types;
  for (const Expr *Arg : Args) {
    const Expr *Plain = Arg->IgnoreImplicit();
    Types.push_back(Plain->getType().getCanonicalType().getAsString(Context.getPrintingPolicy()));
    // A named constant is told by its name.
    if (const auto *Ref = dyn_cast<DeclRefExpr>(Plain))
      if (const auto *Constant = dyn_cast<EnumConstantDecl>(Ref->getDecl()))
        Types.back().append("::").append(Constant->getName());
  }
  return Types;
}

/// Without the arguments that the call leaves to their defaults.
static llvm::ArrayRef<const Expr *> written(llvm::ArrayRef<const Expr *> Args) {
  while (!Args.empty() && isa<CXXDefaultArgExpr>(Args.back()))
    Args = Args.drop_back();
  return Args;
}

const model::FunctionModel *FunctionLowering::modelFor(const FunctionDecl &Callee, llvm::ArrayRef<const Expr *> Args,
                                                       QualType Object) {
  const model::FunctionModel *Named = namedModel(Callee, Args, Object);
  return Named ? Named : Mod.Said.model(Callee);
}

const model::FunctionModel *FunctionLowering::namedModel(const FunctionDecl &Callee, llvm::ArrayRef<const Expr *> Args,
                                                         QualType Object) {
  Args = written(Args);
  const auto *Method = dyn_cast<CXXMethodDecl>(&Callee);
  if (Method && Method->isInstance()) {
    const model::TypeModel *Model = Mod.Types.model(*Method->getParent());
    if (!Model && !Object.isNull())
      Model = Mod.Types.model(Object);
    if (!Model)
      return nullptr;
    // A method that the user's class adds to a modelled base is the user's.
    if (!Mod.Places.isSystem(*Method) && Method->getParent()->getNumBases() &&
        qualifiedName(*Method->getParent()) != Model->Name)
      return nullptr;
    return model::select(Model->Methods, Callee.getNameAsString(), argumentTypes(Args));
  }
  llvm::ArrayRef<model::FunctionModel> Models = Mod.Models.functions(qualifiedName(Callee));
  if (Models.empty())
    return nullptr;
  std::vector<std::string> Types = argumentTypes(Args);
  for (const model::FunctionModel &Model : Models)
    if (Model.DeclaredIn.empty() ||
        llvm::StringRef(Mod.Places.path(Callee.getCanonicalDecl()->getLocation())).ends_with(Model.DeclaredIn))
      if (model::select(Model, "", Types))
        return &Model;
  return nullptr;
}

std::optional<ir::Place> FunctionLowering::operandPlace(const model::Operand &O, Bindings &B) {
  using Kind = model::Operand::Kind;
  switch (O.K) {
  case Kind::None:
  case Kind::Constant:
    return std::nullopt;
  case Kind::This:
    if (!B.HasObject) {
      B.HasObject = true;
      if (B.P.Object)
        B.Object = object(*B.P.Object, B.P.Arrow);
    }
    return B.Object;
  case Kind::Result:
    if (B.Dest)
      return *B.Dest;
    if (!B.Result.valid())
      B.Result = temporary(B.P.E ? B.P.E->getType() : QualType(), B.P.Where);
    return B.Result;
  case Kind::ResultPointee: {
    model::Operand Pointer = O;
    Pointer.K = Kind::Result;
    return operandPlace(Pointer, B)->deref();
  }
  case Kind::Argument:
  case Kind::Pointee:
    break;
  }
  if (O.Index >= B.P.Args.size())
    return std::nullopt;
  unsigned Key = O.Index * 2 + (O.K == Kind::Pointee);
  if (auto It = B.Places.find(Key); It != B.Places.end())
    return It->second;
  const Expr *Arg = B.P.Args[O.Index];
  std::optional<ir::Place> P;
  if (O.K == Kind::Pointee) {
    P = pointee(Arg);
  } else if (Arg->isGLValue()) {
    P = place(Arg);
  } else {
    ir::Value V = value(Arg);
    if (V.K == ir::Value::Kind::Copy || V.K == ir::Value::Kind::Move)
      P = V.P;
    else if (V.K == ir::Value::Kind::Number && V.N.Known && V.N.Sum.size() == 1 && V.N.Sum[0].Coefficient == 1 &&
             V.N.Sum[0].Factors.size() == 1 && V.N.Sum[0].Factors[0].K == ir::Atom::Kind::Value)
      P = V.N.Sum[0].Factors[0].P; // pthread_t is an integer.
    else if (V.K == ir::Value::Kind::Address)
      P = V.P;
  }
  if (P)
    B.Places[Key] = *P;
  return P;
}

ir::Term FunctionLowering::operandTerm(const model::Operand &O, Bindings &B) {
  using Kind = model::Operand::Kind;
  if (O.K == Kind::Constant)
    return ir::Term::constant(O.Constant);
  if (O.K != Kind::Argument)
    return ir::Term::unknown();
  if (O.Index >= written(B.P.Args).size())
    return ir::Term::constant(O.Constant);
  if (B.P.Args[O.Index]->isNullPointerConstant(Context, Expr::NPC_ValueDependentIsNotNull))
    return ir::Term::constant(0);
  return term(B.P.Args[O.Index]);
}

void FunctionLowering::execute(const model::Action &A, Bindings &B) {
  const Parts &P = B.P;
  llvm::ArrayRef<const Expr *> Args = written(P.Args);
  if (A.Callable && *A.Callable >= Args.size())
    return;
  std::optional<ir::Place> Subject = operandPlace(A.Subject, B);
  ir::Effect E = effect(A.O, Subject.value_or(ir::Place()), P.Where);
  E.Text = P.Callee ? P.Callee->getNameAsString() : "";
  if (const auto *Constructor = dyn_cast_or_null<CXXConstructorDecl>(P.Callee))
    E.Text = Constructor->getParent()->getNameAsString();
  E.Timed = A.Timed;
  E.Shared = A.Shared;
  E.When = A.When;
  E.Amount = A.Amount.K == model::Operand::Kind::None ? ir::text::defaultAmount(A.O) : operandTerm(A.Amount, B);
  bool Constructs = A.Subject.K == model::Operand::Kind::Result || A.Subject.K == model::Operand::Kind::ResultPointee ||
                    (A.Subject.K == model::Operand::Kind::This && isa_and_nonnull<CXXConstructorDecl>(P.Callee)) ||
                    (A.Subject.K == model::Operand::Kind::This && !P.Callee);
  E.Initial = Constructs && (A.O == ir::Op::Spawn || A.O == ir::Op::Arm || A.O == ir::Op::Init);
  if (A.Callable) {
    llvm::ArrayRef<const Expr *> Passed;
    if (A.CallableArgs && *A.CallableArgs <= Args.size())
      Passed = Args.drop_front(*A.CallableArgs);
    if (A.CallableArgs && A.LastCallableArg && *A.LastCallableArg + 1 < Args.size())
      Passed = Passed.take_front(*A.LastCallableArg + 1 - *A.CallableArgs);
    E.Input = task(*Args[*A.Callable], Passed);
    if (E.Input.K == ir::Value::Kind::Unknown && A.O == ir::Op::Arm &&
        strip(Args[*A.Callable])->getType()->isNullPtrType())
      return;
  }
  if (A.Mutex && *A.Mutex < Args.size()) {
    model::Operand O;
    O.K = Args[*A.Mutex]->getType()->isPointerType() ? model::Operand::Kind::Pointee : model::Operand::Kind::Argument;
    O.Index = *A.Mutex;
    std::optional<ir::Place> Mutex = operandPlace(O, B);
    ir::Value Address = Mutex ? ir::Value::address(*Mutex) : ir::Value::unknown();
    if (A.O == ir::Op::Arm) {
      E.Input = ofKind(ir::Value::Kind::Closure);
      E.Input.Callee = operation(ir::Op::Unlock);
      E.Input.Args.push_back(std::move(Address));
    } else {
      E.Args.push_back(std::move(Address));
    }
  }
  if (A.Detached.K != model::Operand::Kind::None && A.Detached.Index < Args.size() &&
      !Args[A.Detached.Index]->isNullPointerConstant(Context, Expr::NPC_ValueDependentIsNotNull)) {
    std::optional<ir::Place> Attributes = operandPlace(A.Detached, B);
    E.Args.push_back(Attributes ? ir::Value::address(*Attributes) : ir::Value::unknown());
  }
  if (A.Predicate && *A.Predicate < Args.size()) {
    E.Input = task(*Args[*A.Predicate], {});
  }
  if (A.When != ir::Success::Always) {
    if (B.Used && P.E) {
      if (!B.Result.valid())
        B.Result = B.Dest ? *B.Dest : temporary(P.E->getType(), P.Where);
      E.Result = B.Result;
    } else {
      E.When = ir::Success::Always; // Nobody looks: taken to succeed. A locker keeps the answer for itself.
      E.Timed |= A.O == ir::Op::TryLock && isa_and_nonnull<CXXConstructorDecl>(P.Callee);
    }
  }
  if (A.O == ir::Op::Dismiss && B.Used && P.E && P.E->getType()->isPointerType()) { // what it held
    if (!B.Result.valid())
      B.Result = B.Dest ? *B.Dest : temporary(P.E->getType(), P.Where);
    E.Result = B.Result;
  }
  if (A.O == ir::Op::Arm && Subject && Subject->R == ir::Place::Root::Variable && Subject->Path.empty()) {
    if (A.On != ir::Cleanup::Mask::Both)
      GuardMasks[Subject->Index] = A.On;
    else if (P.E && P.E->isPRValue())
      maskGuard(*Subject, P.E->getType());
    Armed.insert(Subject->Index);
  }
  if (A.O == ir::Op::Add || A.O == ir::Op::Done) {
    // A fix moves or repeats the whole statement, so it must be one.
    E.Text = Mod.Places.text(P.Where);
    E.Statement = P.E && P.E == Alone ? Mod.Places.wholeStatement(*P.E) : ir::Range();
  }
  bool NeedsSubject = A.Subject.K != model::Operand::Kind::None;
  if (NeedsSubject && !Subject && A.O != ir::Op::Spawn && A.O != ir::Op::Detach)
    return;
  emit(std::move(E));
}

void FunctionLowering::knownThrows(const model::FunctionModel &Model, const Parts &P) {
  if (Model.Throws.empty())
    return;
  ir::Condition Test;
  Test.Where = range(P.Where);
  Test.Test.Text = (P.Callee ? P.Callee->getNameAsString() : Model.Name) + " throws";
  Test.Test = finished(std::move(Test.Test), /*Pure=*/false, *P.E);
  branch(std::move(Test), P.Where, [&] { emit(ir::Throw{Model.Throws}, P.Where); });
}

void FunctionLowering::otherArguments(const model::FunctionModel &Model, const Parts &P) {
  std::set<unsigned> Taken;
  for (const model::Action &A : Model.Actions) {
    for (const model::Operand *O : {&A.Subject, &A.Amount, &A.Detached})
      if (O->K == model::Operand::Kind::Argument || O->K == model::Operand::Kind::Pointee)
        Taken.insert(O->Index);
    for (const std::optional<unsigned> &Index : {A.Callable, A.Mutex, A.Predicate})
      if (Index)
        Taken.insert(*Index);
    for (unsigned I = A.CallableArgs.value_or(P.Args.size());
         I < P.Args.size() && I <= A.LastCallableArg.value_or(P.Args.size()); ++I)
      Taken.insert(I);
  }
  for (unsigned I = 0; I < P.Args.size(); ++I)
    if (!Taken.contains(I))
      effects(P.Args[I]);
}

/// `free(p)` of a struct that we follow: its end.
bool FunctionLowering::freesObject(const Parts &P) {
  if (P.Args.size() != 1 || !P.Callee->getReturnType()->isVoidType())
    return false;
  const Expr *Pointer = strip(P.Args[0]);
  while (const auto *Cast = dyn_cast<CastExpr>(Pointer)) // to `void *`
    if (Cast->getCastKind() == CK_BitCast && Cast->getType()->isVoidPointerType())
      Pointer = strip(Cast->getSubExpr());
    else
      break;
  QualType T = Pointer->getType();
  if (!T->isPointerType() || !T->getPointeeType()->isRecordType() || !Mod.Types.ofInterest(T->getPointeeType()))
    return false;
  if (std::optional<ir::Place> Object = pointee(Pointer))
    emit(effect(ir::Op::Destroy, *Object, P.Where));
  return true;
}

FunctionLowering::Called FunctionLowering::modelCall(const model::FunctionModel &Model, const Parts &P,
                                                     const ir::Place *Dest, bool Used) {
  if (Model.Actions.empty() && (Model.Ends || Model.Lasting || Model.Forks)) {
    if (Model.Ends && !HasGuard && !F.Deferred && freesObject(P))
      return {};
    return plainCall(P, Dest, Used, &Model);
  }
  Bindings B{P};
  B.Dest = Dest;
  B.Used = Used;
  otherArguments(Model, P);
  bool MakesResult = false;
  for (const model::Action &A : Model.Actions) {
    execute(A, B);
    MakesResult |= A.Subject.K == model::Operand::Kind::Result;
  }
  bool Exits = llvm::any_of(Model.Actions, [](const model::Action &A) { return A.O == ir::Op::Exit; });
  if (auto *Exit = Exits && !Out->empty() ? Out->back().as<ir::Effect>() : nullptr)
    Exit->Ends = Model.Ends;
  knownThrows(Model, P);
  QualType T = P.E->isPRValue() ? P.E->getType() : P.Callee->getReturnType();
  Called C;
  if (MakesResult) {
    C.Placed = Dest != nullptr;
    C.V = Dest ? ir::Value::move(*Dest) : ir::Value::copy(B.Result);
    if (!Dest && T->isRecordType())
      C.V.K = ir::Value::Kind::Move;
    return C;
  }
  if (B.Result.valid()) {
    C.Placed = Dest && B.Result == *Dest;
    C.V = isNumber(T) ? ir::Value::number(valueAt(B.Result)) : ir::Value::copy(B.Result);
    return C;
  }
  bool NeverReturns = (Model.NoReturn || P.Callee->isNoReturn()) && !Exits;
  if (!NeverReturns && !(Used && Mod.Types.ofInterest(T) && T->isRecordType()))
    return C;
  // An object that we follow, of which the model does not say more: a future of a promise, a stop token.
  ir::Effect Call = effect(ir::Op::Call, {}, P.Where);
  Call.Callee = Mod.Identity.function(*P.Callee);
  Call.Text = P.Callee->getNameAsString();
  Call.System = true;
  Call.NoThrow = Model.NoThrow;
  Call.NoReturn = NeverReturns;
  if (P.Object)
    if (std::optional<ir::Place> At = operandPlace({model::Operand::Kind::This, 0, 0}, B))
      Call.Args.push_back(ir::Value::address(*At, /*Const=*/true));
  C = result(Call, T, Dest, Used);
  emit(std::move(Call));
  return C;
}

} // namespace latchkey::lower
