// This program itself: its path and its version.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace latchkey::driver {

/// Absolute path of the running binary.
std::string ownProgram();

/// The plugin for clang-tidy that belongs to this program, where it was built or installed; empty if it is not there.
std::string pluginPath();

/// What a program writes to standard output and error together, however it ends; why it does not run, if so.
std::string outputOf(llvm::StringRef Program, const std::vector<std::string> &Arguments);

/// "0.1.0"
llvm::StringRef version();

/// "latchkey 0.1.0 (LLVM 22.1.8)"
std::string versionLine();

} // namespace latchkey::driver
