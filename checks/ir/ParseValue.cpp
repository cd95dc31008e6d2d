#include "checks/ir/Parser.h"

#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir::text {

bool Parser::startsPlace() {
  char C = In.peek();
  return isNameStart(C) || C == '#' || In.looksAt("::");
}

uint32_t Parser::variableIndex() {
  size_t Start = (In.space(), In.position());
  if (In.peek() == '#') {
    In.take("#");
    return uint32_t(In.number());
  }
  std::string Name = In.name("a variable");
  if (In.takeTight('#'))
    return uint32_t(In.number());
  auto It = VariableNames.find(Name);
  if (It == VariableNames.end())
    In.failAt(Start, "there is no variable `" + Name + "` in this function");
  else if (It->second.size() > 1)
    In.failAt(Start, "there are several variables `" + Name + "`: write its index, as in `" + Name + "#" +
                         llvm::Twine(It->second[0]) + "`");
  return In.failed() ? 0 : It->second[0];
}

Place Parser::root() {
  size_t Start = (In.space(), In.position());
  if (In.takeWord("_"))
    return {};
  if (!In.take("::"))
    return Place::variable(variableIndex());
  if (In.takeTight('#'))
    return Place::global(uint32_t(In.number()));
  std::string Name = In.name("a global");
  if (In.takeTight('#'))
    return Place::global(uint32_t(In.number()));
  auto It = GlobalNames.find(Name);
  if (It == GlobalNames.end() || It->second.size() != 1) {
    In.failAt(Start, It == GlobalNames.end() ? "there is no global `" + Name + "`"
                                             : "there are several globals `" + Name + "`: write its index");
    return {};
  }
  return Place::global(It->second[0]);
}

Place Parser::place() {
  Place P = root();
  while (!In.failed()) {
    if (In.takeTight('.')) {
      if (In.takeTight('*'))
        P = P.deref();
      else if (In.takeTight('('))
        P = P.field("(" + In.rawUntil(')') + ")");
      else
        P = P.field(In.name("a field"));
    } else if (In.takeTight('[')) {
      if (In.peekTight() == '"') {
        P = P.element(In.quoted());
        In.expect("]");
      } else {
        P = P.element(In.rawUntil(']'));
      }
    } else {
      break;
    }
  }
  return P;
}

Term Parser::factor() {
  if (llvm::isDigit(In.peek()))
    return Term::constant(In.signedNumber());
  if (In.looksAt("size(")) {
    In.take("size(");
    Term T = Term::atom({Atom::Kind::Size, place()});
    In.expect(")");
    return T;
  }
  if (!startsPlace()) {
    In.fail("expected a number or a place");
    return {};
  }
  return Term::atom({Atom::Kind::Value, place()});
}

Term Parser::product() {
  // The sign belongs to the number, or the smallest one could not be read.
  Term T;
  if (!In.looksAt("-"))
    T = factor();
  else if (In.take("-"); llvm::isDigit(In.peek())) {
    uint64_t Magnitude = In.number();
    if (Magnitude > uint64_t(INT64_MAX) + 1)
      In.fail("the number is too large");
    T = Term::constant(int64_t(0 - Magnitude));
  } else {
    T = Term::constant(-1) * factor();
  }
  while (In.take("*"))
    T = T * factor();
  return T;
}

Term Parser::term() {
  if (In.take("?"))
    return Term::unknown();
  Term T = product();
  while (!In.failed()) {
    if (In.take("+")) {
      T = T + product();
    } else if (In.looksAt("-") && !In.looksAt("->")) {
      T = T + product();
    } else {
      break;
    }
  }
  return T;
}

std::vector<Value> Parser::values(llvm::StringRef Close) {
  std::vector<Value> Values;
  In.blank();
  if (In.take(Close))
    return Values;
  do {
    In.blank();
    Values.push_back(value());
    In.blank();
  } while (In.take(","));
  In.expect(Close);
  return Values;
}

Value Parser::closure() {
  Value V;
  V.K = Value::Kind::Closure;
  if (!In.takeWord("at")) {
    V.Callee = id();
    if (In.takeWord("at"))
      V.P = place();
  } else {
    V.P = place();
  }
  if (In.take("["))
    V.Captures = values("]");
  if (In.take("("))
    V.Args = values(")");
  return V;
}

Value Parser::value() {
  bool Const = In.takeWord("const");
  Value V;
  if (In.take("?"))
    V = Value::unknown();
  else if (In.takeWord("default"))
    V.K = Value::Kind::Default;
  else if (In.takeWord("fresh"))
    V.K = Value::Kind::Fresh;
  else if (In.takeWord("copy"))
    V = Value::copy(place());
  else if (In.takeWord("move"))
    V = Value::move(place());
  else if (In.takeWord("address")) {
    Const |= In.takeWord("const");
    V = Value::address(place());
  } else if (In.takeWord("closure"))
    V = closure();
  else {
    In.takeWord("number");
    V = Value::number(term());
  }
  V.Const = Const;
  return V;
}

void Parser::comparison(Predicate &P, bool Negated) {
  using Relation = Predicate::Relation;
  static constexpr struct {
    llvm::StringRef Symbol;
    Relation Rel;
    bool Negated;
  } Relations[] = {{"==", Relation::Equal, false}, {"!=", Relation::Equal, true}, {"<=", Relation::LessEqual, false},
                   {">=", Relation::Less, true},   {"<", Relation::Less, false},  {">", Relation::LessEqual, true}};
  P.K = Predicate::Kind::Compare;
  P.Left = term();
  for (const auto &R : Relations) {
    if (!In.take(R.Symbol))
      continue;
    if (Negated)
      In.fail("write the opposite comparison, or `!(…)`");
    P.Rel = R.Rel;
    P.Negated = R.Negated;
    P.Right = term();
    return;
  }
  // `if flag` and `if !flag`.
  P.Negated = !Negated;
  P.Right = Term::constant(0);
}

Predicate Parser::predicate() {
  Predicate P;
  P.Negated = In.take("!");
  if (In.takeWord("opaque")) {
    P.K = Predicate::Kind::Opaque;
  } else if (In.takeWord("joinable")) {
    P.K = Predicate::Kind::Joinable;
    P.P = place();
  } else if (In.takeWord("armed")) {
    P.K = Predicate::Kind::Armed;
    P.P = place();
  } else if (In.takeWord("true")) {
    P.K = Predicate::Kind::Constant;
  } else if (In.takeWord("false")) {
    P.K = Predicate::Kind::Constant;
    P.Negated = !P.Negated;
  } else {
    comparison(P, P.Negated);
  }
  if (In.peek() == '"')
    P.Text = In.quoted();
  if (In.takeWord("reads"))
    do
      P.Reads.push_back(place());
    while (In.take(","));
  return P;
}

} // namespace latchkey::ir::text
