// Drops from a lowered function what nobody can look at: variables that no test, count, call or capture reads, and
// control flow without effects (docs/ir.md, design section 11, 10).
#pragma once

#include "checks/ir/Module.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace latchkey::lower {

void prune(ir::Function &, const ir::Module &);

/// Calls Fn for each list of nodes directly below N.
void forEachList(ir::Node &N, llvm::function_ref<void(ir::Nodes &)> Fn);

} // namespace latchkey::lower
