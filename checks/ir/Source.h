// Where something stands in the user's files. No Clang types: the IR outlives the AST.
#pragma once

#include <compare>
#include <cstdint>

namespace latchkey::ir {

/// A piece of source as the user wrote it; code from a macro is placed at the expansion.
struct Range {
  static constexpr uint32_t NoFile = UINT32_MAX;

  uint32_t File = NoFile; ///< Index into Module::Files.
  uint32_t Line = 0;      ///< 1-based.
  uint32_t Column = 0;    ///< 1-based, in bytes.
  uint32_t Offset = 0;    ///< In bytes from the start of the file; for edits only, never in ids.
  uint32_t Length = 0;    ///< In bytes.
  bool Macro = false;     ///< Stands in a macro expansion, so no fix may edit it.

  bool valid() const { return File != NoFile; }
  auto operator<=>(const Range &) const = default;
};

} // namespace latchkey::ir
