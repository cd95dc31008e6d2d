// Parses one file with Clang as far as the analysis needs it: no warnings, no bodies of functions in system headers.
#pragma once

#include "tool/Commands.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace clang {
class ASTContext;
class Sema;
} // namespace clang

namespace latchkey::driver {

struct ParseResult {
  bool Parsed = false;                  ///< There was an AST, perhaps with errors in it.
  unsigned Errors = 0;                  ///< Compile errors, even those that are not kept.
  std::vector<std::string> Diagnostics; ///< The first ones: "file:line:col: error: message".
  std::vector<std::string> Dropped;     ///< Options that Clang refused on top of those it does not know.
};

using AstVisitor = llvm::function_ref<void(clang::ASTContext &, clang::Sema &)>;

/// Visit is called once, with everything alive, if there is an AST. The process must be in the command's directory.
ParseResult parse(const PreparedCommand &, const llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> &, AstVisitor Visit);

/// To be called once in a process, before anything else here or in Commands.h.
void initialiseClang();

} // namespace latchkey::driver
