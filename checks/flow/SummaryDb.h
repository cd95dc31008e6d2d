// What a linked program says about other files than the one that is open, for hosts that see one translation unit at a
// time. The file is made to be mapped: of a program of any size, only what the open unit has to do with is read.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace latchkey::flow {

class SummaryDb {
public:
  /// Usual name of the file, beside compile_commands.json.
  static constexpr llvm::StringLiteral FileName = "latchkey.summaries";

  /// A linked program as such a file. Deterministic.
  static std::string write(const ir::Module &Program);

  /// The error says what is wrong: not ours, of another version, damaged.
  static llvm::Expected<SummaryDb> open(std::unique_ptr<llvm::MemoryBuffer>);

  /// Whether a file is still what the program was lowered from.
  using IsCurrent = llvm::function_ref<bool(const ir::File &)>;

  struct Completed {
    ir::Module Linked;
    std::vector<std::string> Judged; ///< Functions that may show something about the unit: its own and their callers.
  };
  /// Unit linked with the functions elsewhere that its own call, directly or not, with those that call its own or have
  /// a part in its classes and globals, and what these call. Where files are not current or it would become too much,
  /// functions are left out and are thereby unknown, as they are to Unit alone.
  Completed complete(ir::Module Unit, IsCurrent) const;

private:
  friend class Completion;
  explicit SummaryDb(std::unique_ptr<llvm::MemoryBuffer> Bytes) : Bytes(std::move(Bytes)) {}

  /// Ordinals of the parts that have something to do with the key.
  std::vector<uint32_t> partsWith(uint64_t Key) const;
  /// The bytes of a part: a module in its binary form.
  llvm::StringRef part(uint32_t Ordinal) const;

  std::unique_ptr<llvm::MemoryBuffer> Bytes;
  uint32_t Parts = 0, Keys = 0;
};

} // namespace latchkey::flow
