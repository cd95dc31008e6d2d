// Places, values and numbers: what a name means here and now.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using Relation = ir::Predicate::Relation;
using TypeKind = ir::Type::Kind;

Loc Engine::follow(Loc L, const State &S) const {
  for (unsigned Guard = 0; Guard < 16; ++Guard) {
    auto It = S.Aliases.find(L);
    if (It == S.Aliases.end())
      return L;
    L = It->second;
  }
  return L;
}

Loc Engine::target(Loc Pointer, const State &S) {
  auto It = S.Pointers.find(Pointer);
  return It != S.Pointers.end() ? follow(It->second, S) : Places.child(Pointer, {ir::Step::Kind::Deref, {}, {}});
}

Loc Engine::step(Loc L, const ir::Step &Via, const State &S, const Frame &F) {
  if (Via.K == ir::Step::Kind::Deref)
    return target(L, S);
  return follow(Via.K == ir::Step::Kind::Element ? element(L, Via.Index, S, F) : Places.child(L, Via), S);
}

Loc Engine::resolve(const ir::Place &P, const State &S, const Frame &F) {
  if (!P.valid())
    return NoLoc;
  Loc L = P.R == ir::Place::Root::Global ? Places.global(P.Index) : Places.variable(F.Number, *F.F, P.Index);
  L = follow(L, S);
  for (const ir::Step &Via : P.Path)
    L = step(L, Via, S, F);
  return L;
}

Resolved Engine::resolve(const ir::Value &V, const State &S, const Frame &F) {
  Resolved R;
  R.K = static_cast<Resolved::Kind>(V.K);
  R.Const = V.Const;
  if (V.P.valid())
    R.L = resolve(V.P, S, F);
  if (V.K == ir::Value::Kind::Number)
    R.N = evaluate(V.N, S, F);
  R.Callee = V.Callee;
  // What a closure holds a pointer to may be reached through it, or owned by it.
  auto Hold = [&](const Resolved &Held) {
    if (Held.L != NoLoc && Held.K == Resolved::Kind::Copy && type(Held.L).K == TypeKind::Pointer)
      OwnedElsewhere.insert(target(Held.L, S));
  };
  for (const ir::Value &C : V.Captures) {
    R.Captures.push_back(resolve(C, S, F));
    Hold(R.Captures.back());
  }
  for (const ir::Value &A : V.Args) {
    R.Args.push_back(resolve(A, S, F));
    Hold(R.Args.back());
  }
  // A capture keeps the value that the variable has now.
  if (R.K == Resolved::Kind::Copy && R.L != NoLoc && type(R.L).K == TypeKind::Number)
    R.N = number(R.L, S);
  return R;
}

uint32_t Engine::version(Loc L, const State &S) const {
  uint32_t V = 0;
  for (; L != NoLoc; L = Places[L].Parent)
    if (auto It = S.Versions.find(L); It != S.Versions.end())
      V = std::max(V, It->second);
  return V;
}

ir::Term Engine::symbol(Loc L, ir::Atom::Kind K, const State &S) {
  auto [It, New] = SymbolIndex.try_emplace({L, K, version(L, S)}, static_cast<uint32_t>(Symbols.size()));
  if (New)
    Symbols.push_back({L, K, version(L, S)});
  return ir::Term::atom({K, ir::Place::variable(It->second)});
}

ir::Term Engine::number(Loc L, const State &S) {
  auto It = S.Numbers.find(L);
  return It != S.Numbers.end() ? It->second : symbol(L, ir::Atom::Kind::Value, S);
}

ir::Term Engine::size(Loc L, const State &S) {
  auto It = S.Sizes.find(L);
  return It != S.Sizes.end() ? It->second : symbol(L, ir::Atom::Kind::Size, S);
}

ir::Term Engine::evaluate(const ir::Term &T, const State &S, const Frame &F) {
  if (!T.Known)
    return T;
  ir::Term Sum = ir::Term::constant(0);
  for (const ir::Monomial &Part : T.Sum) {
    ir::Term Product = ir::Term::constant(Part.Coefficient);
    for (const ir::Atom &A : Part.Factors) {
      Loc L = resolve(A.P, S, F);
      if (L == NoLoc)
        return ir::Term::unknown();
      Product = Product * (A.K == ir::Atom::Kind::Size ? size(L, S) : number(L, S));
    }
    Sum = Sum + Product;
  }
  return Sum;
}

std::string Engine::spell(Loc L) const {
  return Places.spelling(M, L);
}

std::string Engine::spell(const ir::Term &T) const {
  if (!T.Known)
    return "an unknown number";
  std::string Text;
  // Constants read best at the end: `n + 1`.
  for (bool Constants : {false, true})
    for (const ir::Monomial &Part : T.Sum) {
      if (Part.Factors.empty() != Constants)
        continue;
      int64_t C = Part.Coefficient;
      Text += Text.empty() ? (C < 0 ? "-" : "") : (C < 0 ? " - " : " + ");
      std::string Product;
      for (const ir::Atom &A : Part.Factors) {
        const SymbolInfo &I = Symbols[A.P.Index];
        Product += (Product.empty() ? "" : " * ") + spell(I.L) + (I.K == ir::Atom::Kind::Size ? ".size()" : "");
      }
      int64_t Magnitude = C < 0 ? -C : C;
      if (Product.empty())
        Text += std::to_string(Magnitude);
      else
        Text += (Magnitude == 1 ? "" : std::to_string(Magnitude) + " * ") + Product;
    }
  return Text.empty() ? "0" : Text;
}

template <typename Map> static void eraseWithin(Map &Entries, const Locations &Places, Loc Ancestor) {
  for (auto It = Entries.begin(); It != Entries.end();)
    It = Places.within(It->first, Ancestor) ? Entries.erase(It) : std::next(It);
}

void Engine::clear(Loc L, State &S) {
  eraseWithin(S.Handles, Places, L);
  eraseWithin(S.Counters, Places, L);
  eraseWithin(S.Guards, Places, L);
  eraseWithin(S.Locks, Places, L);
  eraseWithin(S.Lockers, Places, L);
  eraseWithin(S.Callables, Places, L);
  eraseWithin(S.Pointers, Places, L);
  eraseWithin(S.Aliases, Places, L);
  eraseWithin(S.Numbers, Places, L);
  eraseWithin(S.Sizes, Places, L);
  std::erase_if(S.Escaped, [&](Loc E) { return Places.within(E, L); });
  S.Versions[L] = ++Fresh;
  Deferred.forgets(L, S);
}

bool Engine::escaped(Loc L, const State &S) const {
  for (; L != NoLoc; L = Places[L].Parent)
    if (S.Escaped.contains(L))
      return true;
  return false;
}

/// The object that L is a base of: who has its address can get at all of it (an interface and what implements it).
static Loc derived(const Locations &Places, Loc L) {
  while (Places[L].Parent != NoLoc && Places[L].Via.K == ir::Step::Kind::Field &&
         llvm::StringRef(Places[L].Via.Name).starts_with("(base "))
    L = Places[L].Parent;
  return L;
}

void Engine::havoc(Loc L, State &S, bool Escape) {
  if (Escape)
    L = derived(Places, L);
  if (Escape && !S.Escaped.insert(L).second)
    Escape = false; // already known everywhere; numbers change all the same
  std::vector<Loc> Reachable;
  for (const auto &[Pointer, Target] : S.Pointers)
    if (Escape && (Pointer != L || type(L).K == TypeKind::Promise || type(L).K == TypeKind::Future) &&
        Places.within(Pointer, L) && !escaped(Target, S))
      Reachable.push_back(Target);
  loseLocks(L, S);
  eraseWithin(S.Handles, Places, L);
  eraseWithin(S.Guards, Places, L);
  // Whoever has the object may run the closures in it.
  for (auto &[C, Counter] : S.Counters) {
    if (Counter.Callback != NoLoc && Places.within(Counter.Callback, L))
      Counter.Callback = NoLoc;
    Counter.Fuzzy |= Places.within(C, L) || (Counter.Promise && llvm::any_of(S.Callables, [&](const auto &Held) {
                                               return Places.within(Held.first, L) && carries(Held.second, C, S);
                                             }));
  }
  eraseWithin(S.Callables, Places, L);
  eraseWithin(S.Numbers, Places, L);
  eraseWithin(S.Sizes, Places, L);
  if (!type(L).Reference)
    eraseWithin(S.Pointers, Places, L);
  S.Versions[L] = ++Fresh;
  for (Loc Target : Reachable)
    havoc(Target, S, Escape);
}

void Engine::nonNull(Loc L, State &S) {
  S.Numbers.erase(L);
  S.Versions[L] = ++Fresh;
  assume(S, number(L, S), Relation::Equal, false);
}

template <typename Map, typename Rebase>
static void carry(Map &Entries, const Locations &Places, Loc From, Rebase To, bool Move) {
  Map Moved;
  for (auto It = Entries.begin(); It != Entries.end();) {
    if (!Places.within(It->first, From)) {
      ++It;
      continue;
    }
    Moved.insert({To(It->first), It->second});
    It = Move ? Entries.erase(It) : std::next(It);
  }
  for (auto &[L, Entry] : Moved)
    Entries.insert_or_assign(L, Entry);
}

void Engine::transfer(Loc From, Loc To, bool Move, State &S, ir::Range Where) {
  if (From == To)
    return;
  if (auto It = S.Pointers.find(From); It != S.Pointers.end())
    Places.held(It->second, To);
  auto Rebase = [&](Loc L) { return Places.rebase(L, From, To); };
  ownElement(From, S);
  std::map<Loc, HandleState> Sources;
  for (const auto &[L, H] : S.Handles)
    if (Places.within(L, From))
      Sources.insert({L, H});
  bool WasEscaped = escaped(From, S);
  clear(To, S);
  if (WasEscaped)
    S.Escaped.insert(To);
  carry(S.Handles, Places, From, Rebase, Move);
  carry(S.Guards, Places, From, Rebase, Move);
  carry(S.Callables, Places, From, Rebase, Move);
  carry(S.Pointers, Places, From, Rebase, Move);
  carry(S.Aliases, Places, From, Rebase, Move);
  carry(S.Numbers, Places, From, Rebase, Move);
  carry(S.Sizes, Places, From, Rebase, Move);
  if (Move)
    moveLockers(From, To, S);
  if (Move)
    carry(S.Counters, Places, From, Rebase, Move);
  if (!Move)
    return;
  for (const auto &[L, H] : Sources)
    S.Handles[L] = {HandleState::Kind::Moved, H.Started, Where};
  Deferred.empties(From, DeferState::Absence::How::Moved, Where, S);
  elementChanged(From, S);
  if (type(From).K == TypeKind::Container) {
    eraseWithin(S.Handles, Places, From);
    S.Sizes[From] = ir::Term::constant(0);
  }
  S.Versions[From] = ++Fresh;
}

/// Numbers of allocations that stand for captured objects.
static constexpr uint32_t FirstCaptureSite = 1u << 22;

/// Objects that a closure was given by move live in the closure.
Resolved Engine::keepCaptures(Resolved Closure, Loc Holder, State &S, ir::Range Where) {
  for (Resolved &C : Closure.Captures) {
    bool Object = C.K == Resolved::Kind::Move && C.L != NoLoc && type(C.L).K == TypeKind::Handle;
    if (!Object)
      continue;
    auto Type = static_cast<uint32_t>(&type(C.L) - M.Types.data());
    Loc Kept = Places.heap(0, FirstCaptureSite + static_cast<uint32_t>(OwnedByClosures++), Type);
    Places.held(Kept, C.L);
    transfer(C.L, Kept, true, S, Where);
    S.Pointers[Places.child(Holder, {ir::Step::Kind::Field, "capture " + std::to_string(Kept), {}})] = Kept;
    C.K = Resolved::Kind::Address;
    C.L = Kept;
  }
  return Closure;
}

void Engine::assign(Loc To, const Resolved &V, State &S, Frame &F, ir::Range Where) {
  const ir::Type &T = type(To);
  stored(To, V, S, F);
  if ((V.K == Resolved::Kind::Copy || V.K == Resolved::Kind::Move) && V.L != NoLoc)
    Deferred.copies(V.L, To, Where, S);
  switch (V.K) {
  case Resolved::Kind::Number:
    clear(To, S);
    if (V.N.Known)
      S.Numbers[To] = V.N;
    return;
  case Resolved::Kind::Default:
    clear(To, S);
    if (T.K == TypeKind::Handle)
      S.Handles[To] = {HandleState::Kind::Empty, {}, Where};
    else if (T.K == TypeKind::Promise)
      makePromise(To, Where, S, F);
    else if (T.K == TypeKind::Container)
      S.Sizes[To] = ir::Term::constant(0);
    else if (T.K == TypeKind::Pointer || T.K == TypeKind::Number)
      S.Numbers[To] = ir::Term::constant(0);
    return;
  case Resolved::Kind::Copy:
  case Resolved::Kind::Move: {
    if (V.L == NoLoc)
      break;
    if (T.K == TypeKind::Number || (V.N.Known && T.K == TypeKind::Other)) {
      ir::Term N = V.N.Known ? V.N : number(V.L, S);
      clear(To, S);
      S.Numbers[To] = N;
      return;
    }
    if (V.K == Resolved::Kind::Move) {
      Deferred.keeps(V.L, To);
      transfer(V.L, To, true, S, Where);
      return;
    }
    if (T.K == TypeKind::Pointer) {
      if (Loc E = elementOf(V.L); E != NoLoc && E == allElements(Places[E].Parent) && !S.Pointers.contains(V.L))
        doubtPointees(Places[E].Parent, S);
      Loc Target = target(V.L, S);
      ir::Term N = number(V.L, S);
      clear(To, S);
      S.Pointers[To] = Target;
      Places.held(Target, To);
      S.Numbers[To] = N;
      return;
    }
    if (T.K == TypeKind::Handle) { // ids are copied to hand the thread over
      transfer(V.L, To, false, S, Where);
      S.Handles.erase(V.L);
      return;
    }
    if (T.SharedCopies) { // the copy means the same object
      clear(To, S);
      if (V.L != To)
        S.Aliases[To] = V.L;
      return;
    }
    // Who completes the copy of a counter does not complete the counter.
    for (auto &[C, K] : S.Counters)
      if (Places.within(C, V.L))
        K.Fuzzy = true;
    transfer(V.L, To, false, S, Where);
    return;
  }
  case Resolved::Kind::Address:
    clear(To, S);
    if (V.L != NoLoc)
      S.Pointers[To] = V.L;
    nonNull(To, S);
    return;
  case Resolved::Kind::Closure:
    clear(To, S);
    S.Callables[To] = keepCaptures(callable(V, S), To, S, Where);
    return;
  case Resolved::Kind::Fresh: {
    clear(To, S);
    Loc Object = Places.heap(F.Number, Sites.try_emplace(Where, Sites.size()).first->second, T.Element);
    clear(Object, S);
    S.Pointers[To] = Object;
    Places.held(Object, To);
    nonNull(To, S);
    return;
  }
  case Resolved::Kind::Unknown:
    break;
  }
  clear(To, S);
}

Exits Engine::value(const ir::Effect &E, State S, Frame &F) {
  Loc L = E.Subject.valid() ? resolve(E.Subject, S, F) : NoLoc;
  switch (E.O) {
  case ir::Op::Declare:
    if (L != NoLoc) {
      clear(L, S);
      const ir::Type &T = type(L);
      if (T.K == TypeKind::Handle) {
        auto K = T.End == ir::Type::Ending::Leak ? HandleState::Kind::NotCreated : HandleState::Kind::Empty;
        S.Handles[L] = {K, {}, E.Where};
      } else if (T.K == TypeKind::Container && !T.Owning) {
        S.Sizes[L] = ir::Term::constant(0);
      } else if (T.K == TypeKind::Mutex && Places[L].Root == Locations::RootKind::Variable) {
        S.Locks[L].K = LockState::Kind::Released;
      } else if (T.K == TypeKind::Promise) {
        makePromise(L, E.Where, S, F);
      }
    }
    return next(std::move(S));
  case ir::Op::Assign: {
    if (L == NoLoc)
      return next(std::move(S));
    Resolved V = resolve(E.Input, S, F);
    const ir::Type &T = type(L);
    Exits Out;
    if (!E.Initial && T.K == TypeKind::Locker && V.L != L)
      releaseLocker(L, E.Where, true, S, F);
    if (!E.Initial && T.K == TypeKind::Pointer && T.Owning && V.L != L) {
      Out = destroy(L, T, E.Where, std::move(S), F);
    } else {
      if (!E.Initial && !isSomeElement(L) && T.K != TypeKind::Pointer && V.L != L)
        loseHandles(L, LostHandle::How::Overwritten, E.Where, S, F);
      Out = next(std::move(S));
    }
    for (Exit &After : Out)
      if (After.O.K == Outcome::Kind::Next) {
        assign(L, V, After.S, F, E.Where);
        if (auto Held = After.S.Callables.find(L); Held != After.S.Callables.end())
          Held->second.Source = &E;
        // Who knows an object can get at what is put into it.
        if (escaped(L, After.S))
          for (const auto &[P, Target] : After.S.Pointers)
            if (Places.within(P, L) && Places[Target].Root == Locations::RootKind::Heap)
              After.S.Escaped.insert(Target);
        elementChanged(L, After.S);
        Deferred.changes(L, &V, E, After.S, F);
        if (!E.Initial && V.K == Resolved::Kind::Default && T.K == TypeKind::Pointer && T.Owning)
          Deferred.empties(L, DeferState::Absence::How::Reset, E.Where, After.S);
      }
    return Out;
  }
  case ir::Op::Write:
    if (L != NoLoc) {
      if (type(L).K == TypeKind::Handle)
        havoc(L, S, false);
      else
        clear(L, S);
      if (E.Amount.Known)
        S.Numbers[L] = evaluate(E.Amount, S, F);
      Deferred.changes(L, nullptr, E, S, F);
    }
    return next(std::move(S));
  case ir::Op::Escape:
    if (L != NoLoc)
      havoc(L, S, true);
    return next(std::move(S));
  case ir::Op::Destroy:
    if (L == NoLoc)
      return next(std::move(S));
    // A copy that means the same object goes without it.
    if (E.Subject.R == ir::Place::Root::Variable && E.Subject.Path.empty() &&
        S.Aliases.erase(Places.variable(F.Number, *F.F, E.Subject.Index)))
      return next(std::move(S));
    Deferred.deletes(E, S, F);
    return Deferred.destroyed(L, E, destroy(L, type(L), E.Where, std::move(S), F));
  case ir::Op::Use:
    Deferred.uses(E, S, F);
    if (HandleState *H = L != NoLoc ? handleAt(L, S) : nullptr)
      AskedToEnd.insert(H->Task);
    return next(std::move(S));
  case ir::Op::Exit: {
    Deferred.exits(E, S, F);
    Exits Out;
    Out.push_back({{Outcome::Kind::Never, {}, {}, E.Where}, std::move(S)});
    return Out;
  }
  case ir::Op::Block:
    blockUnderLock(E, S, F);
    return next(std::move(S));
  default:
    return next(std::move(S));
  }
}

} // namespace latchkey::flow
