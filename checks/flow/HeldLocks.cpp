#include "checks/flow/HeldLocks.h"

#include "checks/flow/TreeWalk.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Kind = SharedAction::Kind;
using Id = Objects::Id;

bool SharedActions::follows(const SharedAction &First, const SharedAction &Then) const {
  for (const auto &Side : First.Sides) {
    if (llvm::is_contained(Then.Sides, std::pair(Side.first, !Side.second)))
      return false;
    if (Leaving.contains(Side) && !llvm::is_contained(Then.Sides, Side))
      return false;
  }
  return true;
}

namespace {

class Walk : public TreeWalk<Walk> {
public:
  Walk(const Program &P, Objects &O, SharedActions &Into) : P(P), M(P.module()), O(O), Into(Into) {}

  void function(const ir::Function &F) {
    const ir::Function *Outer = std::exchange(Now, &F);
    Stack.push_back(&F);
    nodes(F.Body.Children);
    Stack.pop_back();
    Now = Outer;
  }

private:
  friend class TreeWalk<Walk>;

  /// A sequence: its cleanups run at its end, last first.
  void nodes(const ir::Nodes &Children) {
    llvm::SmallVector<const ir::Cleanup *> Ends;
    for (const ir::Node &N : Children)
      if (const auto *C = N.as<ir::Cleanup>())
        Ends.push_back(C);
      else
        node(N);
    for (const ir::Cleanup *C : llvm::reverse(Ends))
      if (C->On != ir::Cleanup::Mask::Throw)
        nodes(C->Body);
  }

  static bool leaves(const ir::Nodes &Children) {
    if (Children.empty())
      return false;
    const ir::Node &Last = Children.back();
    if (const auto *S = Last.as<ir::Sequence>())
      return leaves(S->Children);
    return Last.as<ir::Return>() || Last.as<ir::Throw>() || Last.as<ir::Break>() || Last.as<ir::Continue>() ||
           Last.as<ir::Goto>();
  }

  void side(const ir::Nodes &Children, const void *Of, bool Which) {
    Sides.push_back({Of, Which});
    if (leaves(Children))
      Into.Leaving.insert(Sides.back());
    nodes(Children);
    Sides.pop_back();
  }

  void branch(const ir::If &I) {
    condition(I.Test);
    std::set<Id> Before = Held;
    side(I.Then, &I, true);
    std::set<Id> Then = std::exchange(Held, std::move(Before));
    side(I.Else, &I, false);
    Held.insert(Then.begin(), Then.end());
  }

  void loop(const ir::Loop &L) {
    ++Loops;
    TreeWalk::loop(L);
    --Loops;
  }

  void each(const ir::Foreach &E) {
    ++Loops;
    TreeWalk::each(E);
    --Loops;
  }

  void choice(const ir::Switch &W) {
    nodes(W.Before);
    for (const ir::SwitchCase &Case : W.Cases)
      side(Case.Body, &Case, true);
  }

  void attempt(const ir::Try &T) {
    nodes(T.Body);
    for (const ir::Handler &H : T.Handlers)
      side(H.Body, &H, true);
  }

  SharedAction &record(Kind K, Id Object, const ir::Effect &E) {
    SharedAction &A = Into.All.emplace_back();
    A.K = K;
    A.Object = Object;
    A.Source = &E;
    A.In = Now;
    A.Site = Site;
    A.Held = Held;
    A.InLoop = Loops > 0;
    A.Sides = Sides;
    return A;
  }

  /// The mutex that the place is, or that the locker at the place has.
  Id mutexOf(const ir::Place &At) {
    Id Object = O.at(*Now, At);
    auto It = Lockers.find(Object);
    return It == Lockers.end() ? Object : It->second;
  }

  void lock(const ir::Effect &E) {
    switch (E.O) {
    case ir::Op::Arm:
      if (E.Input.Callee == "op:unlock" && !E.Input.Args.empty() && E.Input.Args[0].P.valid())
        Lockers[O.at(*Now, E.Subject)] = O.at(*Now, E.Input.Args[0].P);
      else if (E.Input.K == ir::Value::Kind::Closure)
        Guards[O.at(*Now, E.Subject)] = P.function(E.Input.Callee);
      return;
    case ir::Op::Unlock:
      Held.erase(mutexOf(E.Subject));
      return;
    default: {
      Id Mutex = mutexOf(E.Subject);
      record(Kind::Acquire, Mutex, E);
      Held.insert(Mutex);
    }
    }
  }

  void await(const ir::Effect &E) {
    SharedAction &A = record(Kind::Await, O.at(*Now, E.Subject), E);
    if (E.Args.empty() || !E.Args[0].P.valid())
      return;
    Id Mutex = mutexOf(E.Args[0].P);
    if (Held.contains(Mutex))
      A.Mutex = Mutex;
  }

  void enter(const ir::Function *Callee, const ir::Effect &E) {
    if (Callee)
      Into.Calls.push_back({Callee, Held});
    constexpr size_t MostFrames = 4, MostActions = 400;
    if (Callee && Stack.size() < MostFrames && Into.All.size() < MostActions && !llvm::is_contained(Stack, Callee)) {
      const ir::Effect *Outer = std::exchange(Site, Stack.size() == 1 ? &E : Site);
      function(*Callee);
      Site = Outer;
    } else {
      record(Kind::Other, 0, E);
    }
  }

  void effect(const ir::Effect &E) {
    switch (E.O) {
    case ir::Op::Lock:
    case ir::Op::TryLock:
    case ir::Op::Unlock:
    case ir::Op::Arm:
      return lock(E);
    case ir::Op::Destroy: {
      Id Object = O.at(*Now, E.Subject);
      if (auto It = Lockers.find(Object); It != Lockers.end())
        Held.erase(It->second);
      else if (auto Guard = Guards.find(Object); Guard != Guards.end() && Guard->second)
        enter(Guard->second, E);
      return;
    }
    case ir::Op::Notify:
    case ir::Op::Release:
      record(Kind::Notify, O.at(*Now, E.Subject), E);
      return;
    case ir::Op::Await:
    case ir::Op::Acquire:
      return await(E);
    case ir::Op::Assign:
    case ir::Op::Write:
    case ir::Op::Push:
    case ir::Op::Pop:
    case ir::Op::Clear:
    case ir::Op::Resize:
    case ir::Op::Swap:
      if (!E.Initial)
        record(Kind::Write, O.at(*Now, E.Subject), E);
      return;
    case ir::Op::Call:
      if (E.Result.valid())
        record(Kind::Write, O.at(*Now, E.Result), E);
      return enter(P.callee(E), E);
    case ir::Op::Invoke:
      return enter(P.function(E.Input.Callee), E);
    case ir::Op::Spawn:
    case ir::Op::Join:
      record(Kind::Other, 0, E);
      return;
    default:
      return;
    }
  }

  const Program &P;
  const ir::Module &M;
  Objects &O;
  SharedActions &Into;
  const ir::Function *Now = nullptr;
  const ir::Effect *Site = nullptr;
  std::vector<const ir::Function *> Stack;
  std::set<Id> Held;
  std::map<Id, Id> Lockers;
  std::map<Id, const ir::Function *> Guards;
  std::vector<std::pair<const void *, bool>> Sides;
  unsigned Loops = 0;
};

} // namespace

SharedActions sharedActions(const Program &P, Objects &O, const ir::Function &F) {
  SharedActions Found;
  Walk(P, O, Found).function(F);
  return Found;
}

} // namespace latchkey::flow
