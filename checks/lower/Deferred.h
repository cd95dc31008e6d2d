// What is kept of plain code because a guard is near: calls that give resources back or act outside of the process.
#pragma once

#include "checks/ir/Module.h"

namespace latchkey::lower {

/// Calls of library functions that are there for guards only go where no guard is armed; what they look at of a
/// lambda's captures stays.
void dropIdleCalls(ir::Function &);

} // namespace latchkey::lower
