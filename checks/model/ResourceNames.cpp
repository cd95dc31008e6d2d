// What functions that nobody can look into do, as far as their names say it.
#include "checks/model/Model.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::model {

using llvm::StringRef;
using Words = llvm::SmallVector<std::string, 6>;

/// `removeTempFile`, `remove_temp_file` and `RemoveTempFile` are `remove`, `temp`, `file`.
static Words wordsOf(StringRef Name) {
  Words Result;
  bool Open = false, WasLower = false;
  for (char C : Name) {
    bool Upper = llvm::isUpper(C);
    if (!llvm::isAlpha(C)) {
      Open = false;
    } else {
      if (!Open || (Upper && WasLower))
        Result.emplace_back();
      Result.back() += llvm::toLower(C);
      Open = true;
    }
    WasLower = llvm::isLower(C);
  }
  return Result;
}

static bool anyOf(const Words &Name, llvm::ArrayRef<StringRef> Of) {
  return llvm::any_of(Name, [&](const std::string &Word) { return llvm::is_contained(Of, StringRef(Word)); });
}

bool soundsEnding(StringRef Name) {
  static constexpr StringRef Ending[] = {"close",  "free",     "release",    "destroy",    "delete",   "dispose",
                                         "unref",  "deinit",   "unmap",      "uninit",     "rollback", "revert",
                                         "undo",   "teardown", "pop",        "drop",       "leave",    "detach",
                                         "unlock", "recycle",  "unregister", "deregister", "reclaim",  "disconnect"};
  return anyOf(wordsOf(Name), Ending);
}

bool soundsLasting(StringRef Name) {
  static constexpr StringRef Lasting[] = {"flush",   "fsync",  "sync",     "commit",  "rollback",   "journal", "unlink",
                                          "rmdir",   "save",   "persist",  "send",    "publish",    "upload",  "umount",
                                          "unmount", "logout", "lockfile", "pidfile", "disconnect", "tempfile"};
  static constexpr StringRef Undoing[] = {"remove", "delete", "erase", "release", "unlock", "clean", "cleanup", "drop"};
  static constexpr StringRef Outside[] = {"file",  "files", "dir",  "directory", "path",
                                          "paths", "tmp",   "temp", "socket",    "pid"};
  Words Parts = wordsOf(Name);
  return anyOf(Parts, Lasting) || (anyOf(Parts, Undoing) && anyOf(Parts, Outside));
}

} // namespace latchkey::model
