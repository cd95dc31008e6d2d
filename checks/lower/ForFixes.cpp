// What is kept for fixes alone: statements that may move, exits that need braces, types as they are written.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Moves.h"

#include "clang/AST/ASTContext.h"

namespace latchkey::lower {

using namespace clang;

/// Arms or dismisses a guard, or declares one: as a copy, or to be armed later. Locks are dismissed by nobody.
static bool actsOnGuard(const ir::Node &N, const ir::Function &F, const ir::Module &M) {
  if (const auto *S = N.as<ir::Sequence>())
    return S->K == ir::Sequence::Kind::FullExpression &&
           llvm::any_of(S->Children, [&](const ir::Node &Child) { return actsOnGuard(Child, F, M); });
  const auto *E = N.as<ir::Effect>();
  if (!E || E->Subject.R != ir::Place::Root::Variable)
    return false;
  if (E->O == ir::Op::Declare || (E->O == ir::Op::Assign && E->Initial))
    return M.Types[F.Variables[E->Subject.Index].Type].K == ir::Type::Kind::Guard;
  return E->O == ir::Op::Dismiss || (E->O == ir::Op::Arm && !llvm::StringRef(E->Input.Callee).starts_with("op:"));
}

void FunctionLowering::keepMovable(const CompoundStmt &C, size_t Index, llvm::ArrayRef<ir::Node> Nodes) {
  if (llvm::any_of(Nodes, [&](const ir::Node &N) { return actsOnGuard(N, F, Mod.Module); }))
    if (std::optional<ir::MovableCode> Moves = movable(C, Index, Context, Mod.Places))
      F.Movables.push_back(std::move(*Moves));
  // Braces that end with something to be destroyed there.
  const auto *Inner = dyn_cast<CompoundStmt>(C.body_begin()[Index]);
  const auto *Block = Inner && !Nodes.empty() ? Nodes.back().as<ir::Sequence>() : nullptr;
  const auto *End = Block && !Block->Children.empty() ? Block->Children.back().as<ir::Cleanup>() : nullptr;
  if (!End || !End->Idle || !isa<DeclStmt>(Inner->body_back()))
    return;
  ir::Range Outside = outside(*Inner, Inner->size() - 1, C, Context, Mod.Places);
  if (!Outside.valid())
    return;
  std::optional<ir::MovableCode> Moves = movable(*Inner, Inner->size() - 1, Context, Mod.Places);
  if (!Moves)
    return;
  llvm::erase_if(F.Movables, [&](const ir::MovableCode &Same) { return Same.Lines == Moves->Lines; });
  Moves->Outside = Outside;
  F.Movables.push_back(std::move(*Moves));
}

void FunctionLowering::markBare(ir::Nodes &Nodes, const ir::Range &Whole) {
  for (ir::Node &N : Nodes) {
    if (auto *Return = N.as<ir::Return>())
      Return->Bare = Whole.Macro ? ir::Range() : Whole;
    else if (auto *Full = N.as<ir::Sequence>())
      markBare(Full->Children, Whole);
  }
}

/// `Guard{m};`: the object and nothing else.
void FunctionLowering::spellTemporary(const ir::Sequence &Full, const Expr &E) {
  const Expr *Object = E.IgnoreImplicit();
  const TypeSourceInfo *Info = nullptr;
  if (const auto *Cast = dyn_cast<CXXFunctionalCastExpr>(Object))
    Info = Cast->getTypeInfoAsWritten();
  else if (const auto *Made = dyn_cast<CXXTemporaryObjectExpr>(Object))
    Info = Made->getTypeSourceInfo();
  const auto *C = Full.Children.empty() ? nullptr : Full.Children.back().as<ir::Cleanup>();
  const auto *Destroy = C && !C->Body.empty() ? C->Body.front().as<ir::Effect>() : nullptr;
  if (Info && Destroy && Destroy->Subject.R == ir::Place::Root::Variable)
    F.Variables[Destroy->Subject.Index].Spelled = range(Info->getTypeLoc().getSourceRange());
}

} // namespace latchkey::lower
