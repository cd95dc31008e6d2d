// Handles of tasks: started, joined, detached, moved, lost; alone, in containers and in objects.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using HandleKind = HandleState::Kind;

static bool isElement(const Locations &Places, Loc L) {
  return Places[L].Parent != NoLoc && Places[L].Via.K == ir::Step::Kind::Element;
}

/// The state of the handle at L, or that of "some element" when L is one element by literal index.
HandleState *Engine::handleAt(Loc L, State &S) {
  if (escaped(L, S))
    return nullptr;
  auto It = S.Handles.find(L);
  if (It == S.Handles.end() && isElement(Places, L) && !Places[L].Via.Index.empty())
    It = S.Handles.find(Places.child(Places[L].Parent, {ir::Step::Kind::Element, {}, {}}));
  return It == S.Handles.end() ? nullptr : &It->second;
}

/// A model's text for an object: `{}.join();` for `t`.
static std::string spelledFor(llvm::StringRef Pattern, llvm::StringRef Object) {
  auto [Before, After] = Pattern.split("{}");
  return Pattern.empty() ? std::string() : Before.str() + Object.str() + After.str();
}

Exits Engine::spawn(const ir::Effect &E, State S, Frame &F) {
  Loc L = E.Subject.valid() ? resolve(E.Subject, S, F) : NoLoc;
  Loc Result = E.Result.valid() ? resolve(E.Result, S, F) : NoLoc;
  Exits Out;
  if (Result != NoLoc && E.When != ir::Success::Always) {
    State Failed = S;
    clear(Result, Failed);
    assume(Failed, number(Result, Failed), ir::Predicate::Relation::Equal, E.When == ir::Success::WhenNonZero);
    Out.push_back({Outcome{}, std::move(Failed)});
    clear(Result, S);
    assume(S, number(Result, S), ir::Predicate::Relation::Equal, E.When == ir::Success::WhenZero);
  }
  // Which element an unknown index names, and so which handle is overwritten, is not known.
  bool SomeElement = L != NoLoc && isElement(Places, L) && Places[L].Via.Index.empty();
  if (L != NoLoc && !E.Initial && !SomeElement)
    lose(L, LostHandle::How::Overwritten, E.Where, S, F);
  note(S, L != NoLoc ? PathStep::Kind::Started : PathStep::Kind::Spawned, L, E.Where, F, E.Text);
  runTask(resolve(E.Input, S, F), E.Where, E.Statement, false, S, F);
  if (L != NoLoc && !escaped(L, S))
    S.Handles[L] = {HandleKind::Joinable, E.Where, E.Where, false, false};
  Out.push_back({Outcome{}, std::move(S)});
  return Out;
}

static BadJoin::Reason reasonOf(HandleKind K) {
  switch (K) {
  case HandleKind::Joined:
    return BadJoin::Reason::Joined;
  case HandleKind::Detached:
    return BadJoin::Reason::Detached;
  case HandleKind::Moved:
    return BadJoin::Reason::Moved;
  case HandleKind::NotCreated:
    return BadJoin::Reason::NotCreated;
  default:
    return BadJoin::Reason::Empty;
  }
}

void Engine::endTask(Loc L, bool Detach, ir::Range Where, ir::Range Statement, State &S, Frame &F) {
  bool Element = isElement(Places, L);
  // What another thread does to a handle of ours, and when, is not known here.
  if (TaskDepth > 0 && !Places.inFrame(L, TaskFrame)) {
    havoc(L, S, false);
    return;
  }
  if (HandleState *H = handleAt(L, S)) {
    // The loop that ends every element meets its own work in the summary of the elements.
    bool OwnWork = Element && H->At == Where;
    bool Bad = H->K != HandleKind::Joinable && !OwnWork;
    judged(L, Where, Bad);
    if (Bad && visible(L, F)) {
      BadJoin B;
      B.Subject = spell(L);
      B.Where = Where;
      B.Statement = Statement;
      B.Why = reasonOf(H->K);
      B.Detach = Detach;
      B.Before = H->At;
      B.JoinableTest = Element ? "" : spelledFor(type(L).JoinableTest, B.Subject);
      B.Path = path(S, L);
      report(Facts.BadJoins, std::move(B), L);
    }
  }
  note(S, Detach ? PathStep::Kind::Detached : PathStep::Kind::Joined, L, Where, F);
  if (escaped(L, S))
    return;
  // One of several elements by an unknown index, outside of a loop, says nothing about the others.
  bool Whole = !Element || !Places[L].Via.Index.empty() || !ActiveLoops.empty();
  if (Whole)
    S.Handles[L] = {Detach ? HandleKind::Detached : HandleKind::Joined, {}, Where, false, false};
  else
    S.Handles.erase(L);
}

Exits Engine::end(const ir::Effect &E, State S, Frame &F) {
  if (E.Subject.valid() && !E.Timed)
    endTask(resolve(E.Subject, S, F), E.O == ir::Op::Detach, E.Where, E.Statement, S, F);
  return next(std::move(S));
}

void Engine::loseHandles(Loc L, LostHandle::How How, ir::Range Where, State &S, Frame &F) {
  std::vector<Loc> Held;
  for (const auto &[H, HS] : S.Handles)
    if (Places.within(H, L))
      Held.push_back(H);
  for (Loc H : Held)
    lose(H, How, Where, S, F);
}

void Engine::lose(Loc L, LostHandle::How How, ir::Range Where, State &S, Frame &F) {
  HandleState *H = handleAt(L, S);
  if (!H)
    return;
  const ir::Type &T = type(L);
  if (T.End != ir::Type::Ending::Terminate && T.End != ir::Type::Ending::Leak)
    return;
  bool Leaves = How == LostHandle::How::Destroyed && Leaving.Where.valid();
  bool Early = Leaves && Leaving.O != Outcome::Kind::Next;
  ir::Range At = Leaves ? Leaving.Where : Where;
  bool Bad = H->K == HandleKind::Joinable;
  judged(L, At, Bad);
  if (!Bad || !visible(L, F))
    return;
  LostHandle Lost;
  Lost.Subject = spell(L);
  Lost.Where = At;
  Lost.Loss = Early && Leaving.O == Outcome::Kind::Throw ? LostHandle::How::Thrown : How;
  Lost.Ending = T.End;
  Lost.TypeName = T.Name;
  Lost.Element = isElement(Places, L);
  Lost.Caller = H->FromCall;
  Lost.AtEnd = !Early;
  Lost.Started = H->Started;
  const Locations::Entry &Root = Places[Places.root(L)];
  if (Root.Root == Locations::RootKind::Variable) {
    const ir::Variable &V = Root.Owner->Variables[Root.Index];
    Lost.Temporary = V.K == ir::Variable::Kind::Temporary;
    if (Places[L].Parent == NoLoc && V.K == ir::Variable::Kind::Local)
      Lost.Declaration = V.Statement;
    if (Lost.Declaration.valid())
      Lost.Joining = {T.JoiningTwin, T.JoiningSince, V.Spelled};
  }
  Lost.JoinCode = Lost.Element ? "" : spelledFor(T.JoinCode, Lost.Subject);
  if (Lost.Element)
    Lost.Subject = spell(Places[L].Parent);
  if (Early)
    Lost.ExitStatement = Leaving.Where;
  Lost.Path = path(S, L);
  report(Facts.Lost, std::move(Lost), L);
}

Exits Engine::destroy(Loc L, const ir::Type &T, ir::Range Where, State S, Frame &F, unsigned Nesting) {
  if (Nesting > 4 || escaped(L, S)) {
    clear(L, S);
    return next(std::move(S));
  }
  switch (T.K) {
  case TypeKind::Handle:
    lose(L, LostHandle::How::Destroyed, Where, S, F);
    break;
  case TypeKind::Counter:
    counterEnds(L, S, F);
    break;
  case TypeKind::Guard:
  case TypeKind::Locker: {
    auto It = S.Guards.find(L);
    if (It == S.Guards.end())
      break;
    Resolved Armed = It->second;
    S.Guards.erase(It);
    Exits Out = invoke(Armed, {}, NoLoc, Where, std::move(S), F);
    for (Exit &E : Out)
      clear(L, E.S);
    return Out;
  }
  case TypeKind::Pointer: {
    auto It = S.Pointers.find(L);
    if (!T.Owning || T.SharedCopies || It == S.Pointers.end())
      break;
    return destroy(It->second, M.Types[T.Element], Where, std::move(S), F, Nesting + 1);
  }
  case TypeKind::Container: {
    bool Empty = compare(S, size(L, S), ir::Predicate::Relation::Equal) == Answer::Yes;
    TypeKind Inner = M.Types[T.Element].K;
    if (Inner == TypeKind::Handle)
      loseHandles(L, LostHandle::How::Destroyed, Where, S, F);
    else if (!Empty && (Inner == TypeKind::Class || Inner == TypeKind::Pointer))
      return destroy(Places.child(L, {ir::Step::Kind::Element, {}, {}}), M.Types[T.Element], Where, std::move(S), F,
                     Nesting + 1);
    break;
  }
  case TypeKind::Class: {
    const ir::Class *C = P.classById(T.Class);
    const ir::Function *D = C ? P.function(C->Destructor) : nullptr;
    if (!D || !P.interesting(*D) || llvm::is_contained(CallStack, D) || F.Depth >= Limit.CallDepth)
      break;
    Resolved This;
    This.K = Resolved::Kind::Address;
    This.L = L;
    Exits Out = enter(*D, nullptr, {This}, NoLoc, Where, std::move(S), F);
    for (Exit &E : Out)
      clear(L, E.S);
    return Out;
  }
  default:
    break;
  }
  clear(L, S);
  return next(std::move(S));
}

Exits Engine::container(const ir::Effect &E, State S, Frame &F) {
  Loc L = resolve(E.Subject, S, F);
  Loc Element = Places.child(L, {ir::Step::Kind::Element, {}, {}});
  ir::Term One = ir::Term::constant(1), Size = size(L, S);
  switch (E.O) {
  case ir::Op::Push:
    push(L, Element, resolve(E.Input, S, F), E.Where, S, F);
    S.Sizes[L] = Size + One;
    break;
  case ir::Op::Pop:
    lose(Element, LostHandle::How::Erased, E.Where, S, F);
    S.Handles.erase(Element);
    S.Sizes[L] = Size - One;
    break;
  case ir::Op::Resize: {
    ir::Term N = evaluate(E.Amount, S, F);
    if (N.isConstant() && N.constantValue() == 0)
      loseHandles(L, LostHandle::How::Erased, E.Where, S, F);
    bool WasEmpty = compare(S, Size, ir::Predicate::Relation::Equal) == Answer::Yes;
    if (WasEmpty && type(Element).K == TypeKind::Handle) {
      auto K = type(Element).End == ir::Type::Ending::Leak ? HandleKind::NotCreated : HandleKind::Empty;
      S.Handles[Element] = {K, {}, E.Where, false, false};
    }
    if (N.Known)
      S.Sizes[L] = N;
    else
      S.Sizes.erase(L);
    break;
  }
  case ir::Op::Clear:
    loseHandles(L, LostHandle::How::Erased, E.Where, S, F);
    clear(L, S);
    S.Sizes[L] = ir::Term::constant(0);
    break;
  default: { // Swap
    Resolved Other = resolve(E.Input, S, F);
    if (Other.L == NoLoc || Other.L == L)
      break;
    Loc Between = Places.heap(F.Number, UINT32_MAX - 1, 0);
    transfer(L, Between, true, S, E.Where);
    transfer(Other.L, L, true, S, E.Where);
    transfer(Between, Other.L, true, S, E.Where);
    clear(Between, S);
    break;
  }
  }
  return next(std::move(S));
}

/// One more element. The summary of the elements keeps what some of them must still have done.
void Engine::push(Loc L, Loc Element, const Resolved &V, ir::Range Where, State &S, Frame &F) {
  if (type(Element).K != TypeKind::Handle) {
    bool WasEmpty = compare(S, size(L, S), ir::Predicate::Relation::Equal) == Answer::Yes;
    if (V.K == Resolved::Kind::Move && V.L != NoLoc && WasEmpty) {
      transfer(V.L, Element, true, S, Where);
    } else {
      give(V, Where, S, F);
      havoc(Element, S, false);
    }
    return;
  }
  auto Known = S.Handles.find(Element);
  bool SomeJoinable = Known != S.Handles.end() && Known->second.K == HandleKind::Joinable;
  if (V.L == NoLoc || (V.K != Resolved::Kind::Move && V.K != Resolved::Kind::Copy)) {
    if (!SomeJoinable)
      S.Handles.erase(Element);
    return;
  }
  HandleState *Source = handleAt(V.L, S);
  if (Source && Source->K == HandleKind::Joinable && !escaped(Element, S)) {
    note(S, PathStep::Kind::Started, Element, Source->Started, F);
    if (!SomeJoinable)
      S.Handles[Element] = *Source;
  } else if (!Source && !SomeJoinable) {
    S.Handles.erase(Element);
  }
  S.Handles[V.L] = {HandleKind::Moved, {}, Where, false, false};
}

} // namespace latchkey::flow
