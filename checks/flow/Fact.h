// What every fact has: an object, a place, and the path that leads there.
#pragma once

#include "checks/ir/Module.h"

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::flow {

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
    Refused, ///< No task was started.
    Branch,  ///< Text is the condition; Flag is its value.
    LoopEntered,
    LoopSkipped,
    Exit,   ///< return, throw, break, continue; Text says which.
    Called, ///< Text is the callee.
    Caught,
    Locked,   ///< A mutex or permit was taken,
    Unlocked, ///< given back.
  };
  Kind K = Kind::Branch;
  std::string Subject;
  std::string Text;
  bool Flag = false;
  unsigned Lane = 0;
  ir::Range Where;
};

/// What a lambda's list of captures says of a variable.
struct CaptureSite {
  ir::Range Name;    ///< In the list.
  ir::Range Default; ///< Else what stands for it there: `&` or `=`.
  bool valid() const { return Name.valid() || Default.valid(); }
  auto operator<=>(const CaptureSite &) const = default;
};

/// A statement that leaves, before which something can be put.
struct WayOut {
  ir::Range Statement; ///< Invalid if there is none.
  bool Bare = false; ///< The body of an if or loop without braces. The statement is all of it then, semicolon included.
  auto operator<=>(const WayOut &) const = default;
};

/// Parts that every fact has.
struct Fact {
  std::string Subject; ///< The user's spelling of the object.
  ir::Range Where;
  bool Always = false; ///< Holds on every path that reaches Where, not only on some.
  std::vector<PathStep> Path;
};

} // namespace latchkey::flow
