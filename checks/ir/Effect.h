// The leaves of the effect IR: what a piece of code does to threads, counters, locks, promises, guards and values.
#pragma once

#include "checks/ir/Place.h"

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::ir {

/// What is passed, captured, stored or returned.
struct Value {
  enum class Kind : uint8_t {
    Unknown,
    Default, ///< A value-initialised object: an empty handle, an unarmed guard, a null pointer.
    Number,  ///< N.
    Copy,    ///< A copy of what stands at P.
    Move,    ///< What stood at P, which is left empty.
    Address, ///< A reference or pointer to P.
    Closure, ///< A callable: function Callee, or the callable held at P when Callee is empty.
    Fresh,   ///< An object of its own behind a new pointer (new, make_unique, make_shared).
  };
  Kind K = Kind::Unknown;
  bool Const = false; ///< Address: to const, so an unknown callee does not change it.
  Term N;
  Place P;
  std::string Callee;          ///< Closure: function id.
  std::vector<Value> Captures; ///< Closure: one for each capture of the lambda, in order.
  std::vector<Value> Args;     ///< Closure: bound arguments, `this` first for a member function.

  static Value unknown() { return {}; }
  static Value number(Term T);
  static Value copy(Place P);
  static Value move(Place P);
  static Value address(Place P, bool Const = false);
  bool operator==(const Value &) const = default;
};

enum class Op : uint8_t {
  // Counters: latch, wait group, barrier, blocking counter, semaphore used as one.
  Init, ///< Subject gets the count Amount (constructor, reset).
  Add,  ///< Raise by Amount.
  Done, ///< Complete Amount.
  Wait, ///< Block until the count is zero (barrier: until the phase ends).
  Poll, ///< Test without blocking.
  Drop, ///< Barrier: leave it for good, arriving once.
  // Tasks.
  Spawn,  ///< Run Input concurrently; Subject (if any) becomes its handle.
  Join,   ///< Wait for the task of the handle.
  Detach, ///< Let go of it.
  // Guards and defers. A guard that is armed runs Input when destroyed.
  Arm,
  Dismiss, ///< Disarm.
  Fire,    ///< Run it now, then disarmed.
  // Locks. Semaphores' acquire and release are Acquire and Release.
  Lock,
  TryLock,
  Unlock,
  Acquire,
  TryAcquire,
  Release,
  // Promises, futures, condition variables, events.
  Set,
  Get,
  Notify,
  Await,
  Reset,
  // Values and lifetimes.
  Declare, ///< Subject begins its life uninitialised or default-initialised.
  Assign,  ///< Subject becomes Input. Initialisation has Effect::Initial set.
  Use,     ///< Subject is read in a way no other effect says.
  Write,   ///< Subject is changed to something unknown.
  Escape,  ///< Subject is reachable from code we cannot see from here on.
  Destroy, ///< Subject's life ends: joins, fires or unlocks as its type says.
  // Containers; Subject is the container.
  Push,   ///< One more element, Input.
  Pop,    ///< One element fewer; it is destroyed.
  Resize, ///< To Amount elements; new ones are default, surplus ones destroyed.
  Clear,  ///< All elements destroyed.
  Swap,   ///< Subject and the place of Input (Address) exchange contents.
  // Calls.
  Call,   ///< Callee(Args) -> Result.
  Invoke, ///< Call the callable Input with Args.
  Exit,   ///< The process or thread ends here without unwinding; Text names how (`exit`, `longjmp`).
  Block,  ///< Sleeps or blocks in I/O; Text names how.
};

/// When a Spawn, TryLock, TryAcquire or submission took effect, as told by Result.
enum class Success : uint8_t { Always, WhenZero, WhenNonZero };

struct Effect {
  Op O = Op::Use;
  Place Subject;
  Term Amount; ///< Counters, Resize; a literal 1 where the source gives none.
  Value Input;
  Place Result; ///< Where the value returned is kept, if anybody looks at it.
  Success When = Success::Always;
  std::string Callee; ///< Call: function id; empty through a pointer.
  std::vector<Value> Args;
  std::string Text; ///< The name to show: callee, API or macro as written.
  Range Where;
  Range Statement; ///< The whole statement it stands in, for fixes; invalid if there is none.
  // Call:
  bool Virtual = false;
  bool NoReturn = false;
  bool NoThrow = false;
  bool System = false; ///< Declared in a system header; its body is not read.
  // Call, and Arm of a function whose body is not here; by a model, or by the name where there is no body:
  bool Ends = false;     ///< Gives back the resource it is given (`close`, `free`, `release_buffer`).
  bool Harmless = false; ///< Ends: does nothing if that is null or negative.
  bool Lasting = false;  ///< What it does is seen outside of the process (`unlink`, `flush_journal`).
  bool Forks = false;    ///< Goes on in two processes, or comes back a second time.
  // Wait, Join, Await, Get:
  bool Timed = false; ///< May return without the event.
  // Assign, Spawn, Arm, Init:
  bool Initial = false; ///< First value of a new object, so nothing is overwritten.
  // Lock and friends:
  bool Shared = false; ///< Reader side.

  bool operator==(const Effect &) const = default;
};

} // namespace latchkey::ir
