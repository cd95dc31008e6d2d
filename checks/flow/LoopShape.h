// What the different kinds of loops have in common.
#pragma once

#include "checks/flow/Engine.h"

namespace latchkey::flow {

struct Engine::LoopShape {
  const ir::Nodes *Body = nullptr;
  const ir::Nodes *Step = nullptr;
  const ir::Condition *Test = nullptr; ///< Null: no condition.
  bool TestAfter = false;
  ir::Term Trip;         ///< Unknown: an own symbol stands for it.
  Loc Container = NoLoc; ///< That a Foreach goes over.
  const ir::Foreach *Items = nullptr;
  ir::Place Index; ///< Its counting variable, if it is canonical.
  ir::Range Where;
};

} // namespace latchkey::flow
