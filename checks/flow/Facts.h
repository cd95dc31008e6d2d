// What the engine tells the rules about one function: facts, each with the path that leads to it. Rules see
// nothing else.
#pragma once

#include "checks/ir/Module.h"

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::flow {

struct Limits {
  /// Which calls may throw (option CheckExceptionPaths).
  enum class Exceptions : uint8_t {
    Known, ///< A throw reached by summary, a modelled thrower, an unknown call inside a try with a typed handler.
    All,   ///< Every call that is not noexcept.
    None,
  };

  unsigned States = 48;    ///< Disjuncts kept at one point; above, they become one that knows what all agree on.
  unsigned Steps = 12'000; ///< Nodes interpreted for one entry function, callees included.
  unsigned CallDepth = 10; ///< Frames of callees entered from one function.
  Exceptions Paths = Exceptions::Known;
};

struct Statistics {
  uint32_t Functions = 0; ///< Entered on their own.
  uint32_t OverBudget = 0;
  uint32_t Opaque = 0;
  std::vector<std::string> NotAnalysed; ///< "name: reason", sorted.
};

/// One step on the way to a fact, in order of time.
struct PathStep {
  enum class Kind : uint8_t {
    Started, ///< A task was started and Subject is its handle.
    Joined,
    Detached,
    MovedAway,
    Created,    ///< Subject came to life without a task.
    Registered, ///< Count set or raised; Text is the amount.
    Completed,
    Waited,
    Spawned, ///< A task without handle was started.
    Branch,  ///< Text is the condition; Flag is its value.
    LoopEntered,
    LoopSkipped,
    Exit,   ///< return, throw, break, continue; Text says which.
    Called, ///< Text is the callee.
    Caught,
  };
  Kind K = Kind::Branch;
  std::string Subject;
  std::string Text;
  bool Flag = false;
  unsigned Lane = 0;
  ir::Range Where;
};

/// Parts that every fact has.
struct Fact {
  std::string Subject; ///< The user's spelling of the object.
  ir::Range Where;
  bool Always = false; ///< Holds on every path that reaches Where, not only on some.
  std::vector<PathStep> Path;
};

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

/// Where the life of a guard ends, as the tree has it.
struct GuardScope : Fact {
  enum class Kind : uint8_t {
    Temporary,       ///< Dies at the semicolon.
    HidesMutex,      ///< A declaration that was meant to be a lock.
    SingleStatement, ///< Declared as the only statement of an if or loop.
    EndsNestedBlock, ///< The last thing in a nested block.
  };
  Kind K = Kind::Temporary;
  bool Lock = false;
  std::string TypeName;
  std::string Guarded; ///< The mutex, if a lock.
  ir::Range Statement;
  ir::Range Spelled;  ///< The guard's type as the statement writes it; a name fits behind it.
  ir::Range BlockEnd; ///< EndsNestedBlock: its closing brace.
};

/// Everything about one function and the tasks it starts.
struct FunctionFacts {
  const ir::Function *Function = nullptr;
  std::vector<LostHandle> Lost;
  std::vector<BadJoin> BadJoins;
  std::vector<CountMismatch> Mismatches;
  std::vector<MissingCompletion> Missing;
  std::vector<LateAdd> LateAdds;
  std::vector<GuardScope> Guards;
};

/// Interprets every function of the module that can matter. Deterministic, thread-safe.
std::vector<FunctionFacts> analyse(const ir::Module &, const Limits &, Statistics &);

} // namespace latchkey::flow
