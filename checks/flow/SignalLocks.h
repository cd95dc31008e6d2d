// Waits for a signal with a mutex held that whoever notifies it must lock first.
#pragma once

#include "checks/flow/Awaits.h"
#include "checks/flow/Facts.h"
#include "checks/flow/HeldLocks.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace latchkey::flow {

using ActionsOf = std::map<const ir::Function *, SharedActions>;

/// How a signal may be given.
enum class Givers : uint8_t {
  Unknown, ///< By code that is not in sight, too.
  InSight,
  InSightWithPermits, ///< There are some to begin with, so a wait is only in vain when they are used up.
};

/// Adds to Into what is found. InTasks: functions that tasks run.
void waitsUnderLocks(const Program &, Objects &, const std::vector<Waiter> &, const ActionsOf &,
                     llvm::function_ref<Givers(Objects::Id)> GiversOf, const std::set<const ir::Function *> &InTasks,
                     llvm::DenseMap<const ir::Function *, FunctionFacts> &Into);

} // namespace latchkey::flow
