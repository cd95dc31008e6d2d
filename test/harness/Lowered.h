// A unit parsed and lowered in this process.
#pragma once

#include "test/harness/Faces.h"

#include "checks/rules/Rule.h"

#include <optional>

namespace latchkey::test {

struct Lowered {
  std::optional<ir::Module> Module;
  std::vector<Reported> Errors; ///< The compiler's.
};

/// Parses U, or Text in its place, and lowers it.
Lowered lowerUnit(const Workspace &, const Unit &, std::optional<llvm::StringRef> Text = std::nullopt);

AnalysisOptions analysisOptions(const Selection &);

/// What is wrong with the module itself: unsound, or another one after print and parse.
std::vector<std::string> irProblems(const ir::Module &);

} // namespace latchkey::test
