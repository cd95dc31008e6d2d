// Names of declarations as models and messages spell them.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace clang {
class Expr;
class FunctionDecl;
class NamedDecl;
} // namespace clang

namespace latchkey::lower {

/// `std::thread`, `absl::Mutex`, `Pool::run`: without inline namespaces and template arguments. Anonymous namespaces
/// are `(anonymous)`, a lambda is `(lambda)`, what is local to a function is named after the function. This is the
/// key into models.
std::string qualifiedName(const clang::NamedDecl &);

/// E is the variable of that qualified name.
bool names(const clang::Expr *E, llvm::StringRef Name);

/// For messages: `Pool::run` (class and name, no namespaces), `Pool::Pool`, `lambda`.
std::string displayName(const clang::FunctionDecl &);

} // namespace latchkey::lower
