#include "checks/flow/SignalLocks.h"

#include "checks/flow/StoredCallables.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using Kind = SharedAction::Kind;
using Id = Objects::Id;

namespace {

class Search {
public:
  Search(const Program &P, Objects &O, const ActionsOf &Actions, const std::set<const ir::Function *> &InTasks)
      : P(P), M(P.module()), O(O), Actions(Actions), InTasks(InTasks) {
    for (const auto &[F, In] : Actions)
      for (const SharedAction &A : In.All) {
        if (A.K == Kind::Await && !F->System)
          Awaits[A.Source].push_back({F, &A});
        if (A.K == Kind::Notify && A.In == F)
          Notifies[A.Object].push_back({F, &A});
      }
  }

  using Places = std::vector<std::pair<const ir::Function *, const SharedAction *>>;
  /// Where the wait is reached, in the texts of which functions.
  const Places &awaits(const ir::Effect *Wait) { return Awaits[Wait]; }

  /// Where the wait A, in the text of F, holds what every notifier must lock; null if it does not.
  struct Deadlock {
    const SharedAction *Taken = nullptr, *Needed = nullptr;
    const SharedAction *Invoked = nullptr; ///< What needs it is a callable that the notifier calls here.
  };
  /// Tasks: only what tasks do counts, and all of it has to.
  Deadlock of(const ir::Function &F, const SharedAction &A, const Waiter &W, bool Tasks) {
    for (Id Mutex : A.Held) {
      if (Mutex == A.Mutex || isOwn(W, Mutex))
        continue;
      const SharedAction *Taken = taken(Actions.at(&F), A, Mutex);
      if (!Taken || M.typeOf(*Taken->In, Taken->Source->Subject).Reentrant)
        continue;
      if (Deadlock D = neededByAll(A, Mutex, F, W, *Taken, Tasks); D.Needed)
        return D;
    }
    return {};
  }

private:
  /// The mutex that the wait itself gives back while it sleeps, also where its lock came from a caller.
  bool isOwn(const Waiter &W, Id Mutex) {
    return !W.E->Args.empty() && W.E->Args[0].P.valid() && (O.at(*W.F, W.E->Args[0].P) == Mutex || !W.OwnLock);
  }

  static bool encloses(const SharedAction &Outer, const SharedAction &Inner) {
    return Outer.Sides.size() <= Inner.Sides.size() &&
           std::equal(Outer.Sides.begin(), Outer.Sides.end(), Inner.Sides.begin());
  }

  /// The place where Mutex was taken that is held at A for sure.
  static const SharedAction *taken(const SharedActions &In, const SharedAction &A, Id Mutex) {
    const SharedAction *Found = nullptr;
    for (const SharedAction &Before : In.All) {
      if (&Before == &A)
        break;
      if (Before.K == Kind::Acquire && Before.Object == Mutex && Before.Source->O == ir::Op::Lock)
        Found = encloses(Before, A) ? &Before : Found;
    }
    return A.Held.contains(Mutex) ? Found : nullptr;
  }

  /// One of the places where those who notify Signal take Mutex first, if all of them do and are others than F.
  Deadlock neededByAll(const SharedAction &Wait, Id Mutex, const ir::Function &F, const Waiter &W,
                       const SharedAction &Taken, bool Tasks) {
    Deadlock Found;
    for (const auto &[G, A] : Notifies[W.Signal]) {
      if (G == &F || G == W.F || (Tasks && !InTasks.contains(G)))
        return {};
      Deadlock D{&Taken, lockedBefore(Actions.at(G), *A, Mutex), nullptr};
      if (!D.Needed)
        D = invokedBefore(Actions.at(G), *A, Mutex, ownerAt(F, Wait), Taken);
      const SharedAction *Lock = D.Needed;
      if (!Lock || (sameObject(*Lock, *A->In, A->Source->Subject) && otherObject(Taken, *W.F, W.E->Subject)) ||
          (Lock->Source->Shared && Taken.Source->Shared))
        return {};
      Found = D;
    }
    return Found;
  }

  /// What the object is called that has the waiting method; empty if it is the caller's own.
  std::string ownerAt(const ir::Function &F, const SharedAction &Wait) const {
    if (!Wait.Site || Wait.Site->O != ir::Op::Call || Wait.Site->Args.empty() || !Wait.Site->Args[0].P.valid())
      return {};
    const ir::Place &Object = Wait.Site->Args[0].P;
    bool Own = F.hasThis() && Object.R == ir::Place::Root::Variable && Object.Index == F.This &&
               sharedName(M, F, Object).empty();
    return Own ? std::string() : P.callables().nameOf(F, Object);
  }

  /// Where a callable that is kept somewhere takes Mutex, whichever of those it is that Owner was given; In invokes it
  /// before A.
  Deadlock invokedBefore(const SharedActions &In, const SharedAction &A, Id Mutex, const std::string &Owner,
                         const SharedAction &Taken) {
    for (const SharedAction &Before : In.All) {
      if (&Before == &A)
        break;
      const ir::Value &Callable = Before.Source->Input;
      bool Invokes = Before.K == Kind::Other && Before.Source->O == ir::Op::Invoke && Callable.Callee.empty() &&
                     Callable.P.valid() && encloses(Before, A) && (!Before.InLoop || A.InLoop);
      if (!Invokes)
        continue;
      const SharedAction *Needed = nullptr;
      for (const ir::Function *Body : P.callables().of(*Before.In, Callable.P, Owner)) {
        Needed = lockedAlways(*Body, Mutex);
        if (!Needed)
          break;
      }
      if (Needed)
        return {&Taken, Needed, &Before};
    }
    return {};
  }

  /// The function takes Mutex whatever happens, and it is that of the object or variable that it was bound to itself,
  /// not of another one that this leads to.
  const SharedAction *lockedAlways(const ir::Function &Body, Id Mutex) {
    auto [Own, New] = OfCallables.try_emplace(&Body);
    if (New)
      Own->second = sharedActions(P, O, Body);
    auto Direct = [](const ir::Place &At, size_t Steps) {
      return At.R == ir::Place::Root::Global || At.Path.size() <= Steps;
    };
    auto Takes = llvm::find_if(Own->second.All, [&](const SharedAction &A) {
      return A.K == Kind::Acquire && A.Object == Mutex && A.Source->O == ir::Op::Lock && A.Sides.empty() && !A.InLoop &&
             Direct(A.Source->Subject, 2) &&
             (!A.Site || (A.Site->O == ir::Op::Call && !A.Site->Args.empty() && Direct(A.Site->Args[0].P, 1)));
    });
    return Takes == Own->second.All.end() ? nullptr : &*Takes;
  }

  /// The object of which P is a part; invalid if it is none.
  static ir::Place whole(ir::Place P) {
    if (P.Path.empty())
      return {};
    P.Path.pop_back();
    return P;
  }
  /// The mutex and the signal are parts of one object,
  static bool sameObject(const SharedAction &Lock, const ir::Function &In, const ir::Place &Signal) {
    return Lock.In == &In && whole(Signal).valid() && whole(Lock.Source->Subject) == whole(Signal);
  }
  /// or of two: who waits holds the mutex of its own, and the notifier locks that of the other.
  static bool otherObject(const SharedAction &Lock, const ir::Function &In, const ir::Place &Signal) {
    return Lock.In == &In && whole(Signal).valid() && whole(Lock.Source->Subject).valid() &&
           whole(Lock.Source->Subject) != whole(Signal);
  }

  /// Where Mutex is taken on every way to A: it is held there, or was held before.
  static const SharedAction *lockedBefore(const SharedActions &In, const SharedAction &A, Id Mutex) {
    for (const SharedAction &Before : In.All) {
      if (&Before == &A)
        return nullptr;
      bool Takes = Before.K == Kind::Acquire && Before.Object == Mutex && Before.Source->O == ir::Op::Lock;
      if (Takes && encloses(Before, A) && (!Before.InLoop || A.InLoop))
        return &Before;
    }
    return nullptr;
  }

  const Program &P;
  const ir::Module &M;
  Objects &O;
  const ActionsOf &Actions;
  const std::set<const ir::Function *> &InTasks;
  ActionsOf OfCallables; ///< As they are asked for.
  std::map<const ir::Effect *, Places> Awaits;
  std::map<Id, Places> Notifies;
};

} // namespace

void waitsUnderLocks(const Program &P, Objects &O, const std::vector<Waiter> &All, const ActionsOf &Actions,
                     llvm::function_ref<Givers(Id)> GiversOf, const std::set<const ir::Function *> &InTasks,
                     llvm::DenseMap<const ir::Function *, FunctionFacts> &Into) {
  Search Find(P, O, Actions, InTasks);
  const ir::Module &M = P.module();
  for (const Waiter &W : All) {
    Givers By = W.E->Timed ? Givers::Unknown : GiversOf(W.Signal);
    if (By == Givers::Unknown)
      continue;
    const ir::Function *Last = nullptr; // that was found to: each once
    for (const auto &[F, A] : Find.awaits(W.E)) {
      Search::Deadlock D = F == Last ? Search::Deadlock() : Find.of(*F, *A, W, By == Givers::InSightWithPermits);
      if (!D.Taken)
        continue;
      Last = F;
      LockedWait L;
      L.K = LockedWait::Kind::Signal;
      L.Subject = ir::spelling(M, *D.Taken->In, D.Taken->Source->Subject);
      L.Awaited = ir::spelling(M, *W.F, W.E->Subject);
      L.Where = A->Site ? A->Site->Where : W.E->Where;
      L.Taken = D.Taken->Source->Where;
      L.Needed = D.Needed->Source->Where;
      if (D.Invoked)
        L.Invoked = D.Invoked->Source->Where;
      Into[F].LockedWaits.push_back(std::move(L));
    }
  }
}

} // namespace latchkey::flow
