// The list of checks; Registry.cpp makes everything else from it.
#pragma once

namespace latchkey {
class Rule;
}

namespace latchkey::rules {

const Rule &blockingUnderLock();
const Rule &deferBeforeCheck();
const Rule &deferSpawnsTask();
const Rule &earlyDismiss();
const Rule &guardAcrossSuspend();
const Rule &guardEscape();
const Rule &guardOutlivedCapture();
const Rule &guardRunsTwice();
const Rule &invalidJoin();
const Rule &lateAdd();
const Rule &lateDefer();
const Rule &leakedThread();
const Rule &lockMismatch();
const Rule &lostReturnUpdate();
const Rule &misplacedDefer();
const Rule &missingDone();
const Rule &skippedDefer();
const Rule &staleDeferCapture();
const Rule &throwingDefer();
const Rule &trailingDefer();
const Rule &unnamedGuard();
const Rule &unreleasedLock();
const Rule &unreleasedPermit();
const Rule &waitMismatch();
const Rule &waitUnderLock();

} // namespace latchkey::rules
