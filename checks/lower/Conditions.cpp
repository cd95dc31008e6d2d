// Tests of branches and loops.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::lower {

using namespace clang;

/// An opaque test reads at most this many places; one that reads more is not recognised again.
static constexpr size_t MaxReads = 16;

ir::Predicate FunctionLowering::nonZero(const ir::Place &P) {
  ir::Predicate Test;
  Test.K = ir::Predicate::Kind::Compare;
  Test.Negated = true;
  Test.Left = ir::Term::atom({ir::Atom::Kind::Value, P});
  Test.Right = ir::Term::constant(0);
  return Test;
}

void negate(ir::Condition &C) {
  if (C.K == ir::Condition::Kind::Leaf) {
    C.Test.Negated = !C.Test.Negated;
    // The text says what holds where the leaf does. An opaque test is recognised again by it, negated or not.
    std::string &Text = C.Test.Text;
    if (C.Test.K == ir::Predicate::Kind::Opaque || Text.empty())
      return;
    bool Simple = llvm::StringRef(Text).find_first_of("=<>&|?!") == llvm::StringRef::npos;
    Text = Simple ? "!" + Text : "!(" + Text + ")";
    return;
  }
  ir::Condition Not;
  Not.K = ir::Condition::Kind::Not;
  Not.Where = C.Where;
  Not.Parts.push_back(std::move(C));
  C = std::move(Not);
}

ir::Condition FunctionLowering::condition(const Expr *E) {
  return condition(E->getSourceRange(), [&] { return conditionTree(E); });
}

/// `if (const AssertionResult R = Compare(…, A, B))`: what is asked is how A and B compare.
std::optional<ir::Condition> FunctionLowering::verdict(const VarDecl &Var, const Expr &Test) {
  const auto *Asked = dyn_cast<CXXMemberCallExpr>(strip(&Test));
  const auto *Of = Asked ? dyn_cast<DeclRefExpr>(strip(Asked->getImplicitObjectArgument())) : nullptr;
  const Expr *Made = Var.getInit() ? strip(Var.getInit()) : nullptr;
  if (!Of || Of->getDecl() != &Var || !isa_and_nonnull<CXXConversionDecl>(Asked->getMethodDecl()) || !Made)
    return std::nullopt;
  const auto *Call = dyn_cast<CallExpr>(Made);
  const auto *Construct = dyn_cast<CXXConstructExpr>(Made);
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : Construct ? Construct->getConstructor() : nullptr;
  unsigned N = Call ? Call->getNumArgs() : Construct ? Construct->getNumArgs() : 0;
  if (!Callee)
    return std::nullopt;
  auto Argument = [&](unsigned I) { return strip(Call ? Call->getArg(I) : Construct->getArg(I)); };
  for (const model::FunctionModel &Model : Mod.Models.functions(qualifiedName(*Callee))) {
    if (!Model.Compares || std::max(Model.Compares->Left, Model.Compares->Right.value_or(0)) >= N)
      continue;
    const Expr *Left = Argument(Model.Compares->Left);
    if (!Model.Compares->Right)
      return condition(Left);
    const Expr *Right = Argument(*Model.Compares->Right);
    auto Relation = llvm::StringSwitch<BinaryOperatorKind>(Model.Compares->Relation)
                        .Case("==", BO_EQ)
                        .Case("!=", BO_NE)
                        .Case("<", BO_LT)
                        .Case("<=", BO_LE)
                        .Case(">", BO_GT)
                        .Default(BO_GE);
    return condition(Made->getSourceRange(), [&] {
      ir::Condition C;
      C.Where = range(Test.getSourceRange());
      bool WasFlat = std::exchange(Flat, false);
      {
        Redirect To(*this, WasFlat ? *Out : C.Before);
        if (std::optional<ir::Predicate> P = comparison(*Left, Relation, *Right))
          C.Test = std::move(*P);
        if (C.Test.Text.empty())
          C.Test.Text = Mod.Places.compactText(Made->getSourceRange());
      }
      Flat = WasFlat;
      return C;
    });
  }
  return std::nullopt;
}

/// Tree lowers what is asked; it may be called twice.
ir::Condition FunctionLowering::condition(SourceRange Where, llvm::function_ref<ir::Condition()> Tree) {
  FullExpression Frame;
  FullExpression *Outer = std::exchange(Full, &Frame);
  ir::Condition C = Tree();
  Full = Outer;
  if (!Frame.HasCleanups)
    return C;
  // Temporaries die before the branch: the answer is kept, then tested.
  ir::Condition Kept;
  Kept.Where = C.Where;
  ir::Place Answer = temporary(Context.BoolTy, Where);
  {
    Redirect To(*this, Kept.Before);
    fullExpression(Where, [&] {
      Flat = true;
      ir::Condition Test = Tree();
      Flat = false;
      auto Set = [&](int64_t N) { assign(Answer, ir::Value::number(ir::Term::constant(N)), Where, true); };
      branch(std::move(Test), Where, [&] { Set(1); }, [&] { Set(0); });
    });
  }
  Kept.Test = nonZero(Answer);
  Kept.Test.Text = Mod.Places.compactText(Where);
  return Kept;
}

ir::Condition FunctionLowering::conditionTree(const Expr *E) {
  Nesting Guard(*this);
  const Expr *Plain = strip(E);
  ir::Condition C;
  if (!Plain || Guard.tooDeep())
    return C;
  if (const auto *Cast = dyn_cast<ImplicitCastExpr>(Plain);
      Cast && (Cast->getCastKind() == CK_IntegralToBoolean || Cast->getCastKind() == CK_PointerToBoolean ||
               (Cast->getCastKind() == CK_IntegralCast && Cast->getSubExpr()->getType()->isBooleanType())))
    return conditionTree(Cast->getSubExpr());
  if (const auto *U = dyn_cast<UnaryOperator>(Plain); U && U->getOpcode() == UO_LNot) {
    C = conditionTree(U->getSubExpr());
    negate(C);
    C.Where = range(Plain->getSourceRange());
    return C;
  }
  const auto *B = dyn_cast<BinaryOperator>(Plain);
  if (B && B->isLogicalOp() && !constant(*B)) {
    C.K = B->getOpcode() == BO_LAnd ? ir::Condition::Kind::All : ir::Condition::Kind::Any;
    C.Where = range(Plain->getSourceRange());
    C.Parts.push_back(conditionTree(B->getLHS()));
    bool WasFlat = std::exchange(Flat, false);
    C.Parts.push_back(conditionTree(B->getRHS()));
    Flat = WasFlat;
    // `a && b && c` is one list.
    if (C.Parts[0].K == C.K && C.Parts[0].Before.empty()) {
      std::vector<ir::Condition> Left = std::move(C.Parts[0].Parts);
      Left.push_back(std::move(C.Parts[1]));
      C.Parts = std::move(Left);
    }
    return C;
  }
  if (B && B->getOpcode() == BO_Comma) {
    ir::Nodes First;
    bool WasFlat = std::exchange(Flat, false);
    {
      Redirect To(*this, WasFlat ? *Out : First);
      effects(B->getLHS());
    }
    Flat = WasFlat;
    C = conditionTree(B->getRHS());
    C.Before.insert(C.Before.begin(), std::make_move_iterator(First.begin()), std::make_move_iterator(First.end()));
    return C;
  }
  return leaf(*Plain);
}

ir::Condition FunctionLowering::leaf(const Expr &E) {
  ir::Condition C;
  C.Where = range(E.getSourceRange());
  if (std::optional<int64_t> N = constant(E)) {
    C.Test.K = ir::Predicate::Kind::Constant;
    C.Test.Negated = *N == 0;
    return C;
  }
  bool WasFlat = std::exchange(Flat, false);
  {
    Redirect To(*this, WasFlat ? *Out : C.Before);
    if (std::optional<ir::Predicate> P = predicate(E)) {
      C.Test = std::move(*P);
      if (C.Test.Text.empty() && C.Test.K != ir::Predicate::Kind::Constant)
        C.Test.Text = Mod.Places.compactText(E.getSourceRange());
    } else {
      effects(&E);
      C.Test = opaqueTest(E);
    }
  }
  Flat = WasFlat;
  return C;
}

std::optional<ir::Predicate> FunctionLowering::predicate(const Expr &E) {
  if (std::optional<ir::Predicate> P = asked(E))
    return P;
  if (std::optional<ir::Predicate> P = emptiness(E))
    return P;
  if (asksSomething(E) || asksEmptiness(E)) // Of an object that has no name here.
    return opaqueTest(E);
  if (const auto *B = dyn_cast<BinaryOperator>(&E); B && (B->isComparisonOp()))
    return comparison(*B->getLHS(), B->getOpcode(), *B->getRHS());
  if (std::optional<ir::Predicate> P = askedIdentity(E))
    return P;
  QualType T = E.getType().getNonReferenceType();
  // p == nullptr of smart pointers, and comparisons of other objects by operators of their own.
  if (const auto *Operator = dyn_cast<CXXOperatorCallExpr>(&E); Operator && Operator->getNumArgs() == 2) {
    OverloadedOperatorKind K = Operator->getOperator();
    for (unsigned Side : {0u, 1u}) {
      const Expr *Null = strip(Operator->getArg(Side));
      const Expr *Other = Operator->getArg(1 - Side);
      if ((K != OO_EqualEqual && K != OO_ExclaimEqual) || !Null->getType()->isNullPtrType() ||
          !Mod.Types.isSmartPointer(Other->getType()))
        continue;
      std::optional<ir::Place> P = place(Other);
      if (!P)
        return std::nullopt;
      ir::Predicate Test = nonZero(*P);
      Test.Negated = K == OO_ExclaimEqual;
      return Test;
    }
  }
  if (isNumber(T)) {
    ir::Value V = value(&E);
    if (V.K != ir::Value::Kind::Number || !V.N.Known) {
      ir::Predicate Test = opaqueTest(E);
      return Test;
    }
    ir::Predicate Test;
    Test.K = ir::Predicate::Kind::Compare;
    Test.Negated = true;
    Test.Left = V.N;
    Test.Right = ir::Term::constant(0);
    return Test;
  }
  if (T->isPointerType()) {
    ir::Value V = value(&E);
    if (V.K == ir::Value::Kind::Copy || V.K == ir::Value::Kind::Move)
      return nonZero(V.P);
    return opaqueTest(E);
  }
  if (const auto *Member = dyn_cast<CXXMemberCallExpr>(&E);
      Member && isa_and_nonnull<CXXConversionDecl>(Member->getMethodDecl()) &&
      Mod.Types.isSmartPointer(Member->getImplicitObjectArgument()->getType()))
    if (std::optional<ir::Place> P = place(Member->getImplicitObjectArgument()))
      return nonZero(*P);
  return std::nullopt;
}

/// `t.get_id() == std::thread::id()`: there is no thread.
std::optional<ir::Predicate> FunctionLowering::askedIdentity(const Expr &E) {
  const auto *Rewritten = dyn_cast<CXXRewrittenBinaryOperator>(&E);
  const Expr *Plain = Rewritten ? Rewritten->getSemanticForm()->IgnoreParenImpCasts() : &E;
  bool Unequal = false;
  if (const auto *Not = dyn_cast<UnaryOperator>(Plain); Not && Not->getOpcode() == UO_LNot) {
    Unequal = true;
    Plain = Not->getSubExpr()->IgnoreParenImpCasts();
  }
  const auto *Operator = dyn_cast<CXXOperatorCallExpr>(Plain);
  if (!Operator || Operator->getNumArgs() != 2 ||
      (Operator->getOperator() != OO_EqualEqual && Operator->getOperator() != OO_ExclaimEqual))
    return std::nullopt;
  Unequal ^= Operator->getOperator() == OO_ExclaimEqual;
  for (unsigned Side : {0u, 1u}) {
    const auto *Call = dyn_cast<CXXMemberCallExpr>(strip(Operator->getArg(Side)));
    const auto *None = dyn_cast<CXXConstructExpr>(strip(Operator->getArg(1 - Side)));
    if (!Call || !Call->getMethodDecl() || !None || None->getNumArgs() != 0)
      continue;
    Parts P = parts(*Call);
    const model::FunctionModel *Model =
        modelFor(*Call->getMethodDecl(), P.Args, P.Object ? P.Object->getType() : QualType());
    std::optional<ir::Place> At = Model && Model->AsksIdentity ? object(*P.Object, P.Arrow) : std::nullopt;
    if (!At)
      continue;
    ir::Predicate Test;
    Test.K = ir::Predicate::Kind::Joinable;
    Test.P = *At;
    Test.Negated = !Unequal;
    return Test;
  }
  return std::nullopt;
}

bool FunctionLowering::asksSomething(const Expr &E) {
  const auto *Call = dyn_cast<CallExpr>(&E);
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : nullptr;
  if (!Callee)
    return false;
  Parts P = parts(*Call);
  QualType Object = P.Object ? P.Object->getType() : QualType();
  const model::FunctionModel *Model = modelFor(*Callee, P.Args, Object);
  return Model && Model->Asks;
}

std::optional<ir::Predicate> FunctionLowering::asked(const Expr &E) {
  const auto *Call = dyn_cast<CallExpr>(&E);
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : nullptr;
  if (!Callee)
    return std::nullopt;
  Parts P = parts(*Call);
  // A smart pointer with a deleter or a callable holder: is there one?
  if (P.Object && isa<CXXConversionDecl>(Callee) && Callee->getReturnType()->isBooleanType() &&
      (Mod.Types.isSmartPointer(P.Object->getType()) || Mod.Types.isCallableHolder(P.Object->getType())))
    if (std::optional<ir::Place> At = object(*P.Object, P.Arrow))
      return nonZero(*At);
  const model::FunctionModel *Model = modelFor(*Callee, P.Args, P.Object ? P.Object->getType() : QualType());
  if (!Model || !Model->Asks || !P.Object)
    return std::nullopt;
  std::optional<ir::Place> At = object(*P.Object, P.Arrow);
  if (!At)
    return std::nullopt;
  ir::Predicate Test;
  Test.K = *Model->Asks;
  Test.P = *At;
  return Test;
}

bool FunctionLowering::asksEmptiness(const Expr &E) {
  const auto *Call = dyn_cast<CXXMemberCallExpr>(&E);
  const CXXMethodDecl *Method = Call ? Call->getMethodDecl() : nullptr;
  if (!Method || !Method->getIdentifier() || Call->getNumArgs() || !Method->isConst() || !Mod.Places.isSystem(*Method))
    return false;
  llvm::StringRef Name = Method->getName();
  return Name == "empty" || Name == "isEmpty" || Name == "has_value";
}

std::optional<ir::Predicate> FunctionLowering::emptiness(const Expr &E) {
  const auto *Call = dyn_cast<CXXMemberCallExpr>(&E);
  const CXXMethodDecl *Method = Call ? Call->getMethodDecl() : nullptr;
  if (!Method || !Method->getIdentifier() || Call->getNumArgs() || !Method->isConst())
    return std::nullopt;
  llvm::StringRef Name = Method->getName();
  const auto *Access = dyn_cast<MemberExpr>(Call->getCallee()->IgnoreParens());
  if (!Access)
    return std::nullopt;
  QualType T = Access->getBase()->getType();
  if (Access->isArrow() && T->isPointerType())
    T = T->getPointeeType();
  if (Name == "has_value" && Mod.Types.isSmartPointer(T)) {
    std::optional<ir::Place> P = object(*Access->getBase(), Access->isArrow());
    return P ? std::optional(nonZero(*P)) : std::nullopt;
  }
  if ((Name != "empty" && Name != "isEmpty") || !Mod.Places.isSystem(*Method))
    return std::nullopt;
  std::optional<ir::Place> P = object(*Access->getBase(), Access->isArrow());
  if (!P)
    return std::nullopt;
  ir::Predicate Test;
  Test.K = ir::Predicate::Kind::Compare;
  Test.Left = ir::Term::atom({ir::Atom::Kind::Size, *P});
  Test.Right = ir::Term::constant(0);
  return Test;
}

std::optional<ir::Predicate> FunctionLowering::comparison(const Expr &Left, BinaryOperatorKind K, const Expr &Right) {
  auto Side = [&](const Expr &E) -> ir::Term {
    QualType T = E.getType();
    if (isNumber(T))
      return term(&E);
    if (!T->isPointerType() && !T->isNullPtrType())
      return (effects(&E), ir::Term::unknown());
    ir::Value V = value(&E);
    if (V.K == ir::Value::Kind::Default)
      return ir::Term::constant(0);
    if (V.K == ir::Value::Kind::Copy || V.K == ir::Value::Kind::Move)
      return valueAt(V.P);
    return ir::Term::unknown();
  };
  ir::Term L = Side(Left), R = Side(Right);
  if (!L.Known || !R.Known) {
    // Both sides have been evaluated: what is left is a test without effects.
    ir::Predicate Test;
    Test.Text = Mod.Places.compactText(Left.getSourceRange()) + BinaryOperator::getOpcodeStr(K).str() +
                Mod.Places.compactText(Right.getSourceRange());
    bool Pure = true;
    readPlaces(&Left, Test.Reads, Pure, 0);
    readPlaces(&Right, Test.Reads, Pure, 0);
    return finished(std::move(Test), Pure, Left);
  }
  ir::Predicate Test;
  Test.K = ir::Predicate::Kind::Compare;
  switch (K) {
  case BO_EQ:
  case BO_NE:
    Test.Rel = ir::Predicate::Relation::Equal;
    Test.Negated = K == BO_NE;
    break;
  case BO_LT:
    Test.Rel = ir::Predicate::Relation::Less;
    break;
  case BO_LE:
    Test.Rel = ir::Predicate::Relation::LessEqual;
    break;
  case BO_GT:
    Test.Rel = ir::Predicate::Relation::Less;
    std::swap(L, R);
    break;
  case BO_GE:
    Test.Rel = ir::Predicate::Relation::LessEqual;
    std::swap(L, R);
    break;
  default:
    return std::nullopt;
  }
  Test.Left = std::move(L);
  Test.Right = std::move(R);
  return Test;
}

void FunctionLowering::readPlaces(const Stmt *S, std::vector<ir::Place> &Reads, bool &Pure, unsigned Depth) {
  if (!S)
    return;
  if (Depth > 64 || Reads.size() > MaxReads) {
    Pure = false;
    return;
  }
  if (const auto *Call = dyn_cast<CallExpr>(S)) {
    // A const method of a library's value type is taken to depend on the object only; other calls may not.
    const FunctionDecl *Callee = Call->getDirectCallee();
    const auto *Method = dyn_cast_or_null<CXXMethodDecl>(Callee);
    bool Known = Callee && Mod.Places.isSystem(*Callee) &&
                 (Callee->isConstexpr() || (Method && Method->isConst()) || isa<CXXOperatorCallExpr>(Call));
    const auto *Member = dyn_cast<CXXMemberCallExpr>(Call);
    bool Container = Member && Mod.Types.isContainer(Member->getImplicitObjectArgument()->getType());
    Pure &= Known || Container || (Callee && Callee->getBuiltinID() && Callee->hasAttr<ConstAttr>());
  }
  if (isa<CXXNewExpr, LambdaExpr, CXXThrowExpr, StmtExpr, CoroutineSuspendExpr>(S))
    Pure = false;
  if (const auto *E = dyn_cast<Expr>(S); E && E->isGLValue() && isa<DeclRefExpr, MemberExpr>(E)) {
    const ValueDecl *D = isa<DeclRefExpr>(E) ? cast<DeclRefExpr>(E)->getDecl() : cast<MemberExpr>(E)->getMemberDecl();
    if (isa<VarDecl, FieldDecl, BindingDecl>(D)) {
      ir::Nodes Dropped; // Only the name is wanted.
      Redirect To(*this, Dropped);
      if (std::optional<ir::Place> P = place(E); P && !llvm::is_contained(Reads, *P))
        Reads.push_back(*P);
      if (!isa<MemberExpr>(E))
        return;
      return;
    }
  }
  for (const Stmt *Child : S->children())
    readPlaces(Child, Reads, Pure, Depth + 1);
}

ir::Predicate FunctionLowering::finished(ir::Predicate Test, bool Pure, const Expr &E) {
  if (!Pure) {
    // Asked again it may answer otherwise: it reads something that each evaluation changes.
    ir::Place Answer = temporary(Context.BoolTy, E.getSourceRange());
    write(Answer, E.getSourceRange(), true);
    Test.Reads.push_back(Answer);
  }
  return Test;
}

ir::Predicate FunctionLowering::opaqueTest(const Expr &E) {
  ir::Predicate Test;
  Test.Text = Mod.Places.compactText(E.getSourceRange());
  bool Pure = true;
  readPlaces(&E, Test.Reads, Pure, 0);
  return finished(std::move(Test), Pure, E);
}

} // namespace latchkey::lower
