// Threads that are members: who ends them, and what else of the object they use.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

#include <set>

namespace latchkey::flow {

/// Handles that are members of Destructor's class, that some function of the module starts, and that nothing ends:
/// neither the destructor nor anybody else who could be asked to.
std::vector<UnjoinedMember> unjoinedMembers(const Program &, const Limits &, const ir::Function &Destructor,
                                            std::set<const ir::Function *> &Heavy);

/// Tasks of F's class that F, a constructor or destructor, starts too early or lets run too long for what they use.
std::vector<MemberOrder> memberOrder(const Program &, const ir::Function &F);

} // namespace latchkey::flow
