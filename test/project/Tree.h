// Our own source tree, for the tests that guard it.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace latchkey::test {

struct SourceFile {
  std::string Path; ///< From the project's root: "checks/flow/Engine.cpp".
  std::string Text;
};

/// Our sources and headers (no fixtures, no stand-ins for libraries, no demo), sorted.
const std::vector<SourceFile> &ownSources();

/// The text without comments; string literals stay. Lines stay where they are.
std::string withoutComments(llvm::StringRef Text);

} // namespace latchkey::test
