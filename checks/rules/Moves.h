// Fixes that move a statement or a member, to one of the places that lowering has found for it. Where it has found
// none, the code would not compile there or would mean something else: then there is no fix.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/rules/Finding.h"

#include <optional>
#include <string>

namespace latchkey::rules {

/// The statement at Where, or the member declared there, as far as a fix may move it; null if it may not.
const ir::MovableCode *movable(const ir::Module &, const flow::FunctionFacts &, ir::Range Where);
/// The first slot behind what stands at Past, the last one before it; null where that is out of reach.
const ir::Slot *below(const ir::MovableCode &, ir::Range Past);
const ir::Slot *above(const ir::MovableCode &, ir::Range Past);
/// Moves whole lines. Never safe by itself: something runs at another time.
Fix move(const ir::Module &, const ir::MovableCode &, ir::Range To, std::string Title);
/// The same to a place with another indentation.
Fix moveOut(const ir::Module &, const ir::MovableCode &, ir::Range To, unsigned Indentation, std::string Title);
/// To the top of a function, if all that the statement names is at hand there.
std::optional<Fix> moveInto(const ir::Module &, const ir::MovableCode &, const ir::Function &, std::string Title);

} // namespace latchkey::rules
