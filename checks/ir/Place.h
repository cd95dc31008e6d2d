// Places (access paths), terms (polynomials over integer atoms) and predicates: what effects speak about.
#pragma once

#include "checks/ir/Source.h"

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::ir {

/// One step from an object to a part of it.
struct Step {
  enum class Kind : uint8_t {
    Field,   ///< `.name`; a base class is the field named after it, as in `.(base Recorder)`.
    Deref,   ///< Through a reference, a pointer, a smart pointer or an optional.
    Element, ///< Any element of an array or container.
  };
  Kind K = Kind::Field;
  std::string Name;  ///< Field: its name.
  std::string Index; ///< Element: canonical text of the index when it names one element ("0", "i"), else empty.

  auto operator<=>(const Step &) const = default;
};

/// An access path: a variable of the function or a global, then steps. References and by-reference captures
/// hold an address, so a use of `x` captured by reference is `x.*` inside the lambda.
struct Place {
  enum class Root : uint8_t { None, Variable, Global };
  Root R = Root::None;
  uint32_t Index = 0; ///< Into Function::Variables or Module::Globals.
  std::vector<Step> Path;

  bool valid() const { return R != Root::None; }
  Place field(std::string Name) const { return with({Step::Kind::Field, std::move(Name), {}}); }
  Place deref() const { return with({Step::Kind::Deref, {}, {}}); }
  Place element(std::string Index = {}) const { return with({Step::Kind::Element, {}, std::move(Index)}); }
  static Place variable(uint32_t Index) { return {Root::Variable, Index, {}}; }
  static Place global(uint32_t Index) { return {Root::Global, Index, {}}; }

  auto operator<=>(const Place &) const = default;

private:
  Place with(Step S) const {
    Place P = *this;
    P.Path.push_back(std::move(S));
    return P;
  }
};

/// An integer that the analysis does not know but can recognise when it sees it again.
struct Atom {
  enum class Kind : uint8_t {
    Value, ///< What the place holds (integer, bool, or a pointer compared with null).
    Size,  ///< Number of elements in the container at the place.
  };
  Kind K = Kind::Value;
  Place P;

  auto operator<=>(const Atom &) const = default;
};

/// Coefficient times the product of the factors; factors are sorted.
struct Monomial {
  int64_t Coefficient = 0;
  std::vector<Atom> Factors;

  auto operator<=>(const Monomial &) const = default;
};

/// A polynomial with integer coefficients, or unknown. Canonical: monomials sorted by factors, none zero.
struct Term {
  bool Known = false;
  std::vector<Monomial> Sum;

  static Term unknown() { return {}; }
  static Term constant(int64_t N);
  static Term atom(Atom A);
  bool isConstant() const { return Known && (Sum.empty() || (Sum.size() == 1 && Sum[0].Factors.empty())); }
  /// The constant's value; 0 unless isConstant().
  int64_t constantValue() const { return Sum.empty() ? 0 : Sum[0].Coefficient; }

  friend Term operator+(const Term &, const Term &);
  friend Term operator-(const Term &, const Term &);
  friend Term operator*(const Term &, const Term &);
  auto operator<=>(const Term &) const = default;
};

/// What a branch tests. `Negated` turns it round.
struct Predicate {
  enum class Kind : uint8_t {
    Opaque,   ///< Recognised by Text; holds as long as none of Reads is written.
    Compare,  ///< Left Rel Right. `if (p)` and `if (flag)` are `value != 0`.
    Joinable, ///< The handle at P can be joined.
    Constant, ///< Always true (or false when negated).
    Armed,    ///< The guard or lock at P is engaged (`lock.owns_lock()`, `if (lock)`).
  };
  enum class Relation : uint8_t { Equal, Less, LessEqual };
  Kind K = Kind::Opaque;
  bool Negated = false;
  Place P;
  Relation Rel = Relation::Equal;
  Term Left, Right;
  std::string Text;         ///< Source text of the test without spaces, for messages and identity.
  std::vector<Place> Reads; ///< Opaque: what it depends on.

  auto operator<=>(const Predicate &) const = default;
};

} // namespace latchkey::ir
