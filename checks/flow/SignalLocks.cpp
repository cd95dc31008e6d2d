#include "checks/flow/SignalLocks.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using Kind = SharedAction::Kind;
using Id = Objects::Id;

namespace {

class Search {
public:
  Search(const Program &P, Objects &O, const ActionsOf &Actions) : M(P.module()), O(O), Actions(Actions) {
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
  };
  Deadlock of(const ir::Function &F, const SharedAction &A, const Waiter &W) {
    for (Id Mutex : A.Held) {
      if (Mutex == A.Mutex || isOwn(W, Mutex))
        continue;
      const SharedAction *Taken = taken(Actions.at(&F), A, Mutex);
      if (!Taken || M.typeOf(*Taken->In, Taken->Source->Subject).Reentrant)
        continue;
      if (const SharedAction *Needed = neededByAll(W.Signal, Mutex, F, W, *Taken))
        return {Taken, Needed};
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
  const SharedAction *neededByAll(Id Signal, Id Mutex, const ir::Function &F, const Waiter &W,
                                  const SharedAction &Taken) {
    const SharedAction *Needed = nullptr;
    for (const auto &[G, A] : Notifies[Signal]) {
      const SharedAction *Lock = G == &F || G == W.F ? nullptr : lockedBefore(Actions.at(G), *A, Mutex);
      if (!Lock || (sameObject(*Lock, *A->In, A->Source->Subject) && otherObject(Taken, *W.F, W.E->Subject)) ||
          (Lock->Source->Shared && Taken.Source->Shared))
        return nullptr;
      Needed = Lock;
    }
    return Needed;
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

  const ir::Module &M;
  Objects &O;
  const ActionsOf &Actions;
  std::map<const ir::Effect *, Places> Awaits;
  std::map<Id, Places> Notifies;
};

} // namespace

void waitsUnderLocks(const Program &P, Objects &O, const std::vector<Waiter> &All, const ActionsOf &Actions,
                     llvm::function_ref<bool(Id)> Closed, llvm::DenseMap<const ir::Function *, FunctionFacts> &Into) {
  Search Find(P, O, Actions);
  const ir::Module &M = P.module();
  for (const Waiter &W : All) {
    if (W.E->Timed || !Closed(W.Signal))
      continue;
    const ir::Function *Last = nullptr; // that was found to: each once
    for (const auto &[F, A] : Find.awaits(W.E)) {
      Search::Deadlock D = F == Last ? Search::Deadlock() : Find.of(*F, *A, W);
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
      Into[F].LockedWaits.push_back(std::move(L));
    }
  }
}

} // namespace latchkey::flow
