// The files that findings stand in, read once each, for excerpts and for columns in other units than bytes.
#pragma once

#include "checks/rules/Finding.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace latchkey::driver {

class SourceText {
public:
  /// A line without its end; empty if the file or line does not exist. 1-based.
  llvm::StringRef line(llvm::StringRef File, unsigned Line);

  /// How many lines a file has; 0 if it cannot be read.
  unsigned lines(llvm::StringRef File);
  /// What stands there; empty if the file has no such place.
  llvm::StringRef text(const SourcePlace &);

  struct Position {
    unsigned Line = 0;
    unsigned Column = 0; ///< 1-based, in code points.
  };
  /// Where a range begins and ends (exclusive).
  std::pair<Position, Position> span(const SourcePlace &);

private:
  struct File {
    std::unique_ptr<llvm::MemoryBuffer> Text; ///< Null if it cannot be read.
    std::vector<size_t> LineStarts;
  };
  const File &open(llvm::StringRef Path);
  static unsigned codePoints(llvm::StringRef Bytes);

  llvm::StringMap<File> Files;
};

} // namespace latchkey::driver
