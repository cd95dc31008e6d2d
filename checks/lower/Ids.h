// Stable ids: the same entity has the same id in every translation unit, two entities never share one, and moving
// code within a file changes none (design, section 11, 9).
#pragma once

#include "clang/AST/Type.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"

#include <string>
#include <unordered_map>

namespace clang {
class ASTContext;
class CXXRecordDecl;
class Decl;
class FunctionDecl;
class NamedDecl;
class RecordDecl;
class TemplateArgument;
class VarDecl;
} // namespace clang

namespace latchkey::lower {

/// Ids of one translation unit's declarations. Answers are cached; not thread-safe.
class Ids {
public:
  explicit Ids(clang::ASTContext &Context) : Context(Context) {}

  /// Any declaration of the function; a lambda is its call operator. Each specialisation of a template, and of a
  /// generic lambda, has an id of its own.
  const std::string &function(const clang::FunctionDecl &);
  const std::string &record(const clang::RecordDecl &);
  /// A global, a static member or a static local.
  const std::string &variable(const clang::VarDecl &);
  /// The destructor's, which need not be declared yet.
  std::string destructor(const clang::CXXRecordDecl &);
  /// Only this translation unit can name it: internal linkage, or local to something that has.
  static bool isInternal(const clang::NamedDecl &);

private:
  const std::string &get(const clang::NamedDecl &);
  std::string make(const clang::NamedDecl &);
  std::string global(const clang::NamedDecl &);
  std::string local(const clang::NamedDecl &, const clang::Decl &Owner);
  std::string member(const clang::NamedDecl &, const clang::RecordDecl &Class);
  std::string arguments(llvm::ArrayRef<clang::TemplateArgument>);
  std::string type(clang::QualType);
  /// The function, variable or field that D is written in, if D is a lambda, or a class or static local to a function.
  const clang::Decl *owner(const clang::NamedDecl &D);
  /// The position of D among the lambdas, or the local classes and statics, written in its owner; from 1.
  unsigned ordinal(const clang::Decl &D, const clang::Decl &Owner);
  void number(const clang::Decl &Owner);
  bool isUnstable(const clang::RecordDecl &);

  clang::ASTContext &Context;
  std::unordered_map<const clang::Decl *, std::string> Known; ///< References into it stay valid.
  llvm::DenseMap<const clang::Decl *, unsigned> Ordinals;
  llvm::DenseMap<const clang::Decl *, unsigned> Numbered;                ///< Owner to how many it has.
  llvm::DenseMap<const clang::Decl *, const clang::Decl *> LambdaOwners; ///< Of lambdas at namespace scope.
};

} // namespace latchkey::lower
