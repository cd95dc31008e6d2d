#include "checks/lower/LoopUses.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/StringSwitch.h"

using namespace clang;

namespace latchkey::lower::loops {

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

const Expr *calledOn(const Expr *E, std::initializer_list<StringRef> Methods) {
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
    if (Method && Method->getIdentifier() && llvm::is_contained(Methods, Method->getName()) && Call->getNumArgs() == 0)
      return Member->getImplicitObjectArgument();
    return nullptr;
  }
  const FunctionDecl *Callee = Call->getDirectCallee();
  if (Callee && Callee->getIdentifier() && Callee->isInStdNamespace() && Call->getNumArgs() == 1 &&
      llvm::is_contained(Methods, Callee->getName()))
    return Call->getArg(0);
  return nullptr;
}

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

const Expr *sizedBy(const Expr *E) {
  return E ? calledOn(E, {"size", "ssize", "length", "count"}) : nullptr;
}

namespace {

/// Variables and fields that an expression reads.
class Reads : public RecursiveASTVisitor<Reads> {
public:
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (isa<VarDecl>(E->getDecl()))
      Found.insert(E->getDecl());
    return true;
  }
  bool VisitMemberExpr(MemberExpr *E) {
    if (isa<FieldDecl>(E->getMemberDecl()))
      Found.insert(E->getMemberDecl());
    return true;
  }
  Names Found;
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
      if (T->isReferenceType() && !T->getPointeeType().isConstQualified() && !calledOnly(*Callee) &&
          !forwarded(*Callee, Parameter))
        add(E->getArg(I));
    }
    return true;
  }

  Names Found;

private:
  /// std::begin, std::size, std::ref of the container: not changes by themselves.
  static bool calledOnly(const FunctionDecl &Callee) {
    return Callee.getIdentifier() && Callee.isInStdNamespace() &&
           llvm::StringSwitch<bool>(Callee.getName())
               .Cases({"begin", "end", "rbegin", "rend", "size", "data", "forward", "as_const"}, true)
               .Default(false);
  }
  /// A forwarding reference of the standard library's (emplace_back, make_unique): it hands on, for a copy to be made.
  static bool forwarded(const FunctionDecl &Callee, unsigned Parameter) {
    const auto *Method = dyn_cast<CXXMethodDecl>(&Callee);
    bool Std = Method ? Method->getParent()->isInStdNamespace() : Callee.isInStdNamespace();
    const FunctionDecl *Pattern = Std ? Callee.getTemplateInstantiationPattern() : nullptr;
    if (!Pattern || Pattern->getNumParams() == 0 || (Callee.getIdentifier() && Callee.getName() == "move"))
      return false;
    QualType T = Pattern->getParamDecl(std::min(Parameter, Pattern->getNumParams() - 1))->getType();
    if (const auto *Pack = T->getAs<PackExpansionType>())
      T = Pack->getPattern();
    return T->isRValueReferenceType() && T->getPointeeType()->isTemplateTypeParmType();
  }
  void add(const Expr *E) {
    E = strip(E);
    if (const auto *Reference = dyn_cast<DeclRefExpr>(E))
      Found.insert(Reference->getDecl());
    else if (const auto *Member = dyn_cast<MemberExpr>(E))
      Found.insert(Member->getMemberDecl());
  }
};

/// Anything that ends a loop's turn or the loop before the end of its body.
class Leaving : public RecursiveASTVisitor<Leaving> {
public:
  bool VisitContinueStmt(ContinueStmt *) { return !(Found = true); }
  bool VisitBreakStmt(BreakStmt *) { return !(Found = true); }
  bool VisitReturnStmt(ReturnStmt *) { return !(Found = true); }
  bool VisitGotoStmt(GotoStmt *) { return !(Found = true); }
  bool TraverseLambdaExpr(LambdaExpr *) { return true; }
  bool Found = false;
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

class IndexVisitor : public RecursiveASTVisitor<IndexVisitor> {
public:
  IndexVisitor(const VarDecl &Index, bool Subscripts) : Index(Index), Subscripts(Subscripts) {}

  bool VisitDeclRefExpr(DeclRefExpr *E) {
    Result.Mentions += E->getDecl() == &Index;
    return true;
  }
  bool TraverseLambdaExpr(LambdaExpr *E) {
    // Inside of it is another variable.
    for (const LambdaCapture &Capture : E->captures())
      Result.Mentions += Capture.capturesVariable() && Capture.getCapturedVar() == &Index;
    for (auto [Capture, Initialiser] : llvm::zip(E->captures(), E->capture_inits()))
      if (E->isInitCapture(&Capture))
        TraverseStmt(Initialiser);
    return true;
  }
  bool VisitArraySubscriptExpr(ArraySubscriptExpr *E) {
    if (Subscripts)
      element(E->getBase(), E->getIdx());
    return true;
  }
  bool VisitCXXOperatorCallExpr(CXXOperatorCallExpr *E) {
    if (Subscripts && E->getOperator() == OO_Subscript && E->getNumArgs() == 2)
      element(E->getArg(0), E->getArg(1));
    if (!Subscripts && (E->getOperator() == OO_Star || E->getOperator() == OO_Arrow) && E->getNumArgs() == 1)
      element(nullptr, E->getArg(0));
    return true;
  }
  bool VisitCXXMemberCallExpr(CXXMemberCallExpr *E) {
    const CXXMethodDecl *Method = E->getMethodDecl();
    if (Subscripts && Method && Method->getIdentifier() && Method->getName() == "at" && E->getNumArgs() == 1)
      element(E->getImplicitObjectArgument(), E->getArg(0));
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *E) {
    if (!Subscripts && E->getOpcode() == UO_Deref)
      element(nullptr, E->getSubExpr());
    return true;
  }
  bool VisitMemberExpr(MemberExpr *E) {
    // An iterator that is a pointer (std::array).
    if (!Subscripts && E->isArrow() && E->getBase()->getType()->isPointerType())
      element(nullptr, E->getBase());
    return true;
  }

  IndexUses Result;

private:
  void element(const Expr *Container, const Expr *At) {
    if (variable(At) != &Index)
      return;
    for (IndexUses::Element &Known : Result.Elements)
      if (!Container || sameObject(Known.Container, Container)) {
        ++Known.Times;
        return;
      }
    Result.Elements.push_back({Container, 1});
  }

  const VarDecl &Index;
  bool Subscripts;
};

/// `c.erase(it)` with the iterator itself, or stepped: the element goes and the iterator moves on.
const Expr *erasedFrom(const Expr *E, const VarDecl &Iterator) {
  const auto *Call = dyn_cast_or_null<CXXMemberCallExpr>(E ? strip(E) : nullptr);
  const CXXMethodDecl *Method = Call ? Call->getMethodDecl() : nullptr;
  if (!Method || !Method->getIdentifier() || Method->getName() != "erase" || Call->getNumArgs() != 1)
    return nullptr;
  const Expr *At = strip(Call->getArg(0));
  while (const auto *Made = dyn_cast<CXXConstructExpr>(At)) // a const_iterator
    At = Made->getNumArgs() == 1 ? strip(Made->getArg(0)) : nullptr;
  if (const auto *Step = dyn_cast_or_null<CXXOperatorCallExpr>(At); Step && Step->getOperator() == OO_PlusPlus)
    At = Step->getArg(0);
  return At && variable(At) == &Iterator ? Call->getImplicitObjectArgument() : nullptr;
}

/// How a body moves an iterator on.
class Moves : public RecursiveASTVisitor<Moves> {
public:
  Moves(const VarDecl &Iterator, const Expr &Container) : Iterator(Iterator), Container(Container) {}
  bool VisitCXXOperatorCallExpr(CXXOperatorCallExpr *E) {
    if (E->getNumArgs() >= 1 && variable(E->getArg(0)) == &Iterator &&
        (E->getOperator() == OO_PlusPlus || (E->getOperator() == OO_Equal && erases(E->getArg(1)))))
      ++Result.Mentions;
    return true;
  }
  bool VisitBinaryOperator(BinaryOperator *E) { // an iterator that is a pointer
    Result.Mentions += E->getOpcode() == BO_Assign && variable(E->getLHS()) == &Iterator && erases(E->getRHS());
    return true;
  }
  bool VisitCXXMemberCallExpr(CXXMemberCallExpr *E) {
    if (!erases(E))
      return true;
    ++Result.Erases;
    const auto *Step = dyn_cast<CXXOperatorCallExpr>(strip(E->getArg(0)));
    Result.Mentions += Step == nullptr; // a step is counted by itself
    return true;
  }
  IteratorMoves Result;

private:
  bool erases(const Expr *E) {
    const Expr *From = erasedFrom(E, Iterator);
    return From && sameObject(From, &Container);
  }
  const VarDecl &Iterator;
  const Expr &Container;
};

} // namespace

std::optional<int64_t> constantValue(const Expr *E, const ASTContext &Context) {
  Expr::EvalResult Result;
  if (!E || E->isValueDependent() || !E->getType()->isIntegralOrEnumerationType() ||
      !E->EvaluateAsInt(Result, Context) || Result.HasSideEffects)
    return std::nullopt;
  return Result.Val.getInt().tryExtValue();
}

Names reads(const Stmt &S) {
  Reads R;
  R.TraverseStmt(const_cast<Stmt *>(&S));
  return std::move(R.Found);
}

Names writes(const Stmt &S) {
  Writes W;
  W.TraverseStmt(const_cast<Stmt *>(&S));
  return std::move(W.Found);
}

bool contains(const Names &Set, const Expr *Object) {
  const Expr *Plain = strip(Object);
  if (const auto *Reference = dyn_cast<DeclRefExpr>(Plain))
    return Set.contains(Reference->getDecl());
  const auto *Member = dyn_cast<MemberExpr>(Plain);
  return Member && Set.contains(Member->getMemberDecl());
}

bool intersect(const Names &A, const Names &B) {
  return llvm::any_of(A, [&](const ValueDecl *D) { return B.contains(D); });
}

bool continues(const Stmt &Body) {
  HasContinue Search;
  Search.TraverseStmt(const_cast<Stmt *>(&Body));
  return Search.Found;
}

bool leaves(const Stmt &Body) {
  Leaving Search;
  Search.TraverseStmt(const_cast<Stmt *>(&Body));
  return Search.Found;
}

IndexUses uses(const Stmt &Body, const VarDecl &Index, bool Subscripts) {
  IndexVisitor Visitor(Index, Subscripts);
  Visitor.TraverseStmt(const_cast<Stmt *>(&Body));
  return std::move(Visitor.Result);
}

IteratorMoves moves(const Stmt &Body, const VarDecl &Iterator, const Expr &Container) {
  Moves Visitor(Iterator, Container);
  Visitor.TraverseStmt(const_cast<Stmt *>(&Body));
  return Visitor.Result;
}

} // namespace latchkey::lower::loops
