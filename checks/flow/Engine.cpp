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

size_t labelIn(const ir::Nodes &Children, size_t From, llvm::StringRef Name) {
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
