// Types of exceptions: what a throw throws and which handlers take it.
#pragma once

#include "clang/AST/Type.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace clang {
class CXXCatchStmt;
class CXXThrowExpr;
} // namespace clang

namespace latchkey::lower {

/// Canonical, without cv and reference, classes by qualifiedName() with their template arguments.
std::string exceptionName(clang::QualType);

/// The thrown type, then all its unambiguous public bases (nearest first), `void *` for pointers. Empty for a
/// rethrow (`throw;`).
std::vector<std::string> thrownTypes(const clang::CXXThrowExpr &);
std::vector<std::string> thrownTypes(clang::QualType);

/// What a handler names, spelled as thrownTypes() spells it; empty for `catch (...)`.
std::string caughtType(const clang::CXXCatchStmt &);

/// Whether a handler for Caught takes an exception with these types.
bool catches(llvm::StringRef Caught, const std::vector<std::string> &Thrown);

} // namespace latchkey::lower
