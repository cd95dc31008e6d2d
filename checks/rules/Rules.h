// The list of checks; Registry.cpp makes everything else from it.
#pragma once

namespace latchkey {
class Rule;
}

namespace latchkey::rules {

const Rule &addAfterWait();
const Rule &copiedCounter();
const Rule &deferBeforeCheck();
const Rule &deferSpawnsTask();
const Rule &dyingWaitObject();
const Rule &earlyDismiss();
const Rule &guardEscape();
const Rule &guardOutlivedCapture();
const Rule &guardRunsTwice();
const Rule &invalidJoin();
const Rule &lateAdd();
const Rule &lateDefer();
const Rule &leakedThread();
const Rule &lostReturnUpdate();
const Rule &lostWakeup();
const Rule &misplacedDefer();
const Rule &missingDone();
const Rule &missingWait();
const Rule &neverNotified();
const Rule &skippedDefer();
const Rule &staleDeferCapture();
const Rule &throwingDefer();
const Rule &trailingDefer();
const Rule &unfulfilledPromise();
const Rule &unguardedDone();
const Rule &unnamedGuard();
const Rule &waitBeforeDone();
const Rule &waitMismatch();
const Rule &waitWithoutPredicate();

} // namespace latchkey::rules
