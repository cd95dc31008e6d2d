// A module: what one translation unit says, in effects. A program is modules linked by function id.
#pragma once

#include "checks/ir/MovableCode.h"
#include "checks/ir/Tree.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::ir {

/// What a type is to us. Lowering gets it from models, from recognition by shape or by name.
struct Type {
  enum class Kind : uint8_t {
    Other,
    Number,    ///< Integers, enums, bool.
    Pointer,   ///< Raw and smart pointers, references, optionals; Element is the pointee.
    Container, ///< Arrays, vectors, lists, maps (by value type); Element.
    Callable,  ///< Closures, std::function and friends.
    Class,     ///< A class that has parts of interest; Class is its id.
    Handle,    ///< Of a task.
    Counter,
    Guard,  ///< Runs a callable when destroyed.
    Locker, ///< A guard whose callable unlocks.
    Mutex,
    Semaphore,
    Promise,
    Future,
    Signal, ///< Condition variables, events, notifications.
    Pool,
  };
  /// What destroying (or assigning over) a joinable handle does.
  enum class Ending : uint8_t {
    Nothing,   ///< Fine: the task needs no join.
    Terminate, ///< std::terminate.
    Leak,      ///< The thread's resources are never returned.
    Join,      ///< Waits.
    Detach,
  };
  Kind K = Kind::Other;
  std::string Name; ///< As the user writes it.
  std::string Class;
  uint32_t Element = 0; ///< Index into Module::Types; 0 is Other.
  Ending End = Ending::Nothing;
  bool SharedCopies = false; ///< Copies mean the same object (marl::WaitGroup, shared_ptr).
  bool Owning = false;       ///< Pointer: destroys its pointee (unique_ptr, optional; shared_ptr with the last copy).
                             ///< Guard: a pointer too, whose deleter is what runs.
  bool Reference = false;    ///< Pointer: a C++ reference.
  bool SingleUse = false;    ///< Counter: cannot be re-armed (latch).
  bool Barrier = false;      ///< Counter: resets when a phase ends.
  bool Keyed = false;        ///< Container: an index is a key, not a position.
  bool Apart = false;        ///< Counter: a copy counts for itself, as far as the class shows.
  bool Reentrant = false;    ///< Mutex: may be locked again by its holder.
  bool Dismissable = false;  ///< Guard.
  bool Atomic = false;       ///< Number.
  bool Stops = false;        ///< Handle: its end asks the task to stop, by a token that the task may take first.
  bool Doubles = false;      ///< Guard: a copy of it runs what it runs once more.
  bool ByShape = false;      ///< Guard: guessed from its declarations, what it runs is not known. Class: nothing to
                             ///< use it by but construction and destruction, so a guard in effect.

  // For fixes, from the type's model; `{}` stands for the object.
  std::string JoinCode;      ///< Handle, counter: statement that waits: `{}.join();`.
  std::string JoinableTest;  ///< Expression that asks: `{}.joinable()`.
  std::string JoiningTwin;   ///< A type used alike that joins when destroyed.
  unsigned JoiningSince = 0; ///< First C++ standard that has the twin.
  std::string ReleaseCode;   ///< Mutex, semaphore: statement that gives it back: `{}.unlock();`.
  std::string GuardCode;     ///< Mutex: statement that holds it to the end of its block; `[]` stands for a new name.

  auto operator<=>(const Type &) const = default;
};

struct Variable {
  enum class Kind : uint8_t { Local, Parameter, Capture, This, Temporary, Result };
  Kind K = Kind::Local;
  std::string Name; ///< As written; temporaries have the name of their type.
  uint32_t Type = 0;
  bool Static = false;
  bool CapturedByReference = false; ///< Capture: holds an address.
  bool CapturedByMove = false;      ///< Capture: initialised by moving.
  Place Hides; ///< Locker declared without arguments under the name of a mutex in scope: that mutex.
  Range Where;
  Range Statement; ///< The declaration statement, for fixes.
  /// Its type as written there; invalid for `auto`, where it is not written, and where its type is not free to change:
  /// of a handle that is used for more than calls of its methods, of a flag that could not be atomic.
  Range Spelled;
  bool operator==(const Variable &) const = default;
};

struct Global {
  std::string Id;
  std::string Name;
  uint32_t Type = 0;
  bool Internal = false; ///< Only this TU can name it.
  bool Constant = false;
  Range Where; ///< Of its definition; invalid if that is elsewhere.
  bool operator==(const Global &) const = default;
};

struct Function {
  std::string Id;   ///< Stable across TUs (USR based; see the design, section 11, 9).
  std::string Name; ///< For messages: `Pool::run`, `lambda`.
  Range Where;      ///< Its name, or a lambda's introducer.
  Range Begin;      ///< Just after the opening brace, empty.
  Range End;        ///< The closing brace.
  std::vector<Variable> Variables;
  std::vector<uint32_t> Parameters; ///< Indices into Variables, in order, without `this`.
  std::vector<uint32_t> Captures;   ///< A lambda's, in order.
  uint32_t This = UINT32_MAX;       ///< Variable that holds `this`, if any; it is a pointer.
  uint32_t ReturnType = 0;
  std::string Class; ///< Id of the class of a method.
  bool NoReturn = false;
  bool NoExcept = false;
  bool Lambda = false;
  bool CapturesAll = false; ///< A lambda's `[&]`: whatever its surroundings can name.
  Range CaptureDefault;     ///< The `&` or `=` of it.
  bool Constructor = false;
  bool Destructor = false;
  bool Virtual = false;
  bool Coroutine = false;
  bool OwnsCaptures = false;   ///< A lambda that is called with a copy of itself (`[x](this auto)`).
  bool Internal = false;       ///< Internal linkage.
  bool Deferred = false;       ///< Body of a guard: what it does to plain variables is kept.
  bool LocksForCaller = false; ///< Its name or an annotation says that it locks or unlocks for whoever calls it.
  bool Test = false;   ///< Body of a test case, by model: what it leaves behind at an `exit` is the test's business.
  bool System = false; ///< Stands in a system header: analysed for its summary, never reported on.
  /// Fields of its own object that the source names in a class with parts of interest, sorted: more than the effects
  /// mention, as what is done to plain data has none.
  std::vector<std::string> Fields;
  std::vector<MovableCode> Movables;  ///< Statements that arm or dismiss guards, in order; for fixes.
  std::vector<std::string> Overrides; ///< Ids of the methods that it overrides, directly or not, sorted.
  std::string OpaqueReason;           ///< Not empty: not analysed, and why.
  Sequence Body;

  bool hasThis() const { return This != UINT32_MAX; }
  bool operator==(const Function &) const = default;
};

struct Field {
  std::string Name;
  uint32_t Type = 0;
  bool InClassInitialiser = false;
  bool Trivial = false; ///< Nothing happens to it when the object ends.
  Range Where;
  bool Private = false; ///< Only the class's own methods and friends can name it.
  Range Spelled;        ///< The type of a flag as written there, where an atomic one could stand as well; for fixes.
  bool operator==(const Field &) const = default;
};

struct Class {
  std::string Id;
  std::string Name;
  std::vector<std::string> Bases; ///< Ids; a base's part of an object is the field `(base <Id>)`.
  std::vector<Field> Fields;      ///< In order of declaration.
  std::string Destructor;         ///< Function id; empty if trivial.
  bool UserDestructor = false;    ///< Written by the user (not implicit, not `= default`).
  std::vector<std::string> Methods;
  bool Internal = false; ///< Only this TU can name it.
  bool Copyable = false, Movable = false;
  bool Open = false;                 ///< Code elsewhere has a part in it: methods without a body here, friends.
  std::vector<MovableCode> Movables; ///< Handles and guards that can be declared behind all else; for fixes.
  Range Where;
  bool operator==(const Class &) const = default;
};

struct File {
  std::string Path; ///< Absolute, without dots.
  bool System = false;
  std::array<uint64_t, 2> Hash{}; ///< Of the content.
  /// In a linked program, whose units differ: what a compiler was started on, and the language that all units which
  /// read it have in common. Elsewhere the module says so.
  bool Main = false;
  bool CPlusPlus = false;
  unsigned Standard = 0;
  bool operator==(const File &) const = default;
};

struct Statistics {
  uint32_t FunctionsSeen = 0;
  uint32_t FunctionsLowered = 0;
  uint32_t Opaque = 0;
  bool operator==(const Statistics &) const = default;
};

struct Module {
  static constexpr uint32_t Version = 5; ///< Of the binary form: to be raised with every change of what it holds.

  std::string MainFile; ///< Empty in a linked program.
  std::vector<File> Files;
  std::vector<Type> Types; ///< [0] is Other.
  std::vector<Global> Globals;
  std::vector<Class> Classes;      ///< Sorted by id.
  std::vector<Function> Functions; ///< Sorted by id.
  bool CPlusPlus = true;
  unsigned Standard = 17; ///< 11, 14, 17, 20, 23; for C 11, 17, 23.
  Statistics Stats;

  bool isMain(const File &F) const { return F.Main || F.Path == MainFile; }
  /// Whether code at the place may be fixed with what this standard of C++ has.
  bool hasCPlusPlus(const Range &Where, unsigned Standard = 0) const;
  const Function *function(llvm::StringRef Id) const;
  const Class *classById(llvm::StringRef Id) const;
  /// The type of the object at P in F, by following fields and elements; [0] where the IR does not know.
  const Type &typeOf(const Function &F, const Place &P) const;
  bool operator==(const Module &) const = default;
};

/// Human spelling of a place in F: `wg`, `this->thread_` as `thread_`, `threads[]`.
std::string spelling(const Module &, const Function &, const Place &);
/// Human spelling of a term: `n + 1`, `items.size()`.
std::string spelling(const Module &, const Function &, const Term &);

/// A model's text for an object: `{}.join();` for `t`, and for `*p` with an arrow. Empty for no text.
std::string codeFor(llvm::StringRef Pattern, llvm::StringRef Object);

/// Problems that would make the engine's answers meaningless; empty for a sound module.
std::vector<std::string> verify(const Module &);

} // namespace latchkey::ir
