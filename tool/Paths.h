// Paths as the driver keeps them (absolute, without dots) and as people read them.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace latchkey::driver {

std::string workingDirectory();

/// Absolute and without dots; a relative path starts at Directory, or at the working directory if that is empty.
std::string absolutePath(llvm::StringRef Path, llvm::StringRef Directory = "");

/// Relative to Directory if it is below it, else as it is.
std::string shortPath(llvm::StringRef Path, llvm::StringRef Directory);

} // namespace latchkey::driver
