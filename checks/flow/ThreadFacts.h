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
  std::string Class, Member; ///< The field that it is, by its class's id and its name, if the end of an object did it.
  std::string Condition;     ///< PassedOver: its text,
  bool Holds = false;        ///< and what it is on this way.
  ir::Range Declaration;     ///< Statement that declares the variable; invalid for others than locals.
  WayOut Exit;               ///< Early exit: before which a join can be put.
  std::string JoinCode;      ///< Statement that would end the task, as the type's model spells it.
  struct {
    std::string Type;   ///< A handle that means the same and joins when destroyed.
    unsigned Since = 0; ///< First standard that has it.
    ir::Range Where;    ///< The type as the declaration spells it.
  } Joining;
};

/// A join or detach of a handle that has no task.
struct BadJoin : Fact {
  enum class Reason : uint8_t {
    Joined,
    Detached,
    Moved,
    Empty,
    NotCreated,
    Own,   ///< By the very thread.
    Raced, ///< One of many is let go of by one of them while others join them all.
  };
  Reason Why = Reason::Joined;
  bool Detach = false;
  bool Doubtful = false; ///< Under a flag: a defect only if it is one on every way.
  ir::Range Before;      ///< Where the task was joined, detached or moved away; Own, Raced: started.
  std::string Joiner;    ///< Raced: the function that joins them.
  ir::Range Statement;
  std::string JoinableTest; ///< Expression that asks the handle, as the type's model spells it.
};

/// Something dies while a task that has its address may still run.
struct DanglingCapture : Fact {
  enum class How : uint8_t {
    Detached,
    Abandoned,  ///< The last handle to the task is gone.
    Outlives,   ///< The handle lives on, or there never was one.
    JoinedLate, ///< By a destructor that runs after the object's.
    LetGo,      ///< By the destructor of the very object that the task works on.
    Lambda,     ///< The lambda that holds it dies; its coroutine goes on.
  };
  How Why = How::Detached;
  std::string Handle; ///< The task's; empty if it has no name.
  bool This = false;  ///< The task runs a method of it.
  ir::Range Started, Died;
  CaptureSite Capture; ///< Invalid if a copy would not do.
};

/// A task has the address of a variable that the loop which starts it changes.
struct LoopCapture : Fact {
  ir::Range Changed;
  CaptureSite Capture; ///< Invalid if a copy would not do.
};

/// A handle that waits when it dies does so before anything else was done.
struct DiscardedTask : Fact {
  bool Temporary = false;
  bool NeverRun = false; ///< A callable that nothing runs, and Where waits for its result. End is its declaration.
  ir::Range Branch;      ///< NeverRun: one side of it runs the callable all the same.
  ir::Range End;
};

/// An exception leaves a task that nobody carries it from.
struct EscapingThrow : Fact {
  std::string Type; ///< Thrown; empty if not known.
  std::string Task; ///< Function that it leaves last.
  ir::Range Started;
};

/// A task that somebody joins.
struct JoinedTask : Fact {
  const ir::Function *Body = nullptr;
  ir::Range Started;
  bool Stops = false; ///< The handle asks it to stop first.
  bool Asked = false; ///< Somebody does so in a way that needs no help of the task: cancels it.
};

/// The loop of a task that somebody waits for has no way out.
struct EndlessTask : Fact {
  std::string Flag; ///< What the loop tests although nobody can change it; empty if it tests nothing.
  bool Token = false;
  bool Unasked = false; ///< Where is the join: nothing sets Flag before it. Joined is the loop then.
  ir::Range Started, Joined;
};

/// A plain variable ends the loop of one thread and is written by another.
struct PlainStopFlag : Fact {
  ir::Range Started, Written;
  ir::Range Spelled; ///< Its type, where an atomic one could stand as well.
};

/// A class can be destroyed while its member thread runs.
struct UnjoinedMember : Fact {
  std::string Class, ClassId;
  bool Written = false; ///< The user's own destructor does not end it.
  bool Terminates = true;
  bool Several = false; ///< A container of them.
  ir::Range Declared, Started;
  ir::Range Begin, End; ///< Written: of the body of the destructor, just after the one brace, and the other.
  std::string JoinCode; ///< Statement that ends the thread there, if it runs; empty where more is to be done.
};

/// A member thread uses a part of the object before it is made or after it is gone.
struct MemberOrder : Fact {
  enum class How : uint8_t {
    NotYetMade,  ///< The thread is made before a member that it uses.
    AlreadyGone, ///< The thread is waited for after a member that it uses was destroyed.
    DerivedGone, ///< The thread calls what a derived class overrides, and only the base waits for it.
    DerivedNotYetMade,
  };
  How Why = How::NotYetMade;
  std::string Used, ClassId;
  ir::Range Thread, Declared, Started;
};

/// A thread for each turn of a loop without bound, and nobody waits.
struct UnboundedSpawn : Fact {
  ir::Range Loop;
};

} // namespace latchkey::flow
