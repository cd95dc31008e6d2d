// Reads a body in the order of its text. Who derives from it says what is different about the nodes that matter to it.
#pragma once

#include "checks/ir/Tree.h"

namespace latchkey::flow {

/// Derived (which makes this its friend) hides the methods that it wants to know of; each of them may call the one here
/// to go on into what the node holds.
template <typename Derived> class TreeWalk {
  friend Derived;
  TreeWalk() = default;

protected:
  void nodes(const ir::Nodes &Children) {
    for (const ir::Node &N : Children)
      self().node(N);
  }

  void condition(const ir::Condition &C) {
    self().nodes(C.Before);
    for (const ir::Condition &Part : C.Parts)
      self().condition(Part);
  }

  void node(const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>())
      self().effect(*E);
    else if (const auto *S = N.as<ir::Sequence>())
      self().nodes(S->Children);
    else if (const auto *I = N.as<ir::If>())
      self().branch(*I);
    else if (const auto *L = N.as<ir::Loop>())
      self().loop(*L);
    else if (const auto *Each = N.as<ir::Foreach>())
      self().each(*Each);
    else if (const auto *W = N.as<ir::Switch>())
      self().choice(*W);
    else if (const auto *T = N.as<ir::Try>())
      self().attempt(*T);
    else if (const auto *C = N.as<ir::Cleanup>())
      self().cleanup(*C);
  }

  void effect(const ir::Effect &) {}

  void branch(const ir::If &I) {
    self().condition(I.Test);
    self().nodes(I.Then);
    self().nodes(I.Else);
  }

  void loop(const ir::Loop &L) {
    self().condition(L.Test);
    self().nodes(L.Body);
    self().nodes(L.Step);
  }

  void each(const ir::Foreach &E) { self().nodes(E.Body); }

  void choice(const ir::Switch &W) {
    self().nodes(W.Before);
    for (const ir::SwitchCase &Case : W.Cases)
      self().nodes(Case.Body);
  }

  void attempt(const ir::Try &T) {
    self().nodes(T.Body);
    for (const ir::Handler &H : T.Handlers)
      self().nodes(H.Body);
  }

  void cleanup(const ir::Cleanup &C) { self().nodes(C.Body); }

private:
  Derived &self() { return static_cast<Derived &>(*this); }
};

} // namespace latchkey::flow
