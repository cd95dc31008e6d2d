// What is known of mutexes, semaphores and lockers on one path. A mutex without entry is one that this path has not
// touched: its state at entry is the caller's.
#pragma once

#include "checks/flow/Locations.h"
#include "checks/ir/Source.h"

#include <cstdint>
#include <map>
#include <vector>

namespace latchkey::flow {

struct LockState {
  enum class Kind : uint8_t {
    Lost,     ///< Code we cannot see may have locked or unlocked it, or two ways disagree.
    Held,     ///< By this thread.
    Released, ///< Not held by this thread: given back on this path, or never taken.
  };
  Kind K = Kind::Lost;
  bool Shared = false;    ///< Held for reading.
  bool AtEntry = false;   ///< Whoever called held it: the first thing that happened to it was an unlock, at least on
                          ///< some of the ways that met.
  bool Untouched = false; ///< Lost: on some way it is as it was at entry.
  bool Tried = false;     ///< Lost: by a try whose answer a locker keeps.
  int64_t Count = 1;      ///< Held: how often a reentrant mutex was locked, how many permits are kept.
  Loc By = NoLoc;         ///< Held: the locker that gives it back; none if that is to be done by hand.
                          ///< Released: the locker that will unlock it once more.
  uint32_t Frame = 0;     ///< Held: the activation that owns it.
  ir::Range At;           ///< The last change, as the entry function sees it.
  bool Stuck = false;     ///< Held: this thread waits for one who needs it, so nothing that follows happens.
  ir::Range Before = {};  ///< Released: where it had been taken.

  bool held() const { return K == Kind::Held; }
};

/// A locker and the mutexes it was built from. It keeps them when it unlocks: it can lock them again.
struct LockerState {
  enum class Holds : uint8_t { No, Yes, Maybe };
  Holds Owns = Holds::No;
  std::vector<Loc> Mutexes;
  bool operator==(const LockerState &) const = default;
};

using LockMap = std::map<Loc, LockState>;

/// Nothing that the ways do from here on can differ: the same is held in the same way. Where a mutex was given back,
/// and whether it was touched at all, makes no difference worth a state of its own.
bool sameHeld(const LockMap &, const LockMap &);
/// Keeps what both know; what they disagree on is lost.
void agreeOnLocks(LockMap &Mine, const LockMap &Theirs);

} // namespace latchkey::flow
