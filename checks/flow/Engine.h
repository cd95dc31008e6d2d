// The interpreter: walks the tree of one entry function and of what it calls, with the outcomes of docs/ir.md. Each
// family of effects has a source file of its own.
#pragma once

#include "checks/flow/Defers.h"
#include "checks/flow/Exits.h"
#include "checks/flow/Facts.h"
#include "checks/flow/Locations.h"
#include "checks/flow/Program.h"
#include "checks/flow/State.h"

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace latchkey::flow {

class Engine {
  friend class Defers;

public:
  /// Heavy is shared by all interpretations of a module: callees that take too many steps.
  Engine(const Program &P, const Limits &L, const ir::Function &Entry, std::set<const ir::Function *> &Heavy);

  /// Interprets the entry function from a state that knows nothing.
  FunctionFacts run();
  bool overBudget() const { return OverBudget; }

  /// How a destructor treats a member's handle whose task is running.
  struct OwnerRun {
    bool Ended = false;      ///< On some way.
    std::vector<Trail> Open; ///< Ways on which it is not.
    ir::Range Overwritten;   ///< Where another one takes its place.
  };
  /// Interprets the entry, a destructor, from a state in which Handle is joinable. Reports nothing.
  OwnerRun runOwner(const ir::Place &Handle, ir::Range Started);

private:
  // Tree (Engine.cpp).
  Frame entryFrame();
  static ir::Range endOf(const ir::Function &F) { return F.Body.End.valid() ? F.Body.End : F.End; }
  Exits node(const ir::Node &N, State S, Frame &F);
  /// End is where the scope that Children make up ends, if they do.
  Exits nodes(const ir::Nodes &Children, size_t From, State S, Frame &F, ir::Range End = {});
  Exits sequence(const ir::Nodes &Children, size_t From, States In, Frame &F, ir::Range End);
  Exits cleanup(const ir::Cleanup &C, Exits Exiting, Frame &F, ir::Range End);
  Exits branch(const ir::If &I, State S, Frame &F);
  void jumpAcross(const ir::If &I, std::vector<Exits> &Sides, Frame &F);
  bool asksFlag(const ir::Condition &C, const State &S, const Frame &F);
  void believeFlag(std::vector<Exits> &Sides);
  Exits select(const ir::Switch &W, State S, Frame &F);
  Exits attempt(const ir::Try &T, State S, Frame &F);
  Exits leave(const ir::Node &N, State S, Frame &F);
  void merge(Exits &E);
  void widen(Exits &E);
  void mergeInto(State &Kept, const State &Other);
  static void append(Exits &To, Exits From) {
    To.insert(To.end(), std::make_move_iterator(From.begin()), std::make_move_iterator(From.end()));
  }
  bool spend(const State &S);

  // Conditions (Conditions.cpp).
  struct Decision {
    States True, False;
    Exits Other;
  };
  Decision decide(const ir::Condition &C, State S, Frame &F);
  void isNull(const ir::Term &Pointer, State &S, const Frame &F);
  std::string opaqueKey(const ir::Predicate &P, const State &S, const Frame &F);
  Decision test(const ir::Predicate &P, State S, Frame &F);
  bool looksAtAtomic(const ir::Predicate &P, const State &S, const Frame &F);
  void answer(const ir::Predicate &P, ir::Range Where, Decision &D, Frame &F);

  // Loops (Loops.cpp).
  struct LoopShape;
  Exits loop(const ir::Loop &L, ir::Range Where, State S, Frame &F);
  Exits foreach (const ir::Foreach &E, ir::Range Where, State S, Frame & F);
  bool polls(const ir::Loop &L, const State &S, const Frame &F);
  Exits once(const LoopShape &L, State S, Frame &F);
  void keepConstants(const State &End, State &Head) const;
  Exits iterate(const LoopShape &L, State S, Frame &F);
  std::set<std::string> writtenNames(const LoopShape &L, const Frame &F) const;
  void forgetWritten(const ir::Nodes &Body, State &S, Frame &F);
  void bindItem(const LoopShape &L, State &S, Frame &F);
  ir::Term tripSymbol(const LoopShape &L, State &S, Frame &F);
  bool describe(const ir::Condition &C, const State &S, const Frame &F, std::string &Key);
  /// What one iteration adds to numbers, sizes and counts.
  struct Growth {
    struct Count {
      ir::Term Raised, Low, High;
      bool Comparable = true;
    };
    std::map<Loc, ir::Term> Numbers, Sizes;
    std::map<Loc, Count> Counters;
  };
  Growth growth(const States &Ends, const State &Head);
  void grow(State &E, const State &Entry, const State &Head, const Growth &G, const ir::Term &Iterations, bool Broken);
  /// How one interpretation of the body ended.
  struct Iteration {
    States Ends, Broken, Refused;
    Exits Left;
  };
  static ir::Range lastExit(const Trail &End, const Trail &Since);
  Iteration iteration(const LoopShape &L, State H, Frame &F);
  bool varies(const ir::Term &T, uint32_t SinceVersion, uint32_t SinceFrame) const;

  // Iterations that complete less than others (SkippedIterations.cpp).
  static void notStarted(UnevenTask &U, const Trail &End, const Trail &Since);
  void passedOver(Iteration &I, const State &Head, Frame &F);
  void forgetPassedOver(const State &Head, State &Next) const;
  void cutShort(State &B, const State &Entry, const State &Head, const Growth &G, const ir::Term &Trip);

  // Elements of containers (Elements.cpp).
  Loc allElements(Loc Container);
  Loc visited(Loc Each);
  Loc element(Loc Container, llvm::StringRef Index, const State &S, const Frame &F);
  Loc elementOf(Loc L) const;
  bool isSomeElement(Loc L) const; ///< Part of an element of which nobody knows which it is.
  std::optional<int64_t> fewElements(Loc Container, const State &S);
  std::vector<Loc> namedElements(Loc Container, const State &S);
  void addElement(Loc From, Loc To, State &S);
  void foldElements(Loc Container, State &S);
  void doubtPointees(Loc Container, State &S);
  void ownElement(Loc L, State &S);
  void elementChanged(Loc L, State &S);
  void absorb(Loc Element, uint32_t SinceVersion, State &S);
  void nextElement(const ActiveLoop &L, const State &Entry, State &S);
  void leaveElements(const ActiveLoop &L, const State &Entry, bool Early, State &S);
  void doubtVisited(const std::map<Loc, std::string> &Elements, State &S) const;
  void agreeOnElements(const ActiveLoop &L, States &Ends);
  void push(Loc Container, const Resolved &V, ir::Range Where, State &S, Frame &F);
  void pop(Loc Container, Loc Which, ir::Range Where, State &S, Frame &F);

  // Values (Values.cpp).
  Loc resolve(const ir::Place &P, const State &S, const Frame &F);
  Loc follow(Loc L, const State &S) const;
  Loc step(Loc L, const ir::Step &Via, const State &S, const Frame &F);
  Loc target(Loc Pointer, const State &S); ///< What a pointer or reference points to.
  Resolved resolve(const ir::Value &V, const State &S, const Frame &F);
  ir::Term evaluate(const ir::Term &T, const State &S, const Frame &F);
  ir::Term number(Loc L, const State &S);
  ir::Term size(Loc L, const State &S);
  ir::Term symbol(Loc L, ir::Atom::Kind K, const State &S);
  std::string spell(const ir::Term &T) const;
  std::string spell(Loc L) const;
  uint32_t version(Loc L, const State &S) const;
  Resolved keepCaptures(Resolved Closure, Loc Holder, State &S, ir::Range Where);
  void assign(Loc To, const Resolved &V, State &S, Frame &F, ir::Range Where);
  void transfer(Loc From, Loc To, bool Move, State &S, ir::Range Where);
  void clear(Loc L, State &S); ///< Forgets everything about L: a new object.
  void havoc(Loc L, State &S, bool Escape);
  void nonNull(Loc L, State &S);
  const ir::Type &type(Loc L) const { return Places.type(M, L); }
  bool escaped(Loc L, const State &S) const;

  // Effects.
  Exits effect(const ir::Effect &E, State S, Frame &F);
  Exits value(const ir::Effect &E, State S, Frame &F);
  Exits container(const ir::Effect &E, State S, Frame &F);
  Exits fireGuard(Loc, ir::Range, State, Frame &);
  Exits destroy(Loc L, const ir::Type &T, ir::Range Where, State S, Frame &F, unsigned Nesting = 0);
  static Exits next(State S);

  // Calls (Calls.cpp).
  Exits call(const ir::Effect &E, State S, Frame &F);
  Exits startCoroutine(const Resolved &Task, const ir::Effect &E, Loc Result, State S, Frame &F);
  /// Last: the callable dies with the call, and what it captured with it.
  Exits invoke(const Resolved &Callee, std::vector<Resolved> Args, Loc Result, ir::Range Where, State S, Frame &F,
               bool Last = false);
  Exits enter(const ir::Function &Callee, const Resolved *Closure, const std::vector<Resolved> &Args, Loc Result,
              ir::Range Where, State S, Frame &F, bool Last = false);
  /// Nothing if the callee takes more steps than are left for it.
  std::optional<Exits> tryEnter(const ir::Function &Callee, const Resolved *Closure, const std::vector<Resolved> &Args,
                                Loc Result, ir::Range Where, const State &S, Frame &F, bool Last = false);
  Exits dropCaptures(const ir::Function &Lambda, Exits Ending, Frame &F);
  void bind(Loc Parameter, const Resolved &V, uint32_t Site, State &S, Frame &G, ir::Range Where);
  Exits builtin(llvm::StringRef Op, const std::vector<Resolved> &Args, ir::Range Where, State S, Frame &F);
  bool givesFollowed(const std::vector<Resolved> &Args, const State &S);
  void unknownCall(const std::vector<Resolved> &Args, ir::Range Where, State &S, Frame &F, Loc Answer = NoLoc);
  void give(const Resolved &V, ir::Range Where, State &S, Frame &F);
  void giveClosures(Loc L, ir::Range Where, State &S, Frame &F, unsigned Depth = 0);
  Exits mayThrow(const ir::Effect &E, State S, Frame &F);
  // What others get at (Kept.cpp).
  void reach(const Resolved &V, const State &S, std::set<Loc> &Into, unsigned Depth);
  void completedByOthers(const Resolved &V, State &S);
  void setBySomebody(Loc L, State &S);
  bool seenByOthers(Loc L, const State &S) const;
  bool toldToTask(Loc To, const Resolved &V, const State &S, const Frame &F);
  void stored(Loc To, const Resolved &V, State &S, const Frame &F);
  void keptOnHeap(uint32_t Frame, State &S);

  void dropFrame(uint32_t Number, State &S);
  Resolved callable(const Resolved &V, const State &S);

  // Tasks and handles (Handles.cpp, Tasks.cpp).
  Exits spawn(const ir::Effect &E, State S, Frame &F);
  Exits end(const ir::Effect &E, State S, Frame &F); ///< Join, Detach.
  void endTask(Loc L, bool Detach, ir::Range Where, ir::Range Statement, State &S, Frame &F);
  HandleState *handleAt(Loc L, State &S);
  void loseHandles(Loc L, LostHandle::How How, ir::Range Where, State &S, Frame &F);
  void lose(Loc L, LostHandle::How How, ir::Range Where, State &S, Frame &F);
  void endsWithHandle(Loc L, HandleState H, LostHandle::How How, ir::Range Where, State &S, Frame &F);
  Resolved withToken(Resolved Closure, Loc Handle, const State &S);
  bool isTemporary(Loc L) const;
  void forgetObjects(Exit &Leaving, Frame &F);
  /// Globals.cpp: the entry is `main`, and the program ends there.
  void globalsDie(Exit &Leaving, Frame &F);
  void runTask(const Resolved &Closure, ir::Range Where, ir::Range Statement, bool Handed, State &S, Frame &F);
  /// The task that is being looked at, for the facts about it.
  struct TaskSite {
    ir::Range Where, Statement;
    bool Handed = false;
    const ir::Function *Body = nullptr;
    unsigned Lane = 0;
    Trail Since;
    uint32_t Fresh = 0; ///< Versions above are the task's own.
    std::vector<Loc> Captured;
  };
  bool askedForCallable(const Trail &End, const Trail &Since) const;
  void addTask(Loc C, const Exits &Ends, const CounterState &Before, const TaskSite &Site, State &S);

  // What tasks were lent (Lifetimes.cpp).
  uint32_t taskAt(ir::Range Where, Loc Handle, const Frame &F);
  bool isLocal(Loc L) const;
  void lendPlace(Loc L, bool This, const State &S, Loan &Into, unsigned Depth);
  void lendPointees(const Resolved &Closure, Loan &Into);
  void lendValue(const Resolved &V, const State &S, Loan &Into, unsigned Depth);
  void lend(uint32_t Task, const Resolved &Closure, const ir::Effect &E, Loc Handle, State &S, Frame &F);
  void taskEnded(uint32_t Task, ir::Range Where, State &S);
  void taskLetGo(uint32_t Task, bool Abandoned, ir::Range Where, State &S, Frame &F);
  void forgetTask(const RunningTask &T);
  void synchronise(Loc X, State &S);
  void waitsFor(const ir::Condition &Test, const std::set<std::string> &Changed, State &S, Frame &F);
  void mayWaitWith(const std::vector<Resolved> &Args, State &S);
  bool mayWait(const ir::Function &F, unsigned Depth = 0);
  bool running(uint32_t Id, const RunningTask &T, const State &S) const;
  static ir::Range placeOf(const RunningTask &T);
  void dangle(const RunningTask &T, Loan::Object O, DanglingCapture::How How, ir::Range Died);
  void localsDie(ir::Range Block, ir::Range At, State &S, Frame &F);
  void blockEnds(const ir::Sequence &Q, ir::Range Block, Exits &Out, Frame &F);
  std::vector<std::pair<uint32_t, Loan::Object>> deadBefore(const ir::Cleanup &C, const State &S, Frame &F);
  // Starts and ends of tasks (Spawns.cpp).
  void escapingThrows(const Exits &Ends, const TaskSite &Site);
  void discarded(Loc L, const HandleState &H, const Frame &F);
  void joined(Loc Handle, uint32_t Task, ir::Range Where, State &S);
  void loopCaptures(const ir::Nodes &Body, const ir::Nodes *Step, const ir::Condition *Test, const ir::Foreach *Items,
                    ir::Range Where, const State &Head, States &Ends, Frame &F);

  // Counters (Counters.cpp).
  Exits counter(const ir::Effect &E, State S, Frame &F);
  CounterState &counterAt(Loc C, State &S);
  void complete(Loc C, const ir::Term &Amount, ir::Range Where, const ir::Effect *Source, State &S, Frame &F);
  void raise(Loc C, const ir::Term &Amount, const ir::Effect &E, State &S, Frame &F);
  void await(Loc C, ir::Range Where, State &S, Frame &F);
  void compareCounts(Loc C, ir::Range Wait, State &S, Frame &F);
  bool waitsInSpawningLoop(Loc C, const CounterState &K) const;
  void mismatch(Loc C, CountMismatch::Kind Kind, ir::Range Where, ir::Range Wait, State &S, Frame &F,
                bool ByFactor = false);
  bool timesMore(const ir::Term &More, const ir::Term &Less) const;
  bool otherDegree(const ir::Term &A, const ir::Term &B) const;
  bool guardCompletes(Loc C, ir::Range Wait, State &S, Frame &F);
  bool positive(const ir::Term &T, const State &S) const;
  static void dropImpossible(CounterState &K, const State &S);
  void settle(Loc C, ir::Range Wait, State &S);
  void reportRejected(Loc C, ir::Range Wait, State &S);
  void counterEnds(Loc C, State &S, Frame &F);

  // Locks (Locks.cpp).
  void notNull(const ir::Place &P, State &S, const Frame &F);
  Loc lockAt(const ir::Place &P, const State &S, const Frame &F);
  bool isPermit(Loc L) const;
  void otherSide(Loc M, const ir::Effect &E, State &S, Frame &F);
  bool isReentrant(Loc M) const;
  bool standsInEntry(const ir::Function &F) const;
  ir::Range siteOf(ir::Range Where, const Frame &F) const;
  bool heldByCallee(const LockState &K, const Frame &F) const;
  bool judgesLocks(Loc M, const Frame &F) const;
  void badLock(Loc M, BadLock::Reason Why, ir::Range Where, ir::Range Before, const State &S, const Frame &F,
               std::string Locker = {});
  bool lockAgain(Loc M, ir::Range Where, bool Shared, State &S, Frame &F);
  bool recursesUnderLock(const ir::Function &Callee, const std::vector<Resolved> &Args, ir::Range Where, State &S,
                         Frame &F);
  Trail sinceLocked(Loc M, const State &S) const;
  /// By: the locker that will give it back. False if the thread stops here for good.
  bool takeLock(Loc M, ir::Range Where, bool Shared, Loc By, int64_t Amount, State &S, Frame &F);
  bool askedAboutLock(const State &S) const;
  void handedOver(Loc M, State &S);
  void unlockFirst(Loc M, ir::Range Where, State &S, Frame &F);
  void giveBack(Loc M, ir::Range Where, int64_t Amount, Loc Guard, State &S, Frame &F);
  void armLocker(Loc L, const ir::Effect &E, State &S, Frame &F);
  void releaseLocker(Loc L, ir::Range Where, bool Ends, State &S, Frame &F);
  void loseLocks(Loc L, State &S);
  void leaveElementLocks(const State &Entry, State &S) const;
  void moveLockers(Loc From, Loc To, State &S);
  void dismissLocker(Loc L, Loc Result, State &S);
  Exits lockOrUnlock(const ir::Effect &E, Loc L, Loc Result, State S, Frame &F);
  Answer ownsLock(Loc L, const State &S) const;
  void learnOwnsLock(Loc L, bool Owns, State &S, const Frame &F);

  // What is held where a function is left (LockLeaves.cpp).
  void returnLocks(const LockMap &Before, Exits &Out, const Frame &Callee, const Frame &F, ir::Range Where, Loc Result);
  bool saysSuccess(const Exit &E);
  bool saidAgain(Loc M, const State &S) const;
  void keptLocks(const Exits &Out);
  bool mustReturn(Loc M, const Exit &E, bool LastKeeps);
  ir::Range leftIteration(Loc M, const State &S);
  void keptLock(Loc M, const Exit &E);
  void releaseBeforeLeaving(Loc M, const Exit &E, KeptLock &) const;
  void judgeFirstUses();
  void believeFlagOfLock(std::vector<Exits> &Sides, const ir::Condition &Asked, const Frame &F) const;
  bool takenUnder(const ir::Condition &Asked, Loc M, const State &S, const Frame &F) const;

  // What happens while a lock is held (LockWaits.cpp).
  void lockedWait(LockedWait::Kind Kind, Loc Awaited, Loc M, LockState &K, ir::Range Needed, ir::Range Where,
                  const State &S, Frame &F);
  bool isHeldHere(Loc M, const LockState &K, const Frame &F) const;
  void awaitTask(LockedWait::Kind Kind, Loc Handle, ir::Range Where, State &S, Frame &F);
  Loc objectOf(Loc L) const;
  void locksBefore(Loc C, const State &S);
  void awaitCount(Loc C, ir::Range Where, State &S, Frame &F);
  void blockUnderLock(const ir::Effect &E, State &S, Frame &F);
  void suspendUnderLock(const ir::Suspend &Suspended, ir::Range Where, const State &S, const Frame &F);
  // Tasks that are counted (CountedTasks.cpp).
  std::vector<Loc> reachedBy(const Resolved &Closure, const State &S) const;
  void startedFree(ir::Range Started, Loc Handle, State &S);
  void finished(ir::Range Started, State &S);
  void finishedOn(Loc Pool, State &S);
  void waitedOtherwise(State &S);
  void notTaken(ir::Range Submitted, State &S);
  void unwaited(Loc C, ir::Range Where, State &S, Frame &F);
  void ownWait(Loc C, ir::Range Where, State &S, Frame &F);
  void ownCompletion(Loc C, ir::Range Where, State &S, Frame &F);
  void usedAgain(Loc C, ir::Range Where, State &S, Frame &F);
  void usedInLoop(const States &Ends, const State &Head, Frame &F);
  void concludeWaits();
  void acquired(Loc C, const ir::Effect &E, State &S, Frame &F);
  void semaphoreEnds(Loc C, State &S, Frame &F);
  // Promises and signals (Promises.cpp).
  Exits signal(const ir::Effect &E, State S, Frame &F);
  bool mayBeChanged(Loc X, llvm::ArrayRef<ir::Op> Ops, llvm::function_ref<bool(const ir::Function &)> Where) const;
  bool setByTasksOnly(Loc X) const;
  bool neverRenewed(Loc X) const;
  bool isEvent(Loc L) const;
  void event(Loc L, const ir::Effect &E, State &S, Frame &F);
  std::map<Loc, Loc> ownPromises(const State &S) const;
  static void leftToCallback(const std::map<Loc, Loc> &Own, State &S);
  void makePromise(Loc L, ir::Range Where, State &S, Frame &F);
  Loc sharedState(Loc Promise, const State &S);
  bool takeFuture(const ir::Effect &E, llvm::ArrayRef<Resolved> Args, Loc Result, State &S, Frame &F);
  void setPromise(Loc L, const ir::Effect &E, State &S, Frame &F);
  void getFuture(Loc L, const ir::Effect &E, State &S, Frame &F);
  void judgePromise(Loc X, ir::Range Where, State &S, Frame &F);
  void breakPromises(const Resolved &Task, State &S);
  bool carries(const Resolved &Closure, Loc X, const State &S) const;
  bool isThere(Loc L, const Frame &F) const;
  bool keptElsewhere(Loc X, const State &S) const;

  // Guards (Guards.cpp).
  Exits guard(const ir::Effect &E, State S, Frame &F);

  // Facts (Report.cpp).
  /// Adds a step to the path; the answer is for what few steps have.
  TrailStep &note(State &S, PathStep::Kind K, Loc Object, ir::Range Where, const Frame &F, std::string Text = {},
                  bool Flag = false);
  std::vector<PathStep> path(const State &S, Loc Object) const;
  template <typename T> void report(std::vector<T> &Into, T Fact, Loc L);
  void judged(Loc L, ir::Range Where, bool Bad);
  void concludeAlways();
  bool always(Loc L, ir::Range Where) const;
  bool visible(Loc L, const Frame &F) const;

  const Program &P;
  const ir::Module &M;
  Defers Deferred{*this};
  const Limits &Limit;
  const ir::Function &Entry;
  Locations Places;
  FunctionFacts Facts;

  struct SymbolInfo {
    Loc L;
    ir::Atom::Kind K;
    uint32_t Version; ///< Made by the write of this number.
  };
  std::vector<SymbolInfo> Symbols;
  std::set<uint32_t> TripAtoms; ///< Symbols that are the trip of a loop, all by themselves.
  std::map<std::tuple<Loc, ir::Atom::Kind, uint32_t>, uint32_t> SymbolIndex;
  std::map<std::pair<Loc, ir::Range>, std::pair<unsigned, unsigned>> Verdicts; ///< Good and bad arrivals.
  std::map<std::pair<ir::Range, std::string>, Loc> Judged;                     ///< The object of each fact.
  std::vector<ActiveLoop> ActiveLoops;
  std::vector<const ir::Function *> CallStack;
  unsigned TaskDepth = 0; ///< 0: the entry's own thread.
  uint32_t TaskFrame = 0; ///< First frame of the task being interpreted.
  const State *TaskStart = nullptr;
  ir::Range TaskSpawn, TaskSpawnStatement;
  Loc Owned = NoLoc; ///< The handle that runOwner() follows.
  OwnerRun OwnedRun;
  unsigned Quiet = 0; ///< Above 0, effects happen but nothing is reported.
  struct LeavingBy {
    Outcome::Kind O = Outcome::Kind::Next;
    ir::Range Where;
    bool Unbraced = false;
  } Leaving;                                  ///< Why the cleanup that runs now runs.
  bool Unbraced = false;                      ///< Inside a block without braces.
  unsigned InFlagged = 0;                     ///< Tests of flags around the place.
  std::set<std::pair<Loc, uint32_t>> Answers; ///< Places whose value, made by that write, is what a call returned.
  unsigned OwnedByClosures = 0;

  /// How a mutex is used first, on whichever way: what it was at entry follows from it.
  struct FirstUse {
    ir::Range Lock, Unlock;
    std::vector<PathStep> Path;
  };
  std::map<Loc, FirstUse> FirstUses;
  std::map<Loc, ir::Range> Returned; ///< Mutexes that were taken and given back on some way, and where.
  std::set<Loc> Dropped;             ///< Mutexes that a locker let go of without unlocking.
  struct TaskLock {
    ir::Range Where;
    bool Shared = false;
  };
  std::map<ir::Range, std::map<Loc, TaskLock>> TaskLocks; ///< What the tasks started at a place take.
  std::map<Loc, std::map<Loc, TaskLock>> CounterLocks;    ///< What tasks take before they complete a counter.
  std::map<Loc, std::vector<ir::Range>> PoolTasks;        ///< Where the tasks of a pool were started.
  std::set<Loc> WaitedFor;                                ///< Counters that some path of the function waits for.
  bool EndsItself = false;      ///< The task that was interpreted last detaches a handle nobody names: its own.
  llvm::StringRef GivenTo;      ///< The function we cannot see that is being called.
  std::set<Loc> Giving;         ///< What is being handed to unknown code.
  std::set<Loc> OwnedElsewhere; ///< Objects that a closure has a share in.
  std::map<std::tuple<ir::Range, Loc, uint32_t>, uint32_t> TaskNumbers;
  std::map<uint32_t, std::pair<const ir::Function *, ir::Range>> TaskBodies; ///< By number, with where it is started.
  std::vector<std::pair<uint32_t, Loan::Object>> Doomed; ///< Lent objects that are dead when the cleanup runs.
  std::map<const ir::Function *, bool> Waits;
  std::set<uint32_t> AskedToEnd; ///< Tasks that are cancelled.
  ir::Range OuterCall;           ///< The entry function's call that is being interpreted.
  /// The innermost cleanup that runs, and where the sequence that it stands in begins.
  struct {
    const ir::Cleanup *C = nullptr;
    ir::Range Start;
  } Cleaning;
  const ir::Type *Starting = nullptr; ///< Of the handle to the task that starts.
  std::map<std::string, uint32_t> TripKeys;
  std::map<ir::Range, uint32_t> Sites;     ///< Allocations and loops, numbered.
  uint32_t HeadVersion = 0, HeadFrame = 0; ///< Of the innermost loop: what is newer is made in it.
  unsigned Lanes = 0;
  uint32_t FrameCount = 0;
  uint32_t Fresh = 0;
  unsigned StepsTaken = 0, StepLimit;
  /// Callees that are taken for unknown code: in this interpretation, and in all.
  std::set<const ir::Function *> TooHeavy, &HeavyAnywhere;
  bool OverBudget = false;
};

} // namespace latchkey::flow
