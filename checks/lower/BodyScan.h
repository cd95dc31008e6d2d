// What the body of a class's method does to the fields of its object: the evidence for recognition by shape. Reads
// instantiated code and templates alike.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace clang {
class CXXRecordDecl;
class Expr;
class FieldDecl;
class FunctionDecl;
class ParmVarDecl;
} // namespace clang

namespace latchkey::model {
class Library;
} // namespace latchkey::model

namespace latchkey::lower {

enum class LockCall : uint8_t { None, Lock, Unlock, SharedLock, SharedUnlock };

/// What a method of this name does to a mutex, in any spelling; trying counts as locking.
LockCall lockMethod(llvm::StringRef Name);
inline bool isLock(LockCall C) {
  return C == LockCall::Lock || C == LockCall::SharedLock;
}
inline bool isUnlock(LockCall C) {
  return C == LockCall::Unlock || C == LockCall::SharedUnlock;
}

/// The body of F (or of its template) if it may be read: in system headers only those of constructors, destructors and
/// `operator()`, as the others are there in some faces only. Null if there is none.
const clang::FunctionDecl *readableBody(const clang::FunctionDecl *F);

struct BodyFacts {
  /// A field that an `if` asks for, and the answer with which what it guards is done.
  struct Test {
    const clang::FieldDecl *Field;
    bool ActsWhen;
  };
  struct LockUse {
    const clang::FieldDecl *Field;       ///< Or
    const clang::ParmVarDecl *Parameter; ///< this.
    LockCall Call;
    bool Asked; ///< Under an `if`.
  };
  std::vector<const clang::FieldDecl *> Called;
  std::vector<Test> Tests;
  std::vector<std::pair<const clang::FieldDecl *, const clang::Expr *>> Assigned; ///< In order; null: reset().
  std::vector<LockUse> Locks;
  bool Attributes = false; ///< Makes a mutex with attributes, which may allow its holder to lock it again.
  bool Acts = false;       ///< Calls or deletes something, or changes what the object refers to.
};

/// F is a definition (or a template's pattern) of a method of Class or of a base; fields are those of Class. One level
/// of helpers is followed.
BodyFacts scanBody(const clang::FunctionDecl &F, const clang::CXXRecordDecl &Class, const model::Library &);

} // namespace latchkey::lower
