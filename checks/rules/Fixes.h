// Edits that several rules make in the user's text, from what the IR keeps of it. What would not compile, or would change
// what runs in between, is not offered: then there is no fix.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/rules/Finding.h"

#include <optional>
#include <string>

namespace latchkey::rules {

/// Inserts Text as a line of its own before the statement at Statement, with its indentation.
Fix insertBefore(const ir::Module &, ir::Range Statement, const std::string &Text, std::string Title, bool Safe);
/// Inserts Text before a statement that leaves, in braces if it has none.
Fix insertBefore(const ir::Module &, const flow::WayOut &, const std::string &Text, std::string Title, bool Safe);
/// The same before a closing brace, or within its line.
Fix insertAtEnd(const ir::Module &, ir::Range Brace, const std::string &Text, std::string Title, bool Safe,
                bool OneLine = false);
/// Gives back what was taken before the way leaves, if the fact says how.
std::optional<Fix> releaseBeforeLeaving(const ir::Module &, const flow::KeptLock &, std::string Title);
/// `[&n]` becomes `[n]`, `[&]` becomes `[&, n]`; the reverse is `[&n]` and `[=, &n]`.
Fix captureByValue(const ir::Module &, const flow::CaptureSite &, const std::string &Name);
Fix captureByReference(const ir::Module &, const flow::CaptureSite &, const std::string &Name);
/// A local guard at the top of the task completes in place of the statement; it needs no header and runs on every way
/// out.
std::optional<Fix> guardAtTheTop(const ir::Module &, const flow::OwnCompletion &);

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
