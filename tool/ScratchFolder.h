// A temporary folder, removed with all that is in it: at the end, and when the program is ended by a signal that it can
// see.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace latchkey::driver {

/// One at a time.
class ScratchFolder {
public:
  static llvm::Expected<ScratchFolder> create();
  ScratchFolder(ScratchFolder &&);
  ScratchFolder &operator=(ScratchFolder &&) = delete;
  ~ScratchFolder();

  const std::string &path() const { return Path; }
  std::string file(llvm::StringRef Name) const { return Path + "/" + Name.str(); }

private:
  explicit ScratchFolder(std::string Path);
  std::string Path;
};

} // namespace latchkey::driver
