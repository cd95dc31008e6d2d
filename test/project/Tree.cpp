#include "test/project/Tree.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace latchkey::test;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static void collect(StringRef Folder, std::vector<SourceFile> &Into) {
  std::string Root = LATCHKEY_SOURCE_DIR "/";
  std::error_code Failed;
  for (fs::recursive_directory_iterator It(Root + Folder, Failed), End; It != End && !Failed; It.increment(Failed)) {
    StringRef Path = It->path();
    Path.consume_front(Root);
    if (Path.starts_with("test/fixtures") || Path.starts_with("test/include") ||
        Path.starts_with("test/driver/cases")) {
      It.no_push();
      continue;
    }
    StringRef Extension = llvm::sys::path::extension(Path);
    if (Extension != ".h" && Extension != ".cpp")
      continue;
    if (auto Buffer = llvm::MemoryBuffer::getFile(It->path()))
      Into.push_back({Path.str(), (*Buffer)->getBuffer().str()});
  }
}

const std::vector<SourceFile> &latchkey::test::ownSources() {
  static const std::vector<SourceFile> All = [] {
    std::vector<SourceFile> Files;
    for (StringRef Folder : {"checks", "tool", "test"})
      collect(Folder, Files);
    llvm::sort(Files, [](const SourceFile &A, const SourceFile &B) { return A.Path < B.Path; });
    return Files;
  }();
  return All;
}

/// The end of the quoted text that begins at Begin.
static size_t endOfQuoted(StringRef Text, size_t Begin) {
  size_t I = Begin + 1;
  while (I < Text.size() && Text[I] != Text[Begin] && Text[I] != '\n')
    I += Text[I] == '\\' ? 2 : 1;
  return std::min(I + 1, Text.size());
}

std::string latchkey::test::withoutComments(StringRef Text) {
  std::string Plain;
  for (size_t I = 0; I < Text.size();) {
    StringRef Rest = Text.drop_front(I);
    size_t Length = 1;
    if (Rest.starts_with("//")) {
      I += Rest.find_first_of('\n') == StringRef::npos ? Rest.size() : Rest.find_first_of('\n');
      continue;
    }
    if (Rest.starts_with("/*")) {
      Length = std::min(Rest.find("*/", 2), Rest.size() - 2) + 2;
      Plain.append(Rest.take_front(Length).count('\n'), '\n');
      I += Length;
      continue;
    }
    if (Rest.starts_with("R\"(")) {
      Length = std::min(Rest.find(")\""), Rest.size() - 2) + 2;
    } else if (Text[I] == '"' || (Text[I] == '\'' && (I == 0 || !llvm::isAlnum(Text[I - 1])))) {
      Length = endOfQuoted(Text, I) - I;
    }
    Plain += Rest.take_front(Length);
    I += Length;
  }
  return Plain;
}
