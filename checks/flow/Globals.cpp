// What the end of the program does to globals: a thread that is still joinable when `main` returns terminates it.
#include "checks/flow/Engine.h"
#include "checks/flow/Fields.h"

namespace latchkey::flow {

/// The effect ends, moves or hands on what stands in the global.
static bool endsGlobal(const ir::Effect &E, uint32_t Global) {
  auto Is = [&](const ir::Place &P) { return P.R == ir::Place::Root::Global && P.Index == Global; };
  auto Gives = [&](const ir::Value &V, auto &Self) -> bool {
    using Kind = ir::Value::Kind;
    return ((V.K == Kind::Move || (V.K == Kind::Address && !V.Const)) && Is(V.P)) ||
           llvm::any_of(V.Captures, [&](const ir::Value &Part) { return Self(Part, Self); }) ||
           llvm::any_of(V.Args, [&](const ir::Value &Part) { return Self(Part, Self); });
  };
  return ((E.O == ir::Op::Join || E.O == ir::Op::Detach || E.O == ir::Op::Swap) && Is(E.Subject)) ||
         Gives(E.Input, Gives) || llvm::any_of(E.Args, [&](const ir::Value &A) { return Gives(A, Gives); });
}

/// A function that `main` does not call ends it: a destructor of another global, or what runs at exit.
static bool endedAtExit(const Program &P, const ir::Function &Main, uint32_t Global) {
  FunctionSet Called;
  addCallees(P, Main, Called);
  return llvm::any_of(P.naming(P.module().Globals[Global]), [&](const ir::Function *F) {
    bool Ends = false;
    forEachNode(F->Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Ends |= E && endsGlobal(*E, Global);
    });
    return Ends && !Called.contains(F);
  });
}

void Engine::globalsDie(Exit &E, Frame &F) {
  bool Returns = E.O.K == Outcome::Kind::Next || E.O.K == Outcome::Kind::Return;
  if (Entry.Name != "main" || !Returns)
    return;
  std::vector<Loc> Open;
  for (const auto &[L, H] : E.S.Handles)
    if (H.K == HandleState::Kind::Joinable && Places[L].Root == Locations::RootKind::Global &&
        Places[L].Parent == NoLoc && type(L).End == ir::Type::Ending::Terminate && !escaped(L, E.S) &&
        !endedAtExit(P, Entry, Places[L].Index))
      Open.push_back(L);
  for (Loc L : Open)
    lose(L, LostHandle::How::Destroyed, E.O.K == Outcome::Kind::Next ? Entry.End : E.O.Where, E.S, F);
}

} // namespace latchkey::flow
