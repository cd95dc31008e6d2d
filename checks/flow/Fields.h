// What the functions of a module do with the fields of one class: read off the trees, no interpretation needed.
#pragma once

#include "checks/flow/Program.h"

#include "llvm/ADT/SmallPtrSet.h"

#include <optional>
#include <set>
#include <string>

namespace latchkey::flow {

using Names = std::set<std::string>;
using FunctionSet = llvm::SmallPtrSet<const ir::Function *, 8>;

class Fields {
public:
  Fields(const Program &P, const ir::Class &C) : P(P), M(P.module()), C(C) {}

  /// The field of the class that At is, or is part of; empty if none.
  std::string fieldOf(const ir::Function &F, const ir::Place &At) const;

  /// The same, or a field of that name of an object whose class nobody knows here.
  bool mayBe(const ir::Function &F, const ir::Place &At, const std::string &Field) const;

  struct Use {
    Names Mentioned, Written;
  };
  Use useOf(const ir::Function &F) const;
  /// Everything that F's source names, plain data too, if F works on an object of the class.
  Names namedBy(const ir::Function &F) const;

  /// Where the task of Field is started, and the task's own functions; Gives: F assigns the field something.
  struct Start {
    ir::Range Where;
    FunctionSet Tasks;
  };
  std::optional<Start> startOf(const ir::Function &F, const std::string &Field, bool Gives) const;
  /// The same, where F visibly puts the handle that it started into the field.
  std::optional<Start> putsInto(const ir::Function &F, const std::string &Field) const;
  /// The same, of the first function that does.
  std::optional<Start> putsInto(const std::string &Field) const;
  /// Where F last joins, detaches or hands over what the field holds; invalid if it does not.
  ir::Range endOf(const ir::Function &F, const std::string &Field) const;

  /// Where F joins what the field holds; invalid if it does not.
  ir::Range joinOf(const ir::Function &F, const std::string &Field) const;
  /// Where F first does one of these to the field itself; invalid if it does not.
  ir::Range doneTo(const ir::Function &F, const std::string &Field, llvm::ArrayRef<ir::Op>) const;
  /// F uses the handle in the field in a way that may end its task: cancels or interrupts it.
  bool asks(const ir::Function &F, const std::string &Field) const;

  /// Fields that a test looks at; none where it looks at anything else, which may be tied to the task in a way that
  /// nobody can see here.
  std::optional<Names> read(const ir::Condition &T, const ir::Function &F) const;

private:
  /// Visits what F reads and, with true, what it writes.
  void forEachPlaceIn(const ir::Function &F, llvm::function_ref<void(const ir::Place &, bool)> Visit) const;

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
};

/// Adds F and what it calls, or runs at once.
void addCallees(const Program &P, const ir::Function &F, FunctionSet &Into);

} // namespace latchkey::flow
