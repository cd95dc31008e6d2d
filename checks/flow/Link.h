// From the modules of all translation units to the module of the program, which everything behind lowering takes like
// any other.
#pragma once

#include "checks/ir/Module.h"

namespace latchkey::flow {

struct LinkStatistics {
  unsigned Units = 0;
  unsigned Functions = 0;   ///< Of all units together.
  unsigned Merged = 0;      ///< Of these, the same as one of another unit.
  unsigned Conflicting = 0; ///< Of these, another one by the same id: kept for its own unit alone.
};

/// Functions and classes are one by id; a function whose units disagree on it (other macros, other headers) stays one
/// per unit. The result does not depend on the order of Units.
ir::Module link(std::vector<ir::Module> Units, LinkStatistics &);

} // namespace latchkey::flow
