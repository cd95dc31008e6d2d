// Tasks that may be running, and what this thread lent them: the liveness domain (design, section 4).
#pragma once

#include "checks/flow/Fact.h"
#include "checks/flow/Locations.h"

#include <memory>
#include <set>
#include <vector>

namespace latchkey::flow {

/// What a task was started with. Made once for a start and shared by all states.
struct Loan {
  struct Object {
    Loc L = NoLoc;
    bool This = false;        ///< As the object of a method.
    CaptureSite Capture = {}; ///< Where a copy would do.
  };
  std::vector<Object> Objects; ///< Variables of this thread, or parts of them, that the task has the address of.
  std::set<Loc> Shared;        ///< What else both can reach: copies that mean the same object.
  std::string Handle;          ///< As the user spells it; empty if there is none.
  ir::Range Started;           ///< The effect,
  ir::Range Site;              ///< and where that is seen from the entry function.
  Loc Pool = NoLoc;            ///< That it was handed to, which may be joined as a whole.
  bool Counts = false;         ///< It completes a counter that somebody may wait for.
};

struct RunningTask {
  enum class Kind : uint8_t {
    Held,      ///< There is a handle to it.
    Detached,  ///< Nobody can join it any more.
    Abandoned, ///< The same, as its handle is gone.
    Loose,     ///< It never had a handle.
  };
  Kind K = Kind::Held;
  ir::Range Since; ///< Detached: where.
  std::shared_ptr<const Loan> What;
  bool operator==(const RunningTask &) const = default;
};

} // namespace latchkey::flow
