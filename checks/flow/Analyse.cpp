// All facts about a part of a program: what interpretation finds, and what is read off the trees and the classes.
#include "checks/flow/Completions.h"
#include "checks/flow/CoroutineLambdas.h"
#include "checks/flow/Endless.h"
#include "checks/flow/Engine.h"
#include "checks/flow/GuardScopes.h"
#include "checks/flow/MemberGuards.h"
#include "checks/flow/Members.h"
#include "checks/flow/Owners.h"
#include "checks/flow/Signals.h"
#include "checks/flow/UnreachedGuards.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

/// Facts about tasks for which no interpretation, or one of another kind, is needed.
static void threadFacts(const Program &P, const Limits &L, FunctionFacts &Facts,
                        std::set<const ir::Function *> &Heavy) {
  const ir::Function &F = *Facts.Function;
  endlessTasks(P, Facts);
  llvm::append_range(Facts.Dangling, coroutineLambdas(P, F));
  if (P.judged(F)) {
    Facts.StopFlags = plainStopFlags(P, F);
    Facts.Unbounded = unboundedSpawns(F);
    llvm::append_range(Facts.Discarded, unrunTasks(P.module(), F));
    llvm::append_range(Facts.Discarded, skippedTasks(P.module(), F));
  }
  llvm::append_range(Facts.BadJoins, selfJoins(P, F));
  llvm::append_range(Facts.Lost, droppedMembers(P, F));
  llvm::append_range(Facts.Lost, overwrittenMembers(P, L, F, Heavy));
  if (F.Constructor || F.Destructor)
    Facts.Orders = memberOrder(P, F);
  if (!F.Destructor)
    return;
  Facts.Unjoined = unjoinedMembers(P, L, F, Heavy);
  llvm::append_range(Facts.Dangling, letGoMembers(P, F));
  if (const ir::Class *C = P.classById(F.Class)) {
    llvm::append_range(Facts.Endless, endlessMembers(P, *C));
    llvm::append_range(Facts.Endless, unaskedMembers(P, *C));
  }
}

/// A member that its class never ends is that class's defect, not that of each owner.
static void dropMembers(const Program &P, const Limits &L, std::vector<FunctionFacts> &All,
                        std::set<const ir::Function *> &Heavy) {
  std::map<std::string, std::set<std::string>> Known;
  auto IsClassDefect = [&](const LostHandle &H) {
    if (H.Class.empty())
      return false;
    auto [It, New] = Known.try_emplace(H.Class);
    const ir::Class *C = New ? P.classById(H.Class) : nullptr;
    if (const ir::Function *Destructor = C ? P.function(C->Destructor) : nullptr)
      for (const UnjoinedMember &U : unjoinedMembers(P, L, *Destructor, Heavy))
        It->second.insert(U.Subject);
    return It->second.contains(H.Member);
  };
  for (FunctionFacts &Facts : All)
    llvm::erase_if(Facts.Lost, IsClassDefect);
}

std::vector<FunctionFacts> analyse(const ir::Module &M, const Limits &L, Statistics &Stats) {
  std::vector<const ir::Function *> All;
  All.reserve(M.Functions.size());
  for (const ir::Function &F : M.Functions)
    All.push_back(&F);
  return analyse(Program(M), All, L, Stats);
}

std::vector<FunctionFacts> analyse(const Program &P, llvm::ArrayRef<const ir::Function *> Functions, const Limits &L,
                                   Statistics &Stats) {
  const ir::Module &M = P.module();
  std::set<const ir::Function *> Heavy;
  std::vector<FunctionFacts> All;
  for (const ir::Function *Each : Functions) {
    const ir::Function &F = *Each;
    if (F.System)
      continue;
    if (!F.OpaqueReason.empty()) {
      ++Stats.Opaque;
      Stats.NotAnalysed.push_back(F.Name + ": " + F.OpaqueReason);
      continue;
    }
    ++Stats.Functions;
    FunctionFacts Facts;
    if (P.judged(F)) {
      // What is too much with its callees may not be by itself: to whom they are unknown, they end what is known.
      bool Done = false;
      for (unsigned Depth : {L.CallDepth, 1U, 0U}) {
        Limits Shallow = L;
        Shallow.CallDepth = std::min(L.CallDepth, Depth);
        Engine E(P, Shallow, F, Heavy);
        Facts = E.run();
        Done = !E.overBudget();
        if (Done)
          break;
      }
      if (!Done) {
        ++Stats.OverBudget;
        Stats.NotAnalysed.push_back(F.Name + ": too many paths");
        Facts = {};
      }
    }
    Facts.Function = &F;
    if (F.Destructor && P.judged(F))
      llvm::append_range(Facts.Lost, leftOpen(P, L, F, Heavy));
    if (F.Constructor)
      llvm::append_range(Facts.GuardFaults, outlivedMembers(P, F));
    Facts.Guards = guardScopes(P, F);
    threadFacts(P, L, Facts, Heavy);
    llvm::append_range(Facts.GuardFaults, unreachedGuards(M, F));
    P.completions().describe(P, F, Facts);
    P.signals().describe(F, Facts);
    All.push_back(std::move(Facts));
  }
  dropMembers(P, L, All, Heavy);
  llvm::sort(Stats.NotAnalysed);
  return All;
}

} // namespace latchkey::flow
