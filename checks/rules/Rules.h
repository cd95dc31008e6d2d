// The list of checks; Registry.cpp makes everything else from it.
#pragma once

namespace latchkey {
class Rule;
}

namespace latchkey::rules {

const Rule &invalidJoin();
const Rule &lateAdd();
const Rule &leakedThread();
const Rule &missingDone();
const Rule &trailingDefer();
const Rule &unnamedGuard();
const Rule &waitMismatch();

} // namespace latchkey::rules
