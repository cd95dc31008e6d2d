// Completions that a guard of the launcher makes, where a task was meant to make them.
#include "checks/flow/Defers.h"
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

namespace latchkey::flow {

/// What armed the guard that fires; of a class whose destructor does it, the destruction, which stands where the object
/// is declared.
const ir::Effect *Defers::firing() const {
  if (Current) // one that is shared goes with the tasks
    return E.type(Current->L).SharedCopies ? nullptr : Current->Guard->Source;
  const ir::Nodes *Body = E.Cleaning.C ? &E.Cleaning.C->Body : nullptr;
  const auto *Destroy = Body && Body->size() == 1 ? Body->front().as<ir::Effect>() : nullptr;
  return Destroy && Destroy->O == ir::Op::Destroy && Destroy->Subject.Path.empty() ? Destroy : nullptr;
}

void Defers::forEachPending(llvm::function_ref<void(const ir::Effect &, const Frame &)> Found) const {
  const std::vector<Scope> Now = Pending; // what is done with them may open others
  for (const Scope &Open : llvm::reverse(Now)) {
    if (Open.TaskDepth != E.TaskDepth)
      return;
    for (const ir::Node &N : Open.C->Body) {
      const auto *Destroy = N.as<ir::Effect>();
      if (Destroy && Destroy->O == ir::Op::Destroy && Open.C->On != ir::Cleanup::Mask::Throw)
        Found(*Destroy, *Open.F);
    }
  }
}

void Defers::completes(CounterState &K, const State &S) {
  if (E.TaskDepth > 0)
    return;
  bool WhileTasksRun = false;
  const ir::Effect *Guard = firing();
  if (Guard)
    for (const auto &[Where, Handle] : S.Defers.Tasks)
      WhileTasksRun |= Where.Offset > Guard->Where.Offset;
  if (WhileTasksRun)
    K.ByGuard = Guard;
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
  G.Task = onlyTask(*K.ByGuard);
  G.Cause = Wait;
  S.Counters[Counter].Known = false; // one report a count
  report(std::move(G));
}

/// What the guard does belongs to the task, if just one is started behind it, and as often as it is armed.
const ir::Function *Defers::onlyTask(const ir::Effect &Armed) const {
  const std::pair<const ir::Range, const ir::Function *> *Only = nullptr;
  for (const auto &Start : Bodies)
    if (Start.first.File == Armed.Where.File && Start.first.Offset > Armed.Where.Offset) {
      if (Only)
        return nullptr;
      Only = &Start;
    }
  auto Within = [](const ir::Range &R, const ir::Range &Around) {
    return R.File == Around.File && R.Offset >= Around.Offset && R.Offset < Around.Offset + Around.Length;
  };
  bool Repeated = false;
  forEachNode(E.Entry.Body, [&](const ir::Node &N) {
    if (Only && (N.as<ir::Loop>() || N.as<ir::Foreach>()))
      Repeated |= Within(Only->first, N.Where) && !Within(Armed.Where, N.Where);
  });
  return Only && !Repeated ? Only->second : nullptr;
}

void Defers::waitsForGuard(Loc Counter, const ir::Effect *Armed, ir::Range Wait, State &S, const Frame &F) {
  if (!Armed || E.TaskDepth > 0 || !E.visible(Counter, F))
    return;
  GuardFault G = fault(GuardFault::Kind::CompletesForTask, Counter, Armed->Where, Armed, S);
  G.Certain = true;
  G.Task = onlyTask(*Armed);
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
      G.Task = onlyTask(*Armed);
      return report(std::move(G));
    }
}

} // namespace latchkey::flow
