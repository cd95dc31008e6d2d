// The ways in which people run Latchkey, each as one function from fixtures to what is reported.
#pragma once

#include "test/harness/Compare.h"
#include "test/harness/Fixture.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace latchkey::test {

/// A fixture with one of its standards and one of its libraries, as a file that can be compiled.
struct Unit {
  const Fixture *F = nullptr;
  std::string Standard;
  std::string Headers;
  std::string Path;
  std::vector<std::string> Command; ///< Compiler first.
};

/// A temporary folder with the files of a batch and their compile_commands.json. It is outside of our own tree, whose
/// .clang-tidy is not about fixtures.
class Workspace {
public:
  static llvm::Expected<std::unique_ptr<Workspace>> create(llvm::ArrayRef<Unit>);
  ~Workspace();
  Workspace(const Workspace &) = delete;
  Workspace &operator=(const Workspace &) = delete;

  llvm::StringRef directory() const { return Directory; }
  llvm::ArrayRef<Unit> units() const { return Units; }
  /// Name within the folder; the path itself for what lies elsewhere.
  std::string nameOf(llvm::StringRef Path) const;

private:
  Workspace() = default;
  llvm::Error write();

  llvm::SmallString<128> Directory;
  std::vector<Unit> Units;
};

/// What is on in a batch.
struct Selection {
  std::vector<std::string> Checks; ///< Without prefix.
  bool OnByDefault = true;         ///< All of them are.
  std::map<std::string, std::string> Options;
  bool Linked = false; ///< The files are one program, not one each.
};

/// By the index of the unit.
using Reports = std::vector<std::vector<Reported>>;

struct Face {
  const char *Name; ///< As in a fixture's `faces:`.
  bool Headers;     ///< Reports what it finds in headers.
  llvm::Expected<Reports> (*Run)(const Workspace &, const Selection &);
};

/// In process, the plugin in clang-tidy, the driver, the language server.
llvm::ArrayRef<Face> allFaces();

llvm::Expected<Reports> runInProcess(const Workspace &, const Selection &);
llvm::Expected<Reports> runClangTidy(const Workspace &, const Selection &);
llvm::Expected<Reports> runDriver(const Workspace &, const Selection &);
llvm::Expected<Reports> runEditor(const Workspace &, const Selection &);

/// clang-tidy's command line up to the files.
std::vector<std::string> clangTidyCommand(const Workspace &, const Selection &);

/// Runs a program to its end; what it wrote to its outputs.
struct Ran {
  int Status = 0;
  std::string Out, Err;
};
llvm::Expected<Ran> runProgram(const std::vector<std::string> &Command, unsigned TimeoutSeconds = 280);

/// Batches of units: the fixtures that the face runs, with equal options, no file twice in one.
std::vector<std::vector<Unit>> batches(llvm::ArrayRef<Fixture>, llvm::StringRef FaceName);
/// The checks that are on by default, and Check.
Selection selectionFor(llvm::StringRef Check, const Fixture &);

/// Gives a finding to every unit that its file is part of: hosts report a header's findings once.
void distribute(const Workspace &, Reported, Reports &);

} // namespace latchkey::test
