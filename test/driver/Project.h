// A throw-away project on disk and the driver's binary run on it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace latchkey::test {

struct Ran {
  int Status = -1;
  std::string Out, Err;
};

/// A function with one thing wrong: a thread started in its second line is lost at its fourth. Needs "thread.h".
std::string leak(llvm::StringRef Function);

class Project {
public:
  Project();
  ~Project();
  Project(const Project &) = delete;

  /// Writes a file, with its folders, and returns its absolute path.
  std::string write(llvm::StringRef Path, llvm::StringRef Text) const;
  /// A source with leak(Name) in it, and an entry for it.
  void addLeak(llvm::StringRef Path, llvm::StringRef Function);
  void addEntry(llvm::StringRef Path, std::vector<std::string> Flags = {}, llvm::StringRef Compiler = "clang++");
  void addCommand(llvm::StringRef Path, const std::vector<std::string> &Arguments);

  std::string path(llvm::StringRef Relative) const;
  std::string read(llvm::StringRef Path) const;

  /// Writes the entries as compile_commands.json and runs the driver in the project's folder.
  Ran run(std::vector<std::string> Arguments) const;
  Ran runIn(llvm::StringRef Folder, std::vector<std::string> Arguments) const;

private:
  std::string Root;
  llvm::json::Array Entries;
};

} // namespace latchkey::test
