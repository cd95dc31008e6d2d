#include "checks/lower/TripCount.h"

#include "checks/lower/Syntax.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSwitch.h"

using namespace clang;

namespace latchkey::lower {
namespace {

const Expr *strip(const Expr *E) {
  while (E) {
    const Expr *Next = E->IgnoreParenImpCasts();
    if (const auto *Full = dyn_cast<FullExpr>(Next))
      Next = Full->getSubExpr();
    else if (const auto *Temporary = dyn_cast<MaterializeTemporaryExpr>(Next))
      Next = Temporary->getSubExpr();
    else if (const auto *Bind = dyn_cast<CXXBindTemporaryExpr>(Next))
      Next = Bind->getSubExpr();
    if (Next == E)
      break;
    E = Next;
  }
  return E;
}

const VarDecl *variable(const Expr *E) {
  const auto *Reference = E ? dyn_cast<DeclRefExpr>(strip(E)) : nullptr;
  return Reference ? dyn_cast<VarDecl>(Reference->getDecl()) : nullptr;
}

/// Whether two expressions plainly name one object: the same variable, or the same member of one object.
bool sameObject(const Expr *A, const Expr *B) {
  A = strip(A), B = strip(B);
  if (!A || !B || A->getStmtClass() != B->getStmtClass())
    return false;
  if (const auto *Reference = dyn_cast<DeclRefExpr>(A))
    return Reference->getDecl() == cast<DeclRefExpr>(B)->getDecl();
  if (isa<CXXThisExpr>(A))
    return true;
  if (const auto *Member = dyn_cast<MemberExpr>(A))
    return Member->getMemberDecl() == cast<MemberExpr>(B)->getMemberDecl() &&
           sameObject(Member->getBase(), cast<MemberExpr>(B)->getBase());
  if (const auto *Operator = dyn_cast<UnaryOperator>(A))
    return Operator->getOpcode() == cast<UnaryOperator>(B)->getOpcode() &&
           sameObject(Operator->getSubExpr(), cast<UnaryOperator>(B)->getSubExpr());
  if (const auto *Call = dyn_cast<CXXOperatorCallExpr>(A)) {
    const auto *Other = cast<CXXOperatorCallExpr>(B);
    return Call->getOperator() == Other->getOperator() && Call->getNumArgs() == 1 && Other->getNumArgs() == 1 &&
           sameObject(Call->getArg(0), Other->getArg(0));
  }
  return false;
}

/// `c.begin()`, `std::begin(c)` with one of these names: the container.
const Expr *calledOn(const Expr *E, std::initializer_list<StringRef> Names) {
  E = strip(E);
  // An iterator is converted to a const one, or copied.
  while (const auto *Construct = dyn_cast_or_null<CXXConstructExpr>(E)) {
    if (Construct->getNumArgs() != 1)
      return nullptr;
    E = strip(Construct->getArg(0));
  }
  const auto *Call = dyn_cast_or_null<CallExpr>(E);
  if (!Call)
    return nullptr;
  if (const auto *Member = dyn_cast<CXXMemberCallExpr>(Call)) {
    const CXXMethodDecl *Method = Member->getMethodDecl();
    if (Method && Method->getIdentifier() && llvm::is_contained(Names, Method->getName()) && Call->getNumArgs() == 0)
      return Member->getImplicitObjectArgument();
    return nullptr;
  }
  const FunctionDecl *Callee = Call->getDirectCallee();
  if (Callee && Callee->getIdentifier() && Callee->isInStdNamespace() && Call->getNumArgs() == 1 &&
      llvm::is_contained(Names, Callee->getName()))
    return Call->getArg(0);
  return nullptr;
}

/// Methods that are not const but leave the number and place of elements.
bool keepsElements(const CXXMethodDecl &Method) {
  if (Method.isConst() || Method.isStatic())
    return true;
  if (Method.getOverloadedOperator() == OO_Subscript || Method.getOverloadedOperator() == OO_Star ||
      Method.getOverloadedOperator() == OO_Arrow)
    return true;
  return Method.getIdentifier() &&
         llvm::StringSwitch<bool>(Method.getName())
             .Cases({"at", "begin", "end", "rbegin", "rend", "front", "back", "data", "find"}, true)
             .Cases({"top", "get", "value", "lower_bound", "upper_bound", "equal_range"}, true)
             .Default(false);
}

/// Variables and fields that an expression reads.
class Reads : public RecursiveASTVisitor<Reads> {
public:
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (isa<VarDecl>(E->getDecl()))
      Names.insert(E->getDecl());
    return true;
  }
  bool VisitMemberExpr(MemberExpr *E) {
    if (isa<FieldDecl>(E->getMemberDecl()))
      Names.insert(E->getMemberDecl());
    return true;
  }
  llvm::DenseSet<const ValueDecl *> Names;
};

/// What a loop's body changes. Elements of a container are not the container.
class Writes : public RecursiveASTVisitor<Writes> {
public:
  bool VisitBinaryOperator(BinaryOperator *E) {
    if (E->isAssignmentOp())
      add(E->getLHS());
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *E) {
    if (E->isIncrementDecrementOp() || E->getOpcode() == UO_AddrOf)
      add(E->getSubExpr());
    return true;
  }
  bool VisitCXXMemberCallExpr(CXXMemberCallExpr *E) {
    // Through a pointer, what changes is not the pointer.
    const Expr *Object = E->getImplicitObjectArgument();
    if (const CXXMethodDecl *Method = E->getMethodDecl(); Method && !keepsElements(*Method) && Object->isGLValue())
      add(Object);
    return true;
  }
  bool VisitCallExpr(CallExpr *E) {
    const FunctionDecl *Callee = E->getDirectCallee();
    const auto *Method = dyn_cast_or_null<CXXMethodDecl>(Callee);
    bool OnObject = isa<CXXOperatorCallExpr>(E) && Method && !Method->isStatic();
    if (OnObject && !keepsElements(*Method))
      add(E->getArg(0));
    for (unsigned I = OnObject ? 1 : 0, N = E->getNumArgs(); I < N; ++I) {
      unsigned Parameter = OnObject ? I - 1 : I;
      if (!Callee || Parameter >= Callee->getNumParams())
        continue;
      QualType T = Callee->getParamDecl(Parameter)->getType();
      if (T->isReferenceType() && !T->getPointeeType().isConstQualified() && !calledOnly(*Callee))
        add(E->getArg(I));
    }
    return true;
  }

  bool any(const llvm::DenseSet<const ValueDecl *> &Set) const {
    return llvm::any_of(Set, [&](const ValueDecl *D) { return Names.contains(D); });
  }
  bool changes(const Expr *Object) const {
    const Expr *Plain = strip(Object);
    if (const auto *Reference = dyn_cast<DeclRefExpr>(Plain))
      return Names.contains(Reference->getDecl());
    const auto *Member = dyn_cast<MemberExpr>(Plain);
    return Member && Names.contains(Member->getMemberDecl());
  }
  llvm::DenseSet<const ValueDecl *> Names;

private:
  /// std::begin, std::size, std::ref of the container: not changes by themselves.
  static bool calledOnly(const FunctionDecl &Callee) {
    return Callee.getIdentifier() && Callee.isInStdNamespace() &&
           llvm::StringSwitch<bool>(Callee.getName())
               .Cases({"begin", "end", "rbegin", "rend", "size", "data", "forward", "as_const"}, true)
               .Default(false);
  }
  void add(const Expr *E) {
    E = strip(E);
    if (const auto *Reference = dyn_cast<DeclRefExpr>(E))
      Names.insert(Reference->getDecl());
    else if (const auto *Member = dyn_cast<MemberExpr>(E))
      Names.insert(Member->getMemberDecl());
  }
};

/// How the body uses the index: only as `container[index]` or `*index`, and of which container.
class IndexUses : public RecursiveASTVisitor<IndexUses> {
public:
  IndexUses(const VarDecl &Index, bool Subscripts) : Index(Index), Subscripts(Subscripts) {}

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    Mentions += E->getDecl() == &Index;
    return true;
  }
  bool VisitLambdaExpr(LambdaExpr *E) {
    // Inside it is another variable.
    for (const LambdaCapture &Capture : E->captures())
      Mixed |= Capture.capturesVariable() && Capture.getCapturedVar() == &Index;
    return true;
  }
  bool VisitArraySubscriptExpr(ArraySubscriptExpr *E) {
    if (Subscripts)
      subscript(E->getBase(), E->getIdx());
    return true;
  }
  bool VisitCXXOperatorCallExpr(CXXOperatorCallExpr *E) {
    if (Subscripts && E->getOperator() == OO_Subscript && E->getNumArgs() == 2)
      subscript(E->getArg(0), E->getArg(1));
    if (!Subscripts && (E->getOperator() == OO_Star || E->getOperator() == OO_Arrow) && E->getNumArgs() == 1)
      Elements += variable(E->getArg(0)) == &Index;
    return true;
  }
  bool VisitCXXMemberCallExpr(CXXMemberCallExpr *E) {
    const CXXMethodDecl *Method = E->getMethodDecl();
    if (Subscripts && Method && Method->getIdentifier() && Method->getName() == "at" && E->getNumArgs() == 1)
      subscript(E->getImplicitObjectArgument(), E->getArg(0));
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *E) {
    if (!Subscripts && E->getOpcode() == UO_Deref)
      Elements += variable(E->getSubExpr()) == &Index;
    return true;
  }
  bool VisitMemberExpr(MemberExpr *E) {
    // An iterator that is a pointer (std::array).
    if (!Subscripts && E->isArrow() && E->getBase()->getType()->isPointerType())
      Elements += variable(E->getBase()) == &Index;
    return true;
  }

  bool onlyElements() const { return Mentions == Elements && !Mixed; }
  unsigned Mentions = 0;
  unsigned Elements = 0;
  const Expr *Container = nullptr; ///< The one that is subscripted.

private:
  void subscript(const Expr *Base, const Expr *At) {
    if (variable(At) != &Index)
      return;
    ++Elements;
    Mixed |= Container && !sameObject(Container, Base);
    Container = Base;
  }

  const VarDecl &Index;
  bool Subscripts;
  bool Mixed = false; ///< Subscripts two containers.
};

class HasContinue : public RecursiveASTVisitor<HasContinue> {
public:
  bool VisitContinueStmt(ContinueStmt *) { return !(Found = true); }
  // Those of inner loops and of lambdas are theirs.
  bool TraverseForStmt(ForStmt *) { return true; }
  bool TraverseWhileStmt(WhileStmt *) { return true; }
  bool TraverseDoStmt(DoStmt *) { return true; }
  bool TraverseCXXForRangeStmt(CXXForRangeStmt *) { return true; }
  bool TraverseLambdaExpr(LambdaExpr *) { return true; }
  bool Found = false;
};

struct Increment {
  const VarDecl *Index = nullptr;
  int64_t Step = 0;
};

std::optional<int64_t> constantValue(const Expr *E, const ASTContext &Context) {
  Expr::EvalResult Result;
  if (!E || E->isValueDependent() || !E->getType()->isIntegralOrEnumerationType() ||
      !E->EvaluateAsInt(Result, Context) || Result.HasSideEffects)
    return std::nullopt;
  return Result.Val.getInt().tryExtValue();
}

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
const Expr *resolved(const Expr *E, const Writes &Changed, const Stmt *Init) {
  const VarDecl *Variable = variable(E);
  if (!Variable || !Variable->hasInit() || Changed.Names.contains(Variable))
    return E;
  const auto *Head = dyn_cast_or_null<DeclStmt>(Init);
  bool InHead = Head && llvm::is_contained(Head->decls(), Variable);
  return InHead || (Variable->isLocalVarDecl() && Variable->getType().isConstQualified()) ? Variable->getInit() : E;
}

bool isZero(const Expr *E, const ASTContext &Context) {
  auto Value = constantValue(E, Context);
  return Value && *Value == 0;
}

/// The container whose number of elements E is.
const Expr *sizedBy(const Expr *E) {
  return E ? calledOn(E, {"size", "ssize", "length", "count"}) : nullptr;
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
                                          const Stmt *Body, const Writes &Changed) {
  const Expr *Begin = Start ? calledOn(Start, {"begin", "cbegin", "rbegin", "crbegin"}) : nullptr;
  const Expr *End = Bound ? calledOn(Bound, {"end", "cend", "rend", "crend"}) : nullptr;
  if (!Begin || !End || !sameObject(Begin, End) || Changed.changes(Begin))
    return std::nullopt;
  IndexUses Uses(*Test.Index, false);
  if (Body)
    Uses.TraverseStmt(const_cast<Stmt *>(Body));
  if (!Uses.onlyElements())
    return std::nullopt;
  CanonicalLoop Result;
  Result.K = CanonicalLoop::Kind::Elements;
  Result.Index = Test.Index;
  Result.Container = Begin;
  return Result;
}

/// A counted loop that visits all indices of one container.
void findContainer(CanonicalLoop &Loop, const Expr *Start, const Expr *Bound, const Stmt *Body, const Writes &Changed,
                   const ASTContext &Context) {
  bool Up = Loop.Step == 1 && !Loop.Inclusive && Start && isZero(Start, Context);
  bool Down = Loop.Step == -1 && (!Bound || isZero(Bound, Context)) && Start;
  if (!Up && !Down)
    return;
  IndexUses Uses(*Loop.Index, true);
  if (Body)
    Uses.TraverseStmt(const_cast<Stmt *>(Body));
  const Expr *Container = Up ? sizedBy(Bound) : Loop.Inclusive ? lastIndexOf(Start, Context) : sizedBy(Start);
  const Expr *Array = Uses.Container ? strip(Uses.Container) : nullptr;
  if (const auto *Type = Array && Up ? Context.getAsConstantArrayType(Array->getType()) : nullptr; Type && !Container)
    if (auto Size = constantValue(Bound, Context); Size && Type->getSize() == static_cast<uint64_t>(*Size))
      Container = Array;
  if (!Container || Changed.changes(Container))
    return;
  Loop.Container = Container;
  if (Uses.Mentions == 0 || !Uses.onlyElements() || !sameObject(Uses.Container, Container))
    return;
  Loop.K = CanonicalLoop::Kind::Elements;
  Loop.Subscripts = true;
}

/// The common part of for and while.
std::optional<CanonicalLoop> counted(const Stmt *Init, const Expr *Condition, const Expr *Step, const Stmt *Body,
                                     const ASTContext &Context) {
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
  Writes Changed;
  if (Body)
    Changed.TraverseStmt(const_cast<Stmt *>(Body));
  if (Changed.Names.contains(&Index) || Index.getType()->isReferenceType() || Index.getType().isVolatileQualified())
    return std::nullopt;
  const Expr *Start = startValue(Init, Index);
  const Expr *Bound = Test->Bound ? resolved(Test->Bound, Changed, Init) : nullptr;
  if (By.Step == 1 && Test->Opcode == BO_NE)
    if (auto Iterators = iteratorLoop(*Test, Start, Bound, Body, Changed))
      return Iterators;
  if (!Index.getType()->isIntegralOrEnumerationType())
    return std::nullopt;
  if (Bound) {
    Reads Needed;
    Needed.TraverseStmt(const_cast<Expr *>(Bound));
    if (Changed.any(Needed.Names) || Needed.Names.contains(&Index))
      return std::nullopt;
  }
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
  findContainer(Result, Start, Bound, Body, Changed, Context);
  return Result;
}

std::optional<CanonicalLoop> rangeLoop(const CXXForRangeStmt &Loop) {
  const VarDecl *Variable = Loop.getLoopVariable();
  if (!Variable || !Loop.getRangeInit())
    return std::nullopt;
  Writes Changed;
  Changed.TraverseStmt(const_cast<Stmt *>(Loop.getBody()));
  if (Changed.changes(Loop.getRangeInit()))
    return std::nullopt;
  CanonicalLoop Result;
  Result.K = CanonicalLoop::Kind::Elements;
  Result.Index = Variable;
  Result.Container = Loop.getRangeInit();
  Result.ByValue = !Variable->getType()->isReferenceType();
  return Result;
}

/// `while (i < n) { …; ++i; }`, if nothing skips the last statement.
std::optional<CanonicalLoop> whileLoop(const WhileStmt &Loop, const ASTContext &Context) {
  if (Loop.getConditionVariable())
    return std::nullopt;
  if (auto InTest = counted(nullptr, Loop.getCond(), nullptr, Loop.getBody(), Context))
    return InTest;
  const auto *Body = dyn_cast<CompoundStmt>(Loop.getBody());
  const auto *Last = Body && !Body->body_empty() ? dyn_cast<Expr>(Body->body_back()) : nullptr;
  HasContinue Continues;
  Continues.TraverseStmt(const_cast<Stmt *>(Loop.getBody()));
  Increment By = Last ? increment(Last, Context) : Increment{};
  if (!By.Index || Continues.Found)
    return std::nullopt;
  Writes Changed;
  for (const Stmt *Child : Body->body())
    if (Child != Body->body_back())
      Changed.TraverseStmt(const_cast<Stmt *>(Child));
  if (Changed.Names.contains(By.Index))
    return std::nullopt;
  // The index has its last value behind the loop, so what is visited is not asked.
  auto Result = counted(nullptr, Loop.getCond(), Last, nullptr, Context);
  if (!Result || !Result->Bound)
    return Result;
  Reads Needed;
  Needed.TraverseStmt(const_cast<Expr *>(Result->Bound));
  return Changed.any(Needed.Names) ? std::nullopt : Result;
}

} // namespace

std::optional<CanonicalLoop> canonicalLoop(const Stmt &Loop, ASTContext &Context) {
  if (const auto *For = dyn_cast<ForStmt>(&Loop))
    return For->getConditionVariable()
               ? std::nullopt
               : counted(For->getInit(), For->getCond(), For->getInc(), For->getBody(), Context);
  if (const auto *While = dyn_cast<WhileStmt>(&Loop))
    return whileLoop(*While, Context);
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
    return variable(Subscript->getIdx()) == Loop.Index && sameObject(Subscript->getBase(), Loop.Container);
  if (Operator && Operator->getOperator() == OO_Subscript && Operator->getNumArgs() == 2)
    return variable(Operator->getArg(1)) == Loop.Index && sameObject(Operator->getArg(0), Loop.Container);
  const auto *Call = dyn_cast<CXXMemberCallExpr>(Plain);
  const CXXMethodDecl *Method = Call ? Call->getMethodDecl() : nullptr;
  return Method && Method->getIdentifier() && Method->getName() == "at" && Call->getNumArgs() == 1 &&
         variable(Call->getArg(0)) == Loop.Index && sameObject(Call->getImplicitObjectArgument(), Loop.Container);
}

} // namespace latchkey::lower
