// Loops of tasks: those without a way out, and those that only a plain variable can end.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

namespace latchkey::flow {

/// Completes Facts with what is wrong about the loops of the tasks that the function waits for.
void endlessTasks(const Program &, FunctionFacts &Facts);

/// Tasks of members of C that somebody waits for although they never end.
std::vector<EndlessTask> endlessMembers(const Program &, const ir::Class &C);

/// Members' threads that the destructor of C waits for before anything has asked their loops to end.
std::vector<EndlessTask> unaskedMembers(const Program &, const ir::Class &C);

/// Loops of the tasks that F starts whose end is a plain variable, which another thread writes without a lock.
std::vector<PlainStopFlag> plainStopFlags(const Program &, const ir::Function &F);

/// Threads that F starts and lets go in a loop without a bound.
std::vector<UnboundedSpawn> unboundedSpawns(const ir::Function &F);

/// Callables of F that nothing runs or hands on, and whose future F waits for.
std::vector<DiscardedTask> unrunTasks(const ir::Module &, const ir::Function &F);

/// SkippedTasks.cpp: those that only one branch runs or hands on, while the other comes to the wait as well.
std::vector<DiscardedTask> skippedTasks(const ir::Module &, const ir::Function &F);

} // namespace latchkey::flow
