// What the engine tells the rules about one function: facts with the path that leads to each. Rules see nothing else.
#pragma once

#include "checks/ir/Module.h"

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::flow {

struct Limits {
  unsigned States = 48;     ///< Disjuncts kept at one point; above, the function is over budget.
  unsigned Steps = 200'000; ///< Nodes interpreted for one entry function, callees included.
  unsigned CallDepth = 12;  ///< Frames of callees entered from one function.
  enum class Exceptions : uint8_t { Known, All, None };
  Exceptions Paths = Exceptions::Known; ///< Which calls may throw (option CheckExceptionPaths).
};

struct Statistics {
  uint32_t Functions = 0;
  uint32_t OverBudget = 0;
  uint32_t Opaque = 0;
  std::vector<std::string> NotAnalysed; ///< "name: reason", sorted.
};

struct FunctionFacts; // The kinds of facts grow with the checks: see the engine.

} // namespace latchkey::flow
