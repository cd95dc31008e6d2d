// The sources as they were, at the paths where they are: so a compile database, and what a cache knows of the units
// that did not change, hold for then as well.
#pragma once

#include "llvm/Support/VirtualFileSystem.h"

#include <map>
#include <string>

namespace latchkey::driver {

/// By real path: the file or folder that holds what was there then, or nothing if nothing was.
using EarlierFiles = std::map<std::string, std::string>;

/// The machine's file system where EarlierFiles says nothing else.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> filesAsOf(const EarlierFiles &);

} // namespace latchkey::driver
