// The language server: clangd with Latchkey's checks.

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>

namespace clang::clangd {
int clangdMain(int Argc, char *Argv[]); // Exported by clangd's library, declared in no header that is shipped.
}

// clangd looks for Clang's own headers relative to its binary, and this one stands elsewhere.
static char ResourceDir[] = "--resource-dir=" LATCHKEY_RESOURCE_DIR;

int main(int Argc, char *Argv[]) {
  llvm::SmallVector<char *> Arguments(Argv, Argv + Argc);
  bool Given = std::any_of(Arguments.begin(), Arguments.end(),
                           [](llvm::StringRef Argument) { return Argument.ltrim('-').starts_with("resource-dir"); });
  if (!Given && !Arguments.empty() && llvm::sys::fs::is_directory(LATCHKEY_RESOURCE_DIR))
    Arguments.insert(Arguments.begin() + 1, ResourceDir);
  int Count = static_cast<int>(Arguments.size());
  Arguments.push_back(nullptr);
  return clang::clangd::clangdMain(Count, Arguments.data());
}
