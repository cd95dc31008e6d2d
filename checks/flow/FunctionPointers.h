// Pointers to functions that only ever have one value: tables of callbacks, hooks that are set once, parameters that
// are always given the same function. Calls through them become calls of that function.
#pragma once

#include "checks/ir/Module.h"

namespace latchkey::flow {

/// \param Whole Nothing outside of the module sets pointers in it. Else only constants, and what a unit keeps to
/// itself, are known.
void resolveFunctionPointers(ir::Module &, bool Whole);

} // namespace latchkey::flow
