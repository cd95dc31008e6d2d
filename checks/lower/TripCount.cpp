#include "checks/lower/TripCount.h"

#include "checks/lower/ContainerSize.h"
#include "checks/lower/LoopUses.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"

using namespace clang;

namespace latchkey::lower {
namespace {

using namespace loops;

struct Increment {
  const VarDecl *Index = nullptr;
  int64_t Step = 0;
};

Increment increment(const Expr *E, const ASTContext &Context) {
  E = E ? strip(E) : nullptr;
  if (const auto *Unary = dyn_cast_or_null<UnaryOperator>(E); Unary && Unary->isIncrementDecrementOp())
    return {variable(Unary->getSubExpr()), Unary->isIncrementOp() ? 1 : -1};
  if (const auto *Call = dyn_cast_or_null<CXXOperatorCallExpr>(E)) {
    if (Call->getOperator() == OO_PlusPlus)
      return {variable(Call->getArg(0)), 1};
    if (Call->getOperator() == OO_MinusMinus)
      return {variable(Call->getArg(0)), -1};
  }
  const auto *Binary = dyn_cast_or_null<BinaryOperator>(E);
  if (!Binary || !Binary->isAssignmentOp())
    return {};
  const VarDecl *Index = variable(Binary->getLHS());
  const Expr *Amount = Binary->getRHS();
  int64_t Sign = Binary->getOpcode() == BO_SubAssign ? -1 : 1;
  if (Binary->getOpcode() == BO_Assign) {
    // `i = i + 2`.
    const auto *Sum = dyn_cast<BinaryOperator>(strip(Amount));
    if (!Sum || !Sum->isAdditiveOp() || variable(Sum->getLHS()) != Index)
      return {};
    Sign = Sum->getOpcode() == BO_Sub ? -1 : 1;
    Amount = Sum->getRHS();
  } else if (!Binary->isCompoundAssignmentOp() ||
             (Binary->getOpcode() != BO_AddAssign && Binary->getOpcode() != BO_SubAssign)) {
    return {};
  }
  auto Step = constantValue(Amount, Context);
  return Step && *Step != 0 ? Increment{Index, Sign * *Step} : Increment{};
}

/// A loop's test with the index on the left: `Index Opcode Bound`.
struct Comparison {
  const VarDecl *Index = nullptr;
  BinaryOperatorKind Opcode = BO_LT;
  const Expr *Bound = nullptr; ///< Null: 0.
  int64_t StepInside = 0;      ///< `i-- > 0` steps in the test.
};

/// The variable of `i`, or of `i--` in a test.
Increment tested(const Expr *E, const ASTContext &Context) {
  if (const auto *Unary = dyn_cast<UnaryOperator>(strip(E)); Unary && Unary->isPostfix() && Unary->isDecrementOp())
    return increment(E, Context);
  return {variable(E), 0};
}

std::optional<Comparison> comparison(const Expr *E, const VarDecl *Stepped, const ASTContext &Context) {
  E = E ? strip(E) : nullptr;
  if (!E)
    return std::nullopt;
  const Expr *Left = nullptr, *Right = nullptr;
  BinaryOperatorKind Opcode = BO_NE;
  if (const auto *Binary = dyn_cast<BinaryOperator>(E); Binary && Binary->isComparisonOp()) {
    Left = Binary->getLHS(), Right = Binary->getRHS(), Opcode = Binary->getOpcode();
  } else if (const auto *Rewritten = dyn_cast<CXXRewrittenBinaryOperator>(E)) {
    auto Form = Rewritten->getDecomposedForm();
    Left = Form.LHS, Right = Form.RHS, Opcode = Form.Opcode;
  } else if (const auto *Call = dyn_cast<CXXOperatorCallExpr>(E); Call && Call->getNumArgs() == 2) {
    if (Call->getOperator() != OO_ExclaimEqual && Call->getOperator() != OO_Less)
      return std::nullopt;
    Opcode = Call->getOperator() == OO_Less ? BO_LT : BO_NE;
    Left = Call->getArg(0), Right = Call->getArg(1);
  } else {
    // `while (n--)`; `for (…; i; --i)`.
    Increment Test = tested(E, Context);
    if (!Test.Index || (Stepped && Test.Index != Stepped))
      return std::nullopt;
    return Comparison{Test.Index, BO_NE, nullptr, Test.Step};
  }
  Increment Test = tested(Left, Context);
  if (!Test.Index || (Stepped && Test.Index != Stepped)) {
    std::swap(Left, Right);
    Opcode = BinaryOperator::isRelationalOp(Opcode) ? BinaryOperator::reverseComparisonOp(Opcode) : Opcode;
    Test = tested(Left, Context);
  }
  if (!Test.Index || (Stepped && Test.Index != Stepped) || Opcode == BO_EQ || Opcode == BO_Cmp)
    return std::nullopt;
  return Comparison{Test.Index, Opcode, Right, Test.Step};
}

/// Value that the loop's first part gives the index.
const Expr *startValue(const Stmt *Init, const VarDecl &Index) {
  if (const auto *Declaration = dyn_cast_or_null<DeclStmt>(Init)) {
    for (const Decl *D : Declaration->decls())
      if (D == &Index)
        return Index.getInit();
    return nullptr;
  }
  const auto *E = dyn_cast_or_null<Expr>(Init);
  const auto *Assign = E ? dyn_cast<BinaryOperator>(strip(E)) : nullptr;
  if (Assign && Assign->getOpcode() == BO_Comma) {
    const Expr *Left = startValue(Assign->getLHS(), Index);
    return Left ? Left : startValue(Assign->getRHS(), Index);
  }
  return Assign && Assign->getOpcode() == BO_Assign && variable(Assign->getLHS()) == &Index ? Assign->getRHS()
                                                                                            : nullptr;
}

/// A local that is initialised once and never changed stands for its initialiser (`e = v.end()` in the loop's head).
const Expr *resolved(const Expr *E, const Names &Changed, const Stmt *Init) {
  const VarDecl *Variable = variable(E);
  if (!Variable || !Variable->hasInit() || Changed.contains(Variable))
    return E;
  const auto *Head = dyn_cast_or_null<DeclStmt>(Init);
  bool InHead = Head && llvm::is_contained(Head->decls(), Variable);
  return InHead || (Variable->isLocalVarDecl() && Variable->getType().isConstQualified()) ? Variable->getInit() : E;
}

bool isZero(const Expr *E, const ASTContext &Context) {
  auto Value = constantValue(E, Context);
  return Value && *Value == 0;
}

/// `v.size() - 1`.
const Expr *lastIndexOf(const Expr *E, const ASTContext &Context) {
  const auto *Minus = E ? dyn_cast<BinaryOperator>(strip(E)) : nullptr;
  if (const auto *Cast = E ? dyn_cast<ExplicitCastExpr>(strip(E)) : nullptr)
    return lastIndexOf(Cast->getSubExpr(), Context);
  if (!Minus || Minus->getOpcode() != BO_Sub || constantValue(Minus->getRHS(), Context) != 1)
    return nullptr;
  return sizedBy(Minus->getLHS());
}

std::optional<CanonicalLoop> iteratorLoop(const Comparison &Test, const Expr *Start, const Expr *Bound,
                                          const Stmt *Body, const Names &Changed) {
  const Expr *Begin = Start ? calledOn(Start, {"begin", "cbegin", "rbegin", "crbegin"}) : nullptr;
  const Expr *End = Bound ? calledOn(Bound, {"end", "cend", "rend", "crend"}) : nullptr;
  if (!Begin || !End || !sameObject(Begin, End) || contains(Changed, Begin))
    return std::nullopt;
  IndexUses Uses = Body ? uses(*Body, *Test.Index, /*Subscripts=*/false) : IndexUses();
  if (Uses.Mentions != (Uses.Elements.empty() ? 0 : Uses.Elements.front().Times))
    return std::nullopt;
  CanonicalLoop Result;
  Result.K = CanonicalLoop::Kind::Elements;
  Result.Index = Test.Index;
  Result.Container = Begin;
  return Result;
}

/// `for (it = c.begin(); it != c.end();)` whose body moves the iterator on by `++it` or `it = c.erase(it)`.
std::optional<CanonicalLoop> erasingLoop(const Stmt *Init, const Expr *Condition, const Expr *Step, const Stmt *Body,
                                         const ASTContext &Context) {
  std::optional<Comparison> Test = comparison(Condition, nullptr, Context);
  if (!Test || !Test->Bound || Test->Opcode != BO_NE || !Body)
    return std::nullopt;
  const VarDecl &Iterator = *Test->Index;
  const Expr *Start = startValue(Init, Iterator);
  if (!Start && !Init)
    Start = Iterator.getInit();
  const Expr *Begin = Start ? calledOn(Start, {"begin", "cbegin"}) : nullptr;
  const Expr *End = calledOn(Test->Bound, {"end", "cend"});
  if (!Begin || !End || !sameObject(Begin, End))
    return std::nullopt;
  IteratorMoves Found = moves(*Body, Iterator, *Begin);
  if (Step) { // `it = c.erase(it)` there, at the end of each turn
    if (Found.Mentions || continues(*Body))
      return std::nullopt;
    Found.Erases = moves(*Step, Iterator, *Begin).Erases;
  }
  IndexUses Uses = uses(*Body, Iterator, /*Subscripts=*/false);
  unsigned Elements = Uses.Elements.empty() ? 0 : Uses.Elements.front().Times;
  if (Found.Erases == 0 || Uses.Mentions != Elements + Found.Mentions)
    return std::nullopt;
  CanonicalLoop Result;
  Result.K = CanonicalLoop::Kind::Elements;
  Result.Index = &Iterator;
  Result.Container = Begin;
  Result.Last = Step;
  return Result;
}

/// A counted loop that visits all indices of a container that Matters.
void findContainer(CanonicalLoop &Loop, const Expr *Start, const Expr *Bound, const Stmt *Body, const Names &Changed,
                   const ASTContext &Context, OfInterest Matters) {
  bool Up = Loop.Step == 1 && !Loop.Inclusive && Start && isZero(Start, Context);
  bool Down = Loop.Step == -1 && (!Bound || isZero(Bound, Context)) && Start;
  if (!Up && !Down)
    return;
  const Expr *Sized = Up ? sizedBy(Bound) : Loop.Inclusive ? lastIndexOf(Start, Context) : sizedBy(Start);
  const Expr *Size = Up ? Bound : Loop.Inclusive ? nullptr : Start;
  if (Sized && !contains(Changed, Sized))
    Loop.Container = Sized;
  IndexUses Uses = Body ? uses(*Body, *Loop.Index, /*Subscripts=*/true) : IndexUses();
  bool Found = false;
  for (const IndexUses::Element &Element : Uses.Elements) {
    if (contains(Changed, Element.Container) ||
        !(sameObject(Element.Container, Sized) || (Size && hasSize(Element.Container, Size, Context))))
      continue;
    if (Matters && !Matters(strip(Element.Container)->getType()))
      continue;
    Loop.Container = Element.Container;
    Loop.IndexUsed = Uses.Mentions != Element.Times;
    Found = true;
    break;
  }
  if (Found) {
    Loop.K = CanonicalLoop::Kind::Elements;
    Loop.Subscripts = true;
  }
}

/// The common part of for and while.
std::optional<CanonicalLoop> counted(const Stmt *Init, const Expr *Condition, const Expr *Step, const Stmt *Body,
                                     const ASTContext &Context, OfInterest Matters) {
  const Expr *Stepping = Step ? strip(Step) : nullptr;
  // `++i, ++j`: the one that is tested.
  std::vector<Increment> Steps;
  while (const auto *Comma = dyn_cast_or_null<BinaryOperator>(Stepping)) {
    if (Comma->getOpcode() != BO_Comma)
      break;
    Steps.push_back(increment(Comma->getRHS(), Context));
    Stepping = strip(Comma->getLHS());
  }
  if (Stepping)
    Steps.push_back(increment(Stepping, Context));
  std::optional<Comparison> Test;
  Increment By;
  for (const Increment &Candidate : Steps)
    if (Candidate.Index && !Test)
      if ((Test = comparison(Condition, Candidate.Index, Context)))
        By = Candidate;
  if (!Test && !Step && (Test = comparison(Condition, nullptr, Context)) && Test->StepInside)
    By = {Test->Index, Test->StepInside};
  if (!Test || !By.Index || (Step && Test->StepInside))
    return std::nullopt;
  const VarDecl &Index = *Test->Index;
  Names Changed = Body ? writes(*Body) : Names();
  if (Changed.contains(&Index) || Index.getType()->isReferenceType() || Index.getType().isVolatileQualified())
    return std::nullopt;
  const Expr *Start = startValue(Init, Index);
  const Expr *Bound = Test->Bound ? resolved(Test->Bound, Changed, Init) : nullptr;
  if (By.Step == 1 && Test->Opcode == BO_NE)
    if (auto Iterators = iteratorLoop(*Test, Start, Bound, Body, Changed))
      return Iterators;
  if (!Index.getType()->isIntegralOrEnumerationType())
    return std::nullopt;
  if (Bound)
    if (Names Needed = reads(*Bound); intersect(Changed, Needed) || Needed.contains(&Index))
      return std::nullopt;
  bool Up = By.Step > 0;
  if ((Up && (Test->Opcode == BO_GT || Test->Opcode == BO_GE)) ||
      (!Up && (Test->Opcode == BO_LT || Test->Opcode == BO_LE)))
    return std::nullopt;
  CanonicalLoop Result;
  Result.Index = &Index;
  Result.Start = Start;
  Result.Bound = Test->Bound;
  Result.Step = By.Step;
  Result.Inclusive = Test->Opcode == BO_LE || Test->Opcode == BO_GE;
  if (Test->StepInside && Result.Inclusive)
    return std::nullopt;
  findContainer(Result, Start, Bound, Body, Changed, Context, Matters);
  return Result;
}

std::optional<CanonicalLoop> rangeLoop(const CXXForRangeStmt &Loop) {
  const VarDecl *Variable = Loop.getLoopVariable();
  if (!Variable || !Loop.getRangeInit())
    return std::nullopt;
  Names Changed = writes(*Loop.getBody());
  if (contains(Changed, Loop.getRangeInit()))
    return std::nullopt;
  CanonicalLoop Result;
  Result.K = CanonicalLoop::Kind::Elements;
  Result.Index = Variable;
  Result.Container = Loop.getRangeInit();
  Result.ByValue = !Variable->getType()->isReferenceType();
  return Result;
}

/// `while (i < n) { …; ++i; }`, if nothing skips the last statement.
std::optional<CanonicalLoop> whileLoop(const WhileStmt &Loop, const ASTContext &Context, OfInterest Matters) {
  if (Loop.getConditionVariable())
    return std::nullopt;
  if (auto InTest = counted(nullptr, Loop.getCond(), nullptr, Loop.getBody(), Context, Matters))
    return InTest;
  const auto *Body = dyn_cast<CompoundStmt>(Loop.getBody());
  const auto *Last = Body && !Body->body_empty() ? dyn_cast<Expr>(Body->body_back()) : nullptr;
  Increment By = Last ? increment(Last, Context) : Increment{};
  if (!By.Index || continues(*Loop.getBody()))
    return std::nullopt;
  Names Changed;
  for (const Stmt *Child : Body->body())
    if (Child != Body->body_back())
      Changed.insert_range(writes(*Child));
  if (Changed.contains(By.Index))
    return std::nullopt;
  // The index has its last value behind the loop, so what is visited is not asked.
  auto Result = counted(nullptr, Loop.getCond(), Last, nullptr, Context, Matters);
  return Result && Result->Bound && intersect(Changed, reads(*Result->Bound)) ? std::nullopt : Result;
}

} // namespace

std::optional<CanonicalLoop> canonicalLoop(const Stmt &Loop, ASTContext &Context, OfInterest Matters) {
  if (const auto *For = dyn_cast<ForStmt>(&Loop)) {
    if (For->getConditionVariable())
      return std::nullopt;
    if (For->getCond())
      if (auto Erasing = erasingLoop(For->getInit(), For->getCond(), For->getInc(), For->getBody(), Context))
        return Erasing;
    return counted(For->getInit(), For->getCond(), For->getInc(), For->getBody(), Context, Matters);
  }
  if (const auto *While = dyn_cast<WhileStmt>(&Loop)) {
    if (auto Erasing = erasingLoop(nullptr, While->getCond(), nullptr, While->getBody(), Context))
      return Erasing;
    return whileLoop(*While, Context, Matters);
  }
  if (const auto *Range = dyn_cast<CXXForRangeStmt>(&Loop))
    return rangeLoop(*Range);
  return std::nullopt;
}

ir::Term tripCount(const CanonicalLoop &Loop, const ir::Term &Start, const ir::Term &Bound) {
  if (Loop.K != CanonicalLoop::Kind::Counted || !Start.Known || !Bound.Known || Loop.Step == 0)
    return ir::Term::unknown();
  ir::Term Distance = Loop.Step > 0 ? Bound - Start : Start - Bound;
  int64_t Step = Loop.Step > 0 ? Loop.Step : -Loop.Step;
  if (Distance.isConstant()) {
    int64_t N = Distance.constantValue();
    int64_t Trip = Loop.Inclusive ? (N < 0 ? 0 : N / Step + 1) : (N <= 0 ? 0 : (N + Step - 1) / Step);
    return ir::Term::constant(Trip);
  }
  for (ir::Monomial &Part : Distance.Sum) {
    if (Part.Coefficient % Step != 0)
      return ir::Term::unknown();
    Part.Coefficient /= Step;
  }
  return Loop.Inclusive ? Distance + ir::Term::constant(1) : Distance;
}

bool isElement(const Expr &Container, const Expr &Index, const CanonicalLoop &Loop) {
  return Loop.K == CanonicalLoop::Kind::Elements && Loop.Subscripts && variable(&Index) == Loop.Index &&
         sameObject(&Container, Loop.Container);
}

bool isElement(const Expr &E, const CanonicalLoop &Loop) {
  if (Loop.K != CanonicalLoop::Kind::Elements)
    return false;
  const Expr *Plain = strip(&E);
  const auto *Operator = dyn_cast<CXXOperatorCallExpr>(Plain);
  if (!Loop.Subscripts) {
    if (const auto *Deref = dyn_cast<UnaryOperator>(Plain))
      return Deref->getOpcode() == UO_Deref && variable(Deref->getSubExpr()) == Loop.Index;
    return Operator && (Operator->getOperator() == OO_Star || Operator->getOperator() == OO_Arrow) &&
           variable(Operator->getArg(0)) == Loop.Index;
  }
  if (const auto *Subscript = dyn_cast<ArraySubscriptExpr>(Plain))
    return isElement(*Subscript->getBase(), *Subscript->getIdx(), Loop);
  if (Operator && Operator->getOperator() == OO_Subscript && Operator->getNumArgs() == 2)
    return isElement(*Operator->getArg(0), *Operator->getArg(1), Loop);
  const auto *Call = dyn_cast<CXXMemberCallExpr>(Plain);
  const CXXMethodDecl *Method = Call ? Call->getMethodDecl() : nullptr;
  return Method && Method->getIdentifier() && Method->getName() == "at" && Call->getNumArgs() == 1 &&
         isElement(*Call->getImplicitObjectArgument(), *Call->getArg(0), Loop);
}

} // namespace latchkey::lower
