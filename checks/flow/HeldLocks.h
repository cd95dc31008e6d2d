// What a function does to locks, shared state and signals, in the order of its text, with the locks that it holds.
// Where ways meet, what one of them holds is held: a lock that is missing here is missing on every way.
#pragma once

#include "checks/flow/Objects.h"

#include <set>

namespace latchkey::flow {

struct SharedAction {
  enum class Kind : uint8_t { Write, Notify, Await, Acquire, Other };
  Kind K = Kind::Other;
  Objects::Id Object = 0;
  const ir::Effect *Source = nullptr;
  const ir::Effect *Site =
      nullptr; ///< The call in the function itself by which it is reached; null if it stands there.
  const ir::Function *In = nullptr; ///< Where it stands: the function or one that it calls.
  std::set<Objects::Id> Held;
  Objects::Id Mutex = UINT32_MAX; ///< Await: of the lock given to it, if this function took it.
  bool InLoop = false;
  std::vector<std::pair<const void *, bool>> Sides; ///< The branches it stands in.
};

struct SharedActions {
  std::vector<SharedAction> All;
  std::set<std::pair<const void *, bool>> Leaving; ///< Branches that do not come back to what follows them.
  /// Callees that are entered, with the locks held then.
  std::vector<std::pair<const ir::Function *, std::set<Objects::Id>>> Calls;

  /// Control can get from one to the other.
  bool follows(const SharedAction &First, const SharedAction &Then) const;
};

SharedActions sharedActions(const Program &, Objects &, const ir::Function &);

} // namespace latchkey::flow
