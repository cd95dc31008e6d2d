// The words of the textual form: one table for print and parse.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace latchkey::ir::text {

/// Words in the order of the enumerators.
llvm::ArrayRef<llvm::StringRef> words(Op);
llvm::ArrayRef<llvm::StringRef> words(Type::Kind);
llvm::ArrayRef<llvm::StringRef> words(Type::Ending);
llvm::ArrayRef<llvm::StringRef> words(Variable::Kind);
llvm::ArrayRef<llvm::StringRef> words(Sequence::Kind);
llvm::ArrayRef<llvm::StringRef> words(Loop::Kind);

template <typename E> llvm::StringRef wordOf(E Value) {
  return words(E())[size_t(Value)];
}

template <typename E> std::optional<E> fromWord(llvm::StringRef Word) {
  llvm::ArrayRef<llvm::StringRef> All = words(E());
  for (size_t I = 0; I != All.size(); ++I)
    if (All[I] == Word)
      return E(I);
  return std::nullopt;
}

/// A flag of a struct and its word.
template <typename T> struct Flag {
  llvm::StringRef Word;
  bool T::*Member;
};
llvm::ArrayRef<Flag<Effect>> effectFlags();
llvm::ArrayRef<Flag<Type>> typeFlags();
llvm::ArrayRef<Flag<Variable>> variableFlags();
llvm::ArrayRef<Flag<Function>> functionFlags();
llvm::ArrayRef<Flag<Class>> classFlags();

/// Words that stand where a variable's name can stand: a variable of that name is written with its index.
bool isReserved(llvm::StringRef Word);

bool isNameStart(char);
bool isNameChar(char);
/// Reads as one name, perhaps qualified, without quotes: `Pool::run`, `~Pool`.
bool isPlainName(llvm::StringRef);

/// Ops whose amount stands directly after the subject.
bool countsThings(Op);
/// The amount meant when none is written.
Term defaultAmount(Op);

/// The monomials as one reads them: `n + 1` and not `1 + n`, `n - m` and not `-m + n`, `10 - n` and not `-n + 10`.
std::vector<const Monomial *> readingOrder(const Term &);

/// Index of the module's main file among its files, or 0.
uint32_t mainFile(const Module &);

} // namespace latchkey::ir::text
