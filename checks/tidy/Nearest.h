// Files that an option of clang-tidy names: it does not say in which file it stands.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <string>

namespace latchkey::tidy {

/// Name itself if it is absolute, else in the nearest folder, from Start up, that has it; empty if none has.
std::string nearest(llvm::StringRef Name, llvm::StringRef Start, llvm::vfs::FileSystem &);

} // namespace latchkey::tidy
