// The fields of everything in a module, listed once for whoever reads and writes all of them: `fields(A, Object)` calls
// `A(field)` for each in order, `A.flags(…)` for truth values and `A.tree(…)` for what may nest without bound.
#pragma once

#include "checks/ir/Module.h"

#include <type_traits>

namespace latchkey::ir {

template <typename A> void fields(A &Do, Step &S) {
  Do(S.K), Do(S.Name), Do(S.Index);
}
template <typename A> void fields(A &Do, Place &P) {
  Do(P.R);
  if (P.valid())
    Do(P.Index), Do(P.Path);
}
template <typename A> void fields(A &Do, Atom &Part) {
  Do(Part.K), Do(Part.P);
}
template <typename A> void fields(A &Do, Monomial &Part) {
  Do(Part.Coefficient), Do(Part.Factors);
}
template <typename A> void fields(A &Do, Term &T) {
  Do.flags(T.Known);
  if (T.Known)
    Do(T.Sum);
}
template <typename A> void fields(A &Do, Predicate &P) {
  Do(P.K), Do.flags(P.Negated), Do(P.P), Do(P.Rel), Do(P.Left), Do(P.Right), Do(P.Text), Do(P.Reads);
}
template <typename A> void fields(A &Do, Value &V) {
  Do(V.K), Do.flags(V.Const), Do(V.N), Do(V.P), Do(V.Callee), Do(V.Captures), Do(V.Args);
}
template <typename A> void fields(A &Do, Slot &S) {
  Do(S.At), Do(S.Objects), Do(S.Ways), Do.flags(S.Tested);
}
template <typename A> void fields(A &Do, MovableCode &M) {
  Do(M.Lines), Do(M.Text), Do(M.Names), Do(M.Slots), Do.flags(M.Unused), Do(M.Outside);
}
template <typename A> void fields(A &Do, Effect &E) {
  Do(E.O), Do(E.Subject), Do(E.Amount), Do(E.Input), Do(E.Result), Do(E.When), Do(E.Callee), Do(E.Args), Do(E.Text);
  Do(E.Where), Do(E.Statement);
  Do.flags(E.Virtual, E.NoReturn, E.NoThrow, E.System, E.Timed, E.Initial, E.Shared);
  Do.flags(E.Ends, E.Harmless, E.Lasting, E.Forks);
}
template <typename A> void fields(A &Do, Sequence &S) {
  Do(S.K), Do.flags(S.Braced), Do.tree(S.Children), Do(S.End);
}
template <typename A> void fields(A &Do, Condition &C) {
  Do(C.K), Do.tree(C.Before), Do(C.Test), Do.tree(C.Parts), Do(C.Where);
}
template <typename A> void fields(A &Do, If &I) {
  Do(I.Test), Do.tree(I.Then), Do.tree(I.Else), Do.flags(I.Constexpr);
}
template <typename A> void fields(A &Do, Loop &L) {
  Do(L.K), Do.flags(L.Endless), Do(L.Test), Do.tree(L.Body), Do.tree(L.Step), Do(L.Trip), Do(L.Index);
}
template <typename A> void fields(A &Do, Foreach &F) {
  Do(F.Container), Do(F.Item), Do.flags(F.ByValue), Do.tree(F.Body);
}
template <typename A> void fields(A &Do, SwitchCase &C) {
  Do(C.Values), Do.flags(C.Default), Do.tree(C.Body);
}
template <typename A> void fields(A &Do, Switch &S) {
  Do.tree(S.Before), Do(S.Subject), Do.tree(S.Cases), Do.flags(S.Exhaustive);
}
template <typename A> void fields(A &Do, Handler &H) {
  Do(H.Type), Do.tree(H.Body), Do(H.Where);
}
template <typename A> void fields(A &Do, Try &T) {
  Do.tree(T.Body), Do.tree(T.Handlers);
}
template <typename A> void fields(A &Do, Cleanup &C) {
  Do(C.On), Do(C.Armed), Do.flags(C.Idle, C.Last), Do.tree(C.Body);
}
template <typename A> void fields(A &Do, Return &R) {
  Do(R.Result), Do.flags(R.HasValue, R.Elidable), Do(R.Reads), Do(R.Bare);
}
template <typename A> void fields(A &Do, Throw &T) {
  Do(T.Types);
}
template <typename A> void fields(A &, Break &) {}
template <typename A> void fields(A &, Continue &) {}
template <typename A> void fields(A &Do, Goto &G) {
  Do(G.Label);
}
template <typename A> void fields(A &Do, Label &L) {
  Do(L.Name);
}
template <typename A> void fields(A &Do, Suspend &S) {
  Do(S.Text);
}
template <typename A> void fields(A &Do, Opaque &O) {
  Do(O.Reason);
}
template <typename A> void fields(A &Do, Node &N) {
  Do(N.Where), Do(N.Kind);
}
template <typename A> void fields(A &Do, Type &T) {
  Do(T.K), Do(T.Name), Do(T.Class), Do(T.Element), Do(T.End);
  Do.flags(T.SharedCopies, T.Owning, T.Reference, T.SingleUse, T.Barrier, T.Keyed, T.Reentrant, T.Dismissable, T.Atomic,
           T.ByShape, T.Stops, T.Doubles, T.Apart);
  Do(T.JoinCode), Do(T.JoinableTest), Do(T.JoiningTwin), Do(T.JoiningSince), Do(T.ReleaseCode);
  Do(T.GuardCode);
}
template <typename A> void fields(A &Do, Variable &V) {
  Do(V.K), Do(V.Name), Do(V.Type), Do.flags(V.Static, V.CapturedByReference, V.CapturedByMove), Do(V.Hides);
  Do(V.Where), Do(V.Statement), Do(V.Spelled);
}
template <typename A> void fields(A &Do, Global &G) {
  Do(G.Id), Do(G.Name), Do(G.Type), Do.flags(G.Internal, G.Constant), Do(G.Where);
}
template <typename A> void fields(A &Do, Function &F) {
  Do(F.Id), Do(F.Name), Do(F.Where), Do(F.Begin), Do(F.End), Do(F.Variables), Do(F.Parameters), Do(F.Captures);
  Do(F.CaptureDefault);
  Do(F.This), Do(F.ReturnType), Do(F.Class);
  Do.flags(F.NoReturn, F.NoExcept, F.Lambda, F.Constructor, F.Destructor, F.Virtual, F.Coroutine, F.OwnsCaptures,
           F.Internal, F.System, F.Deferred, F.LocksForCaller, F.Test, F.CapturesAll);
  Do(F.Fields), Do(F.Movables), Do(F.Overrides), Do(F.OpaqueReason), Do(F.Body);
}
template <typename A> void fields(A &Do, Field &F) {
  Do(F.Name), Do(F.Type), Do.flags(F.InClassInitialiser, F.Trivial, F.Private), Do(F.Where);
  Do(F.Spelled);
}
template <typename A> void fields(A &Do, Class &C) {
  Do(C.Id), Do(C.Name), Do(C.Bases), Do(C.Fields), Do(C.Destructor), Do(C.Methods);
  Do.flags(C.UserDestructor, C.Internal, C.Copyable, C.Movable, C.Open), Do(C.Movables), Do(C.Where);
}
template <typename A> void fields(A &Do, File &F) {
  Do(F.Path), Do.flags(F.System, F.Main, F.CPlusPlus), Do(F.Standard), Do(F.Hash[0]), Do(F.Hash[1]);
}
template <typename A> void fields(A &Do, Statistics &S) {
  Do(S.FunctionsSeen), Do(S.FunctionsLowered), Do(S.Opaque);
}
template <typename A> void fields(A &Do, Module &M) {
  Do(M.MainFile), Do(M.Files), Do(M.Types), Do(M.Globals), Do(M.Classes), Do(M.Functions), Do.flags(M.CPlusPlus);
  Do(M.Standard), Do(M.Stats);
}

/// What ir::fields asks of its visitor, with nothing to be done: Self derives from it, says `using` of its call
/// operator and adds those for what it wants to see.
template <typename Self> class FieldVisitor {
  friend Self;
  FieldVisitor() = default;

public:
  template <typename T> void operator()(std::vector<T> &List) {
    for (T &One : List)
      self()(One);
  }
  template <typename T> void tree(std::vector<T> &List) { self()(List); }
  template <typename... T> void operator()(std::variant<T...> &V) {
    std::visit([&](auto &Alternative) { self()(Alternative); }, V);
  }
  template <typename T>
    requires std::is_class_v<T>
  void operator()(T &Object) {
    ir::fields(self(), Object);
  }
  void operator()(std::string &) {}
  template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(T &) {}
  template <typename... Bools> void flags(Bools &...) {}

private:
  Self &self() { return static_cast<Self &>(*this); }
};

} // namespace latchkey::ir
