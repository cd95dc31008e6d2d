// Stable ids: the same entity has the same id in every translation unit, two entities never share one, and moving
// code within a file changes none (design, section 11, 9).
#pragma once

#include "llvm/ADT/DenseMap.h"

#include <string>

namespace clang {
class ASTContext;
class Decl;
class FunctionDecl;
class NamedDecl;
class RecordDecl;
class TagDecl;
class VarDecl;
} // namespace clang

namespace latchkey::lower {

/// Ids of one translation unit's declarations. Answers are cached; not thread-safe.
class Ids {
public:
  explicit Ids(clang::ASTContext &Context) : Context(Context) {}

  /// Any declaration of the function; a lambda is its call operator (for a generic lambda each specialisation has an
  /// id of its own).
  const std::string &function(const clang::FunctionDecl &);
  const std::string &record(const clang::RecordDecl &);
  /// A global, a static member or a static local.
  const std::string &variable(const clang::VarDecl &);
  /// Only this translation unit can name it: internal linkage, or local to something that has.
  static bool isInternal(const clang::NamedDecl &);

private:
  const std::string &get(const clang::Decl &);
  std::string make(const clang::Decl &);
  std::string templateArguments(const clang::Decl &);
  /// The position of a lambda or local class among those of the declaration it stands in; counts from 1.
  unsigned ordinal(const clang::Decl &Local, const clang::Decl &Owner);

  clang::ASTContext &Context;
  llvm::DenseMap<const clang::Decl *, std::string> Known;
  llvm::DenseMap<const clang::Decl *, unsigned> Ordinals;
  llvm::DenseMap<const clang::Decl *, bool> Numbered;
};

} // namespace latchkey::lower
