#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey {

llvm::ArrayRef<const Rule *> allRules() {
  static const Rule *const All[] = {
      &rules::addAfterWait(),
      &rules::blockingUnderLock(),
      &rules::copiedCounter(),
      &rules::deferBeforeCheck(),
      &rules::deferSpawnsTask(),
      &rules::detachedCapture(),
      &rules::discardedTask(),
      &rules::dyingWaitObject(),
      &rules::earlyDismiss(),
      &rules::guardAcrossSuspend(),
      &rules::guardEscape(),
      &rules::guardOutlivedCapture(),
      &rules::guardRunsTwice(),
      &rules::ignoredStopToken(),
      &rules::invalidJoin(),
      &rules::lateAdd(),
      &rules::lateDefer(),
      &rules::leakedThread(),
      &rules::lockMismatch(),
      &rules::loopVariableCapture(),
      &rules::lostReturnUpdate(),
      &rules::lostWakeup(),
      &rules::misplacedDefer(),
      &rules::missingDone(),
      &rules::missingWait(),
      &rules::neverNotified(),
      &rules::nonatomicStopFlag(),
      &rules::skippedDefer(),
      &rules::staleDeferCapture(),
      &rules::taskOutlivesCapture(),
      &rules::threadExceptionEscape(),
      &rules::threadMemberOrder(),
      &rules::throwingDefer(),
      &rules::trailingDefer(),
      &rules::unboundedSpawn(),
      &rules::unfulfilledPromise(),
      &rules::unguardedDone(),
      &rules::unjoinedMember(),
      &rules::unnamedGuard(),
      &rules::unreleasedLock(),
      &rules::unreleasedPermit(),
      &rules::unstoppableThread(),
      &rules::waitBeforeDone(),
      &rules::waitMismatch(),
      &rules::waitUnderLock(),
      &rules::waitWithoutPredicate(),
  };
  return All;
}

const Rule *findRule(llvm::StringRef Name) {
  auto All = allRules();
  const auto *It = llvm::find_if(All, [&](const Rule *R) { return R->Info.Name == Name; });
  return It == All.end() ? nullptr : *It;
}

} // namespace latchkey
