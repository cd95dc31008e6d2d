// Condition variables, events and other signals: who waits for them, for what, and who wakes the waiters. Read off all
// functions of a module together; no interpretation.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

#include "llvm/ADT/DenseMap.h"

namespace latchkey::flow {

class Signals {
public:
  explicit Signals(const Program &);

  /// Adds what was found in F.
  void describe(const ir::Function &F, FunctionFacts &) const;

private:
  llvm::DenseMap<const ir::Function *, FunctionFacts> Found;
};

} // namespace latchkey::flow
