// What the expressions and the body of a loop read and change: the questions behind canonical loops.
#pragma once

#include "clang/AST/ASTFwd.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

namespace clang {
class ASTContext;
} // namespace clang

namespace latchkey::lower::loops {

using Names = llvm::DenseSet<const clang::ValueDecl *>;

/// Without parentheses, implicit conversions and temporaries.
const clang::Expr *strip(const clang::Expr *);
/// The variable that E is, or null.
const clang::VarDecl *variable(const clang::Expr *E);
/// Whether two expressions plainly name one object: the same variable, or the same member of one object.
bool sameObject(const clang::Expr *, const clang::Expr *);
/// `c.begin()`, `std::begin(c)` with one of these names: the container, else null.
const clang::Expr *calledOn(const clang::Expr *, std::initializer_list<llvm::StringRef> Methods);
/// The container whose number of elements E is, or null.
const clang::Expr *sizedBy(const clang::Expr *E);

/// Variables and fields that are read.
Names reads(const clang::Stmt &);
/// Variables and fields that are changed: assigned, stepped, or open to change by a method, a reference or their
/// address. Elements of a container are not the container.
Names writes(const clang::Stmt &);
bool contains(const Names &, const clang::Expr *Object);
bool intersect(const Names &, const Names &);
/// A `continue` of the loop whose body this is.
bool continues(const clang::Stmt &Body);
/// Anything that may end a turn or the loop before the end of the body.
bool leaves(const clang::Stmt &Body);
/// A method that leaves the number and the place of a container's elements, const or not.
bool keepsElements(const clang::CXXMethodDecl &);
/// An integer constant without side effects.
std::optional<int64_t> constantValue(const clang::Expr *, const clang::ASTContext &);

/// How a body uses an index or iterator.
struct IndexUses {
  unsigned Mentions = 0;
  /// Index: `container[index]` outside of lambdas. Iterator: `*index`, `index->`, with a null container.
  struct Element {
    const clang::Expr *Container;
    unsigned Times;
  };
  std::vector<Element> Elements;
};
IndexUses uses(const clang::Stmt &Body, const clang::VarDecl &Index, bool Subscripts);

/// How often a body steps an iterator or erases through it, `it = c.erase(it)`, and how often that mentions it.
struct IteratorMoves {
  unsigned Mentions = 0, Erases = 0;
};
IteratorMoves moves(const clang::Stmt &Body, const clang::VarDecl &Iterator, const clang::Expr &Container);

} // namespace latchkey::lower::loops
