// Classes recognised by what they do instead of by name: scope guards and lockers (design, section 4).
#pragma once

#include "llvm/ADT/DenseMap.h"

#include <cstdint>
#include <optional>

namespace clang {
class CXXConstructorDecl;
class CXXMethodDecl;
class CXXRecordDecl;
class FieldDecl;
} // namespace clang

namespace latchkey::lower {

/// What a class is by its shape.
struct Shape {
  enum class Kind : uint8_t {
    None,
    Guard,       ///< The destructor calls Member, a callable that a constructor's parameter initialised.
    Locker,      ///< The destructor unlocks Member, which a constructor locked.
    Mutex,       ///< Public lock() and unlock() without arguments, and not a locker.
    OpaqueGuard, ///< No body to look at, but a destructor of its own, not copyable, and no public members but
                 ///< constructors and destructor.
  };
  Kind K = Kind::None;
  const clang::FieldDecl *Member = nullptr;
  /// Guard, Locker: the field whose value decides whether the destructor acts; null if it always does.
  const clang::FieldDecl *Flag = nullptr;
  bool ArmedWhen = true; ///< The value of Flag (or "Member is not null") with which it acts.
  bool Dismissable = false;
  bool Reader = false; ///< Locker: takes the shared side.
};

/// Shapes of one translation unit's classes; cached. Looks at bodies only, never at names of classes.
class Shapes {
public:
  const Shape &of(const clang::CXXRecordDecl &);
  /// The parameter of a guard's constructor that becomes its callable, of a locker's that becomes its mutex; nothing
  /// for copy and move constructors and for those that leave it empty.
  std::optional<unsigned> source(const clang::CXXConstructorDecl &);
  /// The method sets the flag (or empties the callable) so that the destructor does nothing: `dismiss`, `cancel`.
  bool dismisses(const clang::CXXMethodDecl &);
  /// A method of a guard that runs the callable; if it also dismisses, it is `fire`.
  bool fires(const clang::CXXMethodDecl &);

private:
  llvm::DenseMap<const clang::CXXRecordDecl *, Shape> Known;
};

} // namespace latchkey::lower
