// Guards that stand behind a point that is never passed.
#pragma once

#include "checks/flow/Facts.h"

namespace latchkey::flow {

/// Guards of F that no way reaches: behind a loop without end, a call that does not return, or another exit.
std::vector<GuardFault> unreachedGuards(const ir::Module &M, const ir::Function &F);

} // namespace latchkey::flow
