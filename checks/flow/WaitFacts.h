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
  bool ByFactor = false; ///< By a loop too many or too few: right only if that runs once.
  bool SingleUse = false;
  ir::Range Registered, Completion, Wait;
};

/// A completion that is a statement of the task itself, which a guard at the top of the task can take the place of.
struct OwnCompletion {
  ir::Range Statement; ///< Invalid if there is none.
  std::string Code;    ///< The call's text.
  unsigned Column = 0; ///< Where it stands.
  ir::Range TaskBegin; ///< Just after the opening brace of the task.
};
/// The same, if the effect completes something and stands in the body of F.
OwnCompletion completionOf(const ir::Effect &, const ir::Function &F);

/// A path through a task completes less than its other paths do.
struct MissingCompletion : Fact {
  std::string Task;      ///< Name of the function or "task".
  bool Rejected = false; ///< The submission failed and nobody completes for it.
  bool Barrier = false;
  bool Launcher = false; ///< An iteration that starts no task for what is counted.
  ir::Range Completion;  ///< Where the other paths complete.
  ir::Range Wait;        ///< Who waits for it; may be invalid.
  /// Not a path of its own: the task waits before its completion for this signal, which only tasks give whose loops end
  /// on the same flag as its own; else empty.
  std::string Signal;
  std::string Flag;
  ir::Range Given;   ///< Where one of those gives the signal.
  OwnCompletion Own; ///< If the task completes once.
};

/// The count is raised when the task it counts may already be done.
struct LateAdd : Fact {
  bool InTask = false;
  ir::Range Spawn;
  ir::Range Statement;
  ir::Range SpawnStatement;
  std::string Code; ///< The statement's text.
};

/// Tasks are counted, and the counter or what they captured dies before anybody has waited for them.
struct MissingWait : Fact {
  std::string Dies;    ///< What the tasks can still use when it is gone; empty if only the count is lost.
  bool Early = false;  ///< By an early exit: other paths may wait.
  bool Handed = false; ///< The task was given to code we cannot see.
  ir::Range Started;
  WayOut Exit;          ///< Early: before which a wait can be put.
  std::string WaitCode; ///< As the counter's model spells it; empty if the wait might not end.
};

/// A thread waits for a count that it has to complete itself, later.
struct WaitBeforeDone : Fact {
  bool InTask = false;
  bool Loop = false; ///< All parties of a barrier are to come from the loop that waits.
  ir::Range Completion;
};

/// A counter that counts only once is used again after it was waited for.
struct AddAfterWait : Fact {
  bool Loop = false; ///< In the next iteration.
  ir::Range FirstWait, Completion;
};

/// A copy of a counter counts for itself.
struct CopiedCounter : Fact {
  std::string TypeName;
  bool Task = false;   ///< Given to a task, not to a function called here.
  CaptureSite Capture; ///< If a lambda copies it.
};

/// Something before the completion may leave the task without it.
struct UnguardedDone : Fact {
  std::string Callee; ///< The first that may throw.
  ir::Range Call;
  OwnCompletion Own;
};

/// What becomes of a promise that somebody waits for, or of a future.
struct UnfulfilledPromise : Fact {
  enum class Kind : uint8_t { NeverSet, SomePath, SetTwice, TakenTwice, GotTwice, MovedAway };
  Kind K = Kind::NeverSet;
  bool Broken = false; ///< The promise dies unset: an exception, not a wait without end.
  ir::Range Before;    ///< What was done first, or where the other paths set it.
  ir::Range Leaves;    ///< SomePath: where the path that does not set it ends.
};

} // namespace latchkey::flow
