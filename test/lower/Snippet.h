// A piece of C++ (or C) parsed in process, and what lowering knows about it.
#pragma once

#include "checks/lower/Ids.h"
#include "checks/lower/Sources.h"
#include "checks/lower/Types.h"

#include "clang/Frontend/ASTUnit.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <string>
#include <vector>

namespace latchkey::lower {

class Snippet {
public:
  explicit Snippet(llvm::StringRef Code, std::vector<std::string> Args = {"-std=c++20"},
                   llvm::StringRef File = "/src/input.cpp");

  clang::ASTContext &context() { return Unit->getASTContext(); }
  /// The declaration with this qualifiedName(); the first with a body (or definition) if there are several.
  const clang::FunctionDecl &function(llvm::StringRef Name);
  const clang::CXXRecordDecl &record(llvm::StringRef Name);
  const clang::VarDecl &variable(llvm::StringRef Name);
  /// The N-th lambda in the order of the source, from 0.
  const clang::CXXRecordDecl &lambda(unsigned N);
  /// The N-th loop.
  const clang::Stmt &loop(unsigned N = 0);
  ir::Type type(llvm::StringRef Variable);

private:
  template <typename T> const T &find(llvm::StringRef Name);
  std::unique_ptr<clang::ASTUnit> Unit;

public:
  ir::Module Module;
  Sources Places;
  Ids Identity;
  TypeTable Types;
};

} // namespace latchkey::lower
