// What a library's API means, as data. Built-in tables (checks/model/builtin/*.yaml) and the user's files have one
// format; see docs/models.md. Lowering is the only reader: the engine never sees a library's name.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace latchkey::model {

/// Where an action finds one of its operands at the call.
struct Operand {
  enum class Kind : uint8_t {
    None,
    This,          ///< The object the method is called on (or constructed, or returned by a factory).
    Argument,      ///< Argument Index (0-based).
    Pointee,       ///< What argument Index points to.
    Result,        ///< What the call returns.
    ResultPointee, ///< What the pointer that the call returns points to.
    Constant,      ///< Constant.
  };
  Kind K = Kind::None;
  unsigned Index = 0;
  int64_t Constant = 0; ///< For Constant, and the value of an Argument that the call leaves out.
};

/// One effect of a call. A call's actions happen in order. An action on an argument that the call leaves out does
/// nothing.
struct Action {
  ir::Op O = ir::Op::Use;
  Operand Subject;
  Operand Amount;
  Operand Detached;                        ///< Spawn: an object whose number tells whether the task starts detached.
  std::optional<unsigned> Callable;        ///< Spawn, Arm, Invoke: index of the argument that is run; when the
                                           ///< argument is absent the action does nothing.
  std::optional<unsigned> CallableArgs;    ///< Index of the first argument passed on to it.
  std::optional<unsigned> LastCallableArg; ///< Index of the last one; absent: all that follow.
  bool CallableTakesThis = false;          ///< A member function pointer takes the next argument as `this`.
  std::optional<unsigned> Mutex;     ///< Arm of a locker, Await of a condition variable: argument with the mutex/lock.
  std::optional<unsigned> Predicate; ///< Await: argument with the predicate.
  ir::Success When = ir::Success::Always;         ///< How the call's value tells that the action took place.
  ir::Cleanup::Mask On = ir::Cleanup::Mask::Both; ///< Arm: acts only when the scope is left this way (scope_fail).
  bool Timed = false;
  bool Shared = false;
};

/// What the answer of a function says: how two arguments compare, or whether one is true.
struct Verdict {
  unsigned Left = 0;
  std::optional<unsigned> Right;
  std::string Relation; ///< `==`, `!=`, `<`, `<=`, `>`, `>=`.
};

struct FunctionModel {
  std::string Name;                         ///< Qualified, without template arguments; for a method only its name.
  std::optional<unsigned> MinArgs, MaxArgs; ///< Overloads told apart by the number of arguments.
  std::vector<std::string> ArgTypes; ///< Overloads told apart by type: substring of the spelled canonical type per
                                     ///< argument, empty for any.
  std::vector<Action> Actions;
  bool NoReturn = false;
  bool NoThrow = false;
  std::vector<std::string> Throws; ///< Types known to be thrown.
  bool Pure = false;               ///< No effect on its arguments (`native_handle`, `get_id`).
  bool Ends = false;     ///< Gives back the resource it is given; of an `exit`: ends the program in an orderly way.
  bool Harmless = false; ///< Ends: does nothing if that is null or negative.
  bool Lasting = false;  ///< What it does is seen outside of the process.
  bool Forks = false;    ///< Goes on in two processes, or comes back a second time.
  bool Test = false;     ///< Who overrides it is the body of a test case.
  bool Blocks =
      false; ///< Constructor that waits on purpose, so a temporary is meant (absl::MutexLock with a Condition).
  std::string DeclaredIn;    ///< If given, the model holds only for a function declared in a file whose path ends so.
  bool MayReject = false;    ///< Returns whether the task was taken.
  std::string ReturnsOf;     ///< Kind of object returned: "handle", "guard" …; empty: by its type.
  bool AsksIdentity = false; ///< The value differs from a default one exactly if the handle is joinable (`get_id`).
  std::optional<Verdict> Compares;         ///< A result that is tested where it is made (an assertion of a test).
  std::optional<ir::Predicate::Kind> Asks; ///< The value answers this about the object (`joinable`, `owns_lock`).
};

struct TypeModel {
  std::string Name; ///< Qualified, without template arguments, inline namespaces left out: `std::thread`.
  ir::Type Traits;  ///< Kind and flags; Name, Class and Element are filled in by lowering.
  std::vector<FunctionModel> Constructors;
  std::vector<FunctionModel> Methods;
  bool BlocksInConstructor = false; ///< Any constructor waits on purpose; see FunctionModel::Blocks for single ones.
};

/// Models found by name. Immutable once built; share it freely between threads.
class Library {
public:
  /// The tables that Latchkey ships. Aborts only if our own build embedded a broken one (a test guards that).
  static const Library &builtin();

  /// Adds the entries of a YAML text; a later entry replaces an earlier one of the same name.
  /// The error carries `Name:line:column: message`.
  llvm::Error add(llvm::StringRef Yaml, llvm::StringRef Name);

  /// Names without template arguments and without inline namespaces. Null if there is no model.
  const TypeModel *type(llvm::StringRef QualifiedName) const;
  /// Free functions and static methods; all overloads of the name.
  llvm::ArrayRef<FunctionModel> functions(llvm::StringRef QualifiedName) const;
  /// A hash of everything in it, for the cache's key.
  uint64_t fingerprint() const { return Fingerprint; }

private:
  llvm::StringMap<TypeModel> Types;
  llvm::StringMap<std::vector<FunctionModel>> Functions;
  uint64_t Fingerprint = 0;
};

/// The first overload among Models that fits a call with these canonical argument types, or null. An empty MethodName
/// fits every name (constructors; functions already looked up by name).
const FunctionModel *select(llvm::ArrayRef<FunctionModel> Models, llvm::StringRef MethodName,
                            llvm::ArrayRef<std::string> ArgTypes);

/// What the name of a function says that nobody can look into.
bool soundsEnding(llvm::StringRef FunctionName);  ///< Gives something back: `conn_free`, `ReleaseBuffer`, `rollback`.
bool soundsLasting(llvm::StringRef FunctionName); ///< Acts outside of the process: `flush_journal`, `removeTempFile`.

/// A class that is a wait group by its name and its methods' names (add/done/wait in any spelling); Methods are its
/// public methods' names. The model's Name is ClassName.
std::optional<TypeModel> counterByName(llvm::StringRef ClassName, llvm::ArrayRef<std::string> Methods);

} // namespace latchkey::model
