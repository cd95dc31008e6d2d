// What the engine tells the rules about one function: facts, each with the path that leads to it. Rules see
// nothing else.
#pragma once

#include "checks/flow/DeferFacts.h"
#include "checks/flow/LockFacts.h"
#include "checks/flow/SignalFacts.h"
#include "checks/flow/ThreadFacts.h"
#include "checks/flow/WaitFacts.h"

#include "llvm/ADT/ArrayRef.h"

namespace latchkey::flow {

struct Limits {
  /// Which calls may throw (option CheckExceptionPaths).
  enum class Exceptions : uint8_t {
    Known, ///< A throw reached by summary, a modelled thrower, an unknown call inside a try with a typed handler.
    All,   ///< Every call that is not noexcept.
    None,
  };

  unsigned States = 48;    ///< Disjuncts kept at one point; above, they become one that knows what all agree on.
  unsigned Steps = 12'000; ///< Nodes interpreted for one entry function, callees included.
  unsigned CallDepth = 10; ///< Frames of callees entered from one function.
  Exceptions Paths = Exceptions::Known;
};

struct Statistics {
  uint32_t Functions = 0; ///< Entered on their own.
  uint32_t OverBudget = 0;
  uint32_t Opaque = 0;
  std::vector<std::string> NotAnalysed; ///< "name: reason", sorted.
};

/// Everything about one function and the tasks it starts.
struct FunctionFacts {
  const ir::Function *Function = nullptr;
  std::vector<LostHandle> Lost;
  std::vector<BadJoin> BadJoins;
  std::vector<CountMismatch> Mismatches;
  std::vector<MissingCompletion> Missing;
  std::vector<LateAdd> LateAdds;
  std::vector<MissingWait> Unwaited;
  std::vector<WaitBeforeDone> OwnWaits;
  std::vector<AddAfterWait> Reused;
  std::vector<CopiedCounter> Copies;
  std::vector<UnguardedDone> Unguarded;
  std::vector<UnfulfilledPromise> Promises;
  std::vector<SignalWait> Unnotified;
  std::vector<SignalWait> Unpredicated;
  std::vector<LostWakeup> LostWakeups;
  std::vector<DyingWaitObject> Dying;
  std::vector<GuardScope> Guards;
  std::vector<DanglingCapture> Dangling;
  std::vector<LoopCapture> LoopCaptures;
  std::vector<DiscardedTask> Discarded;
  std::vector<EscapingThrow> Throws;
  std::vector<JoinedTask> Joined;
  std::vector<EndlessTask> Endless;
  std::vector<PlainStopFlag> StopFlags;
  std::vector<UnjoinedMember> Unjoined;
  std::vector<MemberOrder> Orders;
  std::vector<UnboundedSpawn> Unbounded;
  std::vector<GuardFault> GuardFaults;
  std::vector<KeptLock> Kept;
  std::vector<BadLock> BadLocks;
  std::vector<LockedWait> LockedWaits;
  std::vector<LockedBlock> LockedBlocks;
  std::vector<LockedSuspend> LockedSuspends;

  /// Calls Visit with each of the lists.
  template <typename Visitor> void forEachList(Visitor Visit) {
    Visit(Lost);
    Visit(BadJoins);
    Visit(Mismatches);
    Visit(Missing);
    Visit(LateAdds);
    Visit(Unwaited);
    Visit(OwnWaits);
    Visit(Reused);
    Visit(Copies);
    Visit(Unguarded);
    Visit(Promises);
    Visit(Unnotified);
    Visit(Unpredicated);
    Visit(LostWakeups);
    Visit(Dying);
    Visit(Guards);
    Visit(Dangling);
    Visit(LoopCaptures);
    Visit(Discarded);
    Visit(Throws);
    Visit(Joined);
    Visit(GuardFaults);
    Visit(Kept);
    Visit(BadLocks);
    Visit(LockedWaits);
    Visit(LockedBlocks);
    Visit(LockedSuspends);
  }
  /// How much has been found, list by list; takes back what was found since.
  std::vector<size_t> extent();
  void truncate(llvm::ArrayRef<size_t> Extent);
};

class Program;

/// Interprets those of the functions that can matter. What it says of a function does not depend on which others are
/// among them, but for the budget: callees that were too heavy for one are not entered for those that follow.
/// Deterministic, thread-safe.
std::vector<FunctionFacts> analyse(const Program &, llvm::ArrayRef<const ir::Function *>, const Limits &, Statistics &);
/// Every function of the module.
std::vector<FunctionFacts> analyse(const ir::Module &, const Limits &, Statistics &);

} // namespace latchkey::flow
