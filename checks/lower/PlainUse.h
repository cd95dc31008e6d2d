// Flags that nobody needs as plain variables, so that a fix may make them atomic.
#pragma once

namespace clang {
class ASTContext;
class FieldDecl;
class Stmt;
class VarDecl;
} // namespace clang

namespace latchkey::lower {

/// A truth value that Body, the whole life of the variable, only reads and assigns, where std::atomic is declared.
bool couldBeAtomic(const clang::VarDecl &, const clang::Stmt *Body, clang::ASTContext &);
/// The same of a private member whose class has all its code here.
bool couldBeAtomic(const clang::FieldDecl &, clang::ASTContext &);

} // namespace latchkey::lower
