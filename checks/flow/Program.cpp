#include "checks/flow/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace latchkey::flow {

using Visitor = llvm::function_ref<void(const ir::Node &)>;

static void visit(const ir::Node &N, Visitor Visit);

static void visit(const ir::Condition &C, Visitor Visit) {
  forEachNode(C.Before, Visit);
  for (const ir::Condition &Part : C.Parts)
    visit(Part, Visit);
}

static void visit(const ir::Node &N, Visitor Visit) {
  Visit(N);
  if (const auto *S = N.as<ir::Sequence>()) {
    forEachNode(S->Children, Visit);
  } else if (const auto *I = N.as<ir::If>()) {
    visit(I->Test, Visit);
    forEachNode(I->Then, Visit);
    forEachNode(I->Else, Visit);
  } else if (const auto *L = N.as<ir::Loop>()) {
    visit(L->Test, Visit);
    forEachNode(L->Body, Visit);
    forEachNode(L->Step, Visit);
  } else if (const auto *E = N.as<ir::Foreach>()) {
    forEachNode(E->Body, Visit);
  } else if (const auto *S = N.as<ir::Switch>()) {
    forEachNode(S->Before, Visit);
    for (const ir::SwitchCase &Case : S->Cases)
      forEachNode(Case.Body, Visit);
  } else if (const auto *T = N.as<ir::Try>()) {
    forEachNode(T->Body, Visit);
    for (const ir::Handler &H : T->Handlers)
      forEachNode(H.Body, Visit);
  } else if (const auto *C = N.as<ir::Cleanup>()) {
    forEachNode(C->Body, Visit);
  }
}

void forEachNode(const ir::Nodes &Children, Visitor Visit) {
  for (const ir::Node &Child : Children)
    visit(Child, Visit);
}

void forEachNode(const ir::Sequence &S, Visitor Visit) {
  forEachNode(S.Children, Visit);
}

static bool movesAnObject(const ir::Value &V) {
  return V.K == ir::Value::Kind::Move || V.K == ir::Value::Kind::Fresh || V.K == ir::Value::Kind::Closure;
}

static bool interestingHere(const ir::Node &N) {
  if (N.as<ir::Throw>() || N.as<ir::Suspend>())
    return true;
  if (const auto *R = N.as<ir::Return>())
    return movesAnObject(R->Result) || R->Result.K == ir::Value::Kind::Address;
  const auto *E = N.as<ir::Effect>();
  if (!E)
    return false;
  switch (E->O) {
  case ir::Op::Declare:
  case ir::Op::Use:
  case ir::Op::Write:
  case ir::Op::Escape:
  case ir::Op::Block:
    return false;
  case ir::Op::Assign:
    return movesAnObject(E->Input);
  case ir::Op::Call:
    return E->NoReturn;
  default:
    return true;
  }
}

static void collectCallees(const ir::Value &V, llvm::SmallVectorImpl<llvm::StringRef> &Ids) {
  if (V.K != ir::Value::Kind::Closure)
    return;
  if (!V.Callee.empty())
    Ids.push_back(V.Callee);
  for (const ir::Value &Inner : V.Captures)
    collectCallees(Inner, Ids);
  for (const ir::Value &Inner : V.Args)
    collectCallees(Inner, Ids);
}

Program::Program(const ir::Module &M) : M(M) {
  for (const ir::Class &C : M.Classes)
    Classes.try_emplace(C.Id, &C);
  for (const ir::Function &F : M.Functions)
    Functions.try_emplace(F.Id, &F);

  // A function is interesting by itself or through a callee: propagate backwards over the call graph.
  llvm::DenseMap<const ir::Function *, llvm::SmallVector<const ir::Function *, 4>> Callers;
  llvm::SmallVector<const ir::Function *> Worklist;
  for (const ir::Function &F : M.Functions) {
    bool Here = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      Here |= interestingHere(N);
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      llvm::SmallVector<llvm::StringRef> Ids;
      if (!E->Callee.empty())
        Ids.push_back(E->Callee);
      collectCallees(E->Input, Ids);
      for (const ir::Value &Arg : E->Args)
        collectCallees(Arg, Ids);
      for (llvm::StringRef Id : Ids)
        if (const ir::Function *Callee = function(Id))
          Callers[Callee].push_back(&F);
    });
    if (Here && Interesting.insert(&F).second)
      Worklist.push_back(&F);
  }
  while (!Worklist.empty())
    for (const ir::Function *Caller : Callers.lookup(Worklist.pop_back_val()))
      if (Interesting.insert(Caller).second)
        Worklist.push_back(Caller);
}

const ir::Function *Program::function(llvm::StringRef Id) const {
  const ir::Function *F = Functions.lookup(Id);
  return F && F->OpaqueReason.empty() ? F : nullptr;
}

const ir::Class *Program::classById(llvm::StringRef Id) const {
  return Classes.lookup(Id);
}

} // namespace latchkey::flow
