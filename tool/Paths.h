// Paths as the driver keeps them (absolute, without dots) and as people read them.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace latchkey::driver {

std::string workingDirectory();

/// Absolute and without dots; a relative path starts at Directory, or at the working directory if that is empty.
std::string absolutePath(llvm::StringRef Path, llvm::StringRef Directory = "");

/// What a lowered unit's file is called, by the unit's: told apart by the whole path, and independent of the build.
std::string loweredName(llvm::StringRef File);

/// Relative to Directory if it is below it, else as it is.
std::string shortPath(llvm::StringRef Path, llvm::StringRef Directory);

} // namespace latchkey::driver
