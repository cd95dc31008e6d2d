// Whether a loop's bound is the number of a container's elements although it does not ask for it.
#pragma once

#include "clang/AST/ASTFwd.h"

namespace clang {
class ASTContext;
} // namespace clang

namespace latchkey::lower {

/// Whether Container plainly has Bound elements wherever the function that declares it goes over it: an array of that
/// size, or a local that is only ever given that size, by its constructor, by resize(), or by one loop that adds one
/// element in each turn.
bool hasSize(const clang::Expr *Container, const clang::Expr *Bound, const clang::ASTContext &);

} // namespace latchkey::lower
