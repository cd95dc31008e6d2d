// Facts about counters and those who wait for them.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

/// The count that a counter expects and what the tasks complete differ.
struct CountMismatch : Fact {
  enum class Kind : uint8_t {
    TooFew,
    TooMany,
    NoneRegistered,
    LoopInTask, ///< One completion was meant; the task completes in a loop.
    WaitInLoop, ///< Waits in the loop that still has to start the other tasks.
    Parties,    ///< Barrier: fewer come than it waits for.
  };
  Kind K = Kind::TooFew;
  std::string Expected, Completed;
  bool Certain = false;
  bool SingleUse = false;
  ir::Range Registered, Completion, Wait;
};

/// A path through a task completes less than its other paths do.
struct MissingCompletion : Fact {
  std::string Task;      ///< Name of the function or "task".
  bool Rejected = false; ///< The submission failed and nobody completes for it.
  bool Barrier = false;
  ir::Range Completion; ///< Where the other paths complete.
  ir::Range Wait;       ///< Who waits for it; may be invalid.
  // For the fix; empty where the task does not complete once by a statement of its own.
  ir::Range CompletionStatement;
  std::string CompletionCode; ///< The call's text.
  ir::Range TaskBegin;        ///< Just after the opening brace of the task.
};

/// The count is raised when the task it counts may already be done.
struct LateAdd : Fact {
  bool InTask = false;
  ir::Range Spawn;
  ir::Range Statement;
  ir::Range SpawnStatement;
  std::string Code; ///< The statement's text.
};

} // namespace latchkey::flow
