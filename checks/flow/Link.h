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

/// What MainFile says in a linked module that is not the whole program: code elsewhere may have a part in everything.
inline constexpr llvm::StringLiteral PartOfProgram = "(part)";

/// Functions and classes are one by id. A function that units define differently (other macros, other programs of the
/// same build) stays one for each of them, and is unknown to units that only declare it. The result does not depend on
/// the order of Units.
ir::Module link(std::vector<ir::Module> Units, LinkStatistics &, bool Whole = true);

} // namespace latchkey::flow
