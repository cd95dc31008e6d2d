// Tasks that wait for part of an object which only the handle leads to that their starter returns, and callers that
// drop the handle: nobody can give what the task waits for. (GoBench, goker/blocking/moby/4395.)
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/TaskActions.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace latchkey::flow {

/// Adds to Into what is found. InSight: all that can give the signal is seen, and it begins without permits.
void waitsForDroppedHandles(const Program &, llvm::ArrayRef<TaskActions>, llvm::function_ref<bool(Objects::Id)> InSight,
                            llvm::DenseMap<const ir::Function *, FunctionFacts> &Into);

} // namespace latchkey::flow
