#include "checks/flow/Awaits.h"

#include "checks/flow/TreeWalk.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Id = Objects::Id;

namespace {

/// The objects whose values a piece of code looks at, callees included.
class Reads {
public:
  Reads(const Program &P, Objects &O, std::set<Id> &Into) : P(P), O(O), Into(Into) {}

  void function(const ir::Function &F) {
    if (Entered.size() > 3 || !Entered.insert(&F).second)
      return;
    forEachNode(F.Body, [&](const ir::Node &N) { node(F, N); });
  }

  void condition(const ir::Function &F, const ir::Condition &C) {
    forEachPlace(C.Test, [&](const ir::Place &At) { place(F, At); });
    place(F, C.Test.P);
    forEachNode(C.Before, [&](const ir::Node &N) { node(F, N); });
    for (const ir::Condition &Part : C.Parts)
      condition(F, Part);
  }

private:
  void place(const ir::Function &F, const ir::Place &At) {
    bool Temporary = At.R == ir::Place::Root::Variable && F.Variables[At.Index].K == ir::Variable::Kind::Temporary;
    if (At.valid() && !Temporary)
      Into.insert(O.at(F, At));
  }

  void value(const ir::Function &F, const ir::Value &V) {
    place(F, V.P);
    forEachPlace(V.N, [&](const ir::Place &At) { place(F, At); });
  }

  void node(const ir::Function &F, const ir::Node &N) {
    if (const auto *I = N.as<ir::If>())
      condition(F, I->Test);
    else if (const auto *L = N.as<ir::Loop>())
      condition(F, L->Test);
    else if (const auto *S = N.as<ir::Switch>())
      forEachPlace(S->Subject, [&](const ir::Place &At) { place(F, At); });
    else if (const auto *R = N.as<ir::Return>())
      value(F, R->Result);
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    if (E->O == ir::Op::Assign)
      value(F, E->Input);
    if (E->O != ir::Op::Call && E->O != ir::Op::Invoke)
      return;
    const ir::Function *Callee = P.function(E->O == ir::Op::Call ? E->Callee : E->Input.Callee);
    if (Callee)
      function(*Callee);
    for (const ir::Value &Arg : E->Args)
      if (Arg.K == ir::Value::Kind::Number || Arg.K == ir::Value::Kind::Copy)
        value(F, Arg);
  }

  const Program &P;
  Objects &O;
  std::set<Id> &Into;
  std::set<const ir::Function *> Entered;
};

/// Finds the waits of one function with what stands around them.
class Finder : public TreeWalk<Finder> {
public:
  Finder(const Program &P, Objects &O, const ir::Function &F, std::vector<Waiter> &Into)
      : P(P), M(P.module()), O(O), F(F), Into(Into) {}

  using TreeWalk::nodes;

private:
  friend class TreeWalk<Finder>;

  /// A loop without a test of its own looks again if something in it does.
  static bool looksAgain(const ir::Loop &L) {
    bool Found = !L.Endless && !L.Index.valid();
    forEachNode(L.Body, [&](const ir::Node &N) {
      Found |= N.as<ir::If>() || N.as<ir::Loop>() || N.as<ir::Switch>() || N.as<ir::Foreach>();
    });
    return Found;
  }

  void loop(const ir::Loop &L) {
    std::vector<const ir::Condition *> Outer = Tests;
    unsigned OuterRetests = Retests, OuterGuards = Guards;
    if (looksAgain(L)) {
      ++Retests;
      if (!L.Endless)
        Tests.push_back(&L.Test);
      forEachNode(L.Body, [&](const ir::Node &N) {
        if (const auto *I = N.as<ir::If>())
          Tests.push_back(&I->Test);
      });
    }
    if (!L.Endless)
      condition(L.Test);
    nodes(L.Body);
    nodes(L.Step);
    Tests = std::move(Outer);
    Retests = OuterRetests;
    Guards = OuterGuards;
  }

  void branch(const ir::If &I) {
    condition(I.Test);
    ++Guards;
    Tests.push_back(&I.Test);
    nodes(I.Then);
    nodes(I.Else);
    Tests.pop_back();
    --Guards;
  }

  /// The lock that the wait is given was taken by an effect of this function, earlier in its text.
  bool ownLock(const ir::Effect &Wait) const {
    const ir::Place &Lock = Wait.Args[0].P;
    bool Taken = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E || E->Where.Offset >= Wait.Where.Offset)
        return;
      bool Locks = E->O == ir::Op::Lock || E->O == ir::Op::TryLock;
      if (Locks && (E->Subject == Lock || E->Subject == mutexOf(Lock)))
        Taken = true;
    });
    return Taken;
  }

  /// The mutex of a locker that this function armed.
  ir::Place mutexOf(const ir::Place &Locker) const {
    ir::Place Mutex;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (E && E->O == ir::Op::Arm && E->Subject == Locker && !E->Input.Args.empty())
        Mutex = E->Input.Args[0].P;
    });
    return Mutex;
  }

  void effect(const ir::Effect &E) {
    if ((E.O != ir::Op::Await && E.O != ir::Op::Acquire) || !E.Subject.valid())
      return;
    const ir::Type &T = M.typeOf(F, E.Subject);
    if (T.K != TypeKind::Signal && T.K != TypeKind::Semaphore && !T.Atomic)
      return;
    Waiter W;
    W.F = &F;
    W.E = &E;
    W.Signal = O.at(F, E.Subject);
    W.Condition = !E.Args.empty();
    W.Predicate = E.Input.K != ir::Value::Kind::Unknown;
    W.Retests = Retests > 0;
    W.Guarded = Guards > 0;
    W.OwnLock = W.Condition && E.Args[0].P.valid() && ownLock(E);
    Reads R(P, O, W.Tested);
    if (const ir::Function *Body = P.function(E.Input.Callee)) {
      R.function(*Body);
      W.Parks = W.Tested.empty();
    }
    for (const ir::Condition *Test : Tests)
      R.condition(F, *Test);
    Into.push_back(std::move(W));
  }

  const Program &P;
  const ir::Module &M;
  Objects &O;
  const ir::Function &F;
  std::vector<Waiter> &Into;
  std::vector<const ir::Condition *> Tests;
  unsigned Retests = 0, Guards = 0;
};

} // namespace

ir::Range testOf(const ir::Function &F, const ir::Effect &Wait) {
  ir::Range Found;
  std::set<ir::Range> Scopes; // of a variable that the test declares
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (N.as<ir::Sequence>())
      Scopes.insert(N.Where);
    const auto *I = N.as<ir::If>();
    const ir::Node *Then = I && I->Then.size() == 1 ? &I->Then.front() : nullptr;
    const auto *Block = Then ? Then->as<ir::Sequence>() : nullptr;
    const ir::Range &S = Wait.Statement, &At = Then ? Then->Where : S;
    if (!Block || !I->Else.empty() || I->Constexpr || N.Where.Macro || At.File != S.File || S.Offset < At.Offset ||
        S.Offset >= At.Offset + At.Length)
      return;
    bool Alone = Block->Braced ? S.Line == At.Line + 1 && Block->End.Line == S.Line + 1 : S.Offset == At.Offset;
    if (Alone && !Scopes.contains(N.Where))
      Found = N.Where;
  });
  return Found;
}

std::vector<Waiter> waiters(const Program &P, Objects &O) {
  std::vector<Waiter> Found;
  for (const ir::Function &F : P.module().Functions)
    if (!F.System && F.OpaqueReason.empty())
      Finder(P, O, F, Found).nodes(F.Body.Children);
  return Found;
}

} // namespace latchkey::flow
