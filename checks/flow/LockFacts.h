// Facts about locks and permits, and about what happens while they are held.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

/// A way leaves with a mutex, or a permit, that it took by hand and nobody gives back.
struct KeptLock : Fact {
  bool Permit = false;
  bool Thrown = false;  ///< Left by an exception.
  bool Again = false;   ///< The next iteration of a loop takes it again.
  bool Dropped = false; ///< A locker's `release()` left it to nobody.
  bool AllWays = false; ///< No way gives it back.
  ir::Range Taken;
  ir::Range Returned; ///< Where other ways give it back; may be invalid.
  // For the fix, where it can be given back before the way leaves:
  std::string ReleaseCode; ///< As its model spells that.
  WayOut Exit;             ///< Invalid at the end of the function.
};

/// A lock or unlock that does not fit what this thread holds.
struct BadLock : Fact {
  enum class Reason : uint8_t {
    Twice,      ///< Locked while this thread holds it.
    Upgrade,    ///< Locked for writing while this thread holds it for reading.
    Returned,   ///< Unlocked again.
    Never,      ///< Unlocked without having been locked.
    OtherWays,  ///< Unlocked first on one way, locked first on another: one of them is wrong.
    OtherSide,  ///< Taken for reading and given back as if for writing, or the reverse.
    UnderGuard, ///< Unlocked by hand while a guard is going to unlock it.
    Deferred,   ///< Unlocked through a locker that does not hold it.
  };
  Reason Why = Reason::Twice;
  std::string Locker; ///< UnderGuard, Deferred: its name.
  std::string Callee; ///< Twice: the function called that locks; empty if it is done here.
  ir::Range Before;   ///< The lock or unlock before; OtherWays: the lock on the other way.
};

/// Waits, with a mutex held, for a task that must take the mutex to come to its end.
struct LockedWait : Fact {
  enum class Kind : uint8_t { Join, Count, Result, Signal, Destroyed };
  Kind K = Kind::Join;
  std::string Awaited; ///< The handle or counter, as the user spells it.
  ir::Range Taken;     ///< Where this thread took the mutex,
  ir::Range Needed;    ///< and where the task does.
  ir::Range Invoked;   ///< That is in a callable that the task calls here; may be invalid.
};

/// Sleeps or blocks in I/O with a mutex held.
struct LockedBlock : Fact {
  std::string Call; ///< What blocks.
  ir::Range Taken;
};

/// A coroutine is suspended with a mutex held.
struct LockedSuspend : Fact {
  std::string Awaited;
  std::string Locker; ///< The guard that holds it; empty if it was taken by hand.
  ir::Range Taken;
};

} // namespace latchkey::flow
