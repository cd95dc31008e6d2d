// Visits whatever in the parts of a module names another part of it: files, types and globals by index, functions by
// id. For those who move functions from one module to another.
#pragma once

#include "checks/ir/Fields.h"

#include <concepts>

namespace latchkey::flow {

/// Self has file(uint32_t &), type(uint32_t &), global(uint32_t &) and function(std::string &), which may change what
/// they are given, and may have place(const ir::Place &). Call the object with what is to be visited. Types and classes
/// name what is in them by themselves: of a type, only Self knows whether it was seen.
template <typename Self> class References : public ir::FieldVisitor<References<Self>> {
  friend Self;
  References() = default;

public:
  using ir::FieldVisitor<References<Self>>::operator();
  void operator()(ir::Range &R) { self().file(R.File); }
  void operator()(ir::Place &P) {
    if (P.R == ir::Place::Root::Global)
      self().global(P.Index);
    if constexpr (requires { self().place(P); })
      self().place(P);
    ir::fields(*this, P);
  }
  void operator()(ir::Effect &E) {
    function(E.Callee);
    ir::fields(*this, E);
  }
  void operator()(ir::Value &V) {
    function(V.Callee);
    ir::fields(*this, V);
  }
  void operator()(ir::Variable &V) {
    self().type(V.Type);
    ir::fields(*this, V);
  }
  void operator()(ir::Field &F) {
    self().type(F.Type);
    ir::fields(*this, F);
  }
  void operator()(ir::Global &G) {
    self().type(G.Type);
    ir::fields(*this, G);
  }
  void operator()(ir::Function &F) {
    self().type(F.ReturnType);
    ir::fields(*this, F);
  }

private:
  Self &self() { return static_cast<Self &>(*this); }
  void function(std::string &Id) {
    if (!Id.empty())
      self().function(Id);
  }
};

} // namespace latchkey::flow
