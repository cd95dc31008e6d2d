// What a task that is started does to the counters it shares: its body is interpreted from the state at its start,
// and its effect is added to the launcher's as something that happens some time before a join or wait.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

#include <utility>

namespace latchkey::flow {

void Engine::runTask(const Resolved &Closure, ir::Range Where, ir::Range Statement, bool Handed, State &S, Frame &F) {
  Resolved Task = callable(Closure, S);
  const ir::Function *Body = Task.K == Resolved::Kind::Closure ? P.function(Task.Callee) : nullptr;
  if (!Body || llvm::is_contained(CallStack, Body) || F.Depth >= Limit.CallDepth || TaskDepth > 3) {
    if (!Handed)
      give(Task, Where, S, F);
    return;
  }
  for (const Resolved &C : Task.Captures) // another one that may set what was left to a callback
    for (auto &[X, K] : S.Counters)
      if (C.L != NoLoc && K.Callback != NoLoc &&
          (Places.within(K.Callback, target(C.L, S)) || Places.within(K.Callback, C.L)))
        K.Callback = NoLoc;
  // An object that several may own completes when the last of them lets go: how often in all is not known.
  for (const Resolved &C : Task.Captures)
    if (C.L != NoLoc && (C.K == Resolved::Kind::Copy || C.K == Resolved::Kind::Move) &&
        type(C.L).K == ir::Type::Kind::Pointer && type(C.L).SharedCopies)
      for (const auto &[P, Target] : S.Pointers)
        if (Places.within(P, target(C.L, S)))
          if (auto K = S.Counters.find(Target); K != S.Counters.end() && !K->second.Promise)
            K->second.Fuzzy = true;
  breakPromises(Task, S);
  State Start = S;
  for (auto &[C, K] : Start.Counters)
    K.Low = K.High = ir::Term::constant(0), K.Uneven.clear(), K.Late.clear(), K.Running.clear(), K.OwnWait = {};
  Start.Locks.clear(); // what this thread holds the task does not
  Start.Lockers.clear();

  TaskSite Site{Where, Statement, Handed, Body, ++Lanes, S.Path, Fresh, reachedBy(Task, S)};
  Frame Launcher = F;
  Launcher.Lane = Site.Lane;
  Launcher.TypedTries = 0;
  Launcher.TryType.clear();
  Launcher.Caller = nullptr;
  auto Outer = std::make_tuple(TaskFrame, TaskStart, TaskSpawn, TaskSpawnStatement, Leaving.O, Leaving.Where);
  std::vector<ActiveLoop> OuterLoops;
  OuterLoops.swap(ActiveLoops);
  State AtSpawn = S;
  ++TaskDepth;
  TaskFrame = FrameCount + 1;
  TaskStart = &AtSpawn;
  TaskSpawn = Where;
  TaskSpawnStatement = Statement;
  Leaving = LeavingBy();
  Exits Ends = invoke(Task, {}, NoLoc, Where, std::move(Start), Launcher, true);
  std::tie(TaskFrame, TaskStart, TaskSpawn, TaskSpawnStatement, Leaving.O, Leaving.Where) = Outer;
  ActiveLoops.swap(OuterLoops);
  --TaskDepth;

  if (Starting && Starting->K == ir::Type::Kind::Handle && !Handed)
    escapingThrows(Ends, Site);
  // A task that never ends, or takes the program with it, completes nothing and misses nothing.
  llvm::erase_if(Ends, [](const Exit &E) { return E.O.K == Outcome::Kind::Never || E.O.K == Outcome::Kind::Throw; });
  // A permit that the task gives back is not the launcher's any more.
  for (const Exit &E : Ends)
    for (const auto &[M, K] : E.S.Locks)
      if (isPermit(M) && K.K == LockState::Kind::Released && S.Locks.contains(M))
        S.Locks[M] = LockState();
  std::set<Loc> Counters;
  for (const Exit &E : Ends)
    for (const auto &[C, K] : E.S.Counters)
      Counters.insert(C);
  for (Loc C : Counters) {
    CounterState Before = counterAt(C, S);
    addTask(C, Ends, Before, Site, S);
  }
  // Whatever else it changes may change at any time from now on.
  for (const Exit &E : Ends) {
    for (const auto &[L, V] : E.S.Versions)
      if (auto It = S.Versions.find(L); It == S.Versions.end() || It->second != V) {
        std::erase_if(S.Numbers, [&](const auto &N) { return Places.within(N.first, L); });
        S.Versions[L] = ++Fresh;
      }
    for (const auto &[L, N] : E.S.Numbers)
      if (auto It = S.Numbers.find(L); It == S.Numbers.end() || !(It->second == N)) {
        S.Numbers.erase(L);
        S.Versions[L] = ++Fresh;
      }
    for (Loc L : E.S.Escaped)
      S.Escaped.insert(L);
    std::erase_if(S.Handles, [&](const auto &H) {
      auto It = E.S.Handles.find(H.first);
      return It == E.S.Handles.end() || !(It->second == H.second);
    });
  }
}

/// Steps that the task added to the trail, newest first.
static std::vector<const TrailStep *> stepsSince(const Trail &End, const Trail &Since) {
  std::vector<const TrailStep *> Steps;
  for (const TrailStep *T = End.get(); T && T != Since.get(); T = T->Before.get())
    Steps.push_back(T);
  return Steps;
}

namespace {
/// One way through a task and what it completes, less what it raised.
struct Way {
  const Exit *E;
  int64_t Done;
  ir::Term Net, Raised;
};
} // namespace

/// The last explicit exit since then. An exception that was caught did not leave, unless nothing was decided after it:
/// then the handler is where this way parted from the others.
ir::Range Engine::lastExit(const Trail &End, const Trail &Since) {
  bool Caught = false, Decided = false;
  for (const TrailStep *T : stepsSince(End, Since)) {
    if (T->Step.K == PathStep::Kind::Caught) {
      if (!Decided)
        return T->Step.Where;
      Caught = true;
    } else if (T->Step.K == PathStep::Kind::Branch) {
      Decided = true;
    } else if (T->Step.K == PathStep::Kind::Exit && (T->Step.Text == "return" || !std::exchange(Caught, false))) {
      return T->Step.Where;
    }
  }
  return {};
}

/// Where the way that completes less leaves: its last explicit exit, else the end of the body.
static ir::Range leftAt(ir::Range Exit, const ir::Function &Body) {
  if (Exit.valid())
    return Exit;
  return Body.End.valid() ? Body.End : Body.Where;
}

/// The last step that completed C on this way, or null.
static const TrailStep *completionOf(const Way &W, const Trail &Since, Loc C) {
  for (const TrailStep *T : stepsSince(W.E->S.Path, Since))
    if (T->Step.K == PathStep::Kind::Completed && T->Object == C)
      return T;
  return nullptr;
}

/// The way that completes less completes something else instead: there are several ways to tell whoever waits.
static bool completesAnother(const Way &Less, const Way &More, Loc C) {
  auto Completed = [](const Way &W, Loc D) {
    auto It = W.E->S.Counters.find(D);
    return It != W.E->S.Counters.end() && !(It->second.High == ir::Term::constant(0));
  };
  return llvm::any_of(Less.E->S.Counters, [&](const auto &Other) {
    return Other.first != C && Completed(Less, Other.first) && !Completed(More, Other.first);
  });
}

/// A branch on the way looked at what tasks change while others look: which of them completes is agreed among them.
static bool decidedByOthers(const Trail &End, const Trail &Since) {
  return llvm::any_of(stepsSince(End, Since), [](const TrailStep *T) { return T->Shared; });
}

/// A branch on the way asked if there is something to run (`return _func ? _func() : R();`): who starts a task has
/// given it something.
bool Engine::askedForCallable(const Trail &End, const Trail &Since) const {
  return llvm::any_of(stepsSince(End, Since), [&](const TrailStep *T) {
    bool Found = false;
    if (T->Step.K == PathStep::Kind::Branch && T->Test && T->In)
      forEachPlace(T->Test->Test,
                   [&](const ir::Place &P) { Found |= M.typeOf(*T->In, P).K == ir::Type::Kind::Callable; });
    return Found;
  });
}

void Engine::addTask(Loc C, const Exits &Ends, const CounterState &Before, const TaskSite &Site, State &S) {
  CounterState &K = S.Counters[C];
  static const CounterState Untouched = [] {
    CounterState None;
    None.Low = None.High = None.Expected = ir::Term::constant(0);
    return None;
  }();
  auto EndOf = [&](const Exit &E) -> const CounterState & {
    auto It = E.S.Counters.find(C);
    return It == E.S.Counters.end() ? Untouched : It->second;
  };
  auto CompletesNothing = [&](const Exit &E) { return EndOf(E).High == ir::Term::constant(0); };
  bool SomeComplete = !llvm::all_of(Ends, CompletesNothing);
  std::vector<Way> Ways;
  bool Constant = true, SameNet = true, SameRaised = true, Bounded = false, Completes = false, HandedOn = false;
  for (const Exit &E : Ends) {
    if (SomeComplete && CompletesNothing(E) && askedForCallable(E.S.Path, Site.Since))
      continue;
    const CounterState &End = EndOf(E);
    bool Counts = &End != &Untouched && K.Known && !K.Barrier && End.Expected.Known && Before.Expected.Known;
    ir::Term Raised = Counts ? End.Expected - Before.Expected : ir::Term::constant(0), Net = End.Low - Raised;
    // A loop of the task broke off, or passed over a completion: at most as many as the other ways.
    bool Less = End.Low != End.High || llvm::any_of(End.Uneven, [](const UnevenTask &U) { return U.InLoop; });
    Bounded |= Less;
    Constant &= Net.isConstant() && !Less;
    Completes |= !CompletesNothing(E);
    K.ByTask |= Completes || End.ByTask;
    if (!Ways.empty()) {
      SameNet &= Net == Ways.front().Net;
      SameRaised &= Raised == Ways.front().Raised;
    }
    Ways.push_back({&E, Net.isConstant() ? Net.constantValue() : 0, Net, Raised});
    // On a way that hands the counter to code we cannot see, that code may complete it.
    if ((End.Fuzzy && !Before.Fuzzy) || escaped(C, E.S) || (K.Promise && keptElsewhere(C, E.S)))
      K.Fuzzy = HandedOn = true;
    if (End.TaskWait.valid())
      K.TaskWait = End.TaskWait;
    if (End.Completion.valid())
      K.Completion = End.Completion;
    for (const LateAdd &L : End.Late)
      if (llvm::none_of(K.Late, [&](const LateAdd &O) { return O.Where == L.Where; }))
        K.Late.push_back(L);
    for (const UnevenTask &U : End.Uneven)
      if (llvm::none_of(K.Uneven, [&](const UnevenTask &O) { return O == U; }))
        K.Uneven.push_back(U);
  }
  if (Ways.empty())
    return;
  if (Completes) {
    bool Again = !ActiveLoops.empty() && ActiveLoops.back().AtHead.contains(C) &&
                 !(ActiveLoops.back().Trip.isConstant() && ActiveLoops.back().Trip.constantValue() <= 1);
    K.Running.push_back({Site.Where, NoLoc, Site.Handed, Site.Handed, Again, Site.Captured});
  }
  if (Completes && Before.Known && !Before.Fuzzy) {
    ir::Term Open = Before.Expected - Before.High;
    K.Ahead |= Open.isConstant() && Open.constantValue() <= 0;
    if (K.Ahead && !K.AheadSpawn.valid()) {
      K.AheadSpawn = Site.Where;
      K.AheadSpawnStatement = Site.Statement;
    }
  }
  // What is raised and completed on the same way needs no place in the sums.
  auto Add = [&](const ir::Term &Low, const ir::Term &High) {
    if (SameRaised)
      K.Expected = K.Expected + Ways.front().Raised;
    const ir::Term Zero = ir::Term::constant(0), &Raised = SameRaised ? Ways.front().Raised : Zero;
    K.Low = K.Low + Low + Raised;
    K.High = K.High + High + Raised;
  };
  if (Bounded) {
    // The way that completes most is one that no loop cut short.
    auto Most = llvm::find_if(Ways, [&](const Way &W) {
      return llvm::none_of(EndOf(*W.E).Uneven, [](const UnevenTask &U) { return U.InLoop; });
    });
    const CounterState &End = EndOf(*(Most == Ways.end() ? Ways.front() : *Most).E);
    if (!SameRaised)
      K.Fuzzy = true;
    else
      Add(ir::Term::constant(0), End.High);
  } else if (SameNet) {
    Add(Ways.front().Net, Ways.front().Net);
    K.InTaskLoop |= !Ways.front().Net.isConstant();
  } else if (HandedOn ||
             (Constant && llvm::any_of(Ends, [&](const Exit &E) { return decidedByOthers(E.S.Path, Site.Since); }))) {
    K.Fuzzy = true;
  } else if (Constant) {
    auto [Less, More] =
        std::minmax_element(Ways.begin(), Ways.end(), [](const Way &A, const Way &B) { return A.Done < B.Done; });
    UnevenTask U;
    U.Fact.Subject = spell(C);
    U.Fact.Where = leftAt(lastExit(Less->E->S.Path, Site.Since), *Site.Body);
    U.Fact.Task = Site.Body->Name;
    U.Fact.Barrier = K.Barrier;
    if (const TrailStep *Completed = completionOf(*More, Site.Since, C)) {
      U.Fact.Completion = U.MoreAt = Completed->Step.Where;
      if (Less->Done == 0 && More->Done == 1 && !K.Barrier)
        if (Completed->Source)
          U.Fact.Own = completionOf(*Completed->Source, *Site.Body);
    }
    U.Fact.Path = path(Less->E->S, C);
    U.Learnt = learntSince(Less->E->S, S);
    U.Elsewhere = completesAnother(*Less, *More, C);
    if (llvm::none_of(K.Uneven, [&](const UnevenTask &O) { return O == U; }))
      K.Uneven.push_back(std::move(U));
    Add(Less->Net, More->Net);
  } else {
    K.Fuzzy = true;
  }
  // Code we cannot see decides whether, and how often, it runs what it is handed.
  if (Site.Handed && Completes)
    K.Fuzzy = true;
}

} // namespace latchkey::flow
