// Canonical loops: how often a loop runs, and whether it visits each element of one container once.
#pragma once

#include "checks/ir/Place.h"

#include "clang/AST/Type.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <optional>

namespace clang {
class ASTContext;
class CXXForRangeStmt;
class Expr;
class Stmt;
class ValueDecl;
class VarDecl;
} // namespace clang

namespace latchkey::lower {

/// A loop over integers from Start to Bound, or over all elements of Container.
struct CanonicalLoop {
  enum class Kind : uint8_t {
    Counted,  ///< Start, Bound, Step, Inclusive. Nothing in the loop writes the index or what Bound reads.
    Elements, ///< Every element of Container once, in order or in reverse; the container changes by nothing but its
              ///< loss.
  };
  Kind K = Kind::Counted;
  /// The counting variable or iterator. For a range-for the loop variable. Not null.
  const clang::VarDecl *Index = nullptr;
  /// Counted: first value; null: what Index holds at entry (`for (; i < n; ++i)`, `while (n--)`).
  const clang::Expr *Start = nullptr;
  /// Counted: what Index is compared with; null stands for 0 (`while (n--)`). Both are to be read at loop entry.
  const clang::Expr *Bound = nullptr;
  /// Counted: added to Index each time; negative counts down. `!=` loops have the sign that reaches Bound.
  int64_t Step = 1;
  /// Counted: runs for Bound too (`<=`, `>=`).
  bool Inclusive = false;
  /// Elements, or Counted whose Start is 0 and Bound is the size of it: the container expression, else null.
  const clang::Expr *Container = nullptr;
  /// Elements: Index holds the element by value (`for (auto t : v)`), else it is a reference, an iterator or an index.
  bool ByValue = false;
  /// Elements: Index is an integer, elements are `container[index]`; else for an iterator `*index`, `index->`.
  bool Subscripts = false;
  /// Elements by index: the body uses the index for something else, too; each turn has another value of it.
  bool IndexUsed = false;
  /// Elements: what a turn ends with, if that erases the element.
  const clang::Expr *Last = nullptr;
};

/// Whether a container's elements are of interest; a loop over others need not be told from a counted one.
using OfInterest = llvm::function_ref<bool(clang::QualType)>;

/// A ForStmt, WhileStmt or CXXForRangeStmt; nothing if it isn't canonical. A loop from 0 to the number of elements of
/// a container that it subscripts is Elements; where it subscripts none, it is Counted with Container set. `break` and
/// `return` inside do not matter here.
std::optional<CanonicalLoop> canonicalLoop(const clang::Stmt &Loop, clang::ASTContext &, OfInterest = nullptr);

/// Iterations of a Counted loop from the terms of its ends (Start null: of Index; Bound null: 0); unknown if Step
/// does not divide the distance. Never negative for constants.
ir::Term tripCount(const CanonicalLoop &, const ir::Term &Start, const ir::Term &Bound);

/// Whether E is the index (or the dereferenced iterator) of an Elements loop's element: `v[i]`, `*it`, `v.at(i)`.
bool isElement(const clang::Expr &E, const CanonicalLoop &);
/// The same for the parts of a subscript.
bool isElement(const clang::Expr &Container, const clang::Expr &Index, const CanonicalLoop &);

} // namespace latchkey::lower
