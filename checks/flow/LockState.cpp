#include "checks/flow/LockState.h"

#include <algorithm>

namespace latchkey::flow {

bool sameHeld(const LockMap &A, const LockMap &B) {
  auto Skip = [](const LockMap &Of, LockMap::const_iterator It) {
    while (It != Of.end() && !It->second.held())
      ++It;
    return It;
  };
  auto I = Skip(A, A.begin()), J = Skip(B, B.begin());
  for (; I != A.end() && J != B.end(); I = Skip(A, std::next(I)), J = Skip(B, std::next(J)))
    if (I->first != J->first || I->second.Shared != J->second.Shared || I->second.Count != J->second.Count ||
        I->second.By != J->second.By)
      return false;
  return I == A.end() && J == B.end();
}

/// As at entry, or what is left of that where ways met.
static bool isUntouched(const LockMap &Locks, Loc M) {
  auto It = Locks.find(M);
  return It == Locks.end() || It->second.Untouched;
}

void agreeOnLocks(LockMap &Mine, const LockMap &Theirs) {
  for (const auto &[M, K] : Theirs)
    if (!Mine.contains(M)) {
      Mine[M] = LockState();
      Mine[M].Untouched = true;
    }
  for (auto &[M, K] : Mine) {
    auto It = Theirs.find(M);
    bool Agreed = It != Theirs.end() && It->second.K == K.K && It->second.By == K.By && It->second.Count == K.Count;
    if (Agreed) {
      K.AtEntry |= It->second.AtEntry;
      K.Untouched |= It->second.Untouched;
      continue;
    }
    bool Untouched = K.Untouched || isUntouched(Theirs, M);
    bool AtEntry = K.AtEntry || (It != Theirs.end() && It->second.AtEntry);
    K = LockState();
    K.Untouched = Untouched;
    K.AtEntry = AtEntry;
  }
}

} // namespace latchkey::flow
