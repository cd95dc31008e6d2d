// Canonical places of one interpretation: every object that a frame, a global or the heap holds has one number.
#pragma once

#include "checks/ir/Module.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace latchkey::flow {

/// A canonical place. Two places name the same object exactly if their Loc is equal.
using Loc = uint32_t;
inline constexpr Loc NoLoc = UINT32_MAX;

/// Interns canonical places as a tree of steps below roots. A frame is one activation of a function.
class Locations {
public:
  enum class RootKind : uint8_t { Variable, Global, Heap };

  struct Entry {
    Loc Parent = NoLoc;
    ir::Step Via; ///< Meaningful below a root.
    RootKind Root = RootKind::Variable;
    uint32_t Frame = 0; ///< Of a variable, or of the allocation.
    uint32_t Index = 0; ///< Variable, global or allocation number.
    const ir::Function *Owner = nullptr;
    uint32_t Type = 0;  ///< Declared type of a heap root, when known.
    Loc Holder = NoLoc; ///< Heap root: the pointer that has held it, by which the user knows it.
  };

  Loc variable(uint32_t Frame, const ir::Function &F, uint32_t Index);
  Loc global(uint32_t Index);
  /// Allocations that no source has: what is returned, what is on its way elsewhere, what an owner's pointer leads to.
  static constexpr uint32_t ReturnSite = UINT32_MAX, TransitSite = UINT32_MAX - 1, OwnedSite = UINT32_MAX - 2;
  /// The object that allocation Site of Frame made; Type is its declared type.
  Loc heap(uint32_t Frame, uint32_t Site, uint32_t Type = 0);
  Loc child(Loc Parent, const ir::Step &Via);
  /// Pointer now holds the object; a variable's name is kept over a temporary's.
  void held(Loc Object, Loc Pointer);

  const Entry &operator[](Loc L) const { return Entries[L]; }
  Loc root(Loc L) const;
  /// L is Ancestor or a part of it.
  bool within(Loc L, Loc Ancestor) const;
  /// The place corresponding to L after Ancestor is replaced by Other.
  Loc rebase(Loc L, Loc Ancestor, Loc Other);
  /// Root belongs to a frame numbered Frame or above.
  bool inFrame(Loc L, uint32_t Frame) const;

  std::string spelling(const ir::Module &, Loc) const;
  const ir::Type &type(const ir::Module &, Loc) const;
  /// The place as an ir::Place of owner(); on the heap by the pointer that holds it, invalid if none does.
  ir::Place place(Loc) const;
  const ir::Function *owner(Loc) const;

private:
  std::vector<Entry> Entries;
  std::map<std::pair<uint64_t, uint64_t>, Loc> Roots;
  std::map<std::pair<Loc, ir::Step>, Loc> Children;
};

} // namespace latchkey::flow
