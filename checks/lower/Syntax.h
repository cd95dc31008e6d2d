// Reading expressions by their syntax, in instantiated code and in templates alike.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace clang {
class CXXRecordDecl;
class Expr;
class FieldDecl;
class FunctionDecl;
class ParmVarDecl;
} // namespace clang

namespace latchkey::lower {

/// Without parentheses, casts, temporaries, std::move and std::forward, and constructions from one value.
const clang::Expr *bare(const clang::Expr *);

/// The field of Class (or of a base) that `field`, `this->field`, `*field`, `&field` or `field.get()` names; null for
/// anything else.
const clang::FieldDecl *namedField(const clang::Expr *, const clang::CXXRecordDecl &Class);
const clang::FieldDecl *fieldByName(const clang::CXXRecordDecl &Class, llvm::StringRef Name);

/// The parameter that the expression hands on, by value, reference or address; null for anything else.
const clang::ParmVarDecl *namedParameter(const clang::Expr *);

/// What is called, for `object.method()`, `object->method()` and `method()` inside of a class: the object (null: this)
/// and the method's name. Works in templates, where the method is not known yet.
struct MethodCall {
  const clang::Expr *Object = nullptr;
  llvm::StringRef Name;
};
std::optional<MethodCall> methodCall(const clang::Expr &);

/// The definition of F, or of the template's member it was (or would be) instantiated from; null if there is none.
const clang::FunctionDecl *bodyOrPattern(const clang::FunctionDecl *F);

} // namespace latchkey::lower
