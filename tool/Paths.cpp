#include "tool/Paths.h"

#include "checks/ir/Binary.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

namespace latchkey::driver {

using llvm::StringRef;
namespace path = llvm::sys::path;

std::string workingDirectory() {
  llvm::SmallString<256> Result;
  if (llvm::sys::fs::current_path(Result))
    return "";
  return Result.str().str();
}

std::string absolutePath(StringRef Path, StringRef Directory) {
  llvm::SmallString<256> Result(Path);
  path::make_absolute(Directory.empty() ? workingDirectory() : Directory.str(), Result);
  path::remove_dots(Result, /*remove_dot_dot=*/true);
  return Result.str().str();
}

std::string loweredName(StringRef File) {
  return (path::filename(File) + "-" + llvm::utohexstr(llvm::xxh3_64bits(File)) + ir::BinaryEnding).str();
}

std::string shortPath(StringRef Path, StringRef Directory) {
  StringRef Rest = Path;
  if (!Directory.empty() && Rest.consume_front(Directory) && Rest.consume_front("/") && !Rest.empty())
    return Rest.str();
  return Path.str();
}

} // namespace latchkey::driver
