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
