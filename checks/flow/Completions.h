// Completions that the tree alone shows to be in danger: of a copy, or not in a guard.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

#include "llvm/ADT/SmallPtrSet.h"

#include <vector>

namespace latchkey::flow {

class Completions {
public:
  explicit Completions(const Program &);

  /// Counters that F copies into tasks, and the completion in F, if it is a task, that something before it may skip.
  void describe(const Program &, const ir::Function &F, FunctionFacts &) const;

  /// Its body is started, or given to code we cannot see.
  bool isTask(const ir::Function &F) const { return Tasks.contains(&F); }

private:
  llvm::SmallPtrSet<const ir::Function *, 16> Tasks;
};

} // namespace latchkey::flow
