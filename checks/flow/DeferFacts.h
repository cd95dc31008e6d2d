// Facts about guards and what they run.
#pragma once

#include "checks/flow/Fact.h"

namespace latchkey::flow {

/// Where the life of a guard ends, as the tree has it.
struct GuardScope : Fact {
  enum class Kind : uint8_t {
    Temporary,       ///< Dies at the semicolon.
    HidesMutex,      ///< A declaration that was meant to be a lock.
    SingleStatement, ///< Declared as the only statement of an if or loop.
    EndsNestedBlock, ///< The last thing in a nested block.
  };
  Kind K = Kind::Temporary;
  bool Lock = false;
  std::string TypeName;
  std::string Guarded; ///< The mutex, if a lock.
  ir::Range Statement;
  ir::Range Spelled;  ///< The guard's type as the statement writes it; a name fits behind it.
  ir::Range BlockEnd; ///< EndsNestedBlock: its closing brace.
};

} // namespace latchkey::flow
