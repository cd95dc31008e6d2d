// Facts about guards and what they run.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

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

/// A guard that fires where it does harm, or does not where it is needed.
struct GuardFault : Fact {
  enum class Kind : uint8_t {
    CompletesForTask, ///< Completes, in the launcher, what stands for a task; Subject is the counter.
    ReleasesForTask,  ///< Gives back the permit that was taken for a task; Subject is the semaphore, Cause the start.
    Skipped,          ///< The program ends with it armed.
    NeverArmed,       ///< Stands behind a point that is never passed.
    ArmedLate,        ///< A way leaves before it is armed; Subject is the resource.
    ActsOnOld,        ///< Subject was changed after the guard copied it.
    AsksOld,          ///< The same, of a flag that it only asks.
    UpdateLost,       ///< Changes Subject after it was copied into the returned value.
    Throws,           ///< What it runs lets an exception out.
    EndsNothing,      ///< Gives Subject back where a check after it has found that there is nothing.
    StartsTask,       ///< Starts a task that holds a reference to Subject, which dies with the frame.
    UsesAbsent,       ///< Uses Subject after it was moved from, reset or destroyed.
    Escapes,          ///< Leaves the function with a reference to Subject.
    DismissedEarly,   ///< Dismissed before Subject was handed over.
    Doubled,          ///< Copied, and both run.
  };
  Kind K = Kind::Skipped;
  bool Certain = false;
  std::string Guard;   ///< Its name; empty if no user wrote it.
  bool Below = false;  ///< UsesAbsent: Subject is declared below the guard, at Cause.
  std::string By;      ///< What does it: the function that is called, the type that is thrown …
  std::string How;     ///< UsesAbsent: what became of Subject.
  ir::Range Armed;     ///< Where the guard was armed.
  ir::Range Cause;     ///< The change, check, hand-over, return … that the fault is about.
  CaptureSite Capture; ///< ActsOnOld, AsksOld, Escapes: of Subject, where another way to capture it would do.
  ir::Range Declared;  ///< UsesAbsent: the guard, if that is a local.
  ir::Range Handed;    ///< DismissedEarly: the call that Subject is handed over by.
  const ir::Function *Task = nullptr; ///< CompletesForTask, ReleasesForTask: the only task that it can be.
  bool Waits = false;                 ///< CompletesForTask: the wait comes first, so it never returns.
  bool Stored = false;                ///< Escapes: kept in an object, not returned.
  bool Elidable = false;
  bool Flag = false; ///< ArmedLate: Subject is no resource but a flag that the guard takes down.
};

} // namespace latchkey::flow
