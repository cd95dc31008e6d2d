// Elements of containers. An element by literal index, and the last one, have places of their own; the place with an
// empty index stands for every other element, and inside a loop that goes over the container for the one that this
// iteration looks at. What the iterations before left behind is kept apart until the loop ends: the elements that
// are still to come are as they were when it began.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::flow {

using HandleKind = HandleState::Kind;
using TypeKind = ir::Type::Kind;

/// Indices that no source has: elements that a loop has been at end in the first; the second is one of which nobody
/// knows which it is.
static constexpr const char *VisitedIndex = "~", *SomeIndex = "?", *LastIndex = "back";

static bool isNumeral(llvm::StringRef Index) {
  return !Index.empty() && llvm::all_of(Index, llvm::isDigit);
}

static Loc elementAt(Locations &Places, Loc Container, const char *Index) {
  return Places.child(Container, {ir::Step::Kind::Element, {}, Index});
}

Loc Engine::allElements(Loc Container) {
  return elementAt(Places, Container, "");
}

/// Stands for the elements that a loop has been at whose element of the moment is Each.
Loc Engine::visited(Loc Each) {
  return Places.child(Places[Each].Parent, {ir::Step::Kind::Element, {}, Places[Each].Via.Index + VisitedIndex});
}

/// Size of a container with so few elements that each can have a place of its own.
std::optional<int64_t> Engine::fewElements(Loc Container, const State &S) {
  constexpr int64_t Few = 64;
  ir::Term N = size(Container, S);
  if (type(Container).Keyed || !N.isConstant() || N.constantValue() < 0 || N.constantValue() > Few)
    return std::nullopt;
  return N.constantValue();
}

Loc Engine::element(Loc Container, llvm::StringRef Index, const State &S, const Frame &F) {
  if (Index == LastIndex)
    if (std::optional<int64_t> N = fewElements(Container, S); N && *N > 0)
      return elementAt(Places, Container, std::to_string(*N - 1).c_str());
  if (isNumeral(Index) || Index == LastIndex)
    return elementAt(Places, Container, Index.str().c_str());
  for (ActiveLoop &L : llvm::reverse(ActiveLoops)) {
    // An index that a callee computes is taken to be that of the loop around the call.
    bool Varies = L.Frame != F.Number || Index.empty() || L.Written.contains(Index.str());
    if (!Varies)
      continue;
    // Inside a loop over the elements, a loop with an index of its own goes over those that the outer one has been at.
    Loc Each = allElements(Container);
    // So does one that moves the same index on.
    for (ActiveLoop &Outer : ActiveLoops)
      if (auto Known = Outer.Elements.find(Each); &Outer != &L && Outer.Frame == L.Frame && !Index.empty() &&
                                                  Known != Outer.Elements.end() &&
                                                  (Known->second != Index || L.Frame == F.Number)) {
        Each = visited(Each);
        break;
      }
    L.Elements.try_emplace(Each, Index);
    return Each;
  }
  return elementAt(Places, Container, SomeIndex);
}

/// The innermost element that L is, or is part of; NoLoc if none.
Loc Engine::elementOf(Loc L) const {
  for (; L != NoLoc && Places[L].Parent != NoLoc; L = Places[L].Parent)
    if (Places[L].Via.K == ir::Step::Kind::Element)
      return L;
  return NoLoc;
}

bool Engine::isSomeElement(Loc L) const {
  Loc E = L == NoLoc ? NoLoc : elementOf(L);
  return E != NoLoc && Places[E].Via.Index == SomeIndex;
}

/// Of one element and another that nothing tells apart from now on.
static HandleState either(const HandleState &A, const HandleState &B) {
  if (A.K == B.K) {
    HandleState Same = A;
    Same.Partial |= B.Partial;
    if (!Same.Spent.valid())
      Same.Spent = B.Spent;
    return Same;
  }
  const HandleState &Open = A.K == HandleKind::Joinable ? A : B, &Other = A.K == HandleKind::Joinable ? B : A;
  HandleState Mixed = Open;
  if (Open.K != HandleKind::Joinable || Other.K == HandleKind::Unknown) {
    Mixed = {};
  } else if (Other.K == HandleKind::Joined || Other.K == HandleKind::Detached) {
    Mixed.Spent = Other.At;
  } else {
    Mixed.Partial = true;
  }
  return Mixed;
}

/// Adds what is known of the element From to what is known of To, and forgets From.
void Engine::addElement(Loc From, Loc To, State &S) {
  for (auto It = S.Handles.begin(); It != S.Handles.end();) {
    if (!Places.within(It->first, From)) {
      ++It;
      continue;
    }
    Loc Same = Places.rebase(It->first, From, To);
    HandleState H = It->second;
    It = S.Handles.erase(It);
    auto [Known, New] = S.Handles.try_emplace(Same, H);
    if (!New)
      Known->second = either(Known->second, H);
  }
}

/// Elements of Container that have entries of their own.
std::vector<Loc> Engine::namedElements(Loc Container, const State &S) {
  std::set<Loc> Found;
  for (const auto &[L, H] : S.Handles)
    for (Loc At = L; Places[At].Parent != NoLoc; At = Places[At].Parent)
      if (Places[At].Parent == Container && Places[At].Via.K == ir::Step::Kind::Element &&
          (isNumeral(Places[At].Via.Index) || Places[At].Via.Index == LastIndex))
        Found.insert(At);
  return {Found.begin(), Found.end()};
}

/// From now on all elements are alike: those with places of their own join the others.
void Engine::foldElements(Loc Container, State &S) {
  std::vector<Loc> Named = namedElements(Container, S);
  std::optional<int64_t> N = fewElements(Container, S);
  bool NoOthers = N && Named.size() >= static_cast<size_t>(*N);
  if (NoOthers)
    std::erase_if(S.Handles, [&](const auto &H) { return Places.within(H.first, allElements(Container)); });
  for (Loc Element : Named)
    addElement(Element, allElements(Container), S);
  doubtPointees(Container, S);
}

/// Elements that are told apart no longer: which of the objects they point to is meant, is not known.
void Engine::doubtPointees(Loc Container, State &S) {
  for (const auto &[P, Target] : std::map<Loc, Loc>(S.Pointers))
    if (P != Container && Places.within(P, Container) && !Places.within(Target, Container) && elementOf(P) != NoLoc &&
        Places[elementOf(P)].Via.Index != "")
      havoc(Target, S, true);
}

/// Gives the element that L is part of entries of its own, from what is known of all.
void Engine::ownElement(Loc L, State &S) {
  Loc E = elementOf(L);
  if (E == NoLoc || (!isNumeral(Places[E].Via.Index) && Places[E].Via.Index != LastIndex))
    return;
  Loc All = allElements(Places[E].Parent);
  std::map<Loc, HandleState> Own;
  for (const auto &[H, State] : S.Handles) {
    if (Places.within(H, E))
      return;
    if (Places.within(H, All))
      Own.insert({H, State});
  }
  for (auto &[H, State] : Own) {
    if (State.Partial || State.Spent.valid())
      State = {}; // which of them it is
    S.Handles[Places.rebase(H, All, E)] = State;
  }
  for (const auto &[P, Target] : std::map<Loc, Loc>(S.Pointers))
    if (Places.within(P, All))
      S.Pointers[Places.rebase(P, All, E)] = Target;
}

/// An element by index was started or ended: what that says about the others.
void Engine::elementChanged(Loc L, State &S) {
  Loc E = elementOf(L);
  if (E == NoLoc)
    return;
  Loc Container = Places[E].Parent, All = allElements(Container);
  if (type(Container).Keyed) { // naming an element makes it
    S.Sizes.erase(Container);
    S.Versions[Container] = ++Fresh;
    assume(S, size(Container, S), ir::Predicate::Relation::LessEqual, false);
  }
  auto Doubt = [&](Loc Among) {
    for (auto &[H, State] : S.Handles)
      if (Places.within(H, Among) && !Places.within(H, E)) {
        State = {};
      }
  };
  bool Started = llvm::any_of(
      S.Handles, [&](const auto &H) { return Places.within(H.first, E) && H.second.K == HandleKind::Joinable; });
  if (isSomeElement(L)) {
    if (!Started)
      Doubt(Container);
    addElement(E, All, S);
  } else if (E != All) {
    std::optional<int64_t> N = fewElements(Container, S);
    if (N && namedElements(Container, S).size() >= static_cast<size_t>(*N))
      std::erase_if(S.Handles, [&](const auto &H) { return Places.within(H.first, All); });
    else if (!N && !Started)
      Doubt(All); // who names elements by number knows how many there are
  }
}

/// What owning pointers in the element hold becomes part of it: the next iteration's object is another one.
void Engine::absorb(Loc Element, uint32_t SinceVersion, State &S) {
  for (const auto &[P, Target] : std::map<Loc, Loc>(S.Pointers)) {
    bool Pointee = Places[Target].Root == Locations::RootKind::Heap ||
                   (Places[Target].Parent != NoLoc && Places[Target].Via.K == ir::Step::Kind::Deref);
    if (!Pointee || !Places.within(P, Element) || Places.within(Target, Element) || version(Target, S) <= SinceVersion)
      continue;
    std::erase_if(S.Pointers, [T = Target](const auto &Entry) { return Entry.second == T; });
    addElement(Target, Places.child(P, {ir::Step::Kind::Deref, {}, {}}), S);
  }
}

/// A loop over the elements that an outer one has been at was skipped: perhaps because there are none of them.
void Engine::doubtVisited(const std::map<Loc, std::string> &Elements, State &S) const {
  for (const auto &[Each, Index] : Elements)
    if (llvm::StringRef(Places[Each].Via.Index).ends_with(VisitedIndex))
      for (auto &[H, Known] : S.Handles)
        if (Places.within(H, Each))
          Known = HandleState();
}

/// The loop goes on to its next element.
void Engine::nextElement(const ActiveLoop &L, const State &Entry, State &S) {
  for (const auto &[All, Index] : L.Elements) {
    absorb(All, HeadVersion, S);
    addElement(All, visited(All), S);
    // The next element points to an object of its own, of which nothing is known.
    for (const auto &[P, Target] : Entry.Pointers)
      if (Places.within(P, All))
        for (auto &[H, State] : S.Handles)
          if (Places.within(H, Target))
            State = HandleState();
    auto Restore = [&](auto &Mine, const auto &Theirs) {
      std::erase_if(Mine, [&](const auto &E) { return Places.within(E.first, All); });
      for (const auto &[At, V] : Theirs)
        if (Places.within(At, All))
          Mine.insert({At, V});
    };
    Restore(S.Handles, Entry.Handles);
    Restore(S.Pointers, Entry.Pointers);
    Restore(S.Callables, Entry.Callables);
    Restore(S.Numbers, Entry.Numbers);
  }
}

/// The loop is over; after an early exit, some elements were not reached.
void Engine::leaveElements(const ActiveLoop &L, const State &Entry, bool Early, State &S) {
  for (const auto &[All, Index] : L.Elements) {
    absorb(All, HeadVersion, S);
    addElement(visited(All), All, S);
    bool Changed = false;
    for (auto &[H, Now] : S.Handles) {
      auto Before = Entry.Handles.find(H);
      if (!Places.within(H, All) || (Before != Entry.Handles.end() && Before->second.K == Now.K))
        continue;
      Changed = true;
      if (Early && Now.K == HandleKind::Joinable)
        Now.Partial = true;
      else if (Early)
        Now = HandleState();
    }
    // Which of the elements by number the loop has been at is not known.
    if (Changed && !L.Whole)
      for (Loc Named : namedElements(Places[All].Parent, S))
        std::erase_if(S.Handles, [&](const auto &H) { return Places.within(H.first, Named); });
  }
}

/// Iterations that end differently: whether all elements took the same way is not known.
void Engine::agreeOnElements(const ActiveLoop &L, States &Ends) {
  for (const auto &[All, Index] : L.Elements) {
    std::map<Loc, std::set<HandleKind>> Kinds;
    for (const State &E : Ends)
      for (const auto &[H, State] : E.Handles)
        if (Places.within(H, All))
          Kinds[H].insert(State.K);
    for (const auto &[H, Ways] : Kinds) {
      if (Ways.size() < 2)
        continue;
      bool Starts = Ways.contains(HandleKind::Joinable) && !Ways.contains(HandleKind::Joined) &&
                    !Ways.contains(HandleKind::Detached);
      for (State &E : Ends) {
        auto It = E.Handles.find(H);
        if (It == E.Handles.end())
          continue;
        if (!Starts) {
          It->second = {};
        } else if (It->second.K == HandleKind::Joinable) {
          It->second.Partial = true;
        }
      }
    }
  }
}

/// One more element. The summary of the elements keeps what some of them must still have done.
void Engine::push(Loc L, const Resolved &V, ir::Range Where, State &S, Frame &F) {
  Loc All = allElements(L);
  if (V.L != NoLoc && !isTemporary(V.L)) // a temporary may be built in place
    Deferred.copies(V.L, All, Where, S);
  if (V.L != NoLoc)
    setBySomebody(V.L, S); // one of many now
  giveClosures(V.L, Where, S, F);
  std::optional<int64_t> N = fewElements(L, S);
  if (Loc Last = elementAt(Places, L, LastIndex); !N)
    addElement(Last, All, S);
  Loc Element = N ? elementAt(Places, L, std::to_string(*N).c_str()) : All;
  bool Moved = V.L != NoLoc &&
               (V.K == Resolved::Kind::Move || (V.K == Resolved::Kind::Copy && type(Element).K == TypeKind::Handle));
  if (!Moved) {
    give(V, Where, S, F);
    if (!N)
      havoc(All, S, false);
    if (V.K == Resolved::Kind::Closure)
      S.Callables.try_emplace(All, V); // one of them
    return;
  }
  stored(L, V, S, F);
  if (escaped(L, S)) {
    give(V, Where, S, F);
    return;
  }
  for (const auto &[H, State] : std::map<Loc, HandleState>(S.Handles))
    if (State.K == HandleKind::Joinable && (Places.within(H, V.L) || Places.within(H, target(V.L, S))))
      note(S, PathStep::Kind::Started, Element, State.Started, F);
  if (N) {
    transfer(V.L, Element, true, S, Where);
    return;
  }
  Loc New = Places.heap(F.Number, Locations::TransitSite, 0); // by way of a place of its own
  transfer(V.L, New, true, S, Where);
  std::map<Loc, Loc> Held;
  for (const auto &[P, Target] : S.Pointers)
    if (Places.within(P, New))
      Held.insert({P, Target});
  for (const auto &[P, Target] : Held)
    addElement(Target, Places.rebase(Places.child(P, {ir::Step::Kind::Deref, {}, {}}), New, All), S);
  addElement(New, All, S);
  // A guard in a container that lives on is one of many there; it does not fire here.
  bool Stored = false;
  if (outlives(Places, All, 1, Stored))
    for (const auto &[G, Armed] : std::map<Loc, Resolved>(S.Guards))
      if (Places.within(G, New))
        S.Guards.try_emplace(Places.rebase(G, New, All), Armed);
  clear(New, S);
}

/// An element goes: Which of them, or NoLoc where that is not known.
void Engine::pop(Loc L, Loc Which, ir::Range Where, State &S, Frame &F) {
  Loc All = allElements(L);
  auto Known = [&](Loc E) { return llvm::any_of(S.Handles, [&](const auto &H) { return Places.within(H.first, E); }); };
  bool Named = Which != NoLoc && Known(Which);
  Loc Goes = Named ? Which : Known(All) ? All : NoLoc;
  // One of several of which not all are alike: which one is not known.
  bool Alike = Goes != NoLoc && llvm::all_of(S.Handles, [&](const auto &H) {
                 return !Places.within(H.first, All) || !(H.second.Partial || H.second.Spent.valid());
               });
  if (Named || (Alike && namedElements(L, S).empty()))
    loseHandles(Goes, LostHandle::How::Erased, Where, S, F);
  bool Own = Goes == All && !ActiveLoops.empty() && ActiveLoops.back().Elements.contains(All); // this iteration's
  if (Named || Own)
    std::erase_if(S.Handles, [&](const auto &H) { return Places.within(H.first, Goes); });
  bool Last = Which != NoLoc && Places[Which].Via.Index != "0";
  if (!Last) // the others move up
    for (Loc E : namedElements(L, S))
      addElement(E, All, S);
  S.Sizes[L] = size(L, S) - ir::Term::constant(1);
}

} // namespace latchkey::flow
