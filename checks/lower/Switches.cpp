// Switch statements in ordinary form; Duff's device and its kin make the function opaque.
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace latchkey::lower {

using namespace clang;

/// A range of cases (GNU) longer than this is not expanded.
static constexpr int64_t MaxCaseRange = 256;

/// Whether S holds a case label of the switch around it.
static bool hasCase(const Stmt *S, unsigned Depth = 0) {
  if (!S || isa<SwitchStmt>(S) || isa<Expr>(S) || Depth > 200)
    return false;
  if (isa<SwitchCase>(S))
    return true;
  return llvm::any_of(S->children(), [&](const Stmt *Child) { return hasCase(Child, Depth + 1); });
}

static bool hasNestedCase(const SwitchStmt &S) {
  const auto *Body = dyn_cast<CompoundStmt>(S.getBody());
  return Body && llvm::any_of(Body->body(), [](const Stmt *Child) {
           while (const auto *Label = dyn_cast<SwitchCase>(Child))
             Child = Label->getSubStmt();
           return hasCase(Child);
         });
}

bool FunctionLowering::caseValues(const SwitchCase &S, ir::SwitchCase &Case) {
  const auto *C = dyn_cast<CaseStmt>(&S);
  if (!C) {
    Case.Default = true;
    return true;
  }
  std::optional<int64_t> Low = constant(*C->getLHS());
  std::optional<int64_t> High = C->getRHS() ? constant(*C->getRHS()) : Low;
  if (!Low || !High || *High < *Low || *High - *Low >= MaxCaseRange)
    return false;
  for (int64_t V = *Low; V <= *High; ++V)
    Case.Values.push_back(V);
  return true;
}

static void namedValues(const Stmt *S, llvm::function_ref<void(const CaseStmt &)> Visit) {
  if (!S || isa<Expr>(S))
    return;
  if (const auto *C = dyn_cast<CaseStmt>(S))
    Visit(*C);
  for (const Stmt *Child : S->children())
    if (!isa_and_nonnull<SwitchStmt>(Child))
      namedValues(Child, Visit);
}

/// The labels that a branch begins with; false if there are others in it.
bool FunctionLowering::entriesOf(const Stmt *Branch, ir::SwitchCase &Case) {
  const auto *Block = dyn_cast_or_null<CompoundStmt>(Branch);
  const Stmt *First = Block && !Block->body_empty() ? Block->body_front() : Branch;
  while (const auto *Label = dyn_cast_or_null<SwitchCase>(First)) {
    if (!caseValues(*Label, Case))
      return false;
    First = Label->getSubStmt();
  }
  return !hasCase(First) &&
         (!Block || llvm::none_of(llvm::drop_begin(Block->body()), [](const Stmt *S) { return hasCase(S); }));
}

/// `if (x) case A: … else case B: …`: who comes by a label takes its branch without a test, so the subject decides.
bool FunctionLowering::caseInBranch(const IfStmt &S, const SwitchStmt &Switch, ir::Switch &Node) {
  ir::SwitchCase Then, Else;
  if (S.getInit() || S.getConditionVariable() || S.isConstexpr() || S.isConsteval() || !entriesOf(S.getThen(), Then) ||
      !entriesOf(S.getElse(), Else))
    return false;
  auto Is = [&](const ir::SwitchCase &Entry) {
    std::vector<int64_t> Values = Entry.Values;
    if (Entry.Default) { // any that no label names
      ir::SwitchCase Named;
      namedValues(Switch.getBody(), [&](const CaseStmt &C) { caseValues(C, Named); });
      Values = Named.Values;
      llvm::erase_if(Values, [&](int64_t V) { return llvm::is_contained(Entry.Values, V); });
    }
    ir::Condition Any;
    Any.K = ir::Condition::Kind::Any;
    Any.Where = Mod.Places.range(S.getCond()->getSourceRange());
    for (int64_t V : Values) {
      ir::Condition Leaf;
      Leaf.Test.K = ir::Predicate::Kind::Compare;
      Leaf.Test.Left = Node.Subject;
      Leaf.Test.Right = ir::Term::constant(V);
      Leaf.Test.Text = Mod.Places.compactText(Switch.getCond()->getSourceRange()) + "==" + std::to_string(V);
      Leaf.Where = Any.Where;
      Any.Parts.push_back(std::move(Leaf));
    }
    ir::Condition Entered = Any.Parts.size() == 1 ? Any.Parts.front() : Any;
    if (Entry.Default)
      negate(Entered);
    return Entered;
  };
  ir::SwitchCase &Case = Node.Cases.emplace_back();
  Case.Default = Then.Default || Else.Default;
  Case.Values = Then.Values;
  llvm::append_range(Case.Values, Else.Values);
  Redirect To(*this, Case.Body);
  ir::If Branch;
  Branch.Test = condition(S.getCond());
  bool InElse = Else.Default || !Else.Values.empty(), InThen = Then.Default || !Then.Values.empty();
  auto Both = [&](ir::Condition::Kind K, ir::Condition First) {
    ir::Condition C;
    C.K = K;
    C.Where = First.Where;
    C.Parts.push_back(std::move(First));
    C.Parts.push_back(std::move(Branch.Test));
    Branch.Test = std::move(C);
  };
  if (InElse) {
    ir::Condition Elsewhere = Is(Else);
    negate(Elsewhere);
    Both(ir::Condition::Kind::All, std::move(Elsewhere));
  }
  if (InThen)
    Both(ir::Condition::Kind::Any, Is(Then));
  Branch.Then = block(S.getThen());
  Branch.Else = block(S.getElse());
  emit(std::move(Branch), S.getSourceRange());
  return true;
}

void FunctionLowering::switchBody(const SwitchStmt &S, ir::Switch &Node) {
  std::vector<const Stmt *> Children;
  if (const auto *C = dyn_cast<CompoundStmt>(S.getBody()))
    Children.assign(C->body_begin(), C->body_end());
  else
    Children.push_back(S.getBody());
  ir::Nodes BeforeFirst; // Never runs; declarations there are still in scope.
  auto Body = [&]() -> ir::Nodes & { return Node.Cases.empty() ? BeforeFirst : Node.Cases.back().Body; };
  for (const Stmt *Child : Children) {
    bool Open = false; // `case 1: case 2:` share one body.
    while (const auto *Label = dyn_cast<SwitchCase>(Child)) {
      if (!Open)
        Node.Cases.emplace_back();
      Open = true;
      if (!caseValues(*Label, Node.Cases.back()))
        return opaque("has a case range too long to expand");
      Child = Label->getSubStmt();
    }
    if (const auto *Branch = dyn_cast<IfStmt>(Child);
        Branch && hasCase(Child) && !Open && caseInBranch(*Branch, S, Node))
      continue;
    if (hasCase(Child))
      return opaque("has a case label inside a nested statement");
    Redirect To(*this, Body());
    statement(Child);
  }
}

void FunctionLowering::lowerSwitch(const SwitchStmt &S) {
  auto Lower = [&] {
    if (S.getInit())
      statement(S.getInit());
    if (S.getConditionVariable())
      declareVariable(*S.getConditionVariable());
    ir::Switch Node;
    {
      Redirect To(*this, Node.Before);
      fullExpression(S.getCond()->getSourceRange(), [&] { Node.Subject = term(S.getCond()); });
      if (hasNestedCase(S)) { // which asks for it again
        ir::Place Kept = temporary(S.getCond()->getType(), S.getCond()->getSourceRange());
        assign(Kept, ir::Value::number(Node.Subject), S.getCond()->getSourceRange(), true);
        Node.Subject = ir::Term::atom(ir::Atom{ir::Atom::Kind::Value, Kept});
      }
    }
    ir::Range Outer = Statement;
    switchBody(S, Node);
    Statement = Outer;
    llvm::SmallSet<int64_t, 16> Named;
    for (const ir::SwitchCase &Case : Node.Cases) {
      Node.Exhaustive |= Case.Default;
      Named.insert(Case.Values.begin(), Case.Values.end());
    }
    if (const auto *Enum = S.getCond()->IgnoreParenImpCasts()->getType()->getAsEnumDecl(); Enum && !Named.empty())
      Node.Exhaustive |= llvm::all_of(Enum->enumerators(), [&](const EnumConstantDecl *E) {
        return Named.contains(E->getInitVal().getExtValue());
      });
    emit(std::move(Node), S.getSourceRange());
  };
  if (!S.getInit() && !S.getConditionVariable())
    return Lower();
  emit(scope(S.getSourceRange(), false, Lower));
}

} // namespace latchkey::lower
