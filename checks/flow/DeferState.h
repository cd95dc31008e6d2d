// What a path remembers for guards: of the variables that they act on, and of the value that is being returned.
#pragma once

#include "checks/flow/Locations.h"
#include "checks/ir/Effect.h"

#include <map>
#include <set>

namespace latchkey::flow {

/// Property state of everything that guards have to do with; empty where no guard is.
struct DeferState {
  /// An object whose content is not there any more, though its name is.
  struct Absence {
    enum class How : uint8_t { Moved, Reset, Destroyed };
    How K = How::Moved;
    ir::Range Where;
    bool operator==(const Absence &) const = default;
  };
  /// A resource that nobody is responsible for: a guard comes later, or has been dismissed.
  struct Loose {
    const ir::Effect *Guard = nullptr; ///< The one that is armed later, or was dismissed.
    ir::Range Since;                   ///< Where it was made, or the guard dismissed.
    bool Dismissed = false;
    ir::Range Given;    ///< Dismissed: to whom it was handed after that.
    Loc Answer = NoLoc; ///< What that call returned; not dismissed: the call that acquired it.
    bool Flag = false;  ///< Dismissed: by a flag that the guard asks; else it is a flag that the guard takes down.
    bool Out = false;   ///< Acquired by way of its address, which tells nobody more than that.
    bool operator==(const Loose &) const = default;
  };
  /// A variable whose value a guard has copied, with another value.
  struct Change {
    const ir::Effect *Guard = nullptr;
    ir::Range Where;
    bool Flag = false; ///< The guard only asks it.
    bool operator==(const Change &) const = default;
  };
  /// A local that was copied into the value that is on its way out.
  struct Return {
    ir::Range Where;
    bool Elidable = false;
    bool operator==(const Return &) const = default;
  };

  std::map<Loc, Absence> Absent;
  std::map<Loc, Loose> Unguarded;
  std::map<Loc, Change> Changed;
  std::map<Loc, Return> Returned;
  std::set<std::pair<ir::Range, Loc>> Tasks; ///< Started while a guard is armed, and not joined yet.
  bool Forked = false;

  bool operator==(const DeferState &) const = default;
};

} // namespace latchkey::flow
