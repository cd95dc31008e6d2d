// Who waits for which signal, and what they test before they go on.
#pragma once

#include "checks/flow/Objects.h"

#include <set>

namespace latchkey::flow {

struct Waiter {
  const ir::Function *F = nullptr;
  const ir::Effect *E = nullptr;
  Objects::Id Signal = 0;
  std::set<Objects::Id> Tested; ///< Read by the predicate, or by what the loop or branch around the wait tests.
  bool Condition = false;       ///< With a lock: a condition variable.
  bool Predicate = false;
  bool Parks = false;   ///< The predicate is never true: the thread is meant to sleep for good.
  bool Retests = false; ///< In a loop that can look again.
  bool Guarded = false; ///< Under a branch that looks once.
  bool OwnLock = false; ///< The lock was taken in this function, so no caller can loop around the wait for it.
};

/// The if without an else that has nothing but the wait in it, on lines as one writes them; invalid for another.
ir::Range testOf(const ir::Function &, const ir::Effect &Wait);

std::vector<Waiter> waiters(const Program &, Objects &);

} // namespace latchkey::flow
