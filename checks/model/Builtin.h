// The tables under builtin/, embedded at build time.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace latchkey::model {

struct BuiltinTable {
  llvm::StringRef Name; ///< `builtin/std.yaml`.
  llvm::StringRef Text;
};

/// In the order they are to be added.
llvm::ArrayRef<BuiltinTable> builtinTables();

} // namespace latchkey::model
