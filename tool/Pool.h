// Spreads jobs over worker processes. What goes wrong with one costs that one only: a file that kills its worker, hangs
// or needs too much memory is an outcome like any other.
#pragma once

#include "tool/TranslationUnit.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <chrono>

namespace latchkey::driver {

struct PoolOptions {
  unsigned Jobs = 1;
  std::chrono::seconds Timeout{300}; ///< For each file; 0 is none.
  bool Verbose = false;              ///< Workers may write to standard error.
};

/// Told after each file: how many are done, and the one that was.
using ProgressFunction = llvm::function_ref<void(size_t Done, const Outcome &)>;

/// One outcome for each job, in their order, whatever the number of workers. The error is that no worker can be
/// started.
llvm::Expected<std::vector<Outcome>> runAll(llvm::ArrayRef<Job>, const Settings &, const PoolOptions &,
                                            ProgressFunction);

} // namespace latchkey::driver
