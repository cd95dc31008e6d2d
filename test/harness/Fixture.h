// A fixture: a source file that says on its own lines what Latchkey has to say about it. README.md describes the
// comments.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>
#include <vector>

namespace latchkey::test {

struct Expectation {
  enum class Kind {
    Want,  ///< Must be reported.
    Note,  ///< Some finding has this note.
    Miss,  ///< Known false negative: must stay silent.
    Wrong, ///< Known false positive: must still be reported.
  };
  Kind K = Kind::Want;
  std::string Check; ///< Empty for a note.
  std::string Text;  ///< Part of the message, or a regular expression; for Miss and Wrong the reason.
  std::string File;  ///< Name within the fixture's folder: its own or that of a header it includes.
  unsigned Line = 0;
};

struct Fixture {
  std::string Folder; ///< The check's name.
  std::string File;   ///< Name within the folder.
  std::string Origin; ///< Where it was read from, for messages.
  std::string Text;
  bool C = false;
  std::vector<std::string> Standards;          ///< At least one.
  std::vector<std::string> Headers;            ///< libstdc++, libc++; at least one.
  bool Mock = false;                           ///< The stand-ins in test/include are on the include path.
  std::vector<std::string> Faces;              ///< Empty: all.
  std::vector<std::string> Flags;              ///< For the compiler.
  std::map<std::string, std::string> Options;  ///< As in CheckOptions.
  std::map<std::string, std::string> Included; ///< Headers of its own: name and text.
  std::vector<Expectation> Expectations;
  std::string Fixed; ///< What its fixes make of it; empty if that is not said.

  std::string name() const { return Folder + "/" + File; }
};

/// Reads the comments of a text. Folder and File name it. The error names file and line.
llvm::Expected<Fixture> parseFixture(llvm::StringRef Folder, llvm::StringRef File, llvm::StringRef Text);

/// The fixtures of a check: its folder in Root/test/fixtures and the blocks of its page in Root/docs/checks, sorted.
llvm::Expected<std::vector<Fixture>> readFixtures(llvm::StringRef Root, llvm::StringRef Check);
/// Several files that are one program: a folder in a check's folder.
struct ProgramFixture {
  std::string Name;           ///< Of the folder.
  std::vector<Fixture> Files; ///< Its sources, sorted; the headers are in each that includes them.
};
llvm::Expected<std::vector<ProgramFixture>> readPrograms(llvm::StringRef Root, llvm::StringRef Check);
/// The checks that have a folder, sorted.
std::vector<std::string> fixtureFolders(llvm::StringRef Root);

/// Code blocks (```cpp, ```c) of a page as fixtures; their lines are those of the page.
llvm::Expected<std::vector<Fixture>> parsePage(llvm::StringRef Check, llvm::StringRef Page, llvm::StringRef Text);

/// A text without its expectations: what a fixture and its fixed version are compared by.
std::string withoutExpectations(llvm::StringRef Text);

} // namespace latchkey::test
