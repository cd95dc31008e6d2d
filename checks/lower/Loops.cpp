// Loops: canonical ones with their trip, those over all elements of a container, and the rest.
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/StmtCXX.h"

namespace latchkey::lower {

using namespace clang;

std::optional<CanonicalLoop> FunctionLowering::canonical(const Stmt &Loop) {
  return canonicalLoop(Loop, Context,
                       [&](QualType T) { return Mod.Types.ofInterest(Mod.Types.element(T.getNonReferenceType())); });
}

void FunctionLowering::loopTest(ir::Loop &Loop, const Expr *Test) {
  if (!Test) {
    Loop.Endless = true;
    return;
  }
  Loop.Test = condition(Test);
  Loop.Endless = Loop.Test.K == ir::Condition::Kind::Leaf && Loop.Test.Before.empty() &&
                 Loop.Test.Test.K == ir::Predicate::Kind::Constant && !Loop.Test.Test.Negated;
}

void FunctionLowering::loopTrip(ir::Loop &Loop, const Stmt &S) {
  std::optional<CanonicalLoop> Canonical = canonical(S);
  if (!Canonical || !Canonical->Index)
    return;
  if (Canonical->K == CanonicalLoop::Kind::Elements) {
    if (std::optional<ir::Place> Container = Canonical->Container ? place(Canonical->Container) : std::nullopt)
      Loop.Trip = ir::Term::atom({ir::Atom::Kind::Size, *Container});
    return;
  }
  // The ends were evaluated where the loop starts and again by its test: here only their values matter.
  ir::Nodes Dropped;
  Redirect To(*this, Dropped);
  ir::Place Index = variable(*Canonical->Index);
  ir::Term Start = Canonical->Start ? term(Canonical->Start) : valueAt(Index);
  ir::Term Bound = Canonical->Bound ? term(Canonical->Bound) : ir::Term::constant(0);
  Loop.Index = Index;
  if (Dropped.empty())
    Loop.Trip = tripCount(*Canonical, Start, Bound);
}

bool FunctionLowering::lowerElements(const CanonicalLoop &Canonical, const Stmt &Loop, const Stmt *Body) {
  if (Canonical.K != CanonicalLoop::Kind::Elements || !Canonical.Container || !Canonical.Index)
    return false;
  std::optional<ir::Place> Container;
  fullExpression(Canonical.Container->getSourceRange(), [&] { Container = place(Canonical.Container); });
  if (!Container)
    return false;
  QualType Element = Mod.Types.element(Canonical.Container->getType().getNonReferenceType());
  if (Element.isNull())
    return false;
  ir::Foreach Node;
  Node.Container = *Container;
  Node.ByValue = Canonical.ByValue;
  const VarDecl &Index = *Canonical.Index;
  QualType Item = Canonical.ByValue ? Element.getNonReferenceType() : Context.getLValueReferenceType(Element);
  bool RangeFor = isa<CXXForRangeStmt>(Loop);
  Node.Item = addVariable(ir::Variable::Kind::Local, Index.getName(), Item, SourceRange(Index.getLocation()));
  ir::Place ItemPlace = ir::Place::variable(Node.Item);
  if (!Canonical.ByValue)
    ItemPlace = ItemPlace.deref();
  if (RangeFor)
    Bound[&Index] = ItemPlace;
  ElementLoop Entry{Canonical, ItemPlace};
  if (!RangeFor) // whose variable is the element itself
    Elements.push_back(&Entry);
  ir::Range Outer = Statement;
  const auto *Compound = dyn_cast_or_null<CompoundStmt>(Body);
  if (Body)
    Node.Body.push_back(scope(Body->getSourceRange(), Compound != nullptr, [&] {
      if (const auto *D = dyn_cast<DecompositionDecl>(&Index))
        bindElement(*D, ItemPlace);
      if (RangeFor && Canonical.ByValue)
        cleanup(ItemPlace, Item, Index.getSourceRange());
      if (Canonical.IndexUsed)
        write(variable(Index), Index.getSourceRange()); // Another value in each turn.
      if (Compound)
        compound(*Compound, *Out);
      else
        statement(Body);
      if (Canonical.Last)
        effects(Canonical.Last);
    }));
  Statement = Outer;
  if (!RangeFor)
    Elements.pop_back();
  emit(std::move(Node), Loop.getSourceRange());
  const auto *For = dyn_cast<ForStmt>(&Loop);
  if (Canonical.Subscripts && !(For && isa_and_nonnull<DeclStmt>(For->getInit())))
    write(variable(Index), Index.getSourceRange()); // It lives on.
  return true;
}

void FunctionLowering::bindElement(const DecompositionDecl &D, const ir::Place &Item) {
  // Of a map only the mapped value is an element; of other pairs and structs each binding is a part.
  unsigned I = 0;
  bool Mapped = Mod.Module.typeOf(F, Item) != Mod.Types.type(D.getType().getNonReferenceType());
  for (const BindingDecl *B : D.bindings()) {
    if (Mapped && I == 1)
      Bound[B] = Item;
    else if (!Mapped && B->getHoldingVar())
      Bound[B] = tuplePart(Item, D.getType().getNonReferenceType(), I);
    else if (!Mapped && B->getBinding())
      if (std::optional<ir::Place> P = place(B->getBinding()))
        Bound[B] = *P;
    if (const VarDecl *Holder = B->getHoldingVar(); Holder && Bound.count(B))
      Bound[Holder] = Bound[B];
    ++I;
  }
}

void FunctionLowering::lowerFor(const ForStmt &S) {
  std::optional<CanonicalLoop> Canonical = canonical(S);
  if (Canonical && lowerElements(*Canonical, S, S.getBody()))
    return;
  auto Lower = [&] {
    if (S.getInit())
      statement(S.getInit());
    ir::Loop Loop;
    Loop.K = ir::Loop::Kind::For;
    loopTrip(Loop, S);
    if (S.getConditionVariable()) {
      Redirect To(*this, Loop.Test.Before);
      declareVariable(*S.getConditionVariable());
    }
    ir::Nodes Before = std::move(Loop.Test.Before);
    loopTest(Loop, S.getCond());
    Loop.Test.Before.insert(Loop.Test.Before.begin(), std::make_move_iterator(Before.begin()),
                            std::make_move_iterator(Before.end()));
    Loop.Body = block(S.getBody());
    if (S.getInc()) {
      Redirect To(*this, Loop.Step);
      fullExpression(S.getInc()->getSourceRange(), [&] { effects(S.getInc()); });
    }
    emit(std::move(Loop), S.getSourceRange());
  };
  if (!S.getInit())
    return Lower();
  emit(scope(S.getSourceRange(), false, Lower));
}

void FunctionLowering::lowerWhile(const WhileStmt &S) {
  if (std::optional<CanonicalLoop> Canonical = canonical(S);
      Canonical && !Canonical->Subscripts && lowerElements(*Canonical, S, S.getBody()))
    return;
  ir::Loop Loop;
  Loop.K = ir::Loop::Kind::While;
  if (const VarDecl *Var = S.getConditionVariable()) {
    // The variable lives for one turn: while (true) { T x = …; if (!x) break; … }.
    Loop.Endless = true;
    Loop.Body.push_back(scope(S.getSourceRange(), true, [&] {
      declareVariable(*Var);
      ir::If Leave;
      Leave.Test = condition(S.getCond());
      SourceRange At = S.getCond()->getSourceRange();
      Leave.Else.push_back(scope(At, false, [&] { emit(ir::Break{}, At); }));
      emit(std::move(Leave), S.getCond()->getSourceRange());
      for (ir::Node &N : block(S.getBody()))
        emit(std::move(N));
    }));
    return emit(std::move(Loop), S.getSourceRange());
  }
  loopTrip(Loop, S);
  loopTest(Loop, S.getCond());
  Loop.Body = block(S.getBody());
  emit(std::move(Loop), S.getSourceRange());
}

void FunctionLowering::lowerDo(const DoStmt &S) {
  if (std::optional<int64_t> Constant = constant(*S.getCond()); Constant && *Constant == 0) {
    // `do { … } while (0)` of macros runs once; break and continue leave it.
    ir::Loop Loop;
    Loop.K = ir::Loop::Kind::Do;
    Loop.Test.Test.K = ir::Predicate::Kind::Constant;
    Loop.Test.Test.Negated = true;
    Loop.Trip = ir::Term::constant(1);
    Loop.Body = block(S.getBody());
    return emit(std::move(Loop), S.getSourceRange());
  }
  ir::Loop Loop;
  Loop.K = ir::Loop::Kind::Do;
  Loop.Body = block(S.getBody());
  loopTest(Loop, S.getCond());
  emit(std::move(Loop), S.getSourceRange());
}

void FunctionLowering::genericRangeFor(const CXXForRangeStmt &S) {
  // The range lives as long as the loop; its elements are whatever its iterators give.
  statement(S.getRangeStmt());
  ir::Loop Loop;
  Loop.K = ir::Loop::Kind::For;
  Loop.Test.Test.Text = Mod.Places.compactText(S.getRangeInit()->getSourceRange()) + ".next";
  const VarDecl &Var = *S.getLoopVariable();
  const auto *Range = dyn_cast_or_null<VarDecl>(S.getRangeStmt()->getSingleDecl());
  if (Range && Bound.count(Range)) {
    Loop.Test.Test.Reads.push_back(Bound[Range]);
    if (Mod.Types.isContainer(Range->getType().getNonReferenceType()))
      Loop.Trip = ir::Term::atom({ir::Atom::Kind::Size, Bound[Range]});
  }
  Loop.Body.push_back(scope(S.getBody()->getSourceRange(), isa<CompoundStmt>(S.getBody()), [&] {
    ir::Place P = variable(Var);
    ir::Place Holder = P;
    if (Var.getType()->isReferenceType())
      Holder.Path.pop_back();
    std::optional<ir::Place> Element;
    if (!Loop.Test.Test.Reads.empty() && Mod.Types.isContainer(Range->getType().getNonReferenceType()))
      Element = Loop.Test.Test.Reads.front().element();
    if (Element && Var.getType()->isReferenceType())
      assign(Holder, ir::Value::address(*Element), Var.getSourceRange(), true);
    else if (Element)
      assign(Holder, ir::Value::copy(*Element), Var.getSourceRange(), true);
    else
      write(Holder, Var.getSourceRange(), true);
    if (const auto *D = dyn_cast<DecompositionDecl>(&Var))
      bindElement(*D, P);
    if (!Var.getType()->isReferenceType())
      cleanup(P, Var.getType(), Var.getSourceRange());
    if (const auto *Compound = dyn_cast<CompoundStmt>(S.getBody()))
      compound(*Compound, *Out);
    else
      statement(S.getBody());
  }));
  emit(std::move(Loop), S.getSourceRange());
}

void FunctionLowering::lowerRangeFor(const CXXForRangeStmt &S) {
  if (!S.getRangeInit() || !S.getLoopVariable() || !S.getRangeStmt())
    return opaque("has a range-for with errors");
  auto Lower = [&] {
    if (S.getInit())
      statement(S.getInit());
    std::optional<CanonicalLoop> Canonical = canonical(S);
    if (Canonical && Canonical->Container && Canonical->Container->isLValue() &&
        lowerElements(*Canonical, S, S.getBody()))
      return;
    emit(scope(S.getSourceRange(), false, [&] { genericRangeFor(S); }));
  };
  if (!S.getInit())
    return Lower();
  emit(scope(S.getSourceRange(), false, Lower));
}

} // namespace latchkey::lower
