// Where else in its block a statement can stand, and a member in its class, for fixes that move one.
#pragma once

#include "checks/ir/MovableCode.h"
#include "checks/lower/Sources.h"

#include <optional>

namespace clang {
class CompoundStmt;
class FieldDecl;
} // namespace clang

namespace latchkey::lower {

/// The statement of that number in the block; nothing if it does not stand on lines of its own, comes from within a
/// macro, or does more than to make or change the one object that it is about.
std::optional<ir::MovableCode> movable(const clang::CompoundStmt &Block, size_t Index, clang::ASTContext &, Sources &);

/// Behind the inner block, a statement of the outer one, if the inner block's statement of that number can stand there:
/// empty range.
ir::Range outside(const clang::CompoundStmt &Inner, size_t Index, const clang::CompoundStmt &Outer, clang::ASTContext &,
                  Sources &);

/// A member's declaration with the place behind the last member; nothing if that is not as accessible.
std::optional<ir::MovableCode> movable(const clang::FieldDecl &, clang::ASTContext &, Sources &);

} // namespace latchkey::lower
