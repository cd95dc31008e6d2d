// Where something can be put before a statement that leaves, for fixes.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

/// The statement of F that leaves at Where. Unbraced: it is the body of an if or loop without braces.
WayOut wayOut(const ir::Function &F, const ir::Range &Where, bool Unbraced);

} // namespace latchkey::flow
