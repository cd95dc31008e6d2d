#include "checks/lower/Effectless.h"

#include "checks/lower/Prune.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

namespace latchkey::lower {

namespace {

class Dropper {
public:
  Dropper(ir::Module &M, const std::set<std::string> &Discardable) : M(M), Discardable(Discardable) {}

  void run() {
    // A function that only calls effectless ones becomes effectless when those calls are gone.
    for (bool Changed = true; Changed;) {
      Changed = false;
      for (const ir::Function &F : M.Functions)
        if (!Effectless.contains(F.Id) && isEffectless(F)) {
          Effectless.insert(F.Id);
          Changed = true;
        }
      if (Changed)
        for (ir::Function &F : M.Functions)
          if (dropCalls(F.Body.Children))
            prune(F, M);
    }
    for (const ir::Function &F : M.Functions)
      mention(F.Body.Children);
    for (const ir::Class &C : M.Classes)
      Mentioned.insert(C.Destructor);
    llvm::erase_if(M.Functions, [&](const ir::Function &F) {
      return Effectless.contains(F.Id) && Discardable.count(F.Id) && !Mentioned.contains(F.Id);
    });
  }

private:
  /// Nothing but returning a value that the caller may look at.
  static bool isEffectless(const ir::Function &F) {
    return F.OpaqueReason.empty() && !F.NoReturn && !F.Coroutine && !F.Virtual && isEffectless(F.Body.Children);
  }

  static bool isEffectless(const ir::Nodes &Nodes) {
    return llvm::all_of(Nodes, [](const ir::Node &N) {
      if (const auto *R = N.as<ir::Return>())
        return R->Result.K != ir::Value::Kind::Closure && R->Result.K != ir::Value::Kind::Move;
      if (const auto *S = N.as<ir::Sequence>())
        return isEffectless(S->Children);
      if (const auto *I = N.as<ir::If>())
        return isPure(I->Test) && isEffectless(I->Then) && isEffectless(I->Else);
      return false;
    });
  }

  static bool isPure(const ir::Condition &C) {
    return C.Before.empty() && llvm::all_of(C.Parts, [](const ir::Condition &Part) { return isPure(Part); });
  }

  bool dropCalls(ir::Nodes &Nodes) {
    bool Changed = false;
    for (ir::Node &N : Nodes) {
      if (auto *E = N.as<ir::Effect>(); E && becomesDeclare(*E)) {
        ir::Effect Declare;
        Declare.O = ir::Op::Declare;
        Declare.Subject = E->Args[0].P;
        Declare.Where = E->Where;
        Declare.Statement = E->Statement;
        *E = std::move(Declare);
        Changed = true;
      }
      forEachList(N, [&](ir::Nodes &Children) { Changed |= dropCalls(Children); });
    }
    size_t Before = Nodes.size();
    llvm::erase_if(Nodes, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      return E && isDroppable(*E) && !isConstructor(*E);
    });
    return Changed || Nodes.size() != Before;
  }

  bool isDroppable(const ir::Effect &E) const {
    return E.O == ir::Op::Call && !E.Virtual && !E.Result.valid() && !E.Ends && Effectless.contains(E.Callee);
  }
  bool isConstructor(const ir::Effect &E) const {
    const ir::Function *F = M.function(E.Callee);
    return F && F->Constructor;
  }
  /// The object begins its life all the same.
  bool becomesDeclare(const ir::Effect &E) const {
    return isDroppable(E) && isConstructor(E) && !E.Args.empty() && E.Args[0].K == ir::Value::Kind::Address;
  }

  void mention(const ir::Value &V) {
    if (!V.Callee.empty())
      Mentioned.insert(V.Callee);
    for (const ir::Value &Part : V.Captures)
      mention(Part);
    for (const ir::Value &Part : V.Args)
      mention(Part);
  }

  void mention(ir::Nodes const &Nodes) {
    for (const ir::Node &N : Nodes) {
      if (const auto *E = N.as<ir::Effect>()) {
        Mentioned.insert(E->Callee);
        mention(E->Input);
        for (const ir::Value &Arg : E->Args)
          mention(Arg);
      } else if (const auto *R = N.as<ir::Return>()) {
        mention(R->Result);
      }
      forEachList(const_cast<ir::Node &>(N), [&](ir::Nodes &Children) { mention(Children); });
    }
  }

  ir::Module &M;
  const std::set<std::string> &Discardable;
  llvm::StringSet<> Effectless, Mentioned;
};

} // namespace

void dropEffectless(ir::Module &M, const std::set<std::string> &Discardable) {
  Dropper(M, Discardable).run();
}

} // namespace latchkey::lower
