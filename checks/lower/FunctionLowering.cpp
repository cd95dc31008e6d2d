#include "checks/lower/FunctionLowering.h"

#include "checks/lower/Changes.h"
#include "checks/lower/Errors.h"
#include "checks/lower/LockNames.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/StmtCXX.h"

namespace latchkey::lower {

using namespace clang;

/// Deepest nesting of statements and expressions that is lowered; our stack holds several times that.
static constexpr unsigned MaxDepth = 900;

FunctionLowering::FunctionLowering(ModuleLowering &Mod, const FunctionDecl &Declaration, ir::Function &F)
    : Mod(Mod), Context(Mod.Context), Decl(&Declaration), F(F) {}

FunctionLowering::FunctionLowering(ModuleLowering &Mod, ir::Function &F)
    : Mod(Mod), Context(Mod.Context), Decl(nullptr), F(F) {}

FunctionLowering::Nesting::Nesting(FunctionLowering &L) : L(L), Deep(++L.Depth > MaxDepth) {
  if (Deep)
    L.opaque("nested too deeply");
}

void FunctionLowering::opaque(std::string Reason) {
  if (F.OpaqueReason.empty())
    F.OpaqueReason = std::move(Reason);
}

uint32_t FunctionLowering::addVariable(ir::Variable::Kind K, llvm::StringRef Name, QualType T, SourceRange Where) {
  ir::Variable V;
  V.K = K;
  V.Name = Name.str();
  V.Type = Mod.Types.index(T);
  V.Where = range(Where);
  F.Variables.push_back(std::move(V));
  return static_cast<uint32_t>(F.Variables.size() - 1);
}

ir::Place FunctionLowering::temporary(QualType T, SourceRange Where) {
  uint32_t Index = addVariable(ir::Variable::Kind::Temporary, "", T, Where);
  F.Variables[Index].Name = Mod.Module.Types[F.Variables[Index].Type].Name;
  if (F.Variables[Index].Name.empty())
    F.Variables[Index].Name = T.getUnqualifiedType().getAsString(Context.getPrintingPolicy());
  return ir::Place::variable(Index);
}

ir::Place FunctionLowering::variable(const VarDecl &Var) {
  if (auto It = Bound.find(&Var); It != Bound.end())
    return It->second;
  ir::Place P;
  if (Var.hasGlobalStorage()) {
    P = ir::Place::global(Mod.global(Var));
  } else {
    P = ir::Place::variable(
        addVariable(ir::Variable::Kind::Local, Var.getName(), Var.getType(), SourceRange(Var.getLocation())));
  }
  if (Var.getType()->isReferenceType())
    P = P.deref();
  Bound[&Var] = P;
  return P;
}

std::optional<ir::Place> FunctionLowering::thisObject() const {
  if (!This.valid())
    return std::nullopt;
  return ThisIsObject ? This : This.deref();
}

std::optional<ir::Value> FunctionLowering::thisPointer() const {
  if (!This.valid())
    return std::nullopt;
  return ThisIsObject ? ir::Value::address(This) : ir::Value::copy(This);
}

void FunctionLowering::emit(ir::Effect E) {
  ir::Range Where = E.Where;
  if (E.O == ir::Op::Arm && !llvm::StringRef(E.Input.Callee).starts_with("op:")) {
    HasGuard = true;
    if (E.Input.Callee.empty() && E.Input.P.R == ir::Place::Root::Variable && E.Input.P.Path.empty())
      Mod.runsInGuard(Lambdas.lookup(E.Input.P.Index));
    Mod.armed(E);
  }
  if (E.O == ir::Op::Assign && E.Initial && E.Input.K == ir::Value::Kind::Closure &&
      E.Subject.R == ir::Place::Root::Variable && E.Subject.Path.empty())
    Lambdas[E.Subject.Index] = E.Input.Callee;
  Out->push_back(ir::Node{std::move(E), Where});
}

ir::Effect FunctionLowering::effect(ir::Op O, ir::Place Subject, SourceRange Where) {
  ir::Effect E;
  E.O = O;
  E.Subject = std::move(Subject);
  E.Where = range(Where);
  E.Statement = Statement;
  return E;
}

void FunctionLowering::assign(const ir::Place &P, ir::Value V, SourceRange Where, bool Initial) {
  if (V.K == ir::Value::Kind::Unknown || (V.K == ir::Value::Kind::Number && !V.N.Known))
    return write(P, Where, Initial);
  ir::Effect E = effect(ir::Op::Assign, P, Where);
  E.Input = std::move(V);
  E.Initial = Initial;
  emit(std::move(E));
}

void FunctionLowering::write(const ir::Place &P, SourceRange Where, bool Initial) {
  ir::Effect E = effect(ir::Op::Write, P, Where);
  E.Initial = Initial;
  emit(std::move(E));
}

void FunctionLowering::destroy(const ir::Place &P, SourceRange Where) {
  emit(effect(ir::Op::Destroy, P, Where));
}

void FunctionLowering::cleanup(const ir::Place &P, QualType T, SourceRange Where, ir::Cleanup::Mask On) {
  bool Guards = P.Path.empty() && P.R == ir::Place::Root::Variable && Armed.contains(P.Index);
  if (!Mod.Types.needsDestroy(T) && !Guards)
    return;
  ir::Cleanup C;
  C.On = On;
  if (P.Path.empty() && P.R == ir::Place::Root::Variable)
    if (auto It = GuardMasks.find(P.Index); It != GuardMasks.end())
      C.On = It->second;
  {
    Redirect To(*this, C.Body);
    destroy(P, Where);
  }
  emit(std::move(C), Where);
}

void FunctionLowering::fullExpression(SourceRange Where, llvm::function_ref<void()> Body) {
  FullExpression Frame;
  FullExpression *Outer = std::exchange(Full, &Frame);
  {
    Redirect To(*this, Frame.Top);
    Body();
  }
  Full = Outer;
  if (Frame.HasCleanups) {
    ir::Sequence S;
    S.K = ir::Sequence::Kind::FullExpression;
    S.Braced = false;
    S.Children = std::move(Frame.Top);
    S.End = Mod.Places.range(Where.getEnd());
    emit(std::move(S), Where);
    return;
  }
  for (ir::Node &N : Frame.Top)
    Out->push_back(std::move(N));
}

void FunctionLowering::initialiseTemporary(const ir::Place &P, const Expr &E, bool Owned) {
  bool Destroyed = Owned && Full && Mod.Types.needsDestroy(E.getType());
  bool Branched = Destroyed && Out != &Full->Top;
  ir::Place Made;
  if (Branched) {
    // Made on one branch only: a flag says whether there is something to clean up.
    Made = temporary(Context.BoolTy, E.getSourceRange());
    Redirect To(*this, Full->Top);
    assign(Made, ir::Value::number(ir::Term::constant(0)), E.getSourceRange(), true);
    size_t At = Full->Top.size();
    cleanup(P, E.getType(), E.getSourceRange());
    if (Full->Top.size() > At)
      Full->Top.back().as<ir::Cleanup>()->Armed = Made;
  }
  initialise(P, &E);
  Destroyed |= Owned && Full && Armed.contains(P.Index) && Out == &Full->Top;
  if (Branched)
    assign(Made, ir::Value::number(ir::Term::constant(1)), E.getSourceRange(), false);
  else if (Destroyed)
    cleanup(P, E.getType(), E.getSourceRange());
  if (Full && Destroyed)
    Full->HasCleanups = true;
}

ir::Place FunctionLowering::materialise(const Expr &E, bool Owned) {
  ir::Place P = temporary(E.getType(), E.getSourceRange());
  initialiseTemporary(P, E, Owned);
  return P;
}

void FunctionLowering::branch(ir::Condition Test, SourceRange Where, llvm::function_ref<void()> Then,
                              llvm::function_ref<void()> Else) {
  ir::If Node;
  Node.Test = std::move(Test);
  auto Fill = [&](ir::Nodes &To, llvm::function_ref<void()> Body) {
    ir::Sequence S;
    S.Braced = false;
    {
      Redirect R(*this, S.Children);
      Body();
    }
    if (!S.Children.empty())
      To.push_back(ir::Node{std::move(S), range(Where)});
  };
  Fill(Node.Then, Then);
  if (Else)
    Fill(Node.Else, Else);
  emit(std::move(Node), Where);
}

void FunctionLowering::captures(const CXXRecordDecl &Lambda) {
  F.CapturesAll = Lambda.getLambdaCaptureDefault() == LCD_ByRef;
  if (Lambda.getLambdaCaptureDefault() != LCD_None)
    F.CaptureDefault = Mod.Places.behind(Lambda.getLocation());
  auto Field = Lambda.field_begin();
  for (const LambdaCapture &C : Lambda.captures()) {
    QualType T = Field != Lambda.field_end() ? (Field++)->getType() : QualType();
    bool IsThis = C.capturesThis();
    llvm::StringRef Name = IsThis ? "this" : C.capturesVariable() ? C.getCapturedVar()->getName() : "";
    if (C.capturesVariable() && C.getCaptureKind() == LCK_ByRef)
      T = Context.getLValueReferenceType(C.getCapturedVar()->getType().getNonReferenceType());
    uint32_t Index = addVariable(ir::Variable::Kind::Capture, Name, T, SourceRange(C.getLocation()));
    F.Captures.push_back(Index);
    ir::Place P = ir::Place::variable(Index);
    if (IsThis) {
      This = P;
      ThisIsObject = C.getCaptureKind() == LCK_StarThis;
    } else if (C.capturesVariable()) {
      const ValueDecl *Var = C.getCapturedVar();
      F.Variables[Index].CapturedByReference = C.getCaptureKind() == LCK_ByRef;
      if (const auto *Init = dyn_cast<VarDecl>(Var); Init && Init->isInitCapture()) {
        F.Variables[Index].CapturedByReference = Init->getType()->isReferenceType();
        const Expr *E = Init->getInit() ? strip(Init->getInit()) : nullptr;
        if (const auto *Construct = llvm::dyn_cast_or_null<CXXConstructExpr>(E))
          F.Variables[Index].CapturedByMove = Construct->getConstructor()->isMoveConstructor();
      }
      Bound[Var] = F.Variables[Index].CapturedByReference ? P.deref() : P;
    }
  }
}

void FunctionLowering::overrides(const CXXMethodDecl &Method) {
  for (const CXXMethodDecl *Base : Method.overridden_methods()) {
    F.Overrides.push_back(Mod.Identity.function(*Base));
    F.Test |= llvm::any_of(Mod.Models.functions(qualifiedName(*Base)), [](const auto &Model) { return Model.Test; });
    overrides(*Base);
  }
  llvm::sort(F.Overrides);
  F.Overrides.erase(llvm::unique(F.Overrides), F.Overrides.end());
}

void FunctionLowering::signature() {
  F.Id = Mod.Identity.function(*Decl);
  F.Name = displayName(*Decl);
  F.Where = range(SourceRange(Decl->getLocation()));
  if (const Stmt *Body = Decl->doesThisDeclarationHaveABody() ? Decl->getBody() : nullptr) {
    F.End = range(SourceRange(Body->getEndLoc()));
    const Stmt *Block = Body;
    if (const auto *Coroutine = dyn_cast<CoroutineBodyStmt>(Block))
      Block = Coroutine->getBody();
    if (const auto *Try = dyn_cast<CXXTryStmt>(Block))
      Block = Try->getTryBlock();
    F.Begin = Mod.Places.after(Block->getBeginLoc());
  }
  F.ReturnType = Mod.Types.index(Decl->getReturnType());
  F.NoReturn = Decl->isNoReturn();
  F.Internal = Ids::isInternal(*Decl);
  F.System = Mod.Places.isSystem(*Decl);
  F.Deferred = Mod.isArmed(F.Id);
  F.LocksForCaller = locksForCaller(*Decl);
  F.Constructor = isa<CXXConstructorDecl>(Decl);
  F.Destructor = isa<CXXDestructorDecl>(Decl);
  if (const auto *Type = Decl->getType()->getAs<FunctionProtoType>())
    F.NoExcept = Context.getLangOpts().CPlusPlus && !isUnresolvedExceptionSpec(Type->getExceptionSpecType()) &&
                 Type->isNothrow();
  const auto *Method = dyn_cast<CXXMethodDecl>(Decl);
  const CXXRecordDecl *Class = Method ? Method->getParent() : nullptr;
  if (Class && Class->isLambda()) {
    F.OwnsCaptures = Method->isExplicitObjectMemberFunction() && !Method->getParamDecl(0)->getType()->isReferenceType();
    F.Lambda = true;
    F.Where = range(SourceRange(Class->getLocation()));
    captures(*Class);
  } else if (Method) {
    F.Class = Mod.Types.classId(*Class);
    F.Virtual = Method->isVirtual();
    overrides(*Method);
    if (Method->isInstance()) {
      F.This = addVariable(ir::Variable::Kind::This, "this", Context.getPointerType(Context.getCanonicalTagType(Class)),
                           SourceRange());
      This = ir::Place::variable(F.This);
    }
  }
  for (const ParmVarDecl *Parameter : Decl->parameters()) {
    uint32_t Index = addVariable(ir::Variable::Kind::Parameter, Parameter->getName(), Parameter->getType(),
                                 SourceRange(Parameter->getLocation()));
    F.Parameters.push_back(Index);
    ir::Place P = ir::Place::variable(Index);
    Bound[Parameter] = Parameter->getType()->isReferenceType() ? P.deref() : P;
  }
}

void FunctionLowering::run() {
  signature();
  body();
  checkGotos();
  if (!F.OpaqueReason.empty()) {
    ir::Range Where = F.Where;
    F.Body.Children.clear();
    F.Body.Children.push_back(ir::Node{ir::Opaque{F.OpaqueReason}, Where});
  }
}

void FunctionLowering::runInitialisers(llvm::ArrayRef<const VarDecl *> Globals) {
  F.Body.K = ir::Sequence::Kind::Body;
  Redirect To(*this, F.Body.Children);
  for (const VarDecl *Var : Globals) {
    Statement = Mod.Places.statement(Var->getSourceRange());
    if (Var->getType()->isReferenceType()) {
      fullExpression(Var->getSourceRange(), [&] { effects(Var->getInit()); });
      continue;
    }
    fullExpression(Var->getSourceRange(), [&] { initialise(variable(*Var), Var->getInit()); });
  }
  if (!F.OpaqueReason.empty())
    F.Body.Children.clear();
}

void FunctionLowering::body() {
  F.Body.K = ir::Sequence::Kind::Body;
  F.Body.End = F.End;
  const Stmt *Body = Decl->doesThisDeclarationHaveABody() ? Decl->getBody() : nullptr;
  if (Body && hasErrors(*Decl, Context))
    return opaque("has errors");
  llvm::DenseSet<const ValueDecl *> Own;
  if (Body)
    changes(*Body, Changed, Own);
  if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(Decl))
    for (const CXXCtorInitializer *Init : Constructor->inits())
      if (Init->getInit())
        changes(*Init->getInit(), Changed, Own);
  for (const ValueDecl *Field : Own)
    if (Mod.hasMeaningfulPart(*cast<CXXRecordDecl>(Field->getDeclContext())))
      F.Fields.push_back(Field->getNameAsString());
  llvm::sort(F.Fields);
  Redirect To(*this, F.Body.Children);
  // The callee destroys by-value parameters, after everything else.
  for (const ParmVarDecl *Parameter : Decl->parameters())
    if (!Parameter->getType()->isReferenceType())
      cleanup(Bound[Parameter], Parameter->getType(), Parameter->getSourceRange());
  if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(Decl))
    return constructorBody(*Constructor);
  if (const auto *Destructor = dyn_cast<CXXDestructorDecl>(Decl))
    return destructorBody(*Destructor);
  if (!Body) {
    if (const auto *Method = dyn_cast<CXXMethodDecl>(Decl))
      implicitAssignment(*Method);
    return;
  }
  if (const auto *Coroutine = dyn_cast<CoroutineBodyStmt>(Body))
    return coroutine(*Coroutine);
  if (const auto *Compound = dyn_cast<CompoundStmt>(Body))
    compound(*Compound, F.Body.Children);
  else
    statement(Body);
}

} // namespace latchkey::lower
