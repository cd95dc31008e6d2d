// How control leaves what is interpreted, and what it is in: activations and loops.
#pragma once

#include "checks/flow/State.h"
#include "checks/ir/Module.h"

#include "llvm/ADT/StringRef.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace latchkey::flow {

/// How control leaves a node.
struct Outcome {
  enum class Kind : uint8_t { Next, Break, Continue, Return, Throw, Goto, Never };
  Kind K = Kind::Next;
  std::string Label;              ///< Goto.
  std::vector<std::string> Types; ///< Throw: thrown type and bases; empty is not known.
  ir::Range Where;
  bool Unbraced = false; ///< The statement that leaves is the body of an if or loop, without braces.
  bool sameAs(const Outcome &O) const { return K == O.K && Label == O.Label && Types == O.Types && Where == O.Where; }
};

struct Exit {
  Outcome O;
  State S;
};
using Exits = std::vector<Exit>;
using States = std::vector<State>;

/// One activation.
struct Frame {
  uint32_t Number = 0;
  const ir::Function *F = nullptr;
  unsigned Depth = 0;
  unsigned Lane = 0;
  const Frame *Caller = nullptr;
  ir::Range CallSite;
  unsigned TypedTries = 0;          ///< Enclosing try blocks of this activation that name what they catch.
  std::vector<std::string> TryType; ///< What the innermost of them catches.
  unsigned Tries = 0;               ///< Enclosing try blocks of any kind.
};

/// A loop that is being interpreted, for effects that must know they are in one.
struct ActiveLoop {
  ir::Term Trip;
  std::map<Loc, CounterState> AtHead;
  uint32_t Frame = 0;
  std::set<std::string> Written; ///< Names of the variables that differ from iteration to iteration.
  bool Whole = false;            ///< Goes over all of a container.
  /// Elements that stand for another one in each iteration, with the index by which the loop names them.
  std::map<Loc, std::string> Elements;
};

/// Where the label stands among Children from From on; their number if it does not.
size_t labelIn(const ir::Nodes &Children, size_t From, llvm::StringRef Name);

} // namespace latchkey::flow
