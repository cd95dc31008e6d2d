// Statements and blocks.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"
#include "checks/lower/Throws.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/StmtCXX.h"
#include "clang/AST/StmtObjC.h"

namespace latchkey::lower {

using namespace clang;

ir::Node FunctionLowering::scope(SourceRange Where, bool Braced, llvm::function_ref<void()> Body) {
  ir::Sequence S;
  S.K = ir::Sequence::Kind::Block;
  S.Braced = Braced;
  S.End = Mod.Places.range(Where.getEnd());
  {
    Redirect To(*this, S.Children);
    Body();
  }
  return ir::Node{std::move(S), range(Where)};
}

/// What is armed by the last node of a scope fires at once.
static void markIdle(ir::Nodes &Scope, size_t From, bool Last) {
  if (Scope.size() > From)
    if (auto *C = Scope.back().as<ir::Cleanup>()) {
      C->Idle = Last;
      C->Last = true;
    }
}

/// Leaves without doing anything else.
static bool onlyLeaves(const Stmt &S) {
  if (isa<NullStmt, BreakStmt, ContinueStmt>(S))
    return true;
  const auto *R = dyn_cast<ReturnStmt>(&S);
  if (!R)
    return false;
  const Expr *Value = R->getRetValue() ? R->getRetValue()->IgnoreParenImpCasts() : nullptr;
  return !Value ||
         isa<IntegerLiteral, CXXBoolLiteralExpr, CXXNullPtrLiteralExpr, FloatingLiteral, StringLiteral>(Value);
}

/// The operand whose value comes last: a temporary that it makes lives for nothing else.
static const Expr *lastOperand(const Expr *E) {
  while (true) {
    E = E->IgnoreParenCasts();
    if (const auto *Full = dyn_cast<FullExpr>(E))
      E = Full->getSubExpr();
    else if (const auto *Bound = dyn_cast<CXXBindTemporaryExpr>(E))
      E = Bound->getSubExpr();
    else if (const auto *Made = dyn_cast<MaterializeTemporaryExpr>(E))
      E = Made->getSubExpr();
    else if (const auto *Binary = dyn_cast<BinaryOperator>(E); Binary && Binary->getOpcode() == BO_Comma)
      E = Binary->getRHS();
    else if (const auto *Call = dyn_cast<CXXOperatorCallExpr>(E);
             Call && Call->getOperator() == OO_Equal && names(Call->getArg(0), "std::ignore"))
      E = Call->getArg(1);
    else
      return E;
  }
}

void FunctionLowering::compound(const CompoundStmt &C, ir::Nodes &To) {
  Redirect R(*this, To);
  const Stmt *Last = nullptr, *Acting = nullptr;
  for (const Stmt *Child : C.body()) {
    if (!isa<NullStmt, BreakStmt, ContinueStmt>(Child))
      Last = Child;
    if (!onlyLeaves(*Child))
      Acting = Child;
  }
  for (size_t Index = 0; const Stmt *Child : C.body()) {
    size_t Before = To.size();
    statement(Child);
    if (Child == Acting && isa<DeclStmt>(Child))
      markIdle(To, Before, Child == Last);
    if (!F.System)
      keepMovable(C, Index, llvm::ArrayRef(To).drop_front(Before));
    ++Index;
  }
}

ir::Nodes FunctionLowering::block(const Stmt *S) {
  ir::Nodes Result;
  if (!S)
    return Result;
  ir::Range Outer = Statement;
  const auto *C = dyn_cast<CompoundStmt>(S);
  Result.push_back(scope(S->getSourceRange(), C != nullptr, [&] {
    if (C) {
      compound(*C, *Out);
    } else {
      statement(S);
      if (isa<DeclStmt>(S))
        markIdle(*Out, 0, true);
      if (isa<ReturnStmt>(S))
        markBare(*Out, Mod.Places.statement(*S));
    }
  }));
  Statement = Outer;
  return Result;
}

void FunctionLowering::statement(const Stmt *S) {
  if (!S)
    return;
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return;
  if (const auto *E = dyn_cast<Expr>(S))
    return expressionStatement(*E);
  switch (S->getStmtClass()) {
  case Stmt::CompoundStmtClass: {
    ir::Nodes Block = block(S);
    for (ir::Node &N : Block)
      emit(std::move(N));
    return;
  }
  case Stmt::DeclStmtClass:
    return declaration(*cast<DeclStmt>(S));
  case Stmt::IfStmtClass:
    return lowerIf(*cast<IfStmt>(S));
  case Stmt::SwitchStmtClass:
    return lowerSwitch(*cast<SwitchStmt>(S));
  case Stmt::ForStmtClass:
    return lowerFor(*cast<ForStmt>(S));
  case Stmt::WhileStmtClass:
    return lowerWhile(*cast<WhileStmt>(S));
  case Stmt::DoStmtClass:
    return lowerDo(*cast<DoStmt>(S));
  case Stmt::CXXForRangeStmtClass:
    return lowerRangeFor(*cast<CXXForRangeStmt>(S));
  case Stmt::ReturnStmtClass:
    return lowerReturn(*S, cast<ReturnStmt>(S)->getRetValue());
  case Stmt::BreakStmtClass:
    return emit(ir::Break{}, S->getSourceRange());
  case Stmt::ContinueStmtClass:
    return emit(ir::Continue{}, S->getSourceRange());
  case Stmt::GotoStmtClass:
    return emit(ir::Goto{cast<GotoStmt>(S)->getLabel()->getName().str()}, S->getSourceRange());
  case Stmt::LabelStmtClass:
    emit(ir::Label{cast<LabelStmt>(S)->getDecl()->getName().str()}, SourceRange(S->getBeginLoc()));
    return statement(cast<LabelStmt>(S)->getSubStmt());
  case Stmt::AttributedStmtClass:
    return statement(cast<AttributedStmt>(S)->getSubStmt());
  case Stmt::CXXTryStmtClass:
    return lowerTry(*cast<CXXTryStmt>(S));
  case Stmt::CoreturnStmtClass:
    return lowerReturn(*S, cast<CoreturnStmt>(S)->getOperand());
  case Stmt::CoroutineBodyStmtClass:
    return coroutine(*cast<CoroutineBodyStmt>(S));
  case Stmt::GCCAsmStmtClass:
  case Stmt::MSAsmStmtClass:
    return lowerAsm(*cast<AsmStmt>(S));
  case Stmt::CaseStmtClass: // The switch looks at these; one it did not expect makes the function opaque there.
  case Stmt::DefaultStmtClass:
    return statement(cast<SwitchCase>(S)->getSubStmt());
  case Stmt::NullStmtClass:
    return;
  default:
    return opaque(std::string("has a ") + S->getStmtClassName());
  }
}

/// `shared ? Lock(m) : Lock();`: the object that either side makes lives for nothing else.
void FunctionLowering::markSides(ir::Nodes &Full, uint32_t Type) const {
  for (ir::Node &N : Full) {
    auto *C = N.as<ir::Cleanup>();
    const auto *Destroy = C && C->Armed.valid() && !C->Body.empty() ? C->Body.front().as<ir::Effect>() : nullptr;
    if (Destroy && Destroy->Subject.R == ir::Place::Root::Variable && F.Variables[Destroy->Subject.Index].Type == Type)
      C->Idle = C->Last = true;
  }
}

void FunctionLowering::expressionStatement(const Expr &E) {
  ir::Range Outer = Statement;
  Statement = Mod.Places.statement(E);
  Alone = strip(&E);
  size_t Before = Out->size();
  fullExpression(E.getSourceRange(), [&] { effects(&E); });
  if (Out->size() > Before && lastOperand(&E)->isPRValue() && lastOperand(&E)->getType()->isRecordType())
    if (auto *Full = Out->back().as<ir::Sequence>()) {
      markIdle(Full->Children, 0, true);
      if (isa<AbstractConditionalOperator>(lastOperand(&E)))
        markSides(Full->Children, Mod.Types.index(lastOperand(&E)->getType()));
      spellTemporary(*Full, E);
    }
  Alone = nullptr;
  Statement = Outer;
}

void FunctionLowering::lowerIf(const IfStmt &S) {
  if (S.isConsteval())
    return statement(S.isNonNegatedConsteval() ? S.getElse() : S.getThen());
  auto Lower = [&] {
    if (S.getInit())
      statement(S.getInit());
    std::optional<ir::Condition> Verdict;
    if (const VarDecl *Var = S.getConditionVariable()) {
      // An assertion that only notes its failure says nothing: what follows was written for runs in which it holds.
      if (isa_and_nonnull<ReturnStmt, CoreturnStmt>(S.getElse()))
        Verdict = verdict(*Var, *S.getCond());
      if (!Verdict)
        declareVariable(*Var);
    }
    if (S.isConstexpr())
      if (std::optional<const Stmt *> Taken = S.getNondiscardedCase(Context)) {
        for (ir::Node &N : block(*Taken))
          emit(std::move(N));
        return;
      }
    ir::If Node;
    ir::Range Outer = Statement;
    Node.Constexpr = S.isConstexpr();
    Node.Test = Verdict ? std::move(*Verdict) : condition(S.getCond());
    Node.Then = block(S.getThen());
    Node.Else = block(S.getElse());
    Statement = Outer;
    emit(std::move(Node), S.getSourceRange());
  };
  if (!S.getInit() && !S.getConditionVariable())
    return Lower();
  emit(scope(S.getSourceRange(), false, Lower));
}

void FunctionLowering::lowerReturn(const Stmt &S, const Expr *E) {
  ir::Range Outer = Statement;
  Statement = Mod.Places.statement(S);
  fullExpression(S.getSourceRange(), [&] {
    ir::Return Node;
    if (E && E->getType()->isVoidType()) {
      effects(E);
    } else if (E) {
      QualType T = Decl->getReturnType();
      Node.HasValue = true;
      const Expr *Plain = E->IgnoreImplicit();
      if (T->isReferenceType()) {
        if (std::optional<ir::Place> P = place(E))
          Node.Result = ir::Value::address(*P, T.getNonReferenceType().isConstQualified());
      } else if (const auto *Ref = dyn_cast<DeclRefExpr>(Plain);
                 Ref && Ref->getDecl()->getDeclContext() == Decl && isa<VarDecl>(Ref->getDecl()) &&
                 !cast<VarDecl>(Ref->getDecl())->hasGlobalStorage() && E->getType()->isRecordType()) {
        if (std::optional<ir::Place> P = place(Ref))
          Node.Result = ir::Value::move(*P);
      } else if (isNumber(T) && isTest(*strip(E)) && !constant(*strip(E))) {
        return returnTest(*E, S.getSourceRange());
      } else {
        Node.Result = value(E);
      }
      returnReads(*E, S, Node);
    }
    emit(std::move(Node), S.getSourceRange());
  });
  Statement = Outer;
}

void FunctionLowering::returnTest(const Expr &E, SourceRange Where) {
  ir::Return Reads;
  returnReads(E, E, Reads);
  auto Give = [&](ir::Value V) {
    ir::Return Node;
    Node.HasValue = true;
    Node.Result = std::move(V);
    Node.Reads = Reads.Reads;
    emit(std::move(Node), Where);
  };
  ir::Condition Test = condition(&E);
  if (Test.K == ir::Condition::Kind::Leaf && Test.Test.K == ir::Predicate::Kind::Opaque) {
    for (ir::Node &N : Test.Before)
      emit(std::move(N));
    return Give(ir::Value::unknown());
  }
  branch(
      std::move(Test), Where, [&] { Give(ir::Value::number(ir::Term::constant(1))); },
      [&] { Give(ir::Value::number(ir::Term::constant(0))); });
}

void FunctionLowering::lowerTry(const CXXTryStmt &S, llvm::function_ref<void()> First) {
  ir::Try Node;
  if (First) {
    Node.Body.push_back(scope(S.getTryBlock()->getSourceRange(), true, [&] {
      First();
      compound(*S.getTryBlock(), *Out);
    }));
  } else {
    Node.Body = block(S.getTryBlock());
  }
  for (unsigned I = 0; I < S.getNumHandlers(); ++I) {
    const CXXCatchStmt *Catch = S.getHandler(I);
    ir::Handler Handler;
    Handler.Type = caughtType(*Catch);
    Handler.Where = range(Catch->getSourceRange());
    Handler.Body = block(Catch->getHandlerBlock());
    Node.Handlers.push_back(std::move(Handler));
  }
  emit(std::move(Node), S.getSourceRange());
}

void FunctionLowering::lowerAsm(const AsmStmt &S) {
  if (const auto *Gcc = dyn_cast<GCCAsmStmt>(&S)) {
    if (Gcc->isAsmGoto())
      return opaque("has an assembler statement that jumps");
    for (unsigned I = 0; I < Gcc->getNumOutputs(); ++I)
      if (std::optional<ir::Place> P = place(Gcc->getOutputExpr(I)))
        write(*P, S.getSourceRange());
    return;
  }
  opaque("has an assembler block");
}

void FunctionLowering::coroutine(const CoroutineBodyStmt &S) {
  F.Coroutine = true;
  statement(S.getBody());
}

namespace {

/// Collects labels that are direct children of the sequences around each goto.
bool gotosResolve(const ir::Nodes &Nodes, std::vector<const ir::Nodes *> &Around);

bool gotosResolve(const ir::Node &N, std::vector<const ir::Nodes *> &Around) {
  if (const auto *G = N.as<ir::Goto>())
    return llvm::any_of(Around, [&](const ir::Nodes *Sequence) {
      return llvm::any_of(*Sequence, [&](const ir::Node &Child) {
        const auto *L = Child.as<ir::Label>();
        return L && L->Name == G->Label;
      });
    });
  auto All = [&](std::initializer_list<const ir::Nodes *> Lists) {
    return llvm::all_of(Lists, [&](const ir::Nodes *L) { return gotosResolve(*L, Around); });
  };
  if (const auto *S = N.as<ir::Sequence>())
    return gotosResolve(S->Children, Around);
  if (const auto *I = N.as<ir::If>()) {
    // Each branch may jump to a label of the other one's block.
    const ir::Nodes *Branches[] = {&I->Then, &I->Else};
    return llvm::all_of(Branches, [&](const ir::Nodes *Branch) {
      const ir::Nodes &Other = Branch == &I->Then ? I->Else : I->Then;
      const auto *Block = Other.empty() ? nullptr : Other.front().as<ir::Sequence>();
      if (Block)
        Around.push_back(&Block->Children);
      bool Resolves = gotosResolve(*Branch, Around);
      if (Block)
        Around.pop_back();
      return Resolves;
    });
  }
  if (const auto *L = N.as<ir::Loop>())
    return All({&L->Body, &L->Step});
  if (const auto *E = N.as<ir::Foreach>())
    return All({&E->Body});
  if (const auto *S = N.as<ir::Switch>())
    return llvm::all_of(S->Cases, [&](const ir::SwitchCase &C) { return gotosResolve(C.Body, Around); });
  if (const auto *T = N.as<ir::Try>())
    return All({&T->Body}) &&
           llvm::all_of(T->Handlers, [&](const ir::Handler &H) { return gotosResolve(H.Body, Around); });
  return true;
}

bool gotosResolve(const ir::Nodes &Nodes, std::vector<const ir::Nodes *> &Around) {
  Around.push_back(&Nodes);
  bool All = llvm::all_of(Nodes, [&](const ir::Node &N) { return gotosResolve(N, Around); });
  Around.pop_back();
  return All;
}

} // namespace

void FunctionLowering::checkGotos() {
  std::vector<const ir::Nodes *> Around;
  if (!gotosResolve(F.Body.Children, Around))
    opaque("has a goto into a block");
}

} // namespace latchkey::lower
