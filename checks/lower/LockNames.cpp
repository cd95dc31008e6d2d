#include "checks/lower/LockNames.h"

#include "clang/AST/Attr.h"
#include "clang/AST/DeclCXX.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <string>

using namespace clang;

namespace latchkey::lower {

/// `LockTable`, `lock_table` and `lockTable` are `lock` and `table`; `UnLock` is `unlock`.
static SmallVector<std::string, 4> words(StringRef Name) {
  SmallVector<std::string, 4> Words;
  bool Fresh = true;
  for (size_t I = 0; I < Name.size(); ++I) {
    char C = Name[I];
    if (!llvm::isAlpha(C)) {
      Fresh = true;
      continue;
    }
    bool Hump = llvm::isUpper(C) && I > 0 && llvm::isLower(Name[I - 1]);
    if ((Fresh || Hump) && (Words.empty() || Words.back() != "un"))
      Words.emplace_back();
    Words.back().push_back(llvm::toLower(C));
    Fresh = false;
  }
  return Words;
}

bool locksForCaller(const FunctionDecl &F) {
  for (const FunctionDecl *D : F.redecls())
    if (D->hasAttr<AcquireCapabilityAttr>() || D->hasAttr<ReleaseCapabilityAttr>() ||
        D->hasAttr<TryAcquireCapabilityAttr>() || D->hasAttr<NoThreadSafetyAnalysisAttr>())
      return true;
  if (!F.getIdentifier())
    return false;
  SmallVector<std::string, 4> Words = words(F.getName());
  static constexpr StringRef Alone[] = {"acquire", "release", "enter", "leave", "begin", "end",
                                        "hold",    "take",    "down",  "up",    "p",     "v"};
  if (Words.size() == 1 && Words.front().size() == F.getName().size() && llvm::is_contained(Alone, Words.front()))
    return true;
  return llvm::any_of(Words, [](StringRef Word) {
    return Word == "lck" || Word == "mutex" || Word.starts_with("lock") || Word.starts_with("unlock") ||
           Word == "trylock" || Word == "relock" || Word.ends_with("rlock") || Word.ends_with("wlock") ||
           Word.ends_with("rdlock") || Word == "spinlock";
  });
}

std::optional<LockName> lockName(const FunctionDecl &F) {
  if (!F.getIdentifier() || F.hasBody() || !F.getReturnType()->isVoidType() || F.isVariadic())
    return std::nullopt;
  // What implements it says more, and may lock a part of itself that its other methods name.
  if (const auto *Method = dyn_cast<CXXMethodDecl>(&F); Method && Method->isVirtual())
    return std::nullopt;
  LockName Name;
  bool Locks = false;
  for (StringRef Word : words(F.getName())) {
    bool Verb = Word == "lock" || Word == "rdlock" || Word == "wrlock";
    bool Undo = Word == "unlock" || Word == "rdunlock" || Word == "wrunlock";
    if (Locks && (Verb || Undo))
      return std::nullopt;
    Locks |= Verb || Undo;
    Name.Unlocks |= Undo;
    if (Verb || Undo)
      continue;
    Name.What += Name.What.empty() ? "" : "_";
    Name.What += Word;
  }
  return Locks ? std::optional(Name) : std::nullopt;
}

} // namespace latchkey::lower
