// What the driver has left of the program that a translation unit belongs to: where it is, and what of it may be used.
#pragma once

#include "checks/flow/SummaryDb.h"

#include <optional>

namespace clang {
class SourceManager;
}

namespace latchkey::tidy {

/// The database that Option names (`none`: none), else the one of the build folder: where the compiler runs and above,
/// the main file's folder and above, and behind a compile_commands.json there. What is wrong with it is said once, on
/// standard error, which is an editor's log; that there is none, only in an Editor.
std::optional<flow::SummaryDb> openSummaries(llvm::StringRef Option, const clang::SourceManager &, bool Editor);

/// Unit with what the program says about it. Files that have changed since are not believed.
flow::SummaryDb::Completed withSummaries(const flow::SummaryDb &, ir::Module Unit, const clang::SourceManager &);

} // namespace latchkey::tidy
