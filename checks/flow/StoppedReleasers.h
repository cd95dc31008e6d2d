// Counted tasks that wait for a signal which only tasks give whose loops end on the same flag: once those have left,
// nobody gives it any more, and the count is never complete. (GoBench, goker/blocking/cockroach/1462.)
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/TaskActions.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace latchkey::flow {

/// Adds to Into what is found. InSight: all that can give the signal is seen, and it begins without permits.
void waitsForStoppedTasks(const Program &, Objects &, llvm::ArrayRef<TaskActions>,
                          llvm::function_ref<bool(Objects::Id)> InSight,
                          llvm::DenseMap<const ir::Function *, FunctionFacts> &Into);

} // namespace latchkey::flow
