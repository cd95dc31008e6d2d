#include "tool/Program.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/format.h>

namespace latchkey::driver {

std::string ownProgram() {
  static const int Anchor = 0;
  return llvm::sys::fs::getMainExecutable("latchkey", const_cast<int *>(&Anchor));
}

llvm::StringRef version() {
  return LATCHKEY_VERSION;
}

std::string versionLine() {
  return fmt::format("latchkey {} (LLVM {})", LATCHKEY_VERSION, LLVM_VERSION_STRING);
}

} // namespace latchkey::driver
