#include "checks/lower/ContainerSize.h"

#include "checks/lower/LoopUses.h"
#include "checks/lower/Templates.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/AST/StmtCXX.h"

using namespace clang;

namespace latchkey::lower {

using namespace loops;

namespace {

/// Bound of `for (T i = 0; i < bound; ++i)` whose body neither changes i nor leaves early, else null.
const Expr *plainBound(const ForStmt &Loop, const ASTContext &Context) {
  const auto *Init = dyn_cast_or_null<DeclStmt>(Loop.getInit());
  const auto *Index = Init && Init->isSingleDecl() ? dyn_cast<VarDecl>(Init->getSingleDecl()) : nullptr;
  const auto *Test = Loop.getCond() ? dyn_cast<BinaryOperator>(strip(Loop.getCond())) : nullptr;
  const auto *Step = Loop.getInc() ? dyn_cast<UnaryOperator>(strip(Loop.getInc())) : nullptr;
  if (!Index || !Test || !Step || !Step->isIncrementOp() || variable(Step->getSubExpr()) != Index ||
      (Test->getOpcode() != BO_LT && Test->getOpcode() != BO_NE) || variable(Test->getLHS()) != Index ||
      !Index->hasInit() || constantValue(Index->getInit(), Context) != 0 || leaves(*Loop.getBody()) ||
      writes(*Loop.getBody()).contains(Index))
    return nullptr;
  return Test->getRHS();
}

/// All that a function does to one local container's size.
class Sizings : public RecursiveASTVisitor<Sizings> {
public:
  Sizings(const VarDecl &Container, const ASTContext &Context) : Container(Container), Context(Context) {}

  // Filled by a loop of its own: one element in each turn.
  bool TraverseForStmt(ForStmt *Loop) {
    const Expr *Bound = Depth == 0 && Empty && Sizes.empty() ? plainBound(*Loop, Context) : nullptr;
    const Stmt *Body = Loop->getBody();
    unsigned Pushes = 0;
    auto Look = [&](const Stmt *S) {
      const auto *E = dyn_cast<Expr>(S);
      if (const CXXMemberCallExpr *Call = E ? push(E) : nullptr)
        Filling = Call, ++Pushes;
    };
    if (const auto *Block = dyn_cast<CompoundStmt>(Body))
      for (const Stmt *S : Block->body())
        Look(S);
    else
      Look(Body);
    if (Bound && Pushes == 1)
      Sizes.push_back(Bound);
    else
      Filling = nullptr;
    ++Depth;
    RecursiveASTVisitor::TraverseForStmt(Loop);
    --Depth;
    Filling = nullptr;
    return true;
  }
  bool TraverseWhileStmt(WhileStmt *Loop) {
    return deeper([&] { RecursiveASTVisitor::TraverseWhileStmt(Loop); });
  }
  bool TraverseDoStmt(DoStmt *Loop) {
    return deeper([&] { RecursiveASTVisitor::TraverseDoStmt(Loop); });
  }
  bool TraverseCXXForRangeStmt(CXXForRangeStmt *Loop) {
    return deeper([&] { RecursiveASTVisitor::TraverseCXXForRangeStmt(Loop); });
  }

  bool VisitVarDecl(VarDecl *D) {
    if (D != &Container || !D->hasInit())
      return true;
    const auto *Construct = dyn_cast<CXXConstructExpr>(strip(D->getInit()));
    bool Sized = Construct && !Construct->isListInitialization() && Construct->getNumArgs() != 0 &&
                 Construct->getArg(0)->getType()->isIntegralOrEnumerationType();
    Empty = Construct && Construct->getNumArgs() == 0;
    if (Sized)
      Sizes.push_back(Construct->getArg(0));
    else if (!Empty)
      Other = true;
    return true;
  }
  bool VisitCXXMemberCallExpr(CXXMemberCallExpr *E) {
    const CXXMethodDecl *Method = E->getMethodDecl();
    if (E == Filling)
      return true;
    if (variable(E->getImplicitObjectArgument()) != &Container || !Method || !Method->getIdentifier())
      return true;
    if (Method->getName() == "resize" && E->getNumArgs() != 0)
      Sizes.push_back(E->getArg(0));
    else if (Method->getName() != "reserve" && Method->getName() != "shrink_to_fit" && !keepsElements(*Method))
      Other = true;
    return true;
  }

  const VarDecl &Container;
  const ASTContext &Context;
  std::vector<const Expr *> Sizes;
  bool Other = false; ///< Something else decides, too.

private:
  const CXXMemberCallExpr *push(const Expr *E) const {
    const auto *Call = dyn_cast<CXXMemberCallExpr>(strip(E));
    const CXXMethodDecl *Method = Call ? Call->getMethodDecl() : nullptr;
    bool Pushes =
        Method && Method->getIdentifier() && (Method->getName() == "push_back" || Method->getName() == "emplace_back");
    return Pushes && variable(Call->getImplicitObjectArgument()) == &Container ? Call : nullptr;
  }
  bool deeper(llvm::function_ref<void()> Traverse) {
    ++Depth;
    Traverse();
    --Depth;
    return true;
  }

  bool Empty = false;
  unsigned Depth = 0; ///< Of loops.
  const CXXMemberCallExpr *Filling = nullptr;
};

/// One value wherever both stand: a constant, or a variable that the function does not change.
bool sameNumber(const Expr *A, const Expr *B, const Names &Changed, const ASTContext &Context) {
  auto Left = constantValue(A, Context), Right = constantValue(B, Context);
  if (Left || Right)
    return Left == Right;
  if (const Expr *Of = sizedBy(A))
    return sizedBy(B) && sameObject(Of, sizedBy(B)) && !contains(Changed, Of);
  const VarDecl *Variable = variable(A);
  return Variable && Variable == variable(B) && !Changed.contains(Variable);
}

} // namespace

bool hasSize(const Expr *Container, const Expr *Bound, const ASTContext &Context) {
  Container = strip(Container);
  if (auto Size = fixedSize(Container->getType(), Context))
    return constantValue(Bound, Context) == static_cast<int64_t>(*Size);
  const VarDecl *Variable = variable(Container);
  const auto *Function = Variable && Variable->isLocalVarDecl() && Variable->getType()->isRecordType()
                             ? dyn_cast<FunctionDecl>(Variable->getDeclContext())
                             : nullptr;
  if (!Function || !Function->getBody())
    return false;
  Sizings Found(*Variable, Context);
  Found.TraverseStmt(Function->getBody());
  if (Found.Other || Found.Sizes.empty())
    return false;
  Names Changed = writes(*Function->getBody());
  return llvm::all_of(Found.Sizes, [&](const Expr *Size) { return sameNumber(Size, Bound, Changed, Context); });
}

} // namespace latchkey::lower
