#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <utility>

namespace latchkey::flow {

Engine::Engine(const Program &P, const Limits &L, const ir::Function &Entry, std::set<const ir::Function *> &Heavy)
    : P(P), M(P.module()), Limit(L), Entry(Entry), StepLimit(L.Steps), HeavyAnywhere(Heavy) {}

Frame Engine::entryFrame() {
  Frame F;
  F.Number = ++FrameCount;
  F.F = &Entry;
  CallStack.push_back(&Entry);
  return F;
}

FunctionFacts Engine::run() {
  Facts.Function = &Entry;
  Frame F = entryFrame();
  Exits Out = nodes(Entry.Body.Children, 0, State(), F, endOf(Entry));
  keptLocks(Out);
  judgeFirstUses();
  for (Exit &E : Out) {
    // Whoever still counts on a counter that outlives this call is not known here; uneven tasks are.
    if (E.O.K == Outcome::Kind::Never)
      continue;
    for (auto &[C, Counter] : E.S.Counters)
      settle(C, {}, E.S);
    localsDie({}, E.O.K == Outcome::Kind::Next ? Entry.End : E.O.Where, E.S, F);
    Deferred.leaves(E);
    Deferred.outlives(E, F);
    forgetObjects(E, F);
    globalsDie(E, F);
  }
  Deferred.conclude();
  concludeAlways();
  return std::move(Facts);
}

Engine::OwnerRun Engine::runOwner(const ir::Place &Handle, ir::Range Started) {
  Frame F = entryFrame();
  ++Quiet;
  State S;
  if (Handle.Path.back().K == ir::Step::Kind::Deref) { // an object of its own, whatever the pointer is given next
    ir::Place Pointer = Handle;
    Pointer.Path.pop_back();
    Loc Holder = resolve(Pointer, S, F), Object = Places.heap(F.Number, Locations::OwnedSite, type(Holder).Element);
    S.Pointers[Holder] = Object;
    Places.held(Object, Holder);
    nonNull(Holder, S);
  }
  Owned = resolve(Handle, S, F);
  S.Handles[Owned] = {HandleState::Kind::Joinable, Started, Started};
  for (Exit &E : nodes(Entry.Body.Children, 0, std::move(S), F, endOf(Entry))) {
    HandleState *H = E.O.K == Outcome::Kind::Never ? nullptr : handleAt(Owned, E.S);
    if (H && H->K == HandleState::Kind::Joinable)
      OwnedRun.Open.push_back(E.S.Path);
  }
  return std::move(OwnedRun);
}

Exits Engine::next(State S) {
  Exits E;
  E.push_back({Outcome{}, std::move(S)});
  return E;
}

bool Engine::spend(const State &S) {
  // A step costs what copying the state costs.
  StepsTaken += 1 + static_cast<unsigned>((S.Handles.size() + S.Numbers.size() + S.Versions.size() + S.Pointers.size() +
                                           S.Bounds.size() + S.Opaques.size()) /
                                          16);
  if (StepsTaken > StepLimit)
    OverBudget = true;
  return !OverBudget;
}

/// What a number is on either path bounds what it is behind both.
void Engine::mergeInto(State &Kept, const State &Other) {
  State Before = Kept;
  for (Loc L : Kept.keepShared(Other, Fresh)) {
    using Kind = ir::Type::Kind;
    Kind K = type(L).K;
    if (K != Kind::Number && K != Kind::Pointer && K != Kind::Container)
      continue;
    auto Value = [&](const State &S) { return K == Kind::Container ? size(L, S) : number(L, S); };
    Interval Mine = bounds(Before, Value(Before)), Theirs = bounds(Other, Value(Other));
    int64_t Low = std::min(Mine.Low, Theirs.Low), High = std::max(Mine.High, Theirs.High);
    ir::Term Now = Value(Kept);
    if (Low != INT64_MIN)
      assume(Kept, Now - ir::Term::constant(Low), ir::Predicate::Relation::Less, false);
    if (High != INT64_MAX)
      assume(Kept, Now - ir::Term::constant(High), ir::Predicate::Relation::LessEqual, true);
  }
}

/// Gives up telling states apart: those that left in the same way become one, in which whatever they do not agree on is
/// unknown.
void Engine::widen(Exits &All) {
  Exits Kept;
  for (Exit &E : All) {
    auto Same = llvm::find_if(Kept, [&](const Exit &K) { return K.O.sameAs(E.O); });
    if (Same == Kept.end()) {
      Kept.push_back(std::move(E));
      continue;
    }
    State &Mine = Same->S, &Theirs = E.S;
    std::set<Loc> Doubtful; // known elsewhere as far as we can tell
    auto Differ = [&](auto &Map, const auto &Other, auto Doubt) {
      for (auto It = Map.begin(); It != Map.end();) {
        auto Found = Other.find(It->first);
        bool Agreed = Found != Other.end() && Found->second == It->second;
        if (!Agreed)
          Doubt(It->first, It->second);
        It = Agreed ? std::next(It) : Map.erase(It);
      }
      for (const auto &[L, V] : Other)
        if (!Map.contains(L))
          Doubt(L, V);
    };
    auto Target = [&](Loc, Loc To) { Doubtful.insert(To); };
    auto Closure = [&](Loc, const Resolved &V) {
      for (const std::vector<Resolved> *Parts : {&V.Captures, &V.Args})
        for (const Resolved &Part : *Parts)
          if (Part.L != NoLoc)
            Doubtful.insert(follow(Part.L, Mine));
    };
    Differ(Mine.Pointers, Theirs.Pointers, Target);
    Differ(Mine.Aliases, Theirs.Aliases, Target);
    Differ(Mine.Guards, Theirs.Guards, Closure);
    Differ(Mine.Callables, Theirs.Callables, Closure);
    Differ(Mine.Handles, Theirs.Handles, [](Loc, const HandleState &) {});
    Differ(Mine.Counters, Theirs.Counters, [&](Loc C, const CounterState &) { Doubtful.insert(C); });
    Differ(Mine.Tasks, Theirs.Tasks, [](uint32_t, const RunningTask &) {});
    Differ(Mine.Lockers, Theirs.Lockers, [&](Loc, const LockerState &Locker) {
      for (Loc M : Locker.Mutexes)
        Mine.Locks[M] = LockState();
    });
    Mine.Escaped.insert(Theirs.Escaped.begin(), Theirs.Escaped.end());
    mergeInto(Mine, Theirs);
    for (Loc L : Doubtful)
      havoc(L, Mine, true);
  }
  All = std::move(Kept);
}

/// Merges states that left in the same way and agree on every property.
void Engine::merge(Exits &All) {
  Exits Kept;
  for (Exit &E : All) {
    auto Same = llvm::find_if(Kept, [&](const Exit &K) { return K.O.sameAs(E.O) && K.S.sameProperties(E.S); });
    if (Same == Kept.end())
      Kept.push_back(std::move(E));
    else
      mergeInto(Same->S, E.S);
  }
  if (Kept.size() > Limit.States)
    widen(Kept);
  All = std::move(Kept);
}

Exits Engine::nodes(const ir::Nodes &Children, size_t From, State S, Frame &F, ir::Range End) {
  States In;
  In.push_back(std::move(S));
  return sequence(Children, From, std::move(In), F, End);
}

/// Where the first statement begins.
static ir::Range startOf(const ir::Nodes &Children) {
  const auto *E = Children.front().as<ir::Effect>();
  return E && E->Statement.valid() ? E->Statement : Children.front().Where;
}

/// Where the label stands among Children from From on; their number if it does not.
static size_t labelIn(const ir::Nodes &Children, size_t From, llvm::StringRef Name) {
  size_t Found = Children.size();
  for (size_t I = From; I < Children.size(); ++I)
    if (const auto *L = Children[I].as<ir::Label>(); L && L->Name == Name)
      Found = I;
  return Found;
}

Exits Engine::sequence(const ir::Nodes &Children, size_t From, States In, Frame &F, ir::Range End) {
  Exits Result;
  for (size_t I = From; I < Children.size() && !In.empty(); ++I) {
    const ir::Node &Child = Children[I];
    if (const auto *C = Child.as<ir::Cleanup>()) {
      Deferred.enterScope(*C, F);
      Exits Rest = sequence(Children, I + 1, std::move(In), F, End);
      Deferred.leaveScope();
      auto Outer = std::exchange(Cleaning, {C, startOf(Children)});
      append(Result, cleanup(*C, std::move(Rest), F, End));
      Cleaning = Outer;
      In.clear();
      break;
    }
    Exits Here;
    for (State &S : In)
      append(Here, node(Child, std::move(S), F));
    In.clear();
    if (OverBudget)
      return {};
    if (Here.size() > 1)
      merge(Here);
    for (Exit &E : Here)
      if (E.O.K == Outcome::Kind::Next)
        In.push_back(std::move(E.S));
      else
        Result.push_back(std::move(E));
  }
  for (State &S : In)
    Result.push_back({Outcome{}, std::move(S)});

  // A goto whose label stands in the part that was run here continues behind it.
  for (unsigned Round = 0; Round < 3; ++Round) {
    bool Jumped = false;
    Exits Rest;
    for (Exit &E : Result) {
      size_t Label = E.O.K == Outcome::Kind::Goto ? labelIn(Children, From, E.O.Label) : Children.size();
      if (Label == Children.size()) {
        Rest.push_back(std::move(E));
        continue;
      }
      Jumped = true;
      append(Rest, nodes(Children, Label + 1, std::move(E.S), F, End));
    }
    Result = std::move(Rest);
    if (!Jumped)
      break;
  }
  merge(Result);
  return Result;
}

Exits Engine::cleanup(const ir::Cleanup &C, Exits Exiting, Frame &F, ir::Range End) {
  Exits Result;
  for (Exit &E : Exiting) {
    bool Throwing = E.O.K == Outcome::Kind::Throw;
    bool Masked = (C.On == ir::Cleanup::Mask::Normal && Throwing) || (C.On == ir::Cleanup::Mask::Throw && !Throwing);
    bool Unarmed = C.Armed.valid() &&
                   compare(E.S, number(resolve(C.Armed, E.S, F), E.S), ir::Predicate::Relation::Equal) == Answer::Yes;
    if (Masked || Unarmed || E.O.K == Outcome::Kind::Never) {
      Result.push_back(std::move(E));
      continue;
    }
    LeavingBy Outer = Leaving;
    Leaving = {E.O.K, E.O.K == Outcome::Kind::Next ? End : E.O.Where, E.O.Unbraced};
    auto OuterDoomed = std::exchange(Doomed, deadBefore(C, E.S, F));
    Exits Cleaned = nodes(C.Body, 0, std::move(E.S), F);
    Doomed = std::move(OuterDoomed);
    Leaving = Outer;
    for (Exit &After : Cleaned) {
      if (After.O.K == Outcome::Kind::Next)
        After.O = E.O;
      else if (After.O.K == Outcome::Kind::Throw)
        After.O = {Outcome::Kind::Never, {}, {}, After.O.Where}; // a destructor that throws terminates
      Result.push_back(std::move(After));
    }
  }
  merge(Result);
  return Result;
}

Exits Engine::node(const ir::Node &N, State S, Frame &F) {
  if (!spend(S))
    return {};
  if (const auto *E = N.as<ir::Effect>())
    return effect(*E, std::move(S), F);
  if (const auto *Q = N.as<ir::Sequence>()) {
    bool Outer = std::exchange(Unbraced, Q->K == ir::Sequence::Kind::Block ? !Q->Braced : Unbraced);
    Exits Out = nodes(Q->Children, 0, std::move(S), F, Q->End);
    Unbraced = Outer;
    blockEnds(*Q, N.Where, Out, F);
    return Out;
  }
  if (const auto *I = N.as<ir::If>())
    return branch(*I, std::move(S), F);
  if (const auto *L = N.as<ir::Loop>())
    return loop(*L, N.Where, std::move(S), F);
  if (const auto *E = N.as<ir::Foreach>())
    return foreach (*E, N.Where, std::move(S), F);
  if (const auto *W = N.as<ir::Switch>())
    return select(*W, std::move(S), F);
  if (const auto *T = N.as<ir::Try>())
    return attempt(*T, std::move(S), F);
  return leave(N, std::move(S), F);
}

static Exits leaving(Outcome O, State S) {
  Exits E;
  E.push_back({std::move(O), std::move(S)});
  return E;
}

Exits Engine::leave(const ir::Node &N, State S, Frame &F) {
  using Kind = Outcome::Kind;
  if (const auto *R = N.as<ir::Return>()) {
    Deferred.returns(*R, N.Where, S, F);
    note(S, PathStep::Kind::Exit, NoLoc, N.Where, F, "return");
    if (R->HasValue) {
      Loc Slot = Places.heap(F.Number, Locations::ReturnSite, F.F->ReturnType);
      clear(Slot, S);
      Resolved Value = resolve(R->Result, S, F);
      assign(Slot, Value, S, F, N.Where);
      if (R->Elidable)
        Deferred.forgets(Value.L, S); // usually the returned object itself
    }
    return leaving({Kind::Return, {}, {}, N.Where, Unbraced}, std::move(S));
  }
  if (const auto *T = N.as<ir::Throw>()) {
    note(S, PathStep::Kind::Exit, NoLoc, N.Where, F, "throw");
    return leaving({Kind::Throw, {}, T->Types, N.Where, Unbraced}, std::move(S));
  }
  if (N.as<ir::Break>()) {
    note(S, PathStep::Kind::Exit, NoLoc, N.Where, F, "break");
    return leaving({Kind::Break, {}, {}, N.Where, Unbraced}, std::move(S));
  }
  if (N.as<ir::Continue>()) {
    note(S, PathStep::Kind::Exit, NoLoc, N.Where, F, "continue");
    return leaving({Kind::Continue, {}, {}, N.Where, Unbraced}, std::move(S));
  }
  if (const auto *G = N.as<ir::Goto>()) {
    note(S, PathStep::Kind::Exit, NoLoc, N.Where, F, "goto " + G->Label);
    return leaving({Kind::Goto, G->Label, {}, N.Where, Unbraced}, std::move(S));
  }
  if (const auto *Suspended = N.as<ir::Suspend>()) {
    suspendUnderLock(*Suspended, N.Where, S, F);
    synchronise(NoLoc, S); // it may go on when a task is done
  }
  if (N.as<ir::Opaque>())
    return {}; // opaque functions are not entered; whatever reaches here is not judged
  return next(std::move(S));
}

Exits Engine::branch(const ir::If &I, State S, Frame &F) {
  bool Flag = asksFlag(I.Test, S, F);
  Decision D = decide(I.Test, std::move(S), F);
  Exits Result = std::move(D.Other);
  Flag &= !D.True.empty() && !D.False.empty();
  InFlagged += Flag;
  std::vector<Exits> Sides(2);
  for (State &T : D.True)
    append(Sides[0], nodes(I.Then, 0, std::move(T), F));
  for (State &E : D.False)
    append(Sides[1], nodes(I.Else, 0, std::move(E), F));
  jumpAcross(I, Sides, F);
  InFlagged -= Flag;
  if (Flag) {
    believeFlag(Sides);
    believeFlagOfLock(Sides, I.Test, F);
  }
  for (Exits &Side : Sides)
    append(Result, std::move(Side));
  merge(Result);
  return Result;
}

/// A goto into the other branch: how macros of test frameworks share one place that reports a failure.
void Engine::jumpAcross(const ir::If &I, std::vector<Exits> &Sides, Frame &F) {
  for (size_t From : {0, 1}) {
    const ir::Nodes &Other = From == 0 ? I.Else : I.Then;
    const auto *Block = Other.empty() ? nullptr : Other.front().as<ir::Sequence>();
    Exits Stay;
    for (Exit &E : std::exchange(Sides[From], {})) {
      bool Jumps = Block && E.O.K == Outcome::Kind::Goto;
      size_t Label = Jumps ? labelIn(Block->Children, 0, E.O.Label) : 0;
      if (Jumps && Label < Block->Children.size())
        append(Sides[1 - From], nodes(Block->Children, Label + 1, std::move(E.S), F, Block->End));
      else
        Stay.push_back(std::move(E));
    }
    append(Sides[From], std::move(Stay));
  }
}

/// The test looks at variables and fields that somebody keeps, not at what a call has just answered.
bool Engine::asksFlag(const ir::Condition &C, const State &S, const Frame &F) {
  if (C.K != ir::Condition::Kind::Leaf)
    return llvm::all_of(C.Parts, [&](const ir::Condition &Part) { return asksFlag(Part, S, F); });
  bool Calls = llvm::any_of(C.Before, [](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    return !E || E->O == ir::Op::Call || E->O == ir::Op::Invoke;
  });
  if (Calls || (C.Test.K != ir::Predicate::Kind::Compare && C.Test.K != ir::Predicate::Kind::Opaque))
    return false;
  bool Any = false, All = true;
  forEachPlace(C.Test, [&](const ir::Place &P) {
    Loc L = resolve(P, S, F);
    Any = true;
    // What the function was given and has left alone is followed exactly.
    bool Given = P.R == ir::Place::Root::Variable && P.Path.empty() && version(L, S) == 0 &&
                 F.F->Variables[P.Index].K == ir::Variable::Kind::Parameter;
    All &= L != NoLoc && !Given && !Answers.contains({L, version(L, S)});
  });
  return Any && All;
}

/// Where one side of a test of a flag ends a task and another does not, the flag says whether there is one: how it was
/// made is more than we follow.
void Engine::believeFlag(std::vector<Exits> &Sides) {
  using Kind = HandleState::Kind;
  std::set<Loc> Ended;
  for (const Exits &Side : Sides)
    for (const Exit &E : Side)
      for (const auto &[L, H] : E.S.Handles)
        if (H.K == Kind::Joined || H.K == Kind::Detached)
          Ended.insert(L);
  for (Exits &Side : Sides)
    for (Exit &E : Side)
      for (auto &[L, H] : E.S.Handles)
        if (H.K == Kind::Joinable && L != Owned && Ended.contains(L) && E.O.K == Outcome::Kind::Next)
          H = HandleState();
}

Exits Engine::select(const ir::Switch &W, State S, Frame &F) {
  Exits Result;
  for (Exit &Before : nodes(W.Before, 0, std::move(S), F)) {
    if (Before.O.K != Outcome::Kind::Next) {
      Result.push_back(std::move(Before));
      continue;
    }
    ir::Term Subject = evaluate(W.Subject, Before.S, F);
    bool HasDefault = false;
    State Rest = Before.S; // of the values no case names
    bool OtherValues = true;
    std::vector<Exits> Sides;
    ir::Condition Asked;
    Asked.Test.K = ir::Predicate::Kind::Compare;
    Asked.Test.Left = W.Subject;
    bool Flag = asksFlag(Asked, Before.S, F);
    InFlagged += Flag;
    for (size_t I = 0; I <= W.Cases.size(); ++I) {
      bool NoCase = I == W.Cases.size();
      if (NoCase && (HasDefault || W.Exhaustive))
        break;
      if (!NoCase && W.Cases[I].Default)
        HasDefault = true;
      States Entered;
      if ((NoCase || W.Cases[I].Default) && OtherValues)
        Entered.push_back(Rest);
      if (!NoCase)
        for (int64_t V : W.Cases[I].Values) {
          State In = Before.S;
          ir::Term Difference = Subject.Known ? Subject - ir::Term::constant(V) : Subject;
          if (assume(In, Difference, ir::Predicate::Relation::Equal, true))
            Entered.push_back(std::move(In));
          OtherValues &= assume(Rest, Difference, ir::Predicate::Relation::Equal, false);
        }
      Exits Here;
      for (State &In : Entered)
        Here.push_back({Outcome{}, std::move(In)});
      merge(Here);
      for (size_t Case = I; Case < W.Cases.size(); ++Case) { // fall through until something leaves
        Exits After;
        for (Exit &E : Here)
          if (E.O.K == Outcome::Kind::Next)
            append(After, nodes(W.Cases[Case].Body, 0, std::move(E.S), F));
          else
            After.push_back(std::move(E));
        Here = std::move(After);
      }
      for (Exit &E : Here) {
        if (E.O.K == Outcome::Kind::Break)
          E.O = Outcome{};
      }
      Sides.push_back(std::move(Here));
    }
    InFlagged -= Flag;
    if (Flag)
      believeFlag(Sides);
    for (Exits &Side : Sides)
      append(Result, std::move(Side));
  }
  merge(Result);
  return Result;
}

static bool catches(const ir::Handler &H, const Outcome &O) {
  return H.Type.empty() || O.Types.empty() || llvm::is_contained(O.Types, H.Type);
}

Exits Engine::attempt(const ir::Try &T, State S, Frame &F) {
  std::vector<std::string> Outer = F.TryType;
  // A handler that names a type is there because something in the block throws it: the throw that is written there,
  // or else what we cannot see.
  llvm::SmallVector<const ir::Throw *> Written;
  forEachNode(T.Body, [&](const ir::Node &N) {
    if (const auto *Explicit = N.as<ir::Throw>())
      Written.push_back(Explicit);
  });
  for (const ir::Handler &H : T.Handlers)
    if (!H.Type.empty() &&
        llvm::none_of(Written, [&](const ir::Throw *E) { return llvm::is_contained(E->Types, H.Type); })) {
      ++F.TypedTries;
      F.TryType = {H.Type};
      break;
    }
  bool Typed = F.TryType != Outer;
  ++F.Tries;
  Exits Inner = nodes(T.Body, 0, std::move(S), F);
  --F.Tries;
  if (Typed)
    --F.TypedTries;
  F.TryType = Outer;
  Exits Result;
  for (Exit &E : Inner) {
    const ir::Handler *Caught = nullptr;
    if (E.O.K == Outcome::Kind::Throw)
      for (const ir::Handler &H : T.Handlers)
        if (catches(H, E.O)) {
          Caught = &H;
          break;
        }
    if (!Caught) {
      Result.push_back(std::move(E));
      continue;
    }
    std::vector<std::string> Types = E.O.Types;
    note(E.S, PathStep::Kind::Caught, NoLoc, Caught->Where, F, Caught->Type);
    for (Exit &After : nodes(Caught->Body, 0, std::move(E.S), F)) {
      if (After.O.K == Outcome::Kind::Throw && After.O.Types.empty())
        After.O.Types = Types; // rethrow
      Result.push_back(std::move(After));
    }
  }
  merge(Result);
  return Result;
}

Exits Engine::effect(const ir::Effect &E, State S, Frame &F) {
  switch (E.O) {
  case ir::Op::Init:
  case ir::Op::Add:
  case ir::Op::Done:
  case ir::Op::Wait:
  case ir::Op::Poll:
  case ir::Op::Drop:
    return counter(E, std::move(S), F);
  case ir::Op::Spawn:
    return spawn(E, std::move(S), F);
  case ir::Op::Join:
  case ir::Op::Detach:
    return end(E, std::move(S), F);
  case ir::Op::Arm:
  case ir::Op::Dismiss:
  case ir::Op::Fire:
  case ir::Op::Lock:
  case ir::Op::TryLock:
  case ir::Op::Unlock:
  case ir::Op::Acquire:
  case ir::Op::TryAcquire:
  case ir::Op::Release:
    return guard(E, std::move(S), F);
  case ir::Op::Push:
  case ir::Op::Pop:
  case ir::Op::Resize:
  case ir::Op::Clear:
  case ir::Op::Swap:
    return container(E, std::move(S), F);
  case ir::Op::Set:
  case ir::Op::Get:
  case ir::Op::Notify:
  case ir::Op::Await:
  case ir::Op::Reset:
    return signal(E, std::move(S), F);
  case ir::Op::Call:
  case ir::Op::Invoke:
    return Deferred.answered(E, call(E, std::move(S), F), F);
  default:
    return value(E, std::move(S), F);
  }
}

} // namespace latchkey::flow
