// Facts about handles of tasks and about what tasks do to what they captured.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

/// A handle lost while its task must still be ended.
struct LostHandle : Fact {
  enum class How : uint8_t {
    Destroyed,
    Overwritten,
    Erased,
    Thrown,
    Forgotten,  ///< On the heap, and the last pointer to it is gone.
    PassedOver, ///< A member that the destructor ends only under a condition that says nothing about the task.
  };
  How Loss = How::Destroyed;
  ir::Type::Ending Ending = ir::Type::Ending::Terminate;
  std::string TypeName;
  bool Element = false;   ///< One of a container's.
  bool Temporary = false; ///< Never had a name.
  bool Caller = false;    ///< Came from a call: not started in this function.
  bool AtEnd = false;     ///< By the end of its scope, not by an early exit.
  ir::Range Started;
  std::string Condition;   ///< PassedOver: its text,
  bool Holds = false;      ///< and what it is on this way.
  ir::Range Declaration;   ///< Statement that declares the variable; invalid for others than locals.
  ir::Range ExitStatement; ///< Early exit: its statement, before which a join can be put.
  std::string JoinCode;    ///< Statement that would end the task, as the type's model spells it.
  struct {
    std::string Type;   ///< A handle that means the same and joins when destroyed.
    unsigned Since = 0; ///< First standard that has it.
    ir::Range Where;    ///< The type as the declaration spells it.
  } Joining;
};

/// A join or detach of a handle that has no task.
struct BadJoin : Fact {
  enum class Reason : uint8_t { Joined, Detached, Moved, Empty, NotCreated };
  Reason Why = Reason::Joined;
  bool Detach = false;
  bool Doubtful = false; ///< Under a flag: a defect only if it is one on every way.
  ir::Range Before;      ///< Where the task was joined, detached or moved away.
  ir::Range Statement;
  std::string JoinableTest; ///< Expression that asks the handle, as the type's model spells it.
};

} // namespace latchkey::flow
