// What guards do to the function that arms them. The engine fires a guard on every way out of its scope; these automata
// look at what its body does there, and at what happens to the variables it acts on until then. Each has a file of its
// own: SkippedGuards, GuardedResources, GuardFlags, LateGuards, GuardedCompletions, FiringGuards, EscapingGuards.
#pragma once

#include "checks/flow/Captures.h"
#include "checks/flow/DeferState.h"
#include "checks/flow/Facts.h"
#include "checks/flow/Lasting.h"
#include "checks/ir/Tree.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
#include <optional>
#include <vector>

namespace latchkey::flow {

class Engine;
struct Exit;
struct Frame;
struct Resolved;
struct State;
struct CounterState;
struct TrailStep;

/// The place whose value is passed on as it is; null if there is none.
const ir::Place *passed(const ir::Value &);
/// The effect gives a resource back.
bool gives(const ir::Effect &);
/// Somebody can get at it when the frame of that number is gone: the returned value, a global, what a parameter or
/// `this` leads to. Stored: not by the returned value.
bool outlives(const Locations &, Loc, uint32_t Frame, bool &Stored);
/// Of what is given to a function that gives something back: the last of the variables that only the guard knows.
const ir::Place *given(const ir::Effect &Call, const ir::Function &Body);

class Defers {
public:
  explicit Defers(Engine &E);

  // SkippedGuards.cpp: what is pending where the program ends.
  void enterScope(const ir::Cleanup &, const Frame &);
  void leaveScope() { Pending.pop_back(); }
  void exits(const ir::Effect &, const State &, const Frame &);

  // GuardedResources.cpp: armed too late, dismissed too early, acting on an old copy.
  void arms(const Resolved &Closure, State &);
  void dismisses(const Resolved *Closure, ir::Range, State &, const Frame &);
  void calls(const ir::Effect &, const std::vector<Resolved> &Args, State &, const Frame &);
  /// What a call gave is there, unless it threw.
  std::vector<Exit> answered(const ir::Effect &Call, std::vector<Exit> Ends, const Frame &);
  /// L was given a value: by a call, or V.
  void changes(Loc L, const Resolved *V, const ir::Effect &By, State &, const Frame &);
  /// `delete p` gives back what p leads to.
  void deletes(const ir::Effect &, State &, const Frame &);
  void returns(const ir::Return &, ir::Range, State &, const Frame &);
  /// A way out of the entry function: LateGuards.cpp.
  void leaves(Exit &);
  void conclude();

  // FiringGuards.cpp: what a guard's body does where it fires.
  /// While a guard's body runs.
  struct Firing {
    const Resolved *Guard = nullptr;
    Loc L = NoLoc;
    const Frame *In = nullptr;
    bool OnNormal = false; ///< It runs only where no exception is in flight.
    ir::Range Scope;       ///< Where the block begins that it stands in.
    struct Start {
      ir::Range Where;
      std::string Captured;
      Loc Handle = NoLoc; ///< A handle with a name, which nobody has let go of yet.
    };
    std::vector<Start> Started;
    Firing *Outer = nullptr;
  };
  void fires(Firing &, const State &);
  void fired(Firing &, std::vector<Exit> &);
  bool isFiring() const { return Current != nullptr; }
  void terminates(const ir::Function &, const Exit &);
  void uses(const ir::Effect &, const State &, const Frame &);
  void writes(Loc, ir::Range, const State &);
  void spawns(const Resolved &Task, Loc Handle, ir::Range, State &);
  void joins(State &);
  void detaches(Loc Handle);
  /// What outlives the frame that the guard leaves has got the handle.
  void keeps(Loc Handle, Loc Holder);
  /// An owner's content is gone: moved away, reset, destroyed.
  void empties(Loc, DeferState::Absence::How, ir::Range, State &) const;
  void forgets(Loc, State &) const;
  std::vector<Exit> destroyed(Loc, const ir::Effect &, std::vector<Exit> Ends) const;

  // GuardedCompletions.cpp
  void completes(CounterState &, const State &);
  /// The wait finds that only guards of its own thread stand for the tasks.
  void awaits(Loc Counter, ir::Range, State &, const Frame &);
  /// A guard of this thread that is still armed would complete what the wait misses.
  void waitsForGuard(Loc Counter, const ir::Effect *Armed, ir::Range, State &S, const Frame &F);
  /// The destruction of locals, innermost first, whose classes' destructors are still to come on this thread.
  void forEachPending(llvm::function_ref<void(const ir::Effect &Destroy, const Frame &)>) const;

  /// A guard gives a permit back.
  void releases(Loc Semaphore, const State &);

  // EscapingGuards.cpp
  void survives(const Firing &, const State &);
  void copies(Loc From, Loc To, ir::Range, const State &);
  void outlives(const Exit &, const Frame &);
  /// Whoever can get at stored callables may have run and dropped them meanwhile.
  void waits(State &) const;

private:
  /// A variable that a guard gives back, or asks.
  struct Target {
    Loc L = NoLoc;
    bool Copied = false;
    bool Asked = false; ///< Only looked at by a test.
    std::string Call;
  };
  /// Lasting: also what is taken back from outside of the process.
  std::vector<Target> targets(const Resolved &Closure, const State &, bool Lasting = false);
  Loc locate(const ir::Place &, const ir::Function &Body, const Resolved &Closure, const State &, bool &Copied);
  void acquires(const ir::Effect &Call, State &, const Frame &);
  // GuardFlags.cpp
  void asked(Loc, int64_t Value, ir::Range, State &);
  void forEachCleared(const ir::Effect &Arm, llvm::function_ref<void(const ir::Place &)>) const;
  Loc oldValue(const ir::Effect &Set, const State &, const Frame &);
  void raises(Loc, const ir::Effect &, const Frame &, State &);
  void lowers(Loc Object, State &) const;
  // LateGuards.cpp
  /// The next guard in the text after the place that will give the variable back; null if there is none.
  const ir::Effect *later(const ir::Function &, uint32_t Variable, ir::Range After);
  void forEachGiven(const ir::Effect &Arm, llvm::function_ref<void(uint32_t Variable)>) const;
  bool mayKeep(const ir::Effect &Call, Loc Given, const State &, const Frame &);
  bool decidedBy(Loc, const Exit &, ir::Range Since) const;
  bool decidedByAnswer(Loc Answer, const State &) const;
  const TrailStep *tested(Loc, const State &, ir::Range Since) const;
  bool refused(Loc Answer, const State &) const;
  bool accepted(Loc Answer, const State &) const;
  void callsInGuard(const ir::Effect &, const std::vector<Resolved> &Args, const State &);
  void throws(const Firing &, const Exit &);
  void absent(Loc, ir::Range, const State &);
  void nothing(Loc Pointer, ir::Range, const State &, llvm::StringRef By);
  Loc held(const Resolved &Task, uint32_t Frame, ir::Range Scope = {}) const;
  bool isNull(Loc Pointer, const State &) const;
  std::string nameOf(Loc Guard) const;
  const ir::Function *onlyTask(const ir::Effect &Armed) const;
  bool isLocal(Loc, uint32_t Frame) const;
  bool writtenOnce(Loc) const;
  GuardFault fault(GuardFault::Kind, Loc Subject, ir::Range Where, const ir::Effect *Armed, const State &) const;
  const ir::Effect *firing() const;
  bool destroysClass() const;
  void report(GuardFault);
  void reportFirst(GuardFault);

  struct Scope {
    const ir::Cleanup *C;
    const Frame *F;
    unsigned TaskDepth;
  };
  Engine &E;
  Lasting Outside;
  std::vector<Scope> Pending;
  Firing *Current = nullptr;
  std::string LastCall;
  std::map<const ir::Function *, std::vector<std::pair<uint32_t, const ir::Effect *>>> Later;
  std::map<const ir::Function *, std::vector<std::pair<ir::Place, const ir::Effect *>>> Cleared;
  std::map<const ir::Effect *, ir::Range> HandedLater; ///< By dismissed guard: a hand-over after that.
  std::vector<std::pair<const ir::Effect *, GuardFault>> Failing;
  std::map<ir::Range, const ir::Function *> Bodies; ///< Of the tasks that the entry function starts, by their start.
  std::map<Loc, std::vector<Loc>> MadeOf;           ///< Answers of calls, with the variables that the calls were given.
};

} // namespace latchkey::flow
