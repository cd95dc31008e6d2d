// Edits that several rules make in the user's text, from what the IR keeps of it. What would not compile, or would
// change what runs in between, is not offered: then there is no fix.
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
/// The same before a closing brace; within its line if Begin, where the block begins, is there, too.
Fix insertAtEnd(const ir::Module &, ir::Range Brace, const std::string &Text, std::string Title, bool Safe,
                ir::Range Begin = {});
/// Gives back what was taken before the way leaves, if the fact says how.
std::optional<Fix> releaseBeforeLeaving(const ir::Module &, const flow::KeptLock &, std::string Title);
/// `[&n]` becomes `[n]`, `[&]` becomes `[&, n]`; the reverse is `[&n]` and `[=, &n]`.
Fix captureByValue(const ir::Module &, const flow::CaptureSite &, const std::string &Name);
Fix captureByReference(const ir::Module &, const flow::CaptureSite &, const std::string &Name);
/// A local guard at the top of the task completes in place of the statement; it needs no header and runs on every way
/// out.
std::optional<Fix> guardAtTheTop(const ir::Module &, const flow::OwnCompletion &);

} // namespace latchkey::rules
