// The functions that interpretation can enter, and which of them are worth entering.
#pragma once

#include "checks/flow/UseIndex.h"
#include "checks/ir/Module.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

#include <memory>

namespace latchkey::flow {

class LockUses;
class StoredCallables;
class Completions;
class Signals;

class Program {
public:
  explicit Program(const ir::Module &);
  ~Program();

  const ir::Module &module() const { return M; }
  /// The program begins in what is seen of it.
  bool hasMain() const { return HasMain; }
  /// All of it is seen: it is linked (Link.h) and begins here.
  bool isWhole() const { return HasMain && M.MainFile.empty(); }
  /// Null where there is no body to enter: unknown or opaque.
  const ir::Function *function(llvm::StringRef Id) const;
  /// Whose body a call runs. Of a virtual one it is known where all of the program is: the one function that it can
  /// be. Null where it is not known, or there is no body to enter.
  const ir::Function *callee(const ir::Effect &Call) const;
  const ir::Class *classById(llvm::StringRef Id) const;

  /// Functions in which a place leads through the field, or through one of that name in an object whose class nobody
  /// knows there. Here and below: in the order of the module.
  FunctionList naming(const ir::Class &, llvm::StringRef Field) const;
  /// The same, of that class alone.
  const FunctionList &namingExactly(llvm::StringRef Class, llvm::StringRef Field) const;
  const FunctionList &naming(const ir::Global &) const;
  /// Functions that call F, run it, or hand it on.
  const FunctionList &naming(const ir::Function &F) const;
  const FunctionList &methodsOf(const ir::Class &) const;
  /// Classes that are derived from it, directly or not.
  std::vector<const ir::Class *> derivedFrom(const ir::Class &) const;

  /// From now on all questions go there; null: nowhere. Not for a program that several threads look at.
  void listen(Questions *To) const { Asked = To; }
  void ask(QuestionKind K, llvm::StringRef About) const {
    if (Asked)
      Asked->insert(question(K, About));
  }
  /// The function, or something it calls or runs, acts on tasks, counters or guards, runs callables or hands handles
  /// on: interpreting it can tell more than forgetting what it was given.
  bool interesting(const ir::Function &F) const { return Interesting.contains(&F); }
  /// It acts on tasks, counters or locks, so there is something to judge when it is entered on its own.
  bool judged(const ir::Function &F) const { return Judged.contains(&F) || Arming.contains(&F); }
  const LockUses &locks() const { return *Locks; }
  const StoredCallables &callables() const { return *Callables; }
  /// Types that a throw in it or in what it calls may let out, by body; an empty one is a rethrow.
  const std::vector<std::string> *throws(const ir::Function &F) const {
    auto It = Throws.find(&F);
    return It == Throws.end() ? nullptr : &It->second;
  }

  /// What all functions together show: made once, for whichever of them is looked at.
  const Completions &completions() const { return *AllCompletions; }
  const Signals &signals() const { return *AllSignals; }

private:
  friend class Answers;

  const ir::Module &M;
  UseIndex Index;
  mutable Questions *Asked = nullptr;
  std::shared_ptr<const Completions> AllCompletions;
  std::shared_ptr<const Signals> AllSignals;
  llvm::StringMap<const ir::Function *> Functions;
  llvm::StringMap<const ir::Class *> Classes;
  bool HasMain = false;
  llvm::StringMap<llvm::SmallVector<const ir::Function *, 1>>
      Overriders; ///< By what they override; of a whole program.
  llvm::DenseSet<const ir::Function *> Interesting, Judged;
  llvm::DenseSet<const ir::Function *> Arming; ///< Arm guards other than locks, or end the program.
  llvm::DenseMap<const ir::Function *, std::vector<std::string>> Throws;
  std::unique_ptr<const StoredCallables> Callables;
  std::unique_ptr<const LockUses> Locks;
};

/// Calls Visit for every place whose value a test looks at.
void forEachPlace(const ir::Predicate &, llvm::function_ref<void(const ir::Place &)> Visit);
void forEachPlace(const ir::Term &, llvm::function_ref<void(const ir::Place &)> Visit);

/// The file that a function is judged with; null if nothing in it says where it stands.
const ir::File *fileOf(const ir::Module &, const ir::Function &);

/// It stands in a file that nobody includes: a unit's main file, unless that is a header open in an editor.
bool isSource(const ir::Module &, ir::Range);

/// Calls Visit for every effect and every condition's effects in the tree, in order.
void forEachNode(const ir::Sequence &, llvm::function_ref<void(const ir::Node &)> Visit);
void forEachNode(const ir::Nodes &, llvm::function_ref<void(const ir::Node &)> Visit);

} // namespace latchkey::flow
