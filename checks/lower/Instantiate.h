// Members of user templates that nobody instantiated because the system header's body that uses them was skipped:
// `Task<int>::operator()` given to emplace_back, the constructor of `Worker<int>` made by make_unique (design,
// section 11, 2).
#pragma once

#include "clang/AST/Type.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseSet.h"

namespace clang {
class ASTContext;
class CXXMethodDecl;
class CXXRecordDecl;
class FunctionDecl;
class RecordDecl;
class Sema;
} // namespace clang

namespace latchkey::lower {

class Sources;

class Instantiator {
public:
  /// Without Sema nothing is made, only found.
  Instantiator(clang::ASTContext &, clang::Sema *, const Sources &);

  /// The declaration of F that has a body (or is defaulted and so has none in the source), instantiated if it is a
  /// user's template that is not yet; null if F has no body that may be read: not defined here, or a system header's
  /// that is no constructor, destructor or `operator()`. Errors while instantiating give null and no diagnostic.
  const clang::FunctionDecl *definition(const clang::FunctionDecl *F);

  /// The `operator()` a callable of this type runs for arguments of these types: a lambda's, a functor's, the fitting
  /// specialisation of a generic one; null if there is none or it is not clear which.
  const clang::CXXMethodDecl *callOperator(clang::QualType Callable, llvm::ArrayRef<clang::QualType> Args);

  /// The constructor of Class that Args select (make_unique<Class>(args…), emplace_back); null if none or not clear.
  const clang::FunctionDecl *constructor(clang::QualType Class, llvm::ArrayRef<clang::QualType> Args);

  /// Instantiates the class if its template is defined.
  void complete(const clang::RecordDecl &);

private:
  const clang::FunctionDecl *instantiate(const clang::FunctionDecl &);

  clang::ASTContext &Context;
  clang::Sema *Sema;
  const Sources &Places;
  llvm::DenseSet<const clang::FunctionDecl *> Tried;
};

} // namespace latchkey::lower
