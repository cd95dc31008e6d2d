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

/// Joins in F of a member's thread that is also run by that thread, and threads of a container that one of them lets go
/// of while others join them.
std::vector<BadJoin> selfJoins(const Program &, const ir::Function &F);

/// Threads in a container of F's class that F drops although nobody but the destructor ever ends any.
std::vector<LostHandle> droppedMembers(const Program &, const ir::Function &F);

/// Threads of F's class that F, an assignment, overwrites although they may be running.
std::vector<LostHandle> overwrittenMembers(const Program &, const Limits &, const ir::Function &F,
                                           std::set<const ir::Function *> &Heavy);

/// Threads that a destructor detaches although they work on its object.
std::vector<DanglingCapture> letGoMembers(const Program &, const ir::Function &Destructor);

/// Tasks of F's class that F, a constructor or destructor, starts too early or lets run too long for what they use.
std::vector<MemberOrder> memberOrder(const Program &, const ir::Function &F);

} // namespace latchkey::flow
