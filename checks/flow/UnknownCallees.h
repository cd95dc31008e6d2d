// Functions of which neither a body nor a model is known, by what they cost: whatever they are given is unknown from
// there on.
#pragma once

#include "checks/ir/Module.h"

#include <map>
#include <string>

namespace latchkey::flow {

/// How often code that may be reported on hands threads, counters, locks, guards, promises, signals or callables to
/// each of them, by qualified name. System code is not looked into.
std::map<std::string, unsigned> unknownCallees(const ir::Module &);

} // namespace latchkey::flow
