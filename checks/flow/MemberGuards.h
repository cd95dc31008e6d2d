// Guards that are members.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

namespace latchkey::flow {

/// Guards that Constructor arms and that use a member which is declared after them, so destroyed before they fire.
std::vector<GuardFault> outlivedMembers(const Program &, const ir::Function &Constructor);

} // namespace latchkey::flow
