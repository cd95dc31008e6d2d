// Which functions of a program have to do with a field, a global, another function or a class: found once, for
// questions that would otherwise walk the whole program each time.
#pragma once

#include "checks/flow/Questions.h"
#include "checks/ir/Module.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace latchkey::flow {

using FunctionList = std::vector<const ir::Function *>; ///< In the order of the module, each once.

class UseIndex {
public:
  explicit UseIndex(const ir::Module &);

  /// Empty where there are none. Of a field, the functions in which a place leads through it, or through one of that
  /// name in an object whose class is not known.
  const FunctionList &functions(QuestionKind, llvm::StringRef About) const;
  /// Classes that are derived directly.
  llvm::ArrayRef<const ir::Class *> derived(llvm::StringRef Base) const;

  static std::string field(llvm::StringRef Class, llvm::StringRef Name) { return (Class + "." + Name).str(); }

  /// Calls Visit with every list, by question.
  void forEachList(llvm::function_ref<void(uint64_t, llvm::ArrayRef<const ir::Function *>)> Visit) const;
  void forEachDerived(llvm::function_ref<void(uint64_t, llvm::ArrayRef<const ir::Class *>)> Visit) const;

private:
  std::unordered_map<uint64_t, FunctionList> Lists;
  std::unordered_map<uint64_t, std::vector<const ir::Class *>> Derived; ///< By question about the base.
};

/// What a place is called across functions: a global, or a field of a class with the fields of parts whose class is not
/// known. Empty for other variables.
std::string sharedName(const ir::Module &, const ir::Function &In, const ir::Place &);

} // namespace latchkey::flow
