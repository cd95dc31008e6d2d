#include "checks/flow/Signals.h"

#include "checks/flow/Awaits.h"
#include "checks/flow/DroppedHandles.h"
#include "checks/flow/HeldLocks.h"
#include "checks/flow/SignalLocks.h"
#include "checks/flow/StoppedReleasers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

#include <optional>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Kind = SharedAction::Kind;
using Id = Objects::Id;

static bool awaits(const ir::Module &M) {
  return llvm::any_of(M.Functions, [](const ir::Function &F) {
    bool Found = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Found |= E && (E->O == ir::Op::Await || E->O == ir::Op::Acquire);
    });
    return Found;
  });
}

namespace {

/// What is known of a signal's own places: where it is declared, and whether they are all in sight.
struct Declared {
  bool Any = false, Closed = true, Certain = true, Local = false;
};

class Judge {
public:
  Judge(const Program &P, llvm::DenseMap<const ir::Function *, FunctionFacts> &Into)
      : P(P), M(P.module()), O(P), All(waiters(P, O)), Into(Into) {}

  void run() {
    for (const ir::Function *F : concerned())
      Actions[F] = sharedActions(P, O, *F);
    readAll();
    for (const Waiter &W : All) {
      WaitersOf[W.Signal].push_back(&W);
      unpredicated(W);
    }
    for (const auto &Of : Actions)
      for (const auto &[Callee, Held] : Of.second.Calls)
        CalledHolding[Callee].insert(Held.begin(), Held.end());
    unnotified();
    Started = startedClosures();
    for (const ir::Function &F : M.Functions)
      if (!F.System && Actions.contains(&F))
        lostWakeups(F);
    for (const Waiter &W : All) {
      dying(W);
      dyingObject(W);
    }
    if (!Closed)
      return;
    auto InSight = [&](Id Signal) {
      auto It = Known.find(Signal);
      return It != Known.end() && It->second.Closed && !O.escapes(Signal);
    };
    auto GiversOf = [&](Id Signal) {
      return !InSight(Signal) ? Givers::Unknown : hasPermits(Signal) ? Givers::InSightWithPermits : Givers::InSight;
    };
    waitsUnderLocks(P, O, All, Actions, GiversOf, runByTasks(), Into);
    auto BeginsEmpty = [&](Id Signal) { return GiversOf(Signal) == Givers::InSight; };
    const std::vector<TaskActions> Tasks = taskActions(P, O);
    waitsForStoppedTasks(P, O, Tasks, BeginsEmpty, Into);
    waitsForDroppedHandles(P, Tasks, BeginsEmpty, Into);
  }

private:
  template <typename T> T fact(const ir::Function &F, const ir::Effect &E) {
    T Result;
    Result.Subject = ir::spelling(M, F, E.Subject);
    Result.Where = E.Where;
    return Result;
  }

  /// Functions that wait or lock, and those that notify, themselves or through what they call.
  llvm::SmallPtrSet<const ir::Function *, 16> concerned() {
    llvm::SmallPtrSet<const ir::Function *, 16> Found, Notifying;
    for (const Waiter &W : All)
      Found.insert(W.F);
    constexpr unsigned Levels = 3; // of calls
    for (unsigned Level = 0; Level <= Levels; ++Level)
      for (const ir::Function &F : M.Functions)
        forEachNode(F.Body, [&](const ir::Node &N) {
          const auto *E = N.as<ir::Effect>();
          if (!E)
            return;
          bool Locks = E->O == ir::Op::Lock || E->O == ir::Op::TryLock;
          const ir::Function *Callee = E->O == ir::Op::Call ? P.function(E->Callee) : nullptr;
          if (E->O == ir::Op::Notify || E->O == ir::Op::Release || (Callee && Notifying.contains(Callee)))
            Notifying.insert(&F);
          if (Locks)
            Found.insert(&F);
        });
    Found.insert(Notifying.begin(), Notifying.end());
    return Found;
  }

  void unpredicated(const Waiter &W) {
    const ir::Effect &E = *W.E;
    if (!W.Condition || W.Predicate || W.Retests || !W.OwnLock)
      return;
    bool Sleeps = E.Timed && !W.Guarded && E.Where.Offset == E.Statement.Offset;
    if (Sleeps) // nobody asks what it woke up for
      return;
    auto S = fact<SignalWait>(*W.F, E);
    S.Timed = E.Timed;
    S.Condition = true;
    S.Guarded = W.Guarded;
    if (E.Where.Offset == E.Statement.Offset && !E.Statement.Macro)
      S.If = testOf(*W.F, E);
    Into[W.F].Unpredicated.push_back(std::move(S));
  }

  /// Every signal of the module by the object that it is.
  std::map<Id, Declared> declared() {
    std::map<Id, Declared> Found;
    auto Is = [&](uint32_t T) {
      return M.Types[T].K == TypeKind::Signal || M.Types[T].K == TypeKind::Semaphore || M.Types[T].Atomic;
    };
    auto Add = [&](Id Object, bool Closed, bool Certain, bool Local) {
      Declared &D = Found[Object];
      D.Any = true;
      D.Closed &= Closed;
      D.Certain &= Certain;
      D.Local |= Local;
    };
    // Where the program begins, its globals are hardly declared a second time elsewhere.
    for (size_t I = 0; I < M.Globals.size(); ++I)
      if (const ir::Global &G = M.Globals[I]; Is(G.Type))
        Add(O.global(static_cast<uint32_t>(I)), P.isWhole() || G.Internal || (P.hasMain() && isSource(M, G.Where)),
            G.Internal, false);
    for (const ir::Class &C : M.Classes)
      for (const ir::Field &F : C.Fields)
        if (Is(F.Type))
          Add(O.field(C, F), P.isWhole() || (!C.Open && (C.Internal || F.Private || isSource(M, C.Where))), true,
              false);
    for (const ir::Function &F : M.Functions)
      for (size_t I = 0; I < F.Variables.size(); ++I)
        if (const ir::Variable &V = F.Variables[I]; Is(V.Type) && V.K == ir::Variable::Kind::Local)
          Add(O.at(F, ir::Place::variable(static_cast<uint32_t>(I))), true, true, true);
    return Found;
  }

  /// Objects that something notifies, and semaphores that begin with permits.
  std::set<Id> notified() {
    std::set<Id> Found;
    for (const ir::Function &F : M.Functions)
      forEachNode(F.Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (!E || !E->Subject.valid())
          return;
        bool Permits = E->O == ir::Op::Init && !(E->Amount == ir::Term::constant(0));
        if (E->O == ir::Op::Notify || E->O == ir::Op::Release || E->O == ir::Op::Swap || Permits)
          Found.insert(O.at(F, E->Subject));
      });
    return Found;
  }

  /// A semaphore that does not begin empty.
  bool hasPermits(Id Object) {
    return Semaphores.contains(Object) && (Permits.contains(Object) || !initialised(Object));
  }

  bool initialised(Id Object) { return Initialised.contains(Object); }

  /// What the program does anywhere with objects, by object.
  void readAll() {
    for (const Waiter &W : All)
      if (W.E->O == ir::Op::Acquire)
        Semaphores.insert(W.Signal);
    for (const ir::Function &F : M.Functions)
      forEachNode(F.Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (!E)
          return;
        bool Writes = E->O == ir::Op::Assign || E->O == ir::Op::Write || E->O == ir::Op::Push || E->O == ir::Op::Pop ||
                      E->O == ir::Op::Clear;
        if (Writes)
          Writers[O.at(F, E->Subject)].insert(&F);
        if (E->O == ir::Op::Init && E->Subject.valid()) {
          Id Object = O.at(F, E->Subject);
          Initialised.insert(Object);
          if (!(E->Amount == ir::Term::constant(0)))
            Permits.insert(Object);
        }
        if (const ir::Function *Callee = E->O == ir::Op::Call ? P.callee(*E) : nullptr)
          Calls[Callee].push_back({&F, E});
      });
  }

  void unnotified() {
    Closed = llvm::none_of(M.Functions, [](const ir::Function &F) { return !F.OpaqueReason.empty(); });
    if (!Closed)
      return; // one that we cannot read may do it
    Known = declared();
    std::set<Id> Woken = notified();
    for (const Waiter &W : All) {
      auto It = Known.find(W.Signal);
      bool Mine = It != Known.end() && It->second.Closed && !Woken.contains(W.Signal) && !O.escapes(W.Signal);
      if (!Mine || W.E->Timed || W.Parks || (It->second.Local && W.Condition && !changedElsewhere(W)))
        continue;
      // Whether a semaphore begins empty, only its initialisation says.
      if (W.E->O == ir::Op::Acquire && !initialised(W.Signal))
        continue;
      auto S = fact<SignalWait>(*W.F, *W.E);
      S.Condition = W.Condition;
      S.Always = It->second.Certain;
      Into[W.F].Unnotified.push_back(std::move(S));
    }
  }

  /// What the waiter tests is changed by another function: it is not there to sleep for good.
  bool changedElsewhere(const Waiter &W) {
    return llvm::any_of(W.Tested, [&](Id Object) {
      return llvm::any_of(Writers[Object], [&](const ir::Function *F) { return F != W.F; });
    });
  }

  /// The mutex that the waiter waits with; none if it was not taken in its function.
  std::optional<Id> mutexOf(const Waiter &W) {
    for (const SharedAction &A : Actions[W.F].All)
      if (A.Source == W.E && A.Mutex != UINT32_MAX)
        return A.Mutex;
    return std::nullopt;
  }

  std::string spelled(const SharedAction &A) const { return ir::spelling(M, *A.In, place(*A.Source)); }

  static const ir::Place &place(const ir::Effect &E) { return E.O == ir::Op::Call ? E.Result : E.Subject; }

  /// A locker among its parameters, or a call with the lock held: the caller's lock is its lock.
  bool calledWith(const ir::Function &F, Id Mutex) {
    for (uint32_t Parameter : F.Parameters) {
      const ir::Type &T = M.Types[F.Variables[Parameter].Type];
      if (T.K == TypeKind::Locker || M.Types[T.Element].K == TypeKind::Locker)
        return true;
    }
    auto Holding = CalledHolding.find(&F);
    return Holding != CalledHolding.end() && Holding->second.contains(Mutex);
  }

  /// Closures that begin with no lock: they are started, or given to code that does not get a mutex as well. What any
  /// other callee holds when it runs one is not known.
  std::set<const ir::Function *> startedClosures() const {
    std::set<const ir::Function *> Found;
    for (const ir::Function &F : M.Functions)
      forEachNode(F.Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (!E || (E->O != ir::Op::Spawn && (E->O != ir::Op::Call || P.function(E->Callee))))
          return;
        bool Mutex = llvm::any_of(E->Args, [&](const ir::Value &A) {
          TypeKind K = A.P.valid() ? M.typeOf(F, A.P).K : TypeKind::Other;
          return K == TypeKind::Mutex || K == TypeKind::Locker;
        });
        if (const ir::Function *Body = P.function(E->Input.Callee); Body && E->O == ir::Op::Spawn)
          Found.insert(Body);
        for (const ir::Value &A : E->Args)
          if (const ir::Function *Body = P.function(A.Callee); Body && !Mutex)
            Found.insert(Body);
      });
    return Found;
  }

  /// Started, and all that those call.
  std::set<const ir::Function *> runByTasks() const {
    std::set<const ir::Function *> Found = Started;
    std::vector<const ir::Function *> Work(Found.begin(), Found.end());
    while (!Work.empty()) {
      const ir::Function *F = Work.back();
      Work.pop_back();
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        const ir::Function *Callee = E && E->O == ir::Op::Call ? P.callee(*E) : nullptr;
        if (Callee && Found.insert(Callee).second)
          Work.push_back(Callee);
      });
    }
    return Found;
  }

  void lostWakeups(const ir::Function &F) {
    // A constructor changes what nobody can wait for yet.
    if (F.Constructor || (F.Lambda && !Started.contains(&F)))
      return;
    const SharedActions &Mine = Actions[&F];
    for (size_t N = 0; N < Mine.All.size(); ++N) {
      const SharedAction &Notify = Mine.All[N];
      if (Notify.K != Kind::Notify || Notify.Source->O != ir::Op::Notify)
        continue;
      for (const Waiter *Each : WaitersOf[Notify.Object]) {
        const Waiter &W = *Each;
        if (W.E->Timed || !W.Condition || W.Tested.empty() || W.F == &F)
          continue;
        std::optional<Id> Mutex = mutexOf(W);
        if (!Mutex || calledWith(F, *Mutex))
          continue;
        const SharedAction *Change = unlockedChange(Mine, N, W, *Mutex);
        bool Late = !Change;
        if (Late)
          Change = lateChange(Mine, N, W, *Mutex);
        if (!Change)
          continue;
        auto L = fact<LostWakeup>(*Notify.In, *Notify.Source);
        L.State = spelled(*Change);
        L.Mutex = ir::spelling(M, *W.F, mutexPlace(W));
        L.Changed = Change->Source->Where;
        L.Wait = W.E->Where;
        L.Late = Late;
        if (!Late)
          holdAround(*Change, W, L);
        Into[&F].LostWakeups.push_back(std::move(L));
        break;
      }
    }
  }

  const ir::Place &mutexPlace(const Waiter &W) const {
    const ir::Place *Mutex = &W.E->Args[0].P;
    const ir::Place &Lock = *Mutex;
    forEachNode(W.F->Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (E && E->O == ir::Op::Arm && E->Subject == Lock && !E->Input.Args.empty() && E->Input.Args[0].P.valid())
        Mutex = &E->Input.Args[0].P;
    });
    return *Mutex;
  }

  /// The function that changes the state calls the mutex by the name that the waiter knows it by.
  static bool sharesName(const ir::Function &In, const ir::Function &Waiter, const ir::Place &Mutex) {
    if (Mutex.R == ir::Place::Root::Global)
      return true;
    if (Mutex.R != ir::Place::Root::Variable)
      return false;
    const ir::Variable &V = Waiter.Variables[Mutex.Index];
    auto Captures = [&](uint32_t I) {
      return In.Variables[I].Name == V.Name && (In.Variables[I].CapturedByReference || V.Name == "this");
    };
    bool Method = V.Name == "this" && In.hasThis() && !In.Class.empty() && In.Class == Waiter.Class;
    return Method || llvm::any_of(In.Captures, Captures);
  }

  void holdAround(const SharedAction &Change, const Waiter &W, LostWakeup &L) {
    const ir::Effect &E = *Change.Source;
    const ir::Place &Mutex = mutexPlace(W);
    bool Whole = E.Statement.valid() && !E.Statement.Macro && E.Statement.Offset == E.Where.Offset && !E.Initial;
    if (!Whole || !Change.Held.empty() || !sharesName(*Change.In, *W.F, Mutex))
      return;
    L.Statement = E.Statement;
    L.Hold = ir::codeFor(M.typeOf(*W.F, Mutex).GuardCode, L.Mutex);
  }

  /// What the waiter tests, changed without its mutex before the notification, with nobody taking the mutex between.
  static const SharedAction *unlockedChange(const SharedActions &In, size_t N, const Waiter &W, Id Mutex) {
    const SharedAction &Notify = In.All[N];
    if (Notify.Held.contains(Mutex))
      return nullptr;
    const SharedAction *Found = nullptr;
    for (size_t I = 0; I < N; ++I) {
      const SharedAction &A = In.All[I];
      if (!In.follows(A, Notify))
        continue;
      if (A.K == Kind::Acquire && A.Object == Mutex)
        Found = nullptr;
      else if (A.K == Kind::Write && W.Tested.contains(A.Object) && !A.Held.contains(Mutex))
        Found = &A;
    }
    return Found;
  }

  /// The notification first, the change right behind it, with the mutex free in between.
  static const SharedAction *lateChange(const SharedActions &In, size_t N, const Waiter &W, Id Mutex) {
    const SharedAction &Notify = In.All[N];
    auto Changes = [&](const SharedAction &A) { return A.K == Kind::Write && W.Tested.contains(A.Object); };
    for (size_t I = 0; I < N; ++I)
      if (Changes(In.All[I]) || In.All[I].K == Kind::Await)
        return nullptr;
    const SharedAction *Found = nullptr;
    for (size_t I = N + 1; I < In.All.size(); ++I) {
      const SharedAction &A = In.All[I];
      if (A.K == Kind::Notify && A.Object == Notify.Object)
        return nullptr;
      if (!Found && (A.K == Kind::Other || A.K == Kind::Await))
        return nullptr;
      if (!Found && Changes(A) && In.follows(Notify, A) && !A.InLoop && !Notify.Held.contains(Mutex))
        Found = &A;
    }
    return Found;
  }

  /// Tasks that F starts and that nobody can join.
  std::vector<const ir::Function *> freeTasks(const ir::Function &F) const {
    std::vector<const ir::Function *> Found;
    bool Joins = false;
    std::set<ir::Place> Detached;
    auto Visit = [&](auto Each) {
      forEachNode(F.Body, [&](const ir::Node &N) {
        if (const auto *E = N.as<ir::Effect>())
          Each(*E);
      });
    };
    Visit([&](const ir::Effect &E) {
      if (E.O == ir::Op::Detach)
        Detached.insert(E.Subject);
      Joins |= E.O == ir::Op::Join || E.O == ir::Op::Get || E.O == ir::Op::Wait;
    });
    Visit([&](const ir::Effect &E) {
      if (E.O == ir::Op::Spawn && (!E.Subject.valid() || Detached.contains(E.Subject)))
        if (const ir::Function *Body = P.function(E.Input.Callee))
          Found.push_back(Body);
      if (E.O == ir::Op::Call && !P.function(E.Callee))
        for (const ir::Value &A : E.Args)
          if (const ir::Function *Body = A.K == ir::Value::Kind::Closure ? P.function(A.Callee) : nullptr)
            Found.push_back(Body);
    });
    return Joins ? std::vector<const ir::Function *>() : Found;
  }

  /// The signal is a local of the waiter, and a task that is not joined notifies it without the lock.
  void dying(const Waiter &W) {
    const ir::Place &At = W.E->Subject;
    bool Local = At.R == ir::Place::Root::Variable && At.Path.empty() &&
                 W.F->Variables[At.Index].K == ir::Variable::Kind::Local && !W.F->Variables[At.Index].Static;
    std::optional<Id> Mutex = mutexOf(W);
    if (!Local || !W.Condition || W.E->Timed || !Mutex || M.typeOf(*W.F, At).SharedCopies)
      return;
    for (const ir::Function *Task : freeTasks(*W.F))
      for (const SharedAction &A : Actions[Task].All) {
        if (A.K != Kind::Notify || A.Object != W.Signal || A.Held.contains(*Mutex))
          continue;
        auto D = fact<DyingWaitObject>(*A.In, *A.Source);
        D.Notify = A.Source->Where;
        D.Wait = W.E->Where;
        Into[W.F].Dying.push_back(std::move(D));
      }
  }

  /// The task is given the address of the local.
  static bool isGiven(const ir::Function &F, const ir::Function &Task, uint32_t Local) {
    auto Gives = [&](const ir::Value &V, auto &Self) -> bool {
      auto Inside = [&](const ir::Value &Part) { return Self(Part, Self); };
      return (V.K == ir::Value::Kind::Address && V.P == ir::Place::variable(Local)) ||
             llvm::any_of(V.Captures, Inside) || llvm::any_of(V.Args, Inside);
    };
    bool Found = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      Found |= E->Input.Callee == Task.Id && Gives(E->Input, Gives);
      for (const ir::Value &A : E->Args)
        Found |= A.Callee == Task.Id && Gives(A, Gives);
    });
    return Found;
  }

  /// The signal is part of an object, a local of whoever calls the waiting method, and a task that is not joined calls
  /// the method that notifies it without the lock.
  void dyingObject(const Waiter &W) {
    const ir::Place &At = W.E->Subject;
    bool Part = W.F->hasThis() && At.R == ir::Place::Root::Variable && At.Index == W.F->This;
    std::optional<Id> Mutex = mutexOf(W);
    if (!Part || !W.Condition || W.E->Timed || !Mutex)
      return;
    for (const auto &[In, Call] : Calls[W.F]) {
      const ir::Function &F = *In;
      bool Waits = !Call->Args.empty() && Call->Args[0].K == ir::Value::Kind::Address &&
                   Call->Args[0].P.R == ir::Place::Root::Variable && Call->Args[0].P.Path.empty();
      if (!Waits || F.System)
        continue;
      uint32_t Local = Call->Args[0].P.Index;
      if (F.Variables[Local].K != ir::Variable::Kind::Local || F.Variables[Local].Static)
        continue;
      for (const ir::Function *Task : freeTasks(F))
        if (isGiven(F, *Task, Local))
          notifiedFreely(F, *Task, W, *Mutex, Call->Where);
    }
  }

  void notifiedFreely(const ir::Function &F, const ir::Function &Task, const Waiter &W, Id Mutex, ir::Range Wait) {
    for (const SharedAction &A : Actions[&Task].All) {
      if (A.K != Kind::Notify || A.Object != W.Signal || A.Held.contains(Mutex) || !A.Site)
        continue;
      auto D = fact<DyingWaitObject>(*A.In, *A.Source);
      D.Where = A.Site->Where;
      D.Notify = A.Source->Where;
      D.Wait = Wait;
      Into[&F].Dying.push_back(std::move(D));
      return;
    }
  }

  const Program &P;
  const ir::Module &M;
  Objects O;
  std::vector<Waiter> All;
  std::map<const ir::Function *, SharedActions> Actions;
  std::set<const ir::Function *> Started;
  std::set<Id> Semaphores, Initialised, Permits;
  std::map<Id, std::set<const ir::Function *>> Writers;
  std::map<Id, std::vector<const Waiter *>> WaitersOf;
  std::map<const ir::Function *, std::set<Id>> CalledHolding; ///< Mutexes that some caller holds.
  std::map<const ir::Function *, std::vector<std::pair<const ir::Function *, const ir::Effect *>>> Calls;
  bool Closed = false;          ///< Every function can be read.
  std::map<Id, Declared> Known; ///< If Closed.
  llvm::DenseMap<const ir::Function *, FunctionFacts> &Into;
};

} // namespace

Signals::Signals(const Program &P) {
  if (awaits(P.module()))
    Judge(P, Found).run();
}

void Signals::describe(const ir::Function &F, FunctionFacts &Facts) const {
  auto It = Found.find(&F);
  if (It == Found.end())
    return;
  Facts.Unnotified = It->second.Unnotified;
  Facts.Unpredicated = It->second.Unpredicated;
  Facts.LostWakeups = It->second.LostWakeups;
  Facts.Dying = It->second.Dying;
  llvm::append_range(Facts.LockedWaits, It->second.LockedWaits);
  llvm::append_range(Facts.Missing, It->second.Missing);
}

} // namespace latchkey::flow
