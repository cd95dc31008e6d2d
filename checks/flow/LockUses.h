// What the functions of a module do to locks, read off their trees: which of them are worth an interpretation of their
// own, who else gives a mutex back, and what the task behind a member's handle needs.
#pragma once

#include "checks/flow/Program.h"
#include "checks/flow/StoredCallables.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <map>
#include <set>
#include <string>

namespace latchkey::flow {

class LockUses {
public:
  explicit LockUses(const Program &);

  /// There may be something to say about locks when F is interpreted from its beginning.
  bool judged(const ir::Function &F) const { return Judged.contains(&F); }
  /// A function other than F and its own closures unlocks by hand what it has not locked. Helpers: those that are there
  /// to unlock for their callers count too.
  bool givenBackElsewhere(const ir::Function &In, const ir::Place &Mutex, const ir::Function &F, bool Helpers) const;
  /// Whoever can name the mutex is in sight: it stands in this translation unit, or all of the program does.
  bool knownOnlyHere(const ir::Function &In, const ir::Place &Mutex) const;
  /// Where a task that is started with a handle like this, a member's or a global, takes a mutex like this; invalid if
  /// none does.
  ir::Range neededByTask(const ir::Function &In, const ir::Place &Handle, const ir::Function &MutexIn,
                         const ir::Place &Mutex, bool Shared) const;

  /// It was made with attributes that may allow its holder to lock it again.
  bool mayBeReentrant(const ir::Function &In, const ir::Place &Mutex) const;

  /// Both are the same field, perhaps of different objects.
  bool alike(const ir::Function &In, const ir::Place &Mutex, const ir::Function &OtherIn,
             const ir::Place &Other) const {
    std::string Key = key(In, Mutex);
    return !Key.empty() && Key != "?" && Key == key(OtherIn, Other);
  }

private:
  friend class Answers;

  struct Taken {
    ir::Range Where;
    bool Shared = false;
  };
  struct Summary {
    std::map<std::string, Taken> Locks; ///< By guard or by hand, callees' included.
    std::set<std::string> ByGuard, HandLocked, HandUnlocked;
    std::set<const ir::Function *> Callees;
    std::set<StoredCallables::Stored> Invoked; ///< What a callable that it invokes may be.
    std::map<std::pair<std::string, std::string>, Taken>
        InvokedLocks; ///< Theirs, by owner and mutex; callees' included.
    bool Twice = false, Waits = false, Blocks = false, Suspends = false, Permits = false;
  };
  void scan(const ir::Function &F);
  void effect(const ir::Function &F, const ir::Effect &E, Summary &S);
  void made(const ir::Function &F, const ir::Effect &E);
  void madeThroughParameters();
  void spread();
  void spreadInvoked();
  bool worthwhile(const Summary &S) const;
  /// What a place is called across functions: a global, or a field of a class. `?` if nothing of that.
  std::string key(const ir::Function &In, const ir::Place &P) const;

  const Program &P;
  const ir::Module &M;
  std::map<const ir::Function *, Summary> Of;
  std::map<std::string, FunctionList> Unlocking;               ///< By mutex: who gives back what others lock.
  std::map<std::string, std::set<const ir::Function *>> Tasks; ///< By handle.
  llvm::DenseSet<const ir::Function *> Judged;
  std::set<std::string> WithAttributes;                    ///< Mutexes.
  std::set<std::pair<const ir::Function *, size_t>> Makes; ///< Functions that make what this argument points to.
};

} // namespace latchkey::flow
