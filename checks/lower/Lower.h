// Clang's AST to effect IR: the only reader of models and the only layer, with tidy/ and the binaries, that knows
// Clang.
#pragma once

#include "checks/ir/Module.h"
#include "checks/model/Model.h"

namespace clang {
class ASTContext;
class Sema;
} // namespace clang

namespace latchkey::lower {

struct Options {
  const model::Library *Models = nullptr; ///< Not owned; null means the built-in ones.
  /// Lower only what the context's traversal scope reaches (clangd), instead of everything odr-used.
  bool TraversalScopeOnly = false;
  /// Used to instantiate members of templates that skipped system bodies left out; may be null.
  clang::Sema *Sema = nullptr;
};

/// Functions with errors inside are left out; what cannot be expressed is opaque. Deterministic.
ir::Module lower(clang::ASTContext &, const Options &);

/// False if nothing in the traversal scope can matter to any check (no modelled type, callee or class with a
/// destructor of its own): a fast way out for plugin and language server. Linear and cheap.
bool mayMatter(clang::ASTContext &, const Options &);

} // namespace latchkey::lower
