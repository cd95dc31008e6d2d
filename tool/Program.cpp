#include "tool/Program.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <fmt/format.h>

namespace latchkey::driver {

std::string ownProgram() {
  static const int Anchor = 0;
  return llvm::sys::fs::getMainExecutable("latchkey", const_cast<int *>(&Anchor));
}

std::string pluginPath() {
  const std::string Own = ownProgram();
  llvm::StringRef Folder = llvm::sys::path::parent_path(Own);
  for (llvm::StringRef Place : {"../checks", "../" LATCHKEY_PLUGIN_FOLDER}) {
    llvm::SmallString<256> Path(Folder);
    llvm::sys::path::append(Path, Place, "liblatchkey-tidy.so");
    llvm::sys::path::remove_dots(Path, /*remove_dot_dot=*/true);
    if (llvm::sys::fs::exists(Path))
      return Path.str().str();
  }
  return {};
}

std::string outputOf(llvm::StringRef Program, const std::vector<std::string> &Arguments) {
  llvm::SmallString<128> Output;
  if (std::error_code Wrong = llvm::sys::fs::createTemporaryFile("latchkey", "txt", Output))
    return Wrong.message();
  llvm::FileRemover Remove(Output);
  std::vector<llvm::StringRef> Words{Program};
  Words.insert(Words.end(), Arguments.begin(), Arguments.end());
  std::optional<llvm::StringRef> Redirects[] = {llvm::StringRef(), Output.str(), Output.str()};
  std::string Why;
  if (llvm::sys::ExecuteAndWait(Program, Words, std::nullopt, Redirects, /*SecondsToWait=*/60, 0, &Why) < 0)
    return Why;
  auto Text = llvm::MemoryBuffer::getFile(Output);
  return Text ? (*Text)->getBuffer().str() : "";
}

llvm::StringRef version() {
  return LATCHKEY_VERSION;
}

std::string versionLine() {
  return fmt::format("latchkey {} (LLVM {})", LATCHKEY_VERSION, LLVM_VERSION_STRING);
}

} // namespace latchkey::driver
