// Guards that fire where they stand.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

namespace latchkey::flow {

/// Guards of F that die at the semicolon, hide the mutex they were meant to lock, or end the block they stand in.
std::vector<GuardScope> guardScopes(const Program &, const ir::Function &F);

} // namespace latchkey::flow
