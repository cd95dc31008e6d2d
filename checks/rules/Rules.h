// The list of checks; Registry.cpp makes everything else from it.
#pragma once

namespace latchkey {
class Rule;
}

namespace latchkey::rules {

const Rule &addAfterWait();
const Rule &blockingUnderLock();
const Rule &copiedCounter();
const Rule &deferBeforeCheck();
const Rule &deferSpawnsTask();
const Rule &detachedCapture();
const Rule &discardedTask();
const Rule &dyingWaitObject();
const Rule &earlyDismiss();
const Rule &guardAcrossSuspend();
const Rule &guardEscape();
const Rule &guardOutlivedCapture();
const Rule &guardRunsTwice();
const Rule &ignoredStopToken();
const Rule &invalidJoin();
const Rule &lateAdd();
const Rule &lateDefer();
const Rule &leakedThread();
const Rule &lockMismatch();
const Rule &loopVariableCapture();
const Rule &lostReturnUpdate();
const Rule &lostWakeup();
const Rule &misplacedDefer();
const Rule &missingDone();
const Rule &missingWait();
const Rule &neverNotified();
const Rule &nonatomicStopFlag();
const Rule &skippedDefer();
const Rule &staleDeferCapture();
const Rule &taskOutlivesCapture();
const Rule &threadExceptionEscape();
const Rule &threadMemberOrder();
const Rule &throwingDefer();
const Rule &trailingDefer();
const Rule &unboundedSpawn();
const Rule &unfulfilledPromise();
const Rule &unguardedDone();
const Rule &unjoinedMember();
const Rule &unnamedGuard();
const Rule &unreleasedLock();
const Rule &unreleasedPermit();
const Rule &unstoppableThread();
const Rule &waitBeforeDone();
const Rule &waitMismatch();
const Rule &waitUnderLock();
const Rule &waitWithoutPredicate();

} // namespace latchkey::rules
