// Calls: what the callee is to us decides what they become.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/LockNames.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::lower {

using namespace clang;

FunctionLowering::Parts FunctionLowering::parts(const CallExpr &E) {
  Parts P;
  P.E = &E;
  P.Where = E.getSourceRange();
  P.Callee = E.getDirectCallee();
  P.Args.assign(E.arg_begin(), E.arg_end());
  if (const auto *Member = dyn_cast<CXXMemberCallExpr>(&E)) {
    if (const auto *Access = dyn_cast<MemberExpr>(Member->getCallee()->IgnoreParens())) {
      P.Object = Access->getBase();
      P.Arrow = Access->isArrow();
    }
  } else if (isa<CXXOperatorCallExpr>(E)) {
    const auto *Method = dyn_cast_or_null<CXXMethodDecl>(P.Callee);
    if (Method && Method->isInstance() && !P.Args.empty()) {
      P.Object = P.Args.front();
      P.Args.erase(P.Args.begin());
    }
  }
  // A modelled object is one object, whichever base its method stands in.
  while (const auto *Cast = dyn_cast_or_null<ImplicitCastExpr>(P.Object)) {
    if (Cast->getCastKind() != CK_UncheckedDerivedToBase && Cast->getCastKind() != CK_DerivedToBase &&
        Cast->getCastKind() != CK_NoOp)
      break;
    QualType T = Cast->getSubExpr()->getType();
    if (T->isPointerType())
      T = T->getPointeeType();
    if (Cast->getCastKind() != CK_NoOp && Mod.Types.type(T).K == ir::Type::Kind::Class)
      break;
    P.Object = Cast->getSubExpr();
  }
  return P;
}

QualType FunctionLowering::objectType(const Expr *Object, bool Arrow) {
  if (!Object)
    return {};
  QualType T = Object->getType().getNonReferenceType();
  return Arrow && T->isPointerType() ? T->getPointeeType() : T;
}

FunctionLowering::Called FunctionLowering::call(const CallExpr &E, const ir::Place *Dest, bool Used) {
  if (!Dest && E.isPRValue() && E.getType()->isRecordType()) {
    ir::Place P = temporary(E.getType(), E.getSourceRange());
    Called C = call(E, &P, true);
    if (!C.Placed)
      return C;
    C.V = ir::Value::move(P);
    return C;
  }
  Parts P = parts(E);
  if (isa<CXXPseudoDestructorExpr>(E.getCallee()->IgnoreParens())) {
    effects(cast<CXXPseudoDestructorExpr>(E.getCallee()->IgnoreParens())->getBase());
    return {};
  }
  if (P.Callee) {
    if (std::optional<Called> C = transparent(P, Dest))
      return *C;
    QualType Object = objectType(P.Object, P.Arrow);
    if (const model::FunctionModel *Model = modelFor(*P.Callee, P.Args, Object))
      return modelCall(*Model, P, Dest, Used);
    using Kind = std::optional<Called> (FunctionLowering::*)(const Parts &, const ir::Place *, bool);
    for (Kind Try : {&FunctionLowering::assignmentCall, &FunctionLowering::swapCall, &FunctionLowering::guardCall,
                     &FunctionLowering::callableCall, &FunctionLowering::makePointer, &FunctionLowering::pointerCall,
                     &FunctionLowering::atomicCall, &FunctionLowering::containerCall, &FunctionLowering::forEachCall})
      if (std::optional<Called> C = (this->*Try)(P, Dest, Used))
        return *C;
  } else if (std::optional<Called> C = callableCall(P, Dest, Used)) {
    return *C;
  }
  return plainCall(P, Dest, Used);
}

std::optional<FunctionLowering::Called> FunctionLowering::transparent(const Parts &P, const ir::Place *Dest) {
  if (!P.Callee->getIdentifier() || P.Object || P.Args.empty() || !Mod.Places.isSystem(*P.Callee))
    return std::nullopt;
  llvm::StringRef Name = P.Callee->getName();
  auto Named = [](const std::optional<ir::Place> &At) {
    Called C;
    C.V = At ? ir::Value::address(*At) : ir::Value::unknown();
    return C;
  };
  if (P.Args.size() == 1) {
    if (llvm::StringSwitch<bool>(Name)
            .Cases({"move", "forward", "as_const", "move_if_noexcept", "launder", "forward_like"}, true)
            .Cases({"addressof", "__addressof", "__builtin_addressof"}, true)
            .Default(false))
      return Named(place(P.Args[0]));
    if ((Name == "ref" || Name == "cref") && P.E->getType()->isRecordType()) {
      Called C;
      C.V = addressOf(*P.Args[0]);
      return C;
    }
    if (Name == "get" && P.E->isGLValue()) {
      std::optional<ir::Place> At = place(P.Args[0]);
      const TemplateArgumentList *Types = P.Callee->getTemplateSpecializationArgs();
      if (At && Types && Types->size() && Types->get(0).getKind() == TemplateArgument::Integral)
        return Named(tuplePart(*At, P.Args[0]->getType(), Types->get(0).getAsIntegral().getExtValue()));
      return Named(std::nullopt);
    }
  }
  if (P.Args.size() == 2) {
    if (Name == "__builtin_expect") {
      Called C;
      C.V = ir::Value::number(term(P.Args[0]));
      return C;
    }
    if (Name == "swap") {
      std::optional<ir::Place> A = place(P.Args[0]), B = place(P.Args[1]);
      if (A && B) {
        ir::Effect Swap = effect(ir::Op::Swap, *A, P.Where);
        Swap.Input = ir::Value::address(*B);
        emit(std::move(Swap));
        return Called();
      }
    }
    if (Name == "exchange") {
      std::optional<ir::Place> At = place(P.Args[0]);
      if (!At)
        return std::nullopt;
      QualType T = P.E->getType();
      ir::Place Old = Dest ? *Dest : temporary(T, P.Where);
      assign(Old, T->isRecordType() ? ir::Value::move(*At) : ir::Value::copy(*At), P.Where, true);
      assignTo(*At, T, *P.Args[1], P.Where);
      Called C;
      C.Placed = Dest != nullptr;
      C.V = ir::Value::copy(Old);
      return C;
    }
  }
  return std::nullopt;
}

/// Who is given an iterator has all that it goes through, unless it only compares it or makes another iterator of it.
bool FunctionLowering::onlyFinds(const Parts &P) {
  if (isa_and_nonnull<CXXOperatorCallExpr>(P.E))
    return true;
  if (!P.Callee || !Mod.Places.isSystem(*P.Callee))
    return false;
  const auto *Constructor = dyn_cast<CXXConstructorDecl>(P.Callee);
  return isIterator(Constructor ? Context.getCanonicalTagType(Constructor->getParent()) : P.Callee->getReturnType());
}

std::vector<ir::Value> FunctionLowering::arguments(const Parts &P) {
  std::vector<ir::Value> Values;
  for (unsigned I = 0; I < P.Args.size(); ++I) {
    QualType T = P.Callee && I < P.Callee->getNumParams() ? P.Callee->getParamDecl(I)->getType() : P.Args[I]->getType();
    if (std::optional<ir::Place> Container = walkedObjects(*P.Args[I]); Container && !onlyFinds(P))
      emit(effect(ir::Op::Escape, *Container, P.Where));
    Values.push_back(argument(*P.Args[I], T));
  }
  return Values;
}

FunctionLowering::Called FunctionLowering::result(ir::Effect &E, QualType T, const ir::Place *Dest, bool Used) {
  Called C;
  bool Object = T->isRecordType();
  if (T->isVoidType() || (!Used && !Object))
    return C;
  ir::Place At = Dest && (Object || !T->isReferenceType()) ? *Dest : temporary(T, SourceRange());
  E.Result = At;
  C.Placed = Dest && At == *Dest;
  if (isNumber(T) && !T->isReferenceType())
    C.V = ir::Value::number(valueAt(At));
  else
    C.V = Object ? ir::Value::move(At) : ir::Value::copy(At);
  return C;
}

bool FunctionLowering::keepCall(const Parts &P, const std::vector<ir::Value> &Args) {
  const FunctionDecl &Callee = *P.Callee;
  if (Callee.isNoReturn())
    return true;
  if (!Mod.Places.isSystem(Callee))
    return Callee.getBuiltinID() == 0;
  // A library's function matters if it is given something that does.
  auto Matters = [&](const Expr &E, const ir::Value &V) {
    QualType T = E.getType().getNonReferenceType();
    if (T->isPointerType())
      T = T->getPointeeType();
    switch (V.K) {
    case ir::Value::Kind::Closure:
      return true;
    case ir::Value::Kind::Address:
      return !V.Const && Mod.Types.ofInterest(T);
    case ir::Value::Kind::Copy:
    case ir::Value::Kind::Move:
      return Mod.Types.ofInterest(T);
    default:
      return false;
    }
  };
  size_t Shift = Args.size() - P.Args.size();
  for (size_t I = 0; I < P.Args.size(); ++I)
    if (Matters(*P.Args[I], Args[I + Shift]))
      return true;
  return Shift && P.Object && Matters(*P.Object, Args[0]);
}

void FunctionLowering::useCaptured(const ir::Value &V, SourceRange Where) {
  // What a deferred or concurrent body looks at matters even where the call that does it does not.
  ir::Place P = V.P;
  if (V.K == ir::Value::Kind::Number && V.N.Known && V.N.Sum.size() == 1 && V.N.Sum[0].Factors.size() == 1)
    P = V.N.Sum[0].Factors[0].P;
  if (P.R == ir::Place::Root::Variable && F.Variables[P.Index].K == ir::Variable::Kind::Capture)
    emit(effect(ir::Op::Use, P, Where));
}

/// The lock that functions of this name take and give back: of the object that they get, or the only one. None where it
/// cannot be told which object that is.
static std::optional<ir::Place> namedLock(ir::Module &M, const ir::Function &F, const LockName &Name,
                                          llvm::ArrayRef<ir::Value> Args) {
  if (Args.size() > 1)
    return std::nullopt;
  if (Args.size() == 1) {
    bool Pointer = Args[0].K == ir::Value::Kind::Copy;
    if (!Args[0].P.valid() || !(Pointer || Args[0].K == ir::Value::Kind::Address))
      return std::nullopt;
    ir::Place Object = Pointer ? Args[0].P.deref() : Args[0].P;
    if (M.typeOf(F, Object).K == ir::Type::Kind::Mutex)
      return Object;
    return Object.field(Name.What.empty() ? "lock" : Name.What);
  }
  std::string Id = "lock:" + Name.What;
  auto It = llvm::find_if(M.Globals, [&](const ir::Global &G) { return G.Id == Id; });
  if (It == M.Globals.end()) {
    ir::Global G;
    G.Id = Id;
    G.Name = Name.What.empty() ? "lock" : Name.What;
    It = M.Globals.insert(M.Globals.end(), std::move(G));
  }
  return ir::Place::global(static_cast<uint32_t>(It - M.Globals.begin()));
}

FunctionLowering::Called FunctionLowering::plainCall(const Parts &P, const ir::Place *Dest, bool Used,
                                                     const model::FunctionModel *Model) {
  const auto *Method = dyn_cast_or_null<CXXMethodDecl>(P.Callee);
  std::vector<ir::Value> Args;
  if (P.Object) {
    std::optional<ir::Value> Object;
    if (P.Arrow) {
      Object = value(P.Object);
    } else if (std::optional<ir::Place> At = place(P.Object)) {
      Object = ir::Value::address(*At);
    }
    if (Method && Method->isInstance()) {
      if (Object && Object->K == ir::Value::Kind::Address)
        Object->Const = Method->isConst();
      Args.push_back(Object.value_or(ir::Value::unknown()));
    }
  }
  for (ir::Value &V : arguments(P))
    Args.push_back(std::move(V));
  if (!P.Callee)
    return {};
  if (std::optional<LockName> Name = Mod.Places.isSystem(*P.Callee) ? std::nullopt : lockName(*P.Callee)) {
    if (std::optional<ir::Place> At = namedLock(Mod.Module, F, *Name, Args)) {
      ir::Effect Lock = effect(Name->Unlocks ? ir::Op::Unlock : ir::Op::Lock, *At, P.Where);
      Lock.Text = P.Callee->getNameAsString();
      emit(std::move(Lock));
      return {};
    }
  }
  if (!keepsForGuard(Args, Model) && !keepCall(P, Args)) {
    // Forgotten, but what it may change has changed.
    for (const ir::Value &V : Args) {
      if (V.K == ir::Value::Kind::Address && !V.Const)
        write(V.P, P.Where);
      else if (F.Lambda)
        useCaptured(V, P.Where);
    }
    return {};
  }
  ir::Effect Call = effect(ir::Op::Call, {}, P.Where);
  Call.Callee = Mod.need(*P.Callee);
  Call.Text = P.Callee->getNameAsString();
  Call.Args = std::move(Args);
  Call.System = Mod.Places.isSystem(*P.Callee);
  Call.NoReturn = P.Callee->isNoReturn();
  describeCall(Call, *P.Callee, Model);
  if (F.Deferred && P.Arrow && Method && Call.Args[0].K == ir::Value::Kind::Copy)
    emit(effect(ir::Op::Use, Call.Args[0].P.deref(), P.Where)); // a null pointer is found out here
  if (const auto *Type = P.Callee->getType()->getAs<FunctionProtoType>())
    Call.NoThrow = !isUnresolvedExceptionSpec(Type->getExceptionSpecType()) && Type->isNothrow();
  Call.NoThrow |= !Context.getLangOpts().CPlusPlus || !Context.getLangOpts().CXXExceptions;
  if (Method && Method->isVirtual() && P.Object) {
    const auto *E = dyn_cast<CXXMemberCallExpr>(P.E);
    const auto *Access = E ? dyn_cast<MemberExpr>(E->getCallee()->IgnoreParens()) : nullptr;
    bool Known = (Access && Access->hasQualifier()) || Method->getDevirtualizedMethod(P.Object, false);
    Call.Virtual = !Known;
    if (const CXXMethodDecl *Actual =
            Access && Access->hasQualifier()
                ? nullptr
                : const_cast<CXXMethodDecl *>(Method)->getDevirtualizedMethod(P.Object, false))
      Call.Callee = Mod.need(*Actual);
  }
  Called C = result(Call, P.E->isPRValue() ? P.E->getType() : P.Callee->getReturnType(), Dest, Used);
  emit(std::move(Call));
  return C;
}

} // namespace latchkey::lower
