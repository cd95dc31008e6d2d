// Waits for a signal with a mutex held that whoever notifies it must lock first.
#pragma once

#include "checks/flow/Awaits.h"
#include "checks/flow/Facts.h"
#include "checks/flow/HeldLocks.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace latchkey::flow {

using ActionsOf = std::map<const ir::Function *, SharedActions>;

/// Adds to Into what is found. Closed: all that can notify the signal is in sight.
void waitsUnderLocks(const Program &, Objects &, const std::vector<Waiter> &, const ActionsOf &,
                     llvm::function_ref<bool(Objects::Id)> Closed,
                     llvm::DenseMap<const ir::Function *, FunctionFacts> &Into);

} // namespace latchkey::flow
