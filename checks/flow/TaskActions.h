// What a task does to signals, counters and flags, in the order of its text and that of what it calls, and on which
// flags the loops end in which it does so.
#pragma once

#include "checks/flow/Objects.h"

#include <set>

namespace latchkey::flow {

/// A variable that ends a loop by itself, whatever else the loop tests.
struct LoopFlag {
  Objects::Id Object = 0;
  ir::Place AtSpawn; ///< The place in the function that starts the task; invalid if it cannot be said there.
  std::string Name;  ///< As the loop spells it.
};

struct TaskLoop {
  std::vector<LoopFlag> Flags;
  bool OtherExits = false; ///< It can be left without them.
  size_t Branches = 0;     ///< That it stands in.
};

struct TaskAction {
  enum class Kind : uint8_t { Await, Notify, Complete };
  Kind K = Kind::Await;
  Objects::Id Object = 0;
  const ir::Effect *Source = nullptr;
  const ir::Function *In = nullptr;
  ir::Place AtSpawn;         ///< The object in the function that starts the task; invalid if it cannot be said there.
  std::vector<size_t> Loops; ///< That it stands in, the outermost first: indices into TaskActions::Loops.
  size_t Branches = 0;       ///< That it stands in.
  bool AtEnd = false;        ///< Done by a guard when the task leaves a scope.
};

struct TaskActions {
  const ir::Function *Spawner = nullptr;
  const ir::Function *Body = nullptr;
  std::vector<TaskAction> All;
  std::vector<TaskLoop> Loops;
  std::set<const ir::Function *> Entered; ///< The body and what it calls.
  std::set<Objects::Id> Written;
  bool Complete = true; ///< All that it calls in the program was entered.
};

/// Of every task whose body is seen where it is started.
std::vector<TaskActions> taskActions(const Program &, Objects &);

} // namespace latchkey::flow
