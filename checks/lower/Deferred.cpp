#include "checks/lower/Deferred.h"

#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"
#include "checks/lower/Prune.h"
#include "checks/lower/Syntax.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"

namespace latchkey::lower {

using namespace clang;

static bool names(const Expr &E, const ParmVarDecl &Parameter) {
  const auto *Ref = dyn_cast<DeclRefExpr>(E.IgnoreParenCasts());
  return Ref && Ref->getDecl() == &Parameter;
}

/// The expression follows the pointer whatever else holds: not behind a test.
static bool follows(const Stmt *S, const ParmVarDecl &Pointer) {
  if (!S || isa<LambdaExpr, AbstractConditionalOperator, IfStmt, ForStmt, WhileStmt, SwitchStmt>(S))
    return false;
  if (const auto *Binary = dyn_cast<BinaryOperator>(S); Binary && Binary->isLogicalOp())
    return follows(Binary->getLHS(), Pointer);
  const Expr *Base = nullptr;
  if (const auto *Member = dyn_cast<MemberExpr>(S); Member && Member->isArrow())
    Base = Member->getBase();
  else if (const auto *Unary = dyn_cast<UnaryOperator>(S); Unary && Unary->getOpcode() == UO_Deref)
    Base = Unary->getSubExpr();
  if (Base && names(*Base, Pointer))
    return true;
  return llvm::any_of(S->children(), [&](const Stmt *Child) { return follows(Child, Pointer); });
}

/// A function of the user's with one parameter, a pointer that it follows before it asks anything, and then ends what
/// that leads to.
static bool mindsNull(const FunctionDecl &Callee) {
  const auto *Body = dyn_cast_or_null<CompoundStmt>(Callee.getBody());
  if (!Body || Callee.getNumParams() != 1 || !Callee.getParamDecl(0)->getType()->isPointerType())
    return false;
  const ParmVarDecl &Pointer = *Callee.getParamDecl(0);
  bool Follows = false;
  for (const Stmt *Child : Body->body()) {
    if (!Follows && !isa<Expr, DeclStmt>(Child))
      return false;
    Follows = Follows || follows(Child, Pointer);
    const auto *Full = dyn_cast<Expr>(Child);
    const auto *Delete = Full ? dyn_cast<CXXDeleteExpr>(Full->IgnoreImplicit()) : nullptr;
    const auto *Free = Full ? dyn_cast<CallExpr>(Full->IgnoreImplicit()) : nullptr;
    const FunctionDecl *Freeing = Free && Free->getNumArgs() == 1 ? Free->getDirectCallee() : nullptr;
    bool Ends = Delete ? names(*Delete->getArgument(), Pointer)
                       : Freeing && Freeing->getIdentifier() && names(*Free->getArg(0), Pointer) &&
                             (Freeing->getName() == "free" || model::soundsEnding(Freeing->getName()));
    if (Ends)
      return Follows;
  }
  return Follows && Callee.getIdentifier() && model::soundsEnding(Callee.getName());
}

/// A model knows; of a function of the user's, the name tells as long as nobody can look into it. Whether it minds a
/// null pointer no name tells.
static void describe(ir::Effect &E, const FunctionDecl &Callee, const model::FunctionModel *Model, bool System) {
  if (Model) {
    E.Ends = Model->Ends;
    E.Harmless = Model->Harmless;
    E.Lasting = Model->Lasting;
    E.Forks = Model->Forks;
  } else if (!System && Callee.getIdentifier()) {
    E.Ends = E.Harmless = model::soundsEnding(Callee.getName());
    E.Lasting = model::soundsLasting(Callee.getName());
    if (mindsNull(Callee)) {
      E.Ends = true;
      E.Harmless = false;
    }
  }
}

void FunctionLowering::describeCall(ir::Effect &Call, const FunctionDecl &Callee, const model::FunctionModel *Model) {
  describe(Call, Callee, Model, Call.System);
}

bool FunctionLowering::keepsForGuard(const std::vector<ir::Value> &Args, const model::FunctionModel *Model) const {
  if (Model)
    return true;
  // In the body of a guard: whatever looks at what the guard was given.
  return F.Deferred && llvm::any_of(Args, [&](const ir::Value &V) {
           if (V.P.R != ir::Place::Root::Variable)
             return false;
           ir::Variable::Kind K = F.Variables[V.P.Index].K;
           return K == ir::Variable::Kind::Capture;
         });
}

void ModuleLowering::mentioned(const FunctionDecl &F, const std::string &Id) {
  ir::Effect Said;
  llvm::ArrayRef<model::FunctionModel> Known = Models.functions(qualifiedName(F));
  if (hasBody(F))
    return;
  describe(Said, F, Known.empty() ? nullptr : &Known.front(), Places.isSystem(F));
  if (Said.Ends || Said.Lasting)
    Described.try_emplace(Id, Said);
}

void ModuleLowering::armed(ir::Effect &Arm) {
  if (Arm.Input.Callee.empty())
    return;
  runsInGuard(Arm.Input.Callee);
  for (ir::Value &Bound : Arm.Input.Args) // which variable it was matters, as for what a lambda captures
    if (Bound.K == ir::Value::Kind::Number && Bound.N.Known && Bound.N.Sum.size() == 1 &&
        Bound.N.Sum[0].Coefficient == 1 && Bound.N.Sum[0].Factors.size() == 1 &&
        Bound.N.Sum[0].Factors[0].K == ir::Atom::Kind::Value)
      Bound = ir::Value::copy(ir::Place(Bound.N.Sum[0].Factors[0].P));
  if (auto It = Described.find(Arm.Input.Callee); It != Described.end()) {
    Arm.Ends = It->second.Ends;
    Arm.Harmless = It->second.Harmless;
    Arm.Lasting = It->second.Lasting;
  }
}

namespace {

/// Locals that an expression copies into the value it makes.
class CopiedLocals {
public:
  CopiedLocals(const FunctionDecl &In, llvm::function_ref<void(const VarDecl &)> Found) : In(In), Found(Found) {}

  void visit(const Expr *E) {
    E = E ? E->IgnoreParenImpCasts() : nullptr;
    if (!E || ++Depth > 64)
      return;
    if (const auto *Ref = dyn_cast<DeclRefExpr>(E)) {
      const auto *Var = dyn_cast<VarDecl>(Ref->getDecl());
      if (Var && Var->getDeclContext() == &In && !Var->hasGlobalStorage() && !Var->getType()->isReferenceType())
        Found(*Var);
    } else if (const auto *Member = dyn_cast<MemberExpr>(E)) {
      if (!Member->isArrow() && isa<FieldDecl>(Member->getMemberDecl()))
        visit(Member->getBase());
    } else if (makesValue(*E)) {
      for (const Stmt *Child : E->children())
        visit(dyn_cast_or_null<Expr>(Child));
    }
    --Depth;
  }

private:
  /// Its operands' values become part of its own.
  static bool makesValue(const Expr &E) {
    if (const auto *Unary = dyn_cast<UnaryOperator>(&E))
      return Unary->isArithmeticOp();
    if (const auto *Call = dyn_cast<CallExpr>(&E)) {
      const FunctionDecl *Callee = Call->getDirectCallee();
      llvm::StringRef Name = Callee && Callee->getIdentifier() ? Callee->getName() : "";
      return Name == "move" || Name == "make_pair" || Name == "make_tuple" || Name == "forward";
    }
    const auto *Binary = dyn_cast<BinaryOperator>(&E);
    return (Binary && !Binary->isAssignmentOp()) ||
           isa<ConditionalOperator, CXXConstructExpr, InitListExpr, CXXBindTemporaryExpr, MaterializeTemporaryExpr,
               ExprWithCleanups, CastExpr, CXXParenListInitExpr, CXXStdInitializerListExpr>(E);
  }

  const FunctionDecl &In;
  llvm::function_ref<void(const VarDecl &)> Found;
  unsigned Depth = 0;
};

} // namespace

static bool asksForExceptions(const Stmt *S) {
  if (const auto *Ref = dyn_cast_or_null<DeclRefExpr>(S))
    if (const auto *F = dyn_cast<FunctionDecl>(Ref->getDecl()); F && F->getIdentifier())
      return F->getName().starts_with("uncaught_exception");
  if (const auto *Lookup = dyn_cast_or_null<OverloadExpr>(S))
    return Lookup->getName().getAsString().starts_with("uncaught_exception");
  return S && llvm::any_of(S->children(), asksForExceptions);
}

void FunctionLowering::maskGuard(const ir::Place &P, QualType T) {
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  const CXXDestructorDecl *Destructor = Class ? Class->getDestructor() : nullptr;
  const FunctionDecl *Definition = Destructor ? bodyOrPattern(Destructor) : nullptr;
  if (!Definition || P.R != ir::Place::Root::Variable || !P.Path.empty() || !asksForExceptions(Definition->getBody()))
    return;
  // One that acts on success may let out what it throws; one that acts on failure must not.
  const auto *Type = Destructor->getType()->getAs<FunctionProtoType>();
  bool Throws = Type && !isUnresolvedExceptionSpec(Type->getExceptionSpecType()) && !Type->isNothrow();
  GuardMasks[P.Index] = Throws ? ir::Cleanup::Mask::Normal : ir::Cleanup::Mask::Throw;
}

void FunctionLowering::returnReads(const Expr &E, const Stmt &S, ir::Return &Node) {
  if (!HasGuard || !Decl || Decl->getReturnType()->isReferenceType())
    return;
  CopiedLocals(*Decl, [&](const VarDecl &Var) { Node.Reads.push_back(variable(Var)); }).visit(&E);
  const auto *Return = dyn_cast<ReturnStmt>(&S);
  Node.Elidable = Return && Return->getNRVOCandidate() && E.getType()->isRecordType();
}

namespace {

class IdleCalls {
public:
  explicit IdleCalls(ir::Function &F) : F(F) {}

  void run() {
    bool Guarded = F.Deferred || arms(F.Body.Children);
    if (!Guarded)
      drop(F.Body.Children);
  }

private:
  static bool arms(ir::Nodes &Nodes) {
    return llvm::any_of(Nodes, [](ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      bool Found = E && E->O == ir::Op::Arm && !llvm::StringRef(E->Input.Callee).starts_with("op:");
      forEachList(N, [&](ir::Nodes &Children) { Found = Found || arms(Children); });
      return Found;
    });
  }

  void drop(ir::Nodes &Nodes) {
    for (size_t I = 0; I < Nodes.size(); ++I) {
      auto *E = Nodes[I].as<ir::Effect>();
      if (E && E->Ends && (E->O == ir::Op::Call || E->O == ir::Op::Destroy)) {
        if (E->O == ir::Op::Destroy || (E->System && !E->Lasting && !E->Result.valid())) {
          ir::Effect Gone = std::move(*E);
          Nodes.erase(Nodes.begin() + ptrdiff_t(I));
          uses(Gone, Nodes, I);
          --I;
          continue;
        }
        E->Ends = E->Harmless = false;
      }
      forEachList(Nodes[I], [&](ir::Nodes &Children) { drop(Children); });
    }
  }

  void uses(const ir::Effect &Call, ir::Nodes &Nodes, size_t &At) {
    for (const ir::Value &V : Call.Args) {
      if (!F.Lambda || V.P.R != ir::Place::Root::Variable || F.Variables[V.P.Index].K != ir::Variable::Kind::Capture)
        continue;
      ir::Effect Use;
      Use.Subject = V.P;
      Use.Where = Call.Where;
      Use.Statement = Call.Statement;
      Nodes.insert(Nodes.begin() + ptrdiff_t(At++), ir::Node{std::move(Use), Call.Where});
    }
  }

  ir::Function &F;
};

} // namespace

void dropIdleCalls(ir::Function &F) {
  IdleCalls(F).run();
}

} // namespace latchkey::lower
