// Which functions a callable may be that is kept in a field, a global or a variable: what is stored there and what
// flows there through parameters and captures, of all functions together. A field is that of all objects of its class,
// so with each function goes the object that a caller gave it to.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/ADT/ArrayRef.h"

#include <map>
#include <set>
#include <string>

namespace latchkey::flow {

class Program;

class StoredCallables {
public:
  struct Stored {
    const ir::Function *F = nullptr;
    std::string Owner; ///< What the object is called (nameOf) whose method was given it; may be empty.
    auto operator<=>(const Stored &) const = default;
  };

  explicit StoredCallables(const Program &);

  const std::set<Stored> &at(const ir::Function &In, const ir::Place &) const;
  /// Those that were given to the object of that name; if there are none, those of which nobody knows to which object.
  /// Without a name all of them. In the order of the module.
  std::vector<const ir::Function *> of(const ir::Function &In, const ir::Place &, llvm::StringRef Owner) const;

  /// What an object is called across functions: a field of a class, a global, or a variable of one function.
  std::string nameOf(const ir::Function &In, const ir::Place &) const;
  /// The same of the object that the place is a field of; empty if it is the function's own.
  std::string ownerOf(const ir::Function &In, ir::Place) const;

private:
  struct Flow {
    std::string To, Owner;
    auto operator<=>(const Flow &) const = default;
  };
  void read(const ir::Function &F, const ir::Effect &E);
  void give(const ir::Function &F, const ir::Value &V, const std::string &To, const std::string &Owner);
  void bind(const ir::Function &F, const ir::Value &Closure);
  void arguments(const ir::Function &F, const ir::Function &Callee, llvm::ArrayRef<ir::Value> Args);
  void spread();
  void rename(std::set<Stored> &Here) const;

  const Program &P;
  const ir::Module &M;
  std::map<std::string, std::set<Stored>> At;
  std::map<std::string, std::set<Flow>> Flows;          ///< By where they come from.
  std::map<std::string, std::set<std::string>> Renamed; ///< Objects that were moved or pointed to, by their first name.
};

} // namespace latchkey::flow
