// This program itself: its path and its version.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace latchkey::driver {

/// Absolute path of the running binary.
std::string ownProgram();

/// "0.1.0"
llvm::StringRef version();

/// "latchkey 0.1.0 (LLVM 22.1.8)"
std::string versionLine();

} // namespace latchkey::driver
