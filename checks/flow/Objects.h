// Which places of a module may name one object: unification (Steensgaard, POPL 1996), without regard to order. Fields
// are those of all instances of a class together, elements those of all of a container.
#pragma once

#include "checks/flow/Program.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"

#include <map>
#include <string>
#include <vector>

namespace latchkey::flow {

class Objects {
public:
  using Id = uint32_t;

  explicit Objects(const Program &);

  /// The object that the place names in F; the same for all places that may name it.
  Id at(const ir::Function &F, const ir::Place &);
  Id global(uint32_t Index) { return find(ofGlobal(Index)); }
  Id field(const ir::Class &C, const ir::Field &F) { return find(ofField(C.Id, F.Name)); }
  /// Code outside of the module can reach it.
  bool escapes(Id Object) { return Nodes[find(Object)].Escaped; }

private:
  struct Node {
    Id Parent;
    Id Pointee;
    bool Escaped = false;
  };
  static constexpr Id None = UINT32_MAX;

  Id make();
  Id find(Id);
  Id pointee(Id);
  void unify(Id, Id);
  Id ofVariable(const ir::Function &F, uint32_t Index);
  Id ofGlobal(uint32_t Index);
  Id ofField(const std::string &Class, const std::string &Name);

  void read(const ir::Function &);
  void read(const ir::Function &, const ir::Effect &);
  void bind(Id To, const ir::Function &, const ir::Value &);
  void bindClosure(const ir::Function &, const ir::Value &);
  void bindArguments(const ir::Function &Callee, const ir::Function &F, llvm::ArrayRef<ir::Value> Args);
  void escape(const ir::Function &, llvm::ArrayRef<ir::Value> Given);

  const Program &P;
  const ir::Module &M;
  std::vector<Node> Nodes;
  std::map<std::pair<const ir::Function *, uint32_t>, Id> Variables;
  std::map<uint32_t, Id> Globals;
  std::map<std::pair<std::string, std::string>, Id> Fields;
};

} // namespace latchkey::flow
