#include "checks/flow/Locations.h"

#include <algorithm>

namespace latchkey::flow {

using RootKey = std::pair<uint64_t, uint64_t>;

static RootKey rootKey(Locations::RootKind K, uint32_t Frame, uint32_t Index) {
  return {static_cast<uint64_t>(K), (static_cast<uint64_t>(Frame) << 32) | Index};
}

Loc Locations::variable(uint32_t Frame, const ir::Function &F, uint32_t Index) {
  auto [It, New] = Roots.try_emplace(rootKey(RootKind::Variable, Frame, Index), static_cast<Loc>(Entries.size()));
  if (New)
    Entries.push_back({NoLoc, {}, RootKind::Variable, Frame, Index, &F, 0});
  return It->second;
}

Loc Locations::global(uint32_t Index) {
  auto [It, New] = Roots.try_emplace(rootKey(RootKind::Global, 0, Index), static_cast<Loc>(Entries.size()));
  if (New)
    Entries.push_back({NoLoc, {}, RootKind::Global, 0, Index, nullptr, 0});
  return It->second;
}

Loc Locations::heap(uint32_t Frame, uint32_t Site, uint32_t Type) {
  auto [It, New] = Roots.try_emplace(rootKey(RootKind::Heap, Frame, Site), static_cast<Loc>(Entries.size()));
  if (New)
    Entries.push_back({NoLoc, {}, RootKind::Heap, Frame, Site, nullptr, Type});
  return It->second;
}

Loc Locations::child(Loc Parent, const ir::Step &Via) {
  auto [It, New] = Children.try_emplace({Parent, Via}, static_cast<Loc>(Entries.size()));
  if (New) {
    Entry E = Entries[Parent];
    E.Parent = Parent;
    E.Via = Via;
    Entries.push_back(E);
  }
  return It->second;
}

void Locations::held(Loc Object, Loc Pointer) {
  Entry &E = Entries[Object];
  if (E.Root != RootKind::Heap || E.Parent != NoLoc || within(Pointer, Object))
    return;
  auto IsTemporary = [&](Loc L) {
    const Entry &R = Entries[root(L)];
    return R.Root == RootKind::Heap ||
           (R.Root == RootKind::Variable && R.Owner->Variables[R.Index].K == ir::Variable::Kind::Temporary);
  };
  // The first name that the user gave it stays: later ones are parameters and copies.
  if (E.Holder == NoLoc || (IsTemporary(E.Holder) && Entries[root(Pointer)].Root != RootKind::Heap))
    E.Holder = Pointer;
}

Loc Locations::root(Loc L) const {
  while (Entries[L].Parent != NoLoc)
    L = Entries[L].Parent;
  return L;
}

bool Locations::within(Loc L, Loc Ancestor) const {
  for (; L != NoLoc; L = Entries[L].Parent)
    if (L == Ancestor)
      return true;
  return false;
}

Loc Locations::rebase(Loc L, Loc Ancestor, Loc Other) {
  if (L == Ancestor)
    return Other;
  ir::Step Via = Entries[L].Via;
  return child(rebase(Entries[L].Parent, Ancestor, Other), Via);
}

bool Locations::inFrame(Loc L, uint32_t Frame) const {
  const Entry &E = Entries[L];
  return E.Root == RootKind::Variable && E.Frame >= Frame;
}

ir::Place Locations::place(Loc L) const {
  const Entry &E = Entries[L];
  ir::Place P;
  if (E.Root == RootKind::Heap) {
    Loc Holder = Entries[root(L)].Holder;
    if (Holder == NoLoc)
      return P;
    P = place(Holder).deref();
  } else {
    P.R = E.Root == RootKind::Global ? ir::Place::Root::Global : ir::Place::Root::Variable;
    P.Index = E.Index;
  }
  size_t Begin = P.Path.size();
  for (Loc At = L; Entries[At].Parent != NoLoc; At = Entries[At].Parent)
    P.Path.push_back(Entries[At].Via);
  std::reverse(P.Path.begin() + ptrdiff_t(Begin), P.Path.end());
  for (ir::Step &S : P.Path) // indices that no source has
    if (llvm::StringRef(S.Index).find_first_of("~?") != llvm::StringRef::npos)
      S.Index.clear();
  return P;
}

/// Whose variable the place is in.
const ir::Function *Locations::owner(Loc L) const {
  const Entry &E = Entries[L];
  if (E.Root != RootKind::Heap)
    return E.Owner;
  Loc Holder = Entries[root(L)].Holder;
  return Holder == NoLoc ? nullptr : owner(Holder);
}

std::string Locations::spelling(const ir::Module &M, Loc L) const {
  static const ir::Function None;
  ir::Place P = place(L);
  std::string Text;
  if (!P.valid()) { // nobody has a name for the object: its fields have
    for (Loc At = L; Entries[At].Parent != NoLoc; At = Entries[At].Parent)
      if (Entries[At].Via.K == ir::Step::Kind::Field)
        Text.insert(0, Text.empty() ? Entries[At].Via.Name : Entries[At].Via.Name + ".");
    return Text;
  }
  const ir::Function *Owner = owner(L);
  Text = ir::spelling(M, Owner ? *Owner : None, P);
  // An object on the heap goes by the name of its pointer.
  bool Heap = Entries[L].Root == RootKind::Heap;
  return Heap && llvm::StringRef(Text).starts_with("*") ? Text.substr(1) : Text;
}

const ir::Type &Locations::type(const ir::Module &M, Loc L) const {
  static const ir::Function None;
  const Entry &E = Entries[L];
  if (E.Root == RootKind::Heap) {
    if (Entries[L].Parent == NoLoc)
      return M.Types[E.Type];
    // Follow the steps from the declared type of the allocation.
    ir::Function Holder;
    Holder.Variables.emplace_back().Type = E.Type;
    ir::Place P = ir::Place::variable(0);
    for (Loc At = L; Entries[At].Parent != NoLoc; At = Entries[At].Parent)
      P.Path.insert(P.Path.begin(), Entries[At].Via);
    return M.typeOf(Holder, P);
  }
  return M.typeOf(E.Owner ? *E.Owner : None, place(L));
}

} // namespace latchkey::flow
