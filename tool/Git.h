// The git program, asked about one work tree.
#pragma once

#include "tool/ScratchFolder.h"

#include <vector>

namespace latchkey::driver {

/// A file that differs between a revision and what is there now.
struct ChangedFile {
  std::string Before,
      Now;             ///< Relative to the work tree's root; empty if there was, or is, none. Both for a renamed one.
  bool Regular = true; ///< Before: a file, not a link or a submodule.
};

class Git {
public:
  /// The work tree that the folder is in. The error says what is missing: the program, or a work tree.
  static llvm::Expected<Git> open(llvm::StringRef Folder, const ScratchFolder &);

  const std::string &root() const { return Root; } ///< Real path.

  /// The commit where the work here parted from Revision, in hexadecimal.
  llvm::Expected<std::string> mergeBase(llvm::StringRef Revision) const;
  /// What was changed since, committed or not; files that git was never told of are new.
  llvm::Expected<std::vector<ChangedFile>> changedSince(llvm::StringRef Commit) const;
  /// Writes files of a commit below a folder, as a checkout would. Neither work tree nor index are touched.
  llvm::Error checkOut(llvm::StringRef Commit, llvm::ArrayRef<std::string> Paths, llvm::StringRef Folder) const;

private:
  Git(std::string Program, std::string Root, const ScratchFolder &Scratch)
      : Program(std::move(Program)), Root(std::move(Root)), Scratch(Scratch) {}
  /// What it prints. The error is what it says.
  llvm::Expected<std::string> run(std::vector<std::string> Arguments, llvm::StringRef Input = "",
                                  llvm::StringRef Index = "") const;

  std::string Program, Root;
  const ScratchFolder &Scratch;
};

} // namespace latchkey::driver
