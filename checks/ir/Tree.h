// The structured body of a function. Leaving a node has an outcome (next, break, continue, return, throw, goto,
// never); a Cleanup runs on the outcomes that leave the rest of its sequence, which gives early returns,
// exceptions, temporaries and unnamed guards one mechanism.
#pragma once

#include "checks/ir/Effect.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace latchkey::ir {

struct Node;

/// A vector of nodes with value semantics although Node is incomplete here.
using Nodes = std::vector<Node>;

/// Runs its children in order. A goto whose label is a direct child continues there.
struct Sequence {
  enum class Kind : uint8_t {
    Plain,          ///< Grouping only.
    Block,          ///< A compound statement, or the single statement of an if or loop.
    Body,           ///< The function's outermost block.
    FullExpression, ///< Temporaries die at its end.
  };
  Kind K = Kind::Plain;
  bool Braced = true; ///< Block: written with braces.
  Nodes Children;
  Range End; ///< The closing brace, or the end of the statement: where locals die.
  bool operator==(const Sequence &) const;
};

/// A condition with short circuits. Before runs first (calls made by the test); then a leaf tests Test,
/// All and Any evaluate Parts from left to right and stop early.
struct Condition {
  enum class Kind : uint8_t { Leaf, All, Any, Not };
  Kind K = Kind::Leaf;
  Nodes Before;
  Predicate Test;
  std::vector<Condition> Parts;
  Range Where;
  bool operator==(const Condition &) const;
};

struct If {
  Condition Test;
  Nodes Then, Else; ///< At most one node each (a Block).
  bool Constexpr = false;
  bool operator==(const If &) const;
};

struct Loop {
  enum class Kind : uint8_t { For, While, Do };
  Kind K = Kind::While;
  bool Endless = false; ///< No condition, or one that is literally true.
  Condition Test;       ///< Meaningless when Endless.
  Nodes Body;           ///< One Block, or nothing if nothing in it matters.
  Nodes Step;           ///< For: what runs after the body and after continue.
  Term Trip;            ///< Number of iterations if nothing leaves early, in values at loop entry; may be unknown.
  Place Index;          ///< The counting variable of a canonical loop, else none.
  bool operator==(const Loop &) const;
};

/// Range-for, for_each, an index from 0 to size() or iterators from begin() to end(): the body sees each element
/// once. Item holds the address of the element (or a copy of it when ByValue).
struct Foreach {
  Place Container;
  uint32_t Item = 0; ///< Variable index.
  bool ByValue = false;
  Nodes Body; ///< One Block, or nothing if nothing in it matters.
  bool operator==(const Foreach &) const;
};

struct SwitchCase {
  std::vector<int64_t> Values;
  bool Default = false;
  Nodes Body; ///< Falls through to the next case unless it breaks.
  bool operator==(const SwitchCase &) const;
};

struct Switch {
  Nodes Before;
  Term Subject;
  std::vector<SwitchCase> Cases;
  bool Exhaustive = false; ///< Over an enum with every value named, or with a default.
  bool operator==(const Switch &) const;
};

struct Handler {
  std::string Type; ///< Caught type's canonical name; empty catches all.
  Nodes Body;
  Range Where;
  bool operator==(const Handler &) const;
};

struct Try {
  Nodes Body;
  std::vector<Handler> Handlers;
  bool operator==(const Try &) const;
};

/// Runs Body when control leaves the rest of the enclosing Sequence with a matching outcome.
struct Cleanup {
  enum class Mask : uint8_t { Both, Normal, Throw };
  Mask On = Mask::Both;
  Place Armed; ///< If given, runs only where this (bool) place is non-zero: temporaries made on one branch.
  /// Nothing stands in the source between here and the end of the sequence: what was armed before fires at once.
  bool Idle = false;
  /// At most a return of a constant stands there.
  bool Last = false;
  Nodes Body;
  bool operator==(const Cleanup &) const;
};

struct Return {
  Value Result; ///< Unknown for void.
  bool HasValue = false;
  /// Locals that the value was copied from, where a guard is armed that may change them.
  std::vector<Place> Reads;
  bool Elidable = false; ///< Names a local that may be the returned object itself.
  Range Bare;            ///< With its semicolon, if it is the body of an if or loop without braces; for fixes.
  bool operator==(const Return &) const = default;
};

struct Throw {
  std::vector<std::string> Types; ///< Thrown type and all its public bases, canonical; empty is a rethrow.
  bool operator==(const Throw &) const = default;
};

struct Break {
  bool operator==(const Break &) const = default;
};
struct Continue {
  bool operator==(const Continue &) const = default;
};

struct Goto {
  std::string Label;
  bool operator==(const Goto &) const = default;
};

struct Label {
  std::string Name;
  bool operator==(const Label &) const = default;
};

/// co_await, co_yield: the frame may also be destroyed here, which runs the cleanups.
struct Suspend {
  std::string Text;
  bool operator==(const Suspend &) const = default;
};

/// Something that could not be lowered: its function is opaque.
struct Opaque {
  std::string Reason;
  bool operator==(const Opaque &) const = default;
};

struct Node {
  std::variant<Effect, Sequence, If, Loop, Foreach, Switch, Try, Cleanup, Return, Throw, Break, Continue, Goto, Label,
               Suspend, Opaque>
      Kind;
  Range Where;

  template <typename T> const T *as() const { return std::get_if<T>(&Kind); }
  template <typename T> T *as() { return std::get_if<T>(&Kind); }
  bool operator==(const Node &) const;
};

} // namespace latchkey::ir
