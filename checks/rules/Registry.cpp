#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey {

llvm::ArrayRef<const Rule *> allRules() {
  static const Rule *const All[] = {
      &rules::addAfterWait(),
      &rules::copiedCounter(),
      &rules::deferBeforeCheck(),
      &rules::deferSpawnsTask(),
      &rules::dyingWaitObject(),
      &rules::earlyDismiss(),
      &rules::guardEscape(),
      &rules::guardOutlivedCapture(),
      &rules::guardRunsTwice(),
      &rules::invalidJoin(),
      &rules::lateAdd(),
      &rules::lateDefer(),
      &rules::leakedThread(),
      &rules::lostReturnUpdate(),
      &rules::lostWakeup(),
      &rules::misplacedDefer(),
      &rules::missingDone(),
      &rules::missingWait(),
      &rules::neverNotified(),
      &rules::skippedDefer(),
      &rules::staleDeferCapture(),
      &rules::throwingDefer(),
      &rules::trailingDefer(),
      &rules::unfulfilledPromise(),
      &rules::unguardedDone(),
      &rules::unnamedGuard(),
      &rules::waitBeforeDone(),
      &rules::waitMismatch(),
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
