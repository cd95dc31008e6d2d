// The abstract state at one point of one path: property states of all objects, what is known about numbers, and the
// trail that led here. States with equal property states are merged and keep only the knowledge they share
// (property simulation: Das, Lerner, Seigle, PLDI 2002).
#pragma once

#include "checks/flow/DeferState.h"
#include "checks/flow/Facts.h"
#include "checks/flow/Locations.h"
#include "checks/flow/LockState.h"
#include "checks/flow/RunningTask.h"

#include <map>
#include <memory>
#include <optional>
#include <set>

namespace latchkey::flow {

/// An ir::Value with its places resolved.
struct Resolved {
  enum class Kind : uint8_t { Unknown, Default, Number, Copy, Move, Address, Closure, Fresh };
  Kind K = Kind::Unknown;
  bool Const = false;
  Loc L = NoLoc;
  ir::Term N;
  std::string Callee;
  std::vector<Resolved> Captures, Args;
  const ir::Effect *Source = nullptr; ///< Of a guard: the effect that armed it; of a callable, that stored it.
  bool operator==(const Resolved &) const = default;
};

struct HandleState {
  /// Unknown is what a handle without entry is too; elements need to say so.
  enum class Kind : uint8_t { Empty, Joinable, Joined, Detached, Moved, NotCreated, Unknown };
  Kind K = Kind::Unknown;
  ir::Range Started; ///< Joinable: by which spawn or call.
  ir::Range At;      ///< Of the last change.
  bool FromCall = false;
  bool Partial = false; ///< Joinable elements: others of them hold no thread.
  ir::Range Spent = {}; ///< Joinable elements: where others of them were joined or detached.
  uint32_t Task = 0;    ///< Joinable: its number in State::Tasks, if it is known which one was started.
  bool operator==(const HandleState &) const = default;
};

struct TrailStep;
using Trail = std::shared_ptr<const TrailStep>;
struct TrailStep {
  PathStep Step;
  Loc Object = NoLoc;
  const ir::Effect *Source = nullptr;  ///< The effect in the module, if the step is one.
  bool Shared = false;                 ///< A branch on an atomic of more than this task.
  const ir::Condition *Test = nullptr; ///< Of a branch, and the function that it stands in.
  const ir::Function *In = nullptr;
  Trail Before;
};

/// Bounds known for a polynomial without constant part.
struct Interval {
  int64_t Low = INT64_MIN, High = INT64_MAX;
  std::set<int64_t> Not;
  bool operator==(const Interval &) const = default;
};

/// What branches have told of numbers and conditions.
struct Knowledge {
  std::map<ir::Term, Interval> Bounds;
  std::map<std::string, bool> Opaques;
};

/// A task some of whose paths complete less than others; judged when the counter is waited for or dies.
struct UnevenTask {
  MissingCompletion Fact;
  ir::Range MoreAt;                         ///< Last completion on the path that makes most.
  bool InLoop = false;                      ///< Of one iteration: a defect only if the count is that of all iterations,
  ir::Term Lacking = ir::Term::constant(0); ///< of which the launcher left so many out.
  Knowledge Learnt;                         ///< On the path that makes less,
  bool Elsewhere = false;                   ///< which completes another counter instead.
  bool operator==(const UnevenTask &O) const { return Fact.Where == O.Fact.Where && MoreAt == O.MoreAt; }
};

/// A task that completes a counter and that nobody has waited for or joined so far.
struct CountedTask {
  ir::Range Started;
  Loc Pool = NoLoc;          ///< What it was started on, if that can wait for it.
  bool Free = false;         ///< It has no handle that could still be joined.
  bool Handed = false;       ///< Given to code we cannot see, which may not have taken it.
  bool Again = false;        ///< Started in a loop: others of its kind may run as well.
  std::vector<Loc> Captured; ///< Objects it was given the address of.
  bool operator==(const CountedTask &) const = default;
};

struct CounterState {
  bool Known = false; ///< Expected is meaningful.
  bool Fuzzy = false; ///< Code we cannot see may complete it, any number of times.
  bool Ahead = false; ///< A task that completes it was started before it was counted.
  bool Barrier = false;
  ir::Term Expected;
  ir::Term Low, High;                  ///< Bounds of what is completed by all tasks started so far and by this thread.
  bool ByTask = false;                 ///< A task completes it,
  bool ByLauncher = false;             ///< or the launcher does by itself,
  const ir::Effect *ByGuard = nullptr; ///< or by a guard, while tasks that were started under it may still run.
  bool InTaskLoop = false;             ///< One task completes a number of times that its own loop decides.
  ir::Range Registered, Completion, AheadSpawn, AheadSpawnStatement, TaskWait;
  std::vector<UnevenTask> Uneven;
  std::vector<LateAdd> Late;
  std::vector<CountedTask> Running;
  ir::Range OwnWait;    ///< Where this thread has waited for it and may still have to complete it.
  ir::Range UsedUp;     ///< Where a counter that counts only once was waited for.
  bool Promise = false; ///< The shared state of a promise: it is completed by setting the value, once.
  bool Broken = false;  ///< Of a promise that lives in a task.
  ir::Range Acquired;   ///< Semaphore: where this thread took what tasks are to release.
  ir::Range Taken;      ///< Where the promise's future was taken.
  /// The promise, while only one callable that code we cannot see will run can set it, and does so on some ways.
  Loc Callback = NoLoc;
  bool operator==(const CounterState &O) const {
    return Known == O.Known && Fuzzy == O.Fuzzy && Ahead == O.Ahead && Expected == O.Expected && Low == O.Low &&
           High == O.High && InTaskLoop == O.InTaskLoop && Uneven == O.Uneven && Late.size() == O.Late.size() &&
           TaskWait == O.TaskWait && ByTask == O.ByTask && ByLauncher == O.ByLauncher && ByGuard == O.ByGuard &&
           Running == O.Running && OwnWait == O.OwnWait && UsedUp == O.UsedUp && Taken == O.Taken &&
           Callback == O.Callback;
  }
};

/// A task was handed to code that says, by what it returns, whether it took the task.
struct Submission {
  Loc Answer = NoLoc;                       ///< Where the answer is kept.
  ir::Range TestedAt;                       ///< The branch that looks at it.
  bool WhenTrue = false, WhenFalse = false; ///< Which sides of that branch lead here.
  bool operator==(const Submission &) const = default;
};

struct State {
  std::map<Loc, HandleState> Handles;
  std::map<Loc, CounterState> Counters;
  std::map<Loc, Resolved> Guards;    ///< Armed ones with what they run.
  std::map<Loc, Resolved> Callables; ///< Closures held by variables.
  std::map<Loc, Loc> Pointers;       ///< Targets of references and pointers.
  std::map<Loc, Loc> Aliases;        ///< Copies that mean the same object.
  std::set<Loc> Escaped;
  LockMap Locks; ///< Mutexes and semaphores.
  std::map<Loc, LockerState> Lockers;
  bool Strange = false; ///< Code we cannot see has run.

  std::map<Loc, ir::Term> Numbers;
  std::map<Loc, ir::Term> Sizes;
  std::map<Loc, uint32_t> Versions;
  std::map<ir::Term, Interval> Bounds;
  std::map<std::string, bool> Opaques;
  std::map<uint32_t, RunningTask> Tasks; ///< Those that this thread lent something.

  std::map<Loc, Submission> Submissions; ///< By counter that the task completes.

  DeferState Defers;

  Trail Path;

  bool sameProperties(const State &O) const {
    return Handles == O.Handles && Counters == O.Counters && Guards == O.Guards && Escaped == O.Escaped &&
           Pointers == O.Pointers && Aliases == O.Aliases && Callables == O.Callables && Tasks == O.Tasks &&
           Defers == O.Defers && Lockers == O.Lockers && sameHeld(Locks, O.Locks);
  }
  /// Keeps what both know. What differs gets a new version, which Fresh counts; its places are returned.
  std::vector<Loc> keepShared(const State &O, uint32_t &Fresh);
};

/// Bounds of T as far as they are known.
Interval bounds(const State &, const ir::Term &T);

/// What End knows and Start did not.
Knowledge learntSince(const State &End, const State &Start);
/// No run can have come to S by what K says.
bool contradicts(const Knowledge &K, const State &S);

/// Three-valued answer.
enum class Answer : uint8_t { No, Yes, Maybe };

/// What the bounds say of `T Rel 0`.
Answer compare(const State &, const ir::Term &T, ir::Predicate::Relation Rel);
/// Records `T Rel 0` (or its negation); false if that contradicts what is known.
bool assume(State &, const ir::Term &T, ir::Predicate::Relation Rel, bool Holds);

} // namespace latchkey::flow
