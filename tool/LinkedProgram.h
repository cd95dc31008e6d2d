// The program that all translation units make up, as a file between the process that links it and those that analyse
// it, and in memory.
#pragma once

#include "checks/flow/Link.h"
#include "checks/flow/Program.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>

namespace latchkey::driver {

class LinkedProgram {
public:
  /// Errors name the file and say what is wrong with it.
  static llvm::Expected<std::unique_ptr<LinkedProgram>> read(const std::string &Path);
  /// The same, from memory where it still is.
  static llvm::Expected<std::unique_ptr<LinkedProgram>> of(struct ProgramFile);

  const flow::Program &program() const { return Program; }
  /// Those that are judged with this file: its own, and what a compiler made for it.
  llvm::ArrayRef<const ir::Function *> functionsOf(llvm::StringRef File) const;

private:
  explicit LinkedProgram(ir::Module M);

  ir::Module M;
  flow::Program Program;
  llvm::StringMap<std::vector<const ir::Function *>> ByFile;
};

struct ProgramFile {
  std::string Path;
  std::vector<std::string> Sources; ///< Those that have functions to judge, sorted.
  std::vector<std::string> Files;   ///< All that it was read from and name something in it, but for system headers.
  std::string Hash;                 ///< Of what stands in it.
  std::optional<ir::Module> Linked; ///< What stands in it, where this process linked it.
};

struct LinkRequest {
  std::vector<std::string> Units; ///< Files.
  bool Whole = true;              ///< They are all that the program has.
  std::string Path;               ///< Where the program goes.
  std::string SummaryDb;          ///< Where its summaries go; nowhere if empty.
};

/// Links the units and writes the program. What keeps the summaries from being written goes to Unwritten.
llvm::Expected<ProgramFile> linkFiles(const LinkRequest &, flow::LinkStatistics &, std::string &Unwritten);
/// A unit that is a program by itself.
llvm::Expected<ProgramFile> singleUnit(const std::string &Path);

llvm::Expected<ir::Module> readModule(const std::string &Path);
/// Whole or not at all, whoever else writes there.
llvm::Error writeFile(const std::string &Path, llvm::StringRef Bytes);
/// Leaves a file alone that says the same: build systems go by its time.
llvm::Error writeIfOther(const std::string &Path, llvm::StringRef Bytes);

} // namespace latchkey::driver
