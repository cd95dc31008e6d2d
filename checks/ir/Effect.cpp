#include "checks/ir/Effect.h"

namespace latchkey::ir {

Value Value::number(Term T) {
  Value V;
  V.K = Kind::Number;
  V.N = std::move(T);
  return V;
}

Value Value::copy(Place P) {
  Value V;
  V.K = Kind::Copy;
  V.P = std::move(P);
  return V;
}

Value Value::move(Place P) {
  Value V;
  V.K = Kind::Move;
  V.P = std::move(P);
  return V;
}

Value Value::address(Place P, bool Const) {
  Value V;
  V.K = Kind::Address;
  V.Const = Const;
  V.P = std::move(P);
  return V;
}

} // namespace latchkey::ir
