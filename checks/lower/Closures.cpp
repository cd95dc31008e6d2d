// Callables as values: lambdas, functions, methods, functors, bind and the holders of all of these.
#include "checks/ir/TextNames.h"
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::lower {

using namespace clang;

std::string FunctionLowering::operation(ir::Op O) {
  return ("op:" + ir::text::wordOf(O)).str();
}

std::string FunctionLowering::operationOf(const CXXMethodDecl &Method) {
  const model::TypeModel *Model = Mod.Types.model(*Method.getParent());
  if (!Model)
    return "";
  const model::FunctionModel *Chosen = model::select(Model->Methods, Method.getNameAsString(),
                                                     std::vector<std::string>(Method.getMinRequiredArguments()));
  if (!Chosen || Chosen->Actions.size() != 1 || Chosen->Actions[0].Subject.K != model::Operand::Kind::This)
    return "";
  return operation(Chosen->Actions[0].O);
}

ir::Value FunctionLowering::lambda(const LambdaExpr &E, llvm::ArrayRef<const Expr *> Args) {
  ir::Value V = ofKind(ir::Value::Kind::Closure);
  const CXXMethodDecl *Operator = E.getCallOperator();
  if (E.isGenericLambda()) {
    llvm::SmallVector<QualType, 4> Types;
    for (const Expr *Arg : Args)
      Types.push_back(Arg->getType());
    Operator = Mod.Bodies.callOperator(E.getType(), Types);
    V.Callee = Mod.generic(*E.getLambdaClass());
  }
  if (Operator)
    V.Callee = Mod.need(*Operator);
  auto Init = E.capture_init_begin();
  for (const LambdaCapture &C : E.captures()) {
    const Expr *From = *Init++;
    if (C.capturesThis()) {
      if (C.getCaptureKind() == LCK_StarThis)
        V.Captures.push_back(thisObject() ? ir::Value::copy(*thisObject()) : ir::Value::unknown());
      else
        V.Captures.push_back(thisPointer().value_or(ir::Value::unknown()));
      continue;
    }
    if (!C.capturesVariable()) {
      V.Captures.push_back(ir::Value::unknown());
      continue;
    }
    const auto *Var = dyn_cast<VarDecl>(C.getCapturedVar());
    bool Initialised = Var && Var->isInitCapture();
    if (Initialised && Var->getInit())
      From = Var->getInit();
    bool ByReference = C.getCaptureKind() == LCK_ByRef || (Initialised && Var->getType()->isReferenceType());
    std::optional<ir::Place> P;
    if (!Initialised)
      P = declPlace(*C.getCapturedVar());
    if (ByReference) {
      if (Initialised)
        P = place(From);
      bool Const = C.getCapturedVar()->getType().getNonReferenceType().isConstQualified();
      V.Captures.push_back(P ? ir::Value::address(*P, Const) : ir::Value::unknown());
    } else if (Initialised) {
      V.Captures.push_back(value(From));
    } else {
      V.Captures.push_back(P ? ir::Value::copy(*P) : ir::Value::unknown());
    }
  }
  return V;
}

std::optional<ir::Value> FunctionLowering::functionValue(const Expr &E) {
  const Expr *Plain = E.IgnoreParenImpCasts();
  if (const auto *U = dyn_cast<UnaryOperator>(Plain); U && U->getOpcode() == UO_AddrOf)
    Plain = U->getSubExpr()->IgnoreParenImpCasts();
  const auto *Ref = dyn_cast<DeclRefExpr>(Plain);
  const auto *Function = Ref ? dyn_cast<FunctionDecl>(Ref->getDecl()) : nullptr;
  if (!Function)
    return std::nullopt;
  ir::Value V = ofKind(ir::Value::Kind::Closure);
  if (const auto *Method = dyn_cast<CXXMethodDecl>(Function); Method && Method->isInstance())
    V.Callee = operationOf(*Method);
  if (V.Callee.empty()) {
    V.Callee = Mod.need(*Function);
    Mod.mentioned(*Function, V.Callee);
  }
  return V;
}

/// The number of a placeholder of std::bind and its kin, `_1`; 0 for anything else.
static unsigned placeholder(const Expr &E) {
  const auto *Ref = dyn_cast<DeclRefExpr>(E.IgnoreParenImpCasts());
  llvm::StringRef Name = Ref && Ref->getDecl()->getIdentifier() ? Ref->getDecl()->getName() : "";
  unsigned N = 0;
  return Name.consume_front("_") && !Name.getAsInteger(10, N) ? N : 0;
}

/// What is bound in front of what a call gives: `_1`, `_2` … at the end say no more than that. Nothing where they stand
/// in another order.
static std::optional<llvm::ArrayRef<const Expr *>> boundInFront(llvm::ArrayRef<const Expr *> Args) {
  llvm::ArrayRef<const Expr *> Bound = Args.take_while([](const Expr *E) { return placeholder(*E) == 0; });
  for (auto [I, E] : llvm::enumerate(Args.drop_front(Bound.size())))
    if (placeholder(*E) != I + 1)
      return std::nullopt;
  return Bound;
}

std::optional<ir::Value> FunctionLowering::boundValue(const CallExpr &Call) {
  const FunctionDecl *Callee = Call.getDirectCallee();
  if (!Callee || !Callee->getIdentifier() || !Mod.Places.isSystem(*Callee) || Call.getNumArgs() == 0)
    return std::nullopt;
  enum {
    Other,
    Same,
    Bind
  } K = llvm::StringSwitch<decltype(Other)>(Callee->getName())
            .Cases({"move", "forward", "ref", "cref", "as_const"}, Same)
            .Cases({"mem_fn", "mem_fun", "protect"}, Same)
            .Cases({"bind", "bind_front", "BindFront", "bind_r"}, Bind)
            .Default(Other);
  if (K == Other)
    return std::nullopt;
  std::vector<const Expr *> Rest(Call.arg_begin() + 1, Call.arg_end());
  if (K == Same) {
    const Expr *First = Call.getArg(0);
    return Mod.Types.isCallable(First->getType().getNonReferenceType()) || First->getType()->isMemberPointerType()
               ? closure(First)
               : std::nullopt;
  }
  if (auto InFront = boundInFront(Rest))
    return task(*Call.getArg(0), *InFront);
  ir::Value Unknown = ofKind(ir::Value::Kind::Closure);
  Unknown.Args = task(*Call.getArg(0), Rest).Args; // it holds them all the same
  return Unknown;
}

std::optional<ir::Value> FunctionLowering::functor(const Expr &E, llvm::ArrayRef<const Expr *> Args) {
  llvm::SmallVector<QualType, 4> Types;
  for (const Expr *Arg : Args)
    Types.push_back(Arg->getType());
  const CXXMethodDecl *Operator = Mod.Bodies.callOperator(E.getType().getNonReferenceType(), Types);
  if (!Operator)
    return std::nullopt;
  ir::Value V = ofKind(ir::Value::Kind::Closure);
  V.Callee = Mod.need(*Operator);
  // The callable keeps an object of its own; `this` is that object.
  const Expr *Plain = strip(&E);
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(Plain))
    Plain = strip(M->getSubExpr());
  if (Plain->isGLValue()) {
    std::optional<ir::Place> P = place(Plain);
    if (!P)
      V.Args.push_back(ir::Value::unknown());
    else
      V.Args.push_back(Plain->isXValue() || E.isXValue() ? ir::Value::move(*P) : ir::Value::copy(*P));
  } else {
    V.Args.push_back(ir::Value::move(materialise(*Plain, /*Owned=*/false)));
  }
  return V;
}

std::optional<ir::Value> FunctionLowering::closure(const Expr *E, llvm::ArrayRef<const Expr *> Args) {
  E = strip(E);
  if (!E || E->isTypeDependent())
    return std::nullopt;
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return std::nullopt;
  if (const auto *L = dyn_cast<LambdaExpr>(E))
    return lambda(*L, Args);
  if (std::optional<ir::Value> V = functionValue(*E))
    return V;
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(E))
    return closure(M->getSubExpr(), Args);
  if (const Expr *Held = referred(*E)) {
    std::optional<ir::Value> V = Mod.Types.isCallable(Held->getType()) ? closure(Held, Args) : std::nullopt;
    // A functor by reference is that object, not a copy of it.
    bool Functor = V && !V->Callee.empty() && V->Args.size() == 1 && V->Args[0].K == ir::Value::Kind::Copy;
    if (Functor)
      V->Args[0] = ir::Value::address(V->Args[0].P, Held->getType().isConstQualified());
    return V;
  }
  if (const auto *Call = dyn_cast<CallExpr>(E)) {
    if (std::optional<ir::Value> V = boundValue(*Call))
      return V;
    if (const auto *Conversion = dyn_cast<CXXMemberCallExpr>(E);
        Conversion && isa_and_nonnull<CXXConversionDecl>(Conversion->getMethodDecl()) &&
        Mod.Types.isLambda(Conversion->getImplicitObjectArgument()->getType()))
      return closure(Conversion->getImplicitObjectArgument(), Args);
  }
  if (const auto *U = dyn_cast<UnaryOperator>(E); U && U->getOpcode() == UO_Plus)
    return closure(U->getSubExpr(), Args);
  QualType T = E->getType();
  if (const auto *C = dyn_cast<CXXConstructExpr>(E)) {
    bool Copy = C->getConstructor()->isCopyOrMoveConstructor();
    if (C->getNumArgs() >= 1 && (Copy || Mod.Types.isCallableHolder(T))) {
      if (Copy || Mod.Types.isCallable(C->getArg(0)->getType().getNonReferenceType()) ||
          C->getArg(0)->getType()->isFunctionType())
        return closure(C->getArg(0), Args);
      return std::nullopt;
    }
  }
  if (const auto *List = dyn_cast<InitListExpr>(E); List && List->getNumInits() == 1 && Mod.Types.isCallableHolder(T))
    return closure(List->getInit(0), Args);
  if (const auto *Cast = dyn_cast<CastExpr>(E);
      Cast && (Cast->getCastKind() == CK_FunctionToPointerDecay || Cast->getCastKind() == CK_BitCast ||
               Cast->getCastKind() == CK_ReinterpretMemberPointer))
    return closure(Cast->getSubExpr(), Args);
  if (!Mod.Types.isCallable(T) && !T->isMemberFunctionPointerType())
    return std::nullopt;
  bool Holder = Mod.Types.isLambda(T) || Mod.Types.isCallableHolder(T) || !T->isRecordType();
  if (!Holder)
    return functor(*E, Args);
  if (const CXXRecordDecl *Class = T->getAsCXXRecordDecl(); Class && Class->isGenericLambda()) {
    // What it is run with says which body it has.
    llvm::SmallVector<QualType, 4> Types;
    for (const Expr *Arg : Args)
      Types.push_back(Arg->getType());
    if (const CXXMethodDecl *Operator = Mod.Bodies.callOperator(T, Types))
      Mod.need(*Operator);
  }
  ir::Value V = ofKind(ir::Value::Kind::Closure);
  if (const auto *Cast = dyn_cast<CastExpr>(E); Cast && Cast->getCastKind() == CK_LValueToRValue)
    E = strip(Cast->getSubExpr());
  if (E->isGLValue()) {
    std::optional<ir::Place> P = place(E);
    if (!P)
      return std::nullopt;
    V.P = *P;
    return V;
  }
  if (isa<CXXNullPtrLiteralExpr>(E) || (isa<CXXConstructExpr>(E) && cast<CXXConstructExpr>(E)->getNumArgs() == 0))
    return std::nullopt;
  if (T->isRecordType()) {
    V.P = materialise(*E, /*Owned=*/false);
    return V;
  }
  if (const auto *Call = dyn_cast<CallExpr>(E)) {
    ir::Value Result = call(*Call, nullptr, true).V;
    if (Result.K != ir::Value::Kind::Copy)
      return std::nullopt;
    V.P = Result.P;
    return V;
  }
  if (const auto *C = dyn_cast<AbstractConditionalOperator>(E)) {
    ir::Value Result = chosen(*C);
    V.P = Result.P;
    return V;
  }
  return std::nullopt;
}

ir::Value FunctionLowering::task(const Expr &Callable, llvm::ArrayRef<const Expr *> Args) {
  std::optional<ir::Value> V = closure(&Callable, Args);
  if (!V) {
    effects(&Callable);
    V = ir::Value::unknown();
  }
  for (const Expr *Arg : Args)
    V->Args.push_back(decayed(*Arg));
  return std::move(*V);
}

} // namespace latchkey::lower
