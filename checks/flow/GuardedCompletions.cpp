// Completions that a guard of the launcher makes, where a task was meant to make them.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/StringRef.h"

namespace latchkey::flow {

void Defers::completes(CounterState &K, const State &S) {
  if (E.TaskDepth > 0)
    return;
  bool WhileTasksRun = false;
  // A guard that is shared goes with the tasks.
  if (Current && Current->Guard->Source && !E.type(Current->L).SharedCopies)
    for (const auto &[Where, Handle] : S.Defers.Tasks)
      WhileTasksRun |= Where.Offset > Current->Guard->Source->Where.Offset;
  if (WhileTasksRun)
    K.ByGuard = Current->Guard->Source;
  else
    K.ByLauncher = true;
}

void Defers::awaits(Loc Counter, ir::Range Wait, State &S, const Frame &F) {
  CounterState &K = S.Counters[Counter];
  // A count that is known only from here on: what was raised here is completed by nobody before the wait.
  ir::Term Open = K.Expected - K.High;
  if (!K.Known && !K.Fuzzy && !K.ByTask && K.Registered.valid() && !E.escaped(Counter, S) && Open.isConstant() &&
      Open.constantValue() > 0) {
    Frame Here = F;
    E.guardCompletes(Counter, Wait, S, Here);
  }
  if (!K.ByGuard || K.ByTask || K.ByLauncher || K.Fuzzy || E.escaped(Counter, S) || !E.visible(Counter, F))
    return;
  GuardFault G = fault(GuardFault::Kind::CompletesForTask, Counter, K.ByGuard->Where, K.ByGuard, S);
  G.Certain = true;
  G.Cause = Wait;
  S.Counters[Counter].Known = false; // one report a count
  report(std::move(G));
}

void Defers::waitsForGuard(Loc Counter, const Resolved &Guard, ir::Range Wait, State &S, const Frame &F) {
  if (!Guard.Source || E.TaskDepth > 0 || !E.visible(Counter, F))
    return;
  GuardFault G = fault(GuardFault::Kind::CompletesForTask, Counter, Guard.Source->Where, Guard.Source, S);
  G.Certain = true;
  G.Waits = true;
  G.Cause = Wait;
  S.Counters[Counter].Known = false; // one report a count
  report(std::move(G));
}

/// One permit or none: it takes turns, as a mutex does, and holds for the starting of the task.
static bool takesTurns(const ir::Type &T) {
  return !llvm::StringRef(T.Name).contains('<') || llvm::StringRef(T.Name).contains("<1>");
}

void Defers::releases(Loc Semaphore, const State &S) {
  // Outside of a loop a function may well hold a permit for itself.
  if (!Current || !Current->Guard->Source || E.TaskDepth > 0 || E.ActiveLoops.empty() || takesTurns(E.type(Semaphore)))
    return;
  const ir::Effect *Armed = Current->Guard->Source;
  for (const auto &[Where, Handle] : S.Defers.Tasks)
    if (Where.File == Armed->Where.File && Where.Offset > Armed->Where.Offset) {
      GuardFault G = fault(GuardFault::Kind::ReleasesForTask, Semaphore, Armed->Where, Armed, S);
      G.Cause = Where;
      return report(std::move(G));
    }
}

} // namespace latchkey::flow
