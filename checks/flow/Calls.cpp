// Calls: entering known bodies with their parameters bound, running closures, and what unknown code may do to what
// it is given.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

Resolved Engine::callable(const Resolved &V, const State &S) {
  if (V.L == NoLoc || !V.Callee.empty())
    return V;
  for (Loc L : {V.L, target(V.L, S)}) {
    auto It = S.Callables.find(L);
    if (It == S.Callables.end())
      continue;
    Resolved Held = It->second;
    Held.Args.insert(Held.Args.end(), V.Args.begin(), V.Args.end());
    return Held;
  }
  return V;
}

/// A counter that is followed, or an object with a closure in it, is among what the callee gets: it may keep its
/// address for later, or hand it on.
bool Engine::givesFollowed(const std::vector<Resolved> &Args, const State &S) {
  auto Leads = [&](Loc L) {
    auto Inside = [&](const auto &Entry) { return Places.within(Entry.first, L); };
    return L != NoLoc && (llvm::any_of(S.Counters, Inside) || llvm::any_of(S.Callables, Inside));
  };
  return llvm::any_of(Args, [&](const Resolved &A) {
    return A.L != NoLoc && (Leads(A.L) || (type(A.L).K == TypeKind::Pointer && Leads(target(A.L, S))));
  });
}

/// Whoever resumes it decides when it goes on: a task as far as this function can tell.
Exits Engine::startCoroutine(const Resolved &Task, const ir::Effect &E, Loc Result, State S, Frame &F) {
  runTask(Task, E.Where, E.Statement, false, S, F);
  if (Result != NoLoc)
    clear(Result, S);
  return next(std::move(S));
}

Exits Engine::call(const ir::Effect &E, State S, Frame &F) {
  std::vector<Resolved> Args;
  Args.reserve(E.Args.size());
  for (const ir::Value &A : E.Args)
    Args.push_back(resolve(A, S, F));
  Loc Result = E.Result.valid() ? resolve(E.Result, S, F) : NoLoc;
  if (Result != NoLoc && !E.Initial)
    loseHandles(Result, LostHandle::How::Overwritten, E.Where, S, F);

  Deferred.calls(E, Args, S, F);
  if (E.O == ir::Op::Invoke) {
    Resolved Callee = resolve(E.Input, S, F); // arguments are evaluated in any order, so S must not move yet
    Resolved Task = callable(Callee, S);
    if (const ir::Function *Body = P.function(Task.Callee); Body && Body->Coroutine) {
      Task.Args.insert(Task.Args.end(), Args.begin(), Args.end());
      return startCoroutine(Task, E, Result, std::move(S), F);
    }
    return invoke(Callee, std::move(Args), Result, E.Where, std::move(S), F);
  }

  if (takeFuture(E, Args, Result, S, F))
    return next(std::move(S));
  const ir::Function *Callee = P.callee(E);
  bool Recursive = Callee && llvm::is_contained(CallStack, Callee);
  if (Recursive && !S.Locks.empty() && recursesUnderLock(*Callee, Args, E.Where, S, F)) {
    Exits Never;
    Never.push_back({{Outcome::Kind::Never, {}, {}, E.Where}, std::move(S)});
    return Never;
  }
  bool Enter = Callee && (P.interesting(*Callee) || givesFollowed(Args, S) || Deferred.isFiring());
  if (Enter && !Recursive && F.Depth < Limit.CallDepth && !E.NoReturn) {
    if (Callee->Coroutine) {
      Resolved Task;
      Task.K = Resolved::Kind::Closure;
      Task.Callee = Callee->Id;
      Task.Args = std::move(Args);
      return startCoroutine(Task, E, Result, std::move(S), F);
    }
    if (std::optional<Exits> Out = tryEnter(*Callee, nullptr, Args, Result, E.Where, S, F))
      return std::move(*Out);
  }

  if (!E.System && !(Callee && !Enter && !mayWait(*Callee)))
    mayWaitWith(Args, S);
  if (Callee && !Enter) {
    // Its body is known to leave tasks, counters and handles alone: only plain data may have changed.
    for (const Resolved &A : Args) {
      if (A.K == Resolved::Kind::Copy && A.L != NoLoc)
        Deferred.copies(A.L, NoLoc, E.Where, S);
      bool Pointer = A.K == Resolved::Kind::Copy && A.L != NoLoc && type(A.L).K == TypeKind::Pointer;
      Loc Object = Pointer ? target(A.L, S) : A.K == Resolved::Kind::Address && !A.Const ? A.L : NoLoc;
      if (Object != NoLoc)
        S.Versions[Object] = ++Fresh;
      if (Object != NoLoc)
        std::erase_if(S.Numbers, [&](const auto &N) { return Places.within(N.first, Object); });
    }
  } else {
    llvm::StringRef Outer = std::exchange(GivenTo, E.Text);
    unknownCall(Args, E.Where, S, F, Result);
    GivenTo = Outer;
  }
  if (Result != NoLoc) {
    clear(Result, S);
    Answers.insert({Result, version(Result, S)});
  }
  if (E.NoReturn) {
    Exits Never;
    Never.push_back({{Outcome::Kind::Never, {}, {}, E.Where}, std::move(S)});
    return Never;
  }
  if (Callee && !Recursive && !Enter) {
    // What its body throws is known without entering it.
    const std::vector<std::string> *Types = Limit.Paths == Limits::Exceptions::None ? nullptr : P.throws(*Callee);
    Exits Out;
    if (Types && !E.NoThrow) {
      State T = S;
      note(T, PathStep::Kind::Exit, NoLoc, E.Where, F, "throw");
      bool Rethrow = Types->front().empty();
      Out.push_back({{Outcome::Kind::Throw, {}, Rethrow ? std::vector<std::string>() : *Types, E.Where}, std::move(T)});
    }
    Out.push_back({Outcome{}, std::move(S)});
    return Out;
  }
  return mayThrow(E, std::move(S), F);
}

Exits Engine::mayThrow(const ir::Effect &E, State S, Frame &F) {
  bool Known = F.TypedTries > 0 && !E.System;
  bool Throws =
      !E.NoThrow && (Limit.Paths == Limits::Exceptions::All || (Limit.Paths == Limits::Exceptions::Known && Known));
  Exits Out;
  if (Throws) {
    State T = S;
    notTaken(E.Where, T);
    note(T, PathStep::Kind::Exit, NoLoc, E.Where, F, "throw");
    Out.push_back({{Outcome::Kind::Throw, {}, F.TryType, E.Where}, std::move(T)});
  }
  Out.push_back({Outcome{}, std::move(S)});
  return Out;
}

/// What code we cannot see may do with a value it gets.
void Engine::give(const Resolved &V, ir::Range Where, State &S, Frame &F) {
  auto GiveHeld = [&](Loc L) {
    // A closure may capture the variable that holds it.
    if (L == NoLoc || !Giving.insert(L).second)
      return;
    Resolved Held;
    Held.L = L;
    Held = callable(Held, S);
    if (Held.K == Resolved::Kind::Closure)
      give(Held, Where, S, F);
    // A guard that somebody else holds too, or now holds alone, fires when they let go of it.
    for (const auto &[G, Armed] : std::map<Loc, Resolved>(S.Guards))
      if (Places.within(G, L) && S.Guards.erase(G))
        give(Armed, Where, S, F);
    Giving.erase(L);
  };
  auto GivePointees = [&] {
    giveClosures(V.L, Where, S, F);
    for (const auto &[P, Target] : std::map<Loc, Loc>(S.Pointers))
      if (Places.within(P, V.L))
        havoc(Target, S, true);
  };
  switch (V.K) {
  case Resolved::Kind::Address:
    GiveHeld(V.L);
    if (V.L != NoLoc && (!V.Const || type(V.L).SharedCopies))
      havoc(V.L, S, true);
    return;
  case Resolved::Kind::Copy:
    if (V.L == NoLoc)
      return;
    Deferred.copies(V.L, NoLoc, Where, S);
    GiveHeld(V.L);
    if (type(V.L).K == TypeKind::Class)
      GivePointees();
    if (type(V.L).K == TypeKind::Pointer) {
      giveClosures(target(V.L, S), Where, S, F);
      havoc(target(V.L, S), S, true);
    } else if (type(V.L).SharedCopies || type(V.L).K == TypeKind::Handle)
      havoc(V.L, S, true);
    return;
  case Resolved::Kind::Move: {
    if (V.L == NoLoc)
      return;
    if (!isTemporary(V.L))
      Deferred.copies(V.L, NoLoc, Where, S);
    GiveHeld(V.L);
    GivePointees();
    std::vector<Loc> Handles;
    for (const auto &[L, H] : S.Handles)
      if (Places.within(L, V.L))
        Handles.push_back(L);
    havoc(V.L, S, false);
    Deferred.empties(V.L, DeferState::Absence::How::Moved, Where, S);
    for (Loc L : Handles)
      S.Handles[L] = {HandleState::Kind::Moved, {}, Where};
    return;
  }
  case Resolved::Kind::Closure: {
    // Evidence of a protocol: what the closure completes is looked at before it is forgotten.
    std::map<Loc, Loc> Own = ownPromises(S);
    runTask(V, Where, {}, true, S, F);
    for (const std::vector<Resolved> *Parts : {&V.Captures, &V.Args})
      for (const Resolved &Part : *Parts) {
        bool Counter = Part.L != NoLoc && S.Counters.contains(follow(Part.L, S));
        if (Counter)
          S.Counters[follow(Part.L, S)].Fuzzy = true;
        else
          give(Part, Where, S, F);
      }
    leftToCallback(Own, S);
    return;
  }
  default:
    return;
  }
}

/// An object goes where it is not followed: whoever gets it from there may run the closures in it, and in what it
/// points to (a task behind a virtual function of a holder on the heap).
void Engine::giveClosures(Loc L, ir::Range Where, State &S, Frame &F, unsigned Depth) {
  constexpr unsigned Levels = 3;
  // A closure may own, by its captures, what holds it.
  if (L == NoLoc || Depth > Levels || !Giving.insert(L).second)
    return;
  for (const auto &[Holder, Held] : std::map<Loc, Resolved>(S.Callables))
    if (Holder != L && Places.within(Holder, L) && S.Callables.erase(Holder))
      give(Held, Where, S, F);
  for (const auto &[P, Target] : std::map<Loc, Loc>(S.Pointers))
    if (Places.within(P, L) && type(P).K == TypeKind::Pointer && type(P).Owning && !Places.within(Target, L)) {
      if (auto Held = S.Callables.find(Target); Held != S.Callables.end())
        give(Resolved(Held->second), Where, S, F);
      giveClosures(Target, Where, S, F, Depth + 1);
    }
  Giving.erase(L);
}

void Engine::unknownCall(const std::vector<Resolved> &Args, ir::Range Where, State &S, Frame &F, Loc Answer) {
  std::map<Loc, ir::Range> Completed;
  for (const auto &[C, K] : S.Counters)
    Completed[C] = K.Completion;
  S.Strange = true;
  for (const Resolved &A : Args)
    give(A, Where, S, F);
  if (Answer == NoLoc)
    return;
  for (const auto &[C, K] : S.Counters)
    if (K.Completion.valid() && !(Completed[C] == K.Completion && !S.Submissions.contains(C)))
      S.Submissions[C] = {Answer, {}, false, false};
}

Exits Engine::builtin(llvm::StringRef Op, const std::vector<Resolved> &Args, ir::Range Where, State S, Frame &F) {
  if (Args.empty() || Args[0].L == NoLoc)
    return next(std::move(S));
  Loc L =
      Args[0].K == Resolved::Kind::Copy && type(Args[0].L).K == TypeKind::Pointer ? target(Args[0].L, S) : Args[0].L;
  if (Op == "done")
    complete(L, ir::Term::constant(1), Where, nullptr, S, F);
  else if (Op == "join" || Op == "detach")
    endTask(L, Op == "detach", Where, {}, S, F);
  else if (Op == "unlock" || Op == "release")
    giveBack(L, Where, 1, NoLoc, S, F);
  return next(std::move(S));
}

Exits Engine::invoke(const Resolved &V, std::vector<Resolved> Args, Loc Result, ir::Range Where, State S, Frame &F,
                     bool Last) {
  Resolved Callee = callable(V, S);
  Args.insert(Args.begin(), Callee.Args.begin(), Callee.Args.end());
  llvm::StringRef Id = Callee.Callee;
  if (Callee.K == Resolved::Kind::Closure && Id.consume_front("op:"))
    return builtin(Id, Args, Where, std::move(S), F);
  const ir::Function *Body = Callee.K == Resolved::Kind::Closure ? P.function(Callee.Callee) : nullptr;
  if (Body && !llvm::is_contained(CallStack, Body) && F.Depth < Limit.CallDepth)
    if (std::optional<Exits> Out = tryEnter(*Body, &Callee, Args, Result, Where, S, F, Last))
      return std::move(*Out);
  mayWaitWith(Callee.Captures, S);
  mayWaitWith(Args, S);
  unknownCall(Callee.Captures, Where, S, F);
  unknownCall(Args, Where, S, F);
  if (Result != NoLoc)
    clear(Result, S);
  return next(std::move(S));
}

/// A reference parameter, or `this`, may be given a value: it is bound to an object of its own.
void Engine::bind(Loc Parameter, const Resolved &V, uint32_t Site, State &S, Frame &G, ir::Range Where) {
  const ir::Type &T = type(Parameter);
  bool Value = V.K != Resolved::Kind::Address && V.K != Resolved::Kind::Unknown &&
               !(V.L != NoLoc && type(V.L).K == TypeKind::Pointer && type(V.L).Reference);
  bool Copied =
      (V.K == Resolved::Kind::Copy || V.K == Resolved::Kind::Move) && V.L != NoLoc && type(V.L).K != TypeKind::Pointer;
  if (T.K == TypeKind::Pointer && (T.Reference ? Value : Copied)) {
    Loc Object = Places.heap(G.Number, Site, T.Element);
    clear(Object, S);
    assign(Object, V, S, G, Where);
    S.Pointers[Parameter] = follow(Object, S);
    return;
  }
  if (V.K == Resolved::Kind::Address && T.K == TypeKind::Handle) { // captured by move: it lives in the closure
    clear(Parameter, S);
    S.Aliases[Parameter] = V.L;
    return;
  }
  assign(Parameter, V, S, G, Where);
}

void Engine::dropFrame(uint32_t Number, State &S) {
  auto Dead = [&](const auto &Entry) { return Places.inFrame(Entry.first, Number); };
  keptOnHeap(Number, S);
  std::erase_if(S.Handles, Dead);
  std::erase_if(S.Counters, Dead);
  std::erase_if(S.Guards, Dead);
  std::erase_if(S.Lockers, Dead);
  std::erase_if(S.Locks, Dead);
  std::erase_if(S.Callables, Dead);
  std::erase_if(S.Pointers, Dead);
  std::erase_if(S.Aliases, Dead);
  std::erase_if(S.Numbers, Dead);
  std::erase_if(S.Sizes, Dead);
  std::erase_if(S.Versions, Dead);
  std::erase_if(S.Escaped, [&](Loc L) { return Places.inFrame(L, Number); });
  std::erase_if(S.Defers.Returned, Dead);
  std::erase_if(S.Defers.Absent, Dead);
}

/// Objects that a callable holds by value end with it, however it was left.
Exits Engine::dropCaptures(const ir::Function &Lambda, Exits Ending, Frame &F) {
  for (uint32_t Capture : llvm::reverse(Lambda.Captures)) {
    const ir::Variable &V = Lambda.Variables[Capture];
    const ir::Type &Held = M.Types[V.Type];
    bool Owner = Held.K == TypeKind::Pointer && Held.Owning && !Held.SharedCopies;
    if (V.CapturedByReference || (Held.K != TypeKind::Class && !Owner))
      continue;
    Exits After;
    for (Exit &E : Ending) {
      if (E.O.K == Outcome::Kind::Never) {
        After.push_back(std::move(E));
        continue;
      }
      Outcome Left = E.O;
      Loc L = Places.variable(F.Number, Lambda, Capture);
      for (Exit &D : destroy(L, type(L), Lambda.End, std::move(E.S), F))
        After.push_back({D.O.K == Outcome::Kind::Next ? Left : D.O, std::move(D.S)});
    }
    Ending = std::move(After);
  }
  return Ending;
}

std::optional<Exits> Engine::tryEnter(const ir::Function &Callee, const Resolved *Closure,
                                      const std::vector<Resolved> &Args, Loc Result, ir::Range Where, const State &S,
                                      Frame &F, bool Last) {
  // No callee may use up what its caller still needs; one that would is taken for unknown code.
  constexpr unsigned Least = 40, Most = 1500, Heavy = 1200;
  unsigned Left = StepLimit > StepsTaken ? StepLimit - StepsTaken : 0;
  if (TooHeavy.contains(&Callee) || HeavyAnywhere.contains(&Callee) || Left < Least)
    return std::nullopt;
  unsigned Outer = StepLimit, Allowed = std::min(Most, Left - Left / 4);
  StepLimit = StepsTaken + Allowed;
  std::vector<size_t> Before = Facts.extent();
  Exits Out = enter(Callee, Closure, Args, Result, Where, S, F, Last);
  StepLimit = Outer;
  if (!OverBudget)
    return Out;
  OverBudget = StepsTaken > StepLimit;
  Facts.truncate(Before);
  (Allowed >= Heavy ? HeavyAnywhere : TooHeavy).insert(&Callee);
  return std::nullopt;
}

Exits Engine::enter(const ir::Function &Callee, const Resolved *Closure, const std::vector<Resolved> &Args, Loc Result,
                    ir::Range Where, State S, Frame &F, bool Last) {
  Frame G;
  G.Number = ++FrameCount;
  G.F = &Callee;
  G.Depth = F.Depth + 1;
  G.Lane = F.Lane;
  G.Caller = &F;
  G.CallSite = Where;
  LockMap LocksBefore = S.Locks;
  size_t Arg = 0;
  uint32_t Site = 0;
  auto Bind = [&](uint32_t Variable, const Resolved *V) {
    bind(Places.variable(G.Number, Callee, Variable), V ? *V : Resolved(), ++Site, S, G, Where);
  };
  if (Closure && Callee.Lambda)
    for (size_t I = 0; I < Callee.Captures.size(); ++I)
      Bind(Callee.Captures[I], I < Closure->Captures.size() ? &Closure->Captures[I] : nullptr);
  else if (Callee.hasThis() && Arg < Args.size())
    Bind(Callee.This, &Args[Arg++]);
  for (uint32_t Parameter : Callee.Parameters) {
    Bind(Parameter, Arg < Args.size() ? &Args[Arg] : nullptr);
    ++Arg;
  }

  CallStack.push_back(&Callee);
  ir::Range Outer = std::exchange(OuterCall, F.Number == 1 ? Where : OuterCall);
  Exits Inner = nodes(Callee.Body.Children, 0, std::move(S), G, endOf(Callee));
  OuterCall = Outer;
  if (Last && Closure && Callee.Lambda)
    Inner = dropCaptures(Callee, std::move(Inner), G);
  CallStack.pop_back();
  Exits Out;
  Loc Slot = Places.heap(G.Number, Locations::ReturnSite, Callee.ReturnType);
  for (Exit &E : Inner) {
    if (E.O.K == Outcome::Kind::Throw) {
      E.O.Where = Where;
      if (Limit.Paths == Limits::Exceptions::None)
        continue; // calls do not throw
      if (Callee.NoExcept) {
        Deferred.terminates(Callee, E);
        E.O.K = Outcome::Kind::Never;
      }
    } else if (E.O.K != Outcome::Kind::Never) {
      E.O = Outcome{};
      if (Result != NoLoc) {
        transfer(Slot, Result, true, E.S, Where);
        Answers.insert({Result, version(Result, E.S)});
      }
    }
    clear(Slot, E.S);
    dropFrame(G.Number, E.S);
    if (E.O.K == Outcome::Kind::Next && Result != NoLoc)
      for (auto &[L, H] : E.S.Handles)
        if (Places.within(L, Result) && H.K == HandleState::Kind::Joinable) {
          H.Started = Where;
          H.FromCall = true;
        }
    Out.push_back(std::move(E));
  }
  returnLocks(LocksBefore, Out, G, F, Where, Result);
  merge(Out);
  return Out;
}

} // namespace latchkey::flow
