// Facts about condition variables, events and whatever else is notified and awaited.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

/// A wait for a signal.
struct SignalWait : Fact {
  bool Timed = false;
  bool Condition = false; ///< A condition variable, waited on with a lock.
  bool Guarded = false;   ///< Under an if that tests once.
  ir::Range If;           ///< That, if it is there for nothing but the wait.
  /// Where the wait stands in a task whose starter returns the only handle to what it waits for: the starter's name and
  /// the wait. The fact's own place is then a call that drops the handle.
  std::string Starter;
  ir::Range Wait;
};

/// The state that a waiter tests changes, or is notified, in a way that it can miss.
struct LostWakeup : Fact {
  std::string State; ///< What was changed,
  std::string Mutex; ///< without this.
  bool Late = false; ///< Changed only after the notification.
  ir::Range Changed, Wait;
  ir::Range Statement; ///< The change, if it can be put
  std::string Hold;    ///< behind this, which holds the mutex.
};

/// The waiter ends an object that the thread which wakes it may still be using.
struct DyingWaitObject : Fact {
  ir::Range Notify, Wait;
};

} // namespace latchkey::flow
