// A piece of source that a fix may move, and where to: worked out where the source is known, for rules that know none.
#pragma once

#include "checks/ir/Source.h"

#include <string>
#include <vector>

namespace latchkey::ir {

/// Between two statements of a block, where another one of them can stand: everything it names is declared there, with
/// the value that it has now, nothing it declares is used before, and the lines in between hold no label or directive.
struct Slot {
  Range At; ///< Empty, at the end of a line.
  /// Objects with destructors declared on the way there: an object that moves dies in another order.
  uint32_t Objects = 0;
  /// Ways to leave on the way there, calls included. A test that leaves is one, whatever it does before it leaves.
  uint32_t Ways = 0;
  bool Tested = false; ///< A test on the way there asks for something that it names.
  bool operator==(const Slot &) const = default;
};

struct MovableCode {
  Range Lines;                    ///< Whole, with the line break before them and a comment behind.
  std::string Text;               ///< Of the lines.
  std::vector<std::string> Names; ///< Locals of the function that it names; `this`.
  std::vector<Slot> Slots;        ///< In order; nothing stands between two neighbours but what cannot be placed.
  bool Unused = false;            ///< Nobody names what it declares.
  Range Outside;                  ///< Behind the braces that it is the last statement of, which nothing controls.
  bool operator==(const MovableCode &) const = default;
};

} // namespace latchkey::ir
