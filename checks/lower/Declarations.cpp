// Declarations of locals: objects, references, structured bindings, statics.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/PlainUse.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"

namespace latchkey::lower {

using namespace clang;

void FunctionLowering::declaration(const DeclStmt &S) {
  ir::Range Outer = Statement;
  Statement = Mod.Places.statement(S);
  for (const auto *D : S.decls()) {
    if (const auto *Decomposition = dyn_cast<DecompositionDecl>(D))
      structuredBinding(*Decomposition);
    else if (const auto *Var = dyn_cast<VarDecl>(D))
      declareVariable(*Var);
    else if (const auto *Record = dyn_cast<CXXRecordDecl>(D))
      Mod.needMembers(*Record);
  }
  Statement = Outer;
}

void FunctionLowering::declareStatic(const VarDecl &Var) {
  if (!Var.getInit() || Var.isConstexpr())
    return;
  // Runs at the first call only; no flow fact about a static local comes from here, but what it spawns matters.
  ir::Predicate First = opaqueTest(*Var.getInit());
  First.Text = "first-call-" + Var.getNameAsString();
  First.Reads.clear();
  ir::Condition Test;
  Test.Test = std::move(First);
  branch(std::move(Test), Var.getSourceRange(), [&] {
    fullExpression(Var.getSourceRange(), [&] {
      if (Var.getType()->isReferenceType())
        effects(Var.getInit());
      else
        initialise(variable(Var), Var.getInit());
    });
  });
}

namespace {
/// Whether a variable is used for nothing but calling its methods: then its type may become a similar one.
class MethodsOnly : public RecursiveASTVisitor<MethodsOnly> {
public:
  explicit MethodsOnly(const VarDecl &Of) : Of(Of) {}
  bool holds(const Stmt *Body) {
    TraverseStmt(const_cast<Stmt *>(Body));
    return Uses == Calls;
  }

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    Uses += E->getDecl() == &Of;
    return true;
  }
  bool VisitMemberExpr(MemberExpr *E) {
    const auto *Object = dyn_cast<DeclRefExpr>(E->getBase()->IgnoreParenImpCasts());
    Calls += Object && Object->getDecl() == &Of && isa<CXXMethodDecl>(E->getMemberDecl());
    return true;
  }

private:
  const VarDecl &Of;
  unsigned Uses = 0, Calls = 0;
};
} // namespace

ir::Range FunctionLowering::spelledType(const VarDecl &Var) {
  if (Decl && Mod.Types.type(Var.getType()).K == ir::Type::Kind::Handle && !MethodsOnly(Var).holds(Decl->getBody()))
    return {};
  if (Var.getType()->isBooleanType() && !(Decl && couldBeAtomic(Var, Decl->getBody(), Context)))
    return {};
  const TypeSourceInfo *Info = Var.getTypeSourceInfo();
  if (!Info || Info->getType()->getContainedAutoType())
    return {};
  return range(Info->getTypeLoc().IgnoreParens().getSourceRange());
}

static bool isParenthesised(const VarDecl &Var) {
  const TypeSourceInfo *Info = Var.getTypeSourceInfo();
  return Info && Info->getTypeLoc().getAs<ParenTypeLoc>();
}

void FunctionLowering::hides(const VarDecl &Var, uint32_t Index) {
  // `Lock(mutex_);` declares a lock named `mutex_` and locks nothing.
  const auto *Made = llvm::dyn_cast_or_null<CXXConstructExpr>(Var.getInit() ? strip(Var.getInit()) : nullptr);
  if (!Made || Made->getNumArgs() || !Var.getIdentifier() || !isArmed(Var.getType()))
    return;
  auto Found = [&](const ValueDecl *Other, const std::optional<ir::Place> &P) {
    if (!P || Mod.Types.type(Other->getType().getNonReferenceType()).K != ir::Type::Kind::Mutex)
      return false;
    F.Variables[Index].Hides = *P;
    if (!isParenthesised(Var))
      F.Variables[Index].Spelled = {}; // Meant to be a variable of that name.
    return true;
  };
  for (const DeclContext *C = Var.getDeclContext(); C; C = C->getParent()) {
    for (const NamedDecl *Other : C->getPrimaryContext()->lookup(Var.getDeclName())) {
      if (const auto *Field = dyn_cast<FieldDecl>(Other))
        if (This.valid() && Found(Field, This.deref().field(TypeTable::fieldName(*Field))))
          return;
      if (const auto *Global = dyn_cast<VarDecl>(Other); Global && Global != &Var && Global->hasGlobalStorage())
        if (Found(Global, variable(*Global)))
          return;
    }
  }
  for (const auto &[Other, P] : Bound)
    if (Other != &Var && Other->getIdentifier() == Var.getIdentifier() && Found(Other, P))
      return;
}

void FunctionLowering::declareVariable(const VarDecl &Var) {
  if (Var.isInvalidDecl())
    return opaque("has errors");
  if (Var.isStaticLocal())
    return declareStatic(Var);
  if (Var.hasGlobalStorage() || Var.isExternC())
    return;
  QualType T = Var.getType();
  if (T->isReferenceType())
    return declareReference(Var);
  if (const auto *Class = T->getAsCXXRecordDecl(); Class && Class->isLocalClass())
    LocalObjects[Class->getCanonicalDecl()] = &Var;
  ir::Place P = variable(Var);
  F.Variables[P.Index].Statement = Statement;
  F.Variables[P.Index].Spelled = spelledType(Var);
  hides(Var, P.Index);
  const Expr *Init = Var.getInit();
  if (!Init) {
    declareObject(P, T, Var.getSourceRange());
  } else {
    fullExpression(Var.getSourceRange(), [&] { initialise(P, Init); });
    if (std::optional<ir::Place> Container = iterated(*Init))
      Iterators[&Var] = *Container;
  }
  cleanupExtended();
  cleanup(P, T, Var.getSourceRange());
  if (const auto *Attribute = Var.getAttr<CleanupAttr>())
    cleanupCall(P, *Attribute->getFunctionDecl(), Var);
}

/// `__attribute__((cleanup(f)))`: f gets the address of the variable when its scope is left.
void FunctionLowering::cleanupCall(const ir::Place &P, const FunctionDecl &Callee, const VarDecl &Var) {
  ir::Cleanup C;
  {
    Redirect To(*this, C.Body);
    if (!Callee.hasBody() && Var.getType()->isPointerType()) // what it does to what the variable points to is not known
      emit(effect(ir::Op::Escape, P.deref(), Var.getSourceRange()));
    ir::Effect Call = effect(ir::Op::Call, {}, Var.getSourceRange());
    Call.Callee = Mod.need(Callee);
    Call.Text = Callee.getNameAsString();
    Call.Args.push_back(ir::Value::address(P));
    Call.NoThrow = true;
    emit(std::move(Call));
  }
  emit(std::move(C), Var.getSourceRange());
}

bool FunctionLowering::isStable(const ir::Place &P) const {
  // A path through something that may be re-pointed or re-indexed means another object later.
  for (const ir::Step &S : P.Path)
    if (S.K == ir::Step::Kind::Element)
      return false;
  return P.Path.empty() || llvm::none_of(P.Path, [](const ir::Step &S) { return S.K == ir::Step::Kind::Deref; }) ||
         (P.R == ir::Place::Root::Variable &&
          (F.Variables[P.Index].K == ir::Variable::Kind::This || F.Variables[P.Index].CapturedByReference ||
           Mod.Module.Types[F.Variables[P.Index].Type].Reference) &&
          llvm::count_if(P.Path, [](const ir::Step &S) { return S.K == ir::Step::Kind::Deref; }) == 1 &&
          P.Path.front().K == ir::Step::Kind::Deref);
}

void FunctionLowering::declareReference(const VarDecl &Var) {
  const Expr *Init = Var.getInit();
  if (!Init)
    return;
  fullExpression(Var.getSourceRange(), [&] {
    std::optional<ir::Place> Target = place(Init);
    if (Target && isStable(*Target)) {
      Bound[&Var] = *Target;
      return;
    }
    ir::Place P = variable(Var); // Already behind its dereference.
    ir::Place Holder = P;
    Holder.Path.pop_back();
    if (Target)
      assign(Holder, ir::Value::address(*Target, Var.getType().getNonReferenceType().isConstQualified()),
             Var.getSourceRange(), true);
    else
      write(Holder, Var.getSourceRange(), true);
  });
  cleanupExtended();
}

ir::Place FunctionLowering::extended(const MaterializeTemporaryExpr &M) {
  // A temporary whose life a reference extends is an object of the block, under the reference's name.
  const ValueDecl &By = *M.getExtendingDecl();
  ir::Place P = ir::Place::variable(
      addVariable(ir::Variable::Kind::Local, By.getName(), M.getType(), SourceRange(By.getLocation())));
  F.Variables[P.Index].Statement = Statement;
  initialise(P, M.getSubExpr());
  Extended.push_back(&M);
  ExtendedPlaces.push_back(P);
  return P;
}

void FunctionLowering::cleanupExtended() {
  for (size_t I = 0; I < Extended.size(); ++I)
    cleanup(ExtendedPlaces[I], Extended[I]->getType(), Extended[I]->getSourceRange());
  Extended.clear();
  ExtendedPlaces.clear();
}

void FunctionLowering::structuredBinding(const DecompositionDecl &D) {
  declareVariable(D);
  ir::Place Whole = variable(D);
  unsigned Index = 0;
  for (const BindingDecl *B : D.bindings()) {
    const Expr *E = B->getBinding();
    if (const VarDecl *Holder = B->getHoldingVar()) {
      // Tuple-like: get<N>(whole) as a part of its own.
      Bound[B] = tuplePart(Whole, D.getType().getNonReferenceType(), Index);
      Bound[Holder] = Bound[B];
    } else if (E) {
      if (std::optional<ir::Place> P = place(E))
        Bound[B] = *P;
    }
    ++Index;
  }
}

} // namespace latchkey::lower
