#include "tool/ResourceDirectory.h"

#include "tool/Program.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

static bool isResourceDirectory(const llvm::Twine &Path) {
  return llvm::sys::fs::exists(Path + "/include/stddef.h");
}

/// What `clang-22 -print-resource-dir` says; empty if there is no such compiler.
static std::string askCompiler(StringRef Name) {
  auto Compiler = llvm::sys::findProgramByName(Name);
  return Compiler ? StringRef(outputOf(*Compiler, {"-print-resource-dir"})).trim().str() : std::string();
}

llvm::Expected<std::string> findResourceDirectory() {
  const std::string Version = std::to_string(LLVM_VERSION_MAJOR);
  if (isResourceDirectory(LATCHKEY_RESOURCE_DIRECTORY))
    return LATCHKEY_RESOURCE_DIRECTORY;
  llvm::SmallString<256> Beside(llvm::sys::path::parent_path(llvm::sys::path::parent_path(ownProgram())));
  llvm::sys::path::append(Beside, "lib", "clang", Version);
  if (isResourceDirectory(Beside))
    return Beside.str().str();
  std::string Asked = askCompiler("clang-" + Version);
  if (!Asked.empty() && isResourceDirectory(Asked))
    return Asked;
  return llvm::createStringError(
      fmt::format("cannot find the headers of Clang {0} (looked in {1} and {2}, and asked clang-{0}); install the "
                  "package libclang-common-{0}-dev, or give --resource-dir=DIR",
                  Version, LATCHKEY_RESOURCE_DIRECTORY, Beside.str().str()));
}

} // namespace latchkey::driver
