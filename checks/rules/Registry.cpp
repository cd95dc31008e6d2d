#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey {

llvm::ArrayRef<const Rule *> allRules() {
  static const Rule *const All[] = {
      &rules::detachedCapture(),
      &rules::discardedTask(),
      &rules::ignoredStopToken(),
      &rules::invalidJoin(),
      &rules::lateAdd(),
      &rules::leakedThread(),
      &rules::loopVariableCapture(),
      &rules::missingDone(),
      &rules::nonatomicStopFlag(),
      &rules::taskOutlivesCapture(),
      &rules::threadExceptionEscape(),
      &rules::threadMemberOrder(),
      &rules::trailingDefer(),
      &rules::unboundedSpawn(),
      &rules::unjoinedMember(),
      &rules::unnamedGuard(),
      &rules::unstoppableThread(),
      &rules::waitMismatch(),
  };
  return All;
}

const Rule *findRule(llvm::StringRef Name) {
  auto All = allRules();
  const auto *It = llvm::find_if(All, [&](const Rule *R) { return R->Info.Name == Name; });
  return It == All.end() ? nullptr : *It;
}

} // namespace latchkey
