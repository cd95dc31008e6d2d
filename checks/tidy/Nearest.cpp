#include "checks/tidy/Nearest.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

namespace path = llvm::sys::path;
using llvm::StringRef;

std::string latchkey::tidy::nearest(StringRef Name, StringRef Start, llvm::vfs::FileSystem &Files) {
  if (path::is_absolute(Name))
    return Name.str();
  for (StringRef Folder = Start; !Folder.empty(); Folder = path::parent_path(Folder)) {
    llvm::SmallString<256> Candidate(Folder);
    path::append(Candidate, Name);
    if (Files.exists(Candidate))
      return Candidate.str().str();
  }
  return {};
}
