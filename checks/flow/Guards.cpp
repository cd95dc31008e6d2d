// Guards: armed with a callable that their destructor runs, dismissed, or fired early.
#include "checks/flow/Engine.h"

namespace latchkey::flow {

Exits Engine::guard(const ir::Effect &E, State S, Frame &F) {
  Loc L = E.Subject.valid() ? lockAt(E.Subject, S, F) : NoLoc;
  Loc Result = E.Result.valid() ? resolve(E.Result, S, F) : NoLoc;
  if (Result != NoLoc)
    clear(Result, S);
  bool Acquires = E.O == ir::Op::Acquire || E.O == ir::Op::TryAcquire;
  if (Acquires)
    waitedOtherwise(S);
  if (L == NoLoc)
    return next(std::move(S));
  bool IsLocker = type(L).K == ir::Type::Kind::Locker;
  switch (E.O) {
  case ir::Op::Acquire:
  case ir::Op::TryAcquire:
  case ir::Op::Release:
  case ir::Op::Lock:
  case ir::Op::TryLock:
  case ir::Op::Unlock:
    if (Acquires) {
      synchronise(L, S);
      acquired(L, E, S, F);
    } else if (E.O == ir::Op::Release && S.Counters.contains(L)) {
      complete(L, evaluate(E.Amount, S, F), E.Where, &E, S, F);
    }
    if (E.O == ir::Op::Release)
      Deferred.releases(L, S);
    notNull(E.Subject, S, F);
    return lockOrUnlock(E, L, Result, std::move(S), F);
  case ir::Op::Arm:
    if (IsLocker) {
      armLocker(L, E, S, F);
      break;
    }
    S.Guards[L] = callable(resolve(E.Input, S, F), S);
    S.Guards[L].Source = &E;
    Deferred.arms(S.Guards[L], S);
    break;
  case ir::Op::Dismiss:
    if (IsLocker)
      dismissLocker(L, Result, S);
    if (auto It = S.Guards.find(L); It != S.Guards.end()) {
      Resolved Gone = std::move(It->second);
      S.Guards.erase(It);
      Deferred.dismisses(&Gone, E.Where, S, F);
    }
    break;
  case ir::Op::Fire: {
    auto It = S.Guards.find(L);
    if (It == S.Guards.end())
      break;
    Resolved Armed = It->second;
    S.Guards.erase(It);
    return invoke(Armed, {}, NoLoc, E.Where, std::move(S), F);
  }
  default:
    break;
  }
  return next(std::move(S));
}

} // namespace latchkey::flow
