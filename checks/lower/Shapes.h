// Classes recognised by what they do instead of by name: scope guards and lockers (design, section 4).
#pragma once

#include "checks/lower/BodyScan.h"
#include <cstdint>
#include <map>
#include <optional>

namespace clang {
class CXXConstructorDecl;
class CXXMethodDecl;
class CXXRecordDecl;
class FieldDecl;
class FunctionDecl;
} // namespace clang

namespace latchkey::model {
class Library;
struct TypeModel;
} // namespace latchkey::model

namespace latchkey::lower {

/// What a class is by its shape.
struct Shape {
  enum class Kind : uint8_t {
    None,
    Guard,    ///< The destructor calls Member, a callable that a constructor's parameter initialised.
    Locker,   ///< The destructor unlocks Member, a reference or pointer whose target a constructor locked.
    Mutex,    ///< Public lock() and unlock() without arguments, in any spelling, and none of the above.
    Presumed, ///< A destructor of its own, not copyable, and no public members but constructors and destructor; or,
              ///< with a body that does something, nothing public to use it by.
  };
  Kind K = Kind::None;
  const clang::FieldDecl *Member = nullptr;
  /// Guard, Locker: the field whose value decides whether the destructor acts; null if it always does. It is Member
  /// itself where the destructor asks whether there is one.
  const clang::FieldDecl *Flag = nullptr;
  bool ArmedWhen = true; ///< The value of Flag with which it acts.
  bool Shared = false;   ///< Locker: takes the reader side.
  /// Guard without Member: the destructor is this call of a static function, with what a struct of the enclosing
  /// function holds (Boost.ScopeExit).
  const clang::CallExpr *Passes = nullptr;
};

/// Shapes of one translation unit's classes; cached. Looks at bodies, never at names of classes. A body in a system
/// header counts only for constructors, destructors and `operator()`, as they are the only ones always parsed.
class Shapes {
public:
  explicit Shapes(const model::Library &Models) : Models(Models) {}

  const Shape &of(const clang::CXXRecordDecl &);
  /// The parameter of a guard's constructor that becomes its callable, of a locker's that becomes its mutex; nothing
  /// for copy and move constructors and for those that leave it empty. An aggregate has no such constructor: its
  /// initialiser list gives Member.
  std::optional<unsigned> source(const clang::CXXConstructorDecl &);
  /// A constructor of a locker that locks (one that adopts a lock does not).
  bool locks(const clang::CXXConstructorDecl &);
  /// It locks under a condition only: `explicit Lock(Mutex &M, bool Now = true)`.
  bool asksToLock(const clang::CXXConstructorDecl &);
  /// The method sets the flag (or empties the callable) so that the destructor does nothing: `dismiss`, `cancel`.
  /// Guard is the object's class if the method is a base's.
  bool dismisses(const clang::CXXMethodDecl &, const clang::CXXRecordDecl *Guard = nullptr);
  /// What a method of a locker does to its mutex, if that is all it does to it.
  LockCall lockerCall(const clang::CXXMethodDecl &Method, const clang::CXXRecordDecl &Locker);
  /// The parameter of a guard's method that becomes its callable: `set`, `reset`.
  std::optional<unsigned> rearms(const clang::CXXMethodDecl &, const clang::CXXRecordDecl &Guard);
  /// A method of a guard that runs the callable; if it also dismisses, it is `fire`.
  bool fires(const clang::CXXMethodDecl &, const clang::CXXRecordDecl *Guard = nullptr);

  /// A guard that can be copied, or moved without disarming what it is moved from: both run what they hold.
  bool doubles(const clang::CXXRecordDecl &);

  /// What the methods of a mutex by shape do, by their names.
  model::TypeModel mutexModel(const clang::CXXRecordDecl &) const;

private:
  Shape make(const clang::CXXRecordDecl &);
  bool findGuard(const clang::CXXRecordDecl &, const clang::FunctionDecl &Destructor, Shape &);
  bool findPassing(const clang::CXXRecordDecl &, const clang::FunctionDecl &Destructor, Shape &);
  bool findLocker(const clang::CXXRecordDecl &, const clang::FunctionDecl &Destructor, Shape &);

  const model::Library &Models;
  std::map<const clang::CXXRecordDecl *, Shape> Known;
};

} // namespace latchkey::lower
