// Calls of functions that do nothing that matters are dropped, and the functions with them (design, section 11, 10).
#pragma once

#include "checks/ir/Module.h"

#include <set>
#include <string>

namespace latchkey::lower {

/// Discardable: ids of functions that may leave the module when nothing in it calls them, because every translation
/// unit that could has a copy of its own.
void dropEffectless(ir::Module &, const std::set<std::string> &Discardable);

} // namespace latchkey::lower
