// Members that a destructor ends on some of its ways only.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

#include <set>

namespace latchkey::flow {

/// Handles that are members of Destructor's class and that it leaves open on a way that nothing ties to whether a
/// task was started: the test that decides looks at no field that starting or ending the task has to do with, or at
/// one that the task itself changes.
std::vector<LostHandle> leftOpen(const Program &, const Limits &, const ir::Function &Destructor,
                                 std::set<const ir::Function *> &Heavy);

} // namespace latchkey::flow
