#include "checks/ir/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir::text {

template <typename T> static Node make(T Kind, Range Where) {
  return Node{std::move(Kind), Where};
}

Nodes Parser::list() {
  Nodes Result;
  In.expect("{");
  for (In.separators(); !In.failed() && !In.take("}"); In.separators()) {
    if (In.atEnd()) {
      In.fail("expected `}`");
      break;
    }
    if (In.takeWord("var"))
      variable(Variable::Kind::Local);
    else if (F && In.takeWord("move"))
      movable(F->Movables);
    else
      Result.push_back(node());
    if (!In.atEndOfStatement())
      In.fail("expected the end of the line");
  }
  return Result;
}

Nodes Parser::block() {
  if (In.takeWord("none"))
    return {};
  if (In.takeWord("nodes"))
    return list();
  Nodes Result;
  Result.push_back(sequence(Sequence::Kind::Block));
  return Result;
}

Node Parser::sequence(Sequence::Kind Usual) {
  Sequence S;
  S.K = Usual;
  size_t Start = (In.space(), In.position());
  if (auto Kind = fromWord<Sequence::Kind>(In.peekWord())) {
    In.takeWord(wordOf(*Kind));
    S.K = *Kind;
  }
  S.Braced = !In.takeWord("unbraced");
  Range Where = rangeOr(Start);
  S.Children = list();
  S.End = rangeOr(In.position() - 1);
  return make(std::move(S), Where);
}

Node Parser::node() {
  size_t Start = (In.space(), In.position());
  llvm::StringRef Word = In.peekWord();
  if (Word.empty() || Word == "unbraced" || Word == "plain" || Word == "body" || Word == "full")
    return sequence(Sequence::Kind::Block);
  In.takeWord(Word);
  if (auto O = fromWord<Op>(Word)) {
    Node N = effect(*O);
    if (Range &Where = N.as<Effect>()->Where; Ranges == ParseRanges::FromText && !Where.valid())
      N.Where = Where = rangeFrom(Start);
    return N;
  }
  if (Word == "if")
    return ifNode();
  if (auto Kind = fromWord<Loop::Kind>(Word))
    return loop(*Kind);
  if (Word == "foreach")
    return foreach ();
  if (Word == "switch")
    return switchNode();
  if (Word == "try")
    return tryNode();
  if (Word == "cleanup")
    return cleanup();
  if (Word == "return")
    return returnNode();
  if (Word == "throw")
    return throwNode();
  return leaf(Word);
}

Node Parser::leaf(llvm::StringRef Word) {
  size_t Start = In.position() - Word.size();
  Node N;
  if (Word == "break")
    N.Kind = Break();
  else if (Word == "continue")
    N.Kind = Continue();
  else if (Word == "goto")
    N.Kind = Goto{In.name("a label")};
  else if (Word == "label")
    N.Kind = Label{In.name("a label")};
  else if (Word == "suspend")
    N.Kind = Suspend{In.quoted()};
  else if (Word == "opaque")
    N.Kind = Opaque{In.quoted()};
  else
    In.failAt(Start, "no effect or statement is called `" + Word + "`");
  N.Where = rangeOr(Start);
  return N;
}

bool Parser::startsOperand() {
  llvm::StringRef Word = In.peekWord();
  bool Attribute =
      In.looksAtWord(Word) && (llvm::is_contained({"amount", "args", "callee", "in", "node", "when"}, Word) ||
                               llvm::any_of(effectFlags(), [&](const Flag<Effect> &F) { return F.Word == Word; }));
  return startsPlace() && !Attribute;
}

void Parser::effectHead(Effect &E) {
  if (E.O == Op::Call) {
    if (In.peek() != '(')
      E.Callee = id();
    In.expect("(");
    E.Args = values(")");
    if (In.takeWord("at"))
      E.Subject = place();
  } else if (startsOperand()) {
    E.Subject = place();
  }
  char C = In.peek();
  if (countsThings(E.O) && (startsOperand() || C == '?' || (C == '-' && !In.looksAt("->")) || llvm::isDigit(C)))
    E.Amount = term();
}

bool Parser::effectDetail(Effect &E, Range &NodeWhere, bool &HasNodeWhere) {
  if (In.take("->"))
    E.Result = place();
  else if (In.take("="))
    E.Input = value();
  else if (In.takeWord("amount"))
    E.Amount = term();
  else if (In.takeWord("callee"))
    E.Callee = id();
  else if (In.takeWord("args")) {
    In.expect("(");
    E.Args = values(")");
  } else if (In.takeWord("when")) {
    E.When = In.takeWord("zero") ? Success::WhenZero : Success::WhenNonZero;
    if (E.When == Success::WhenNonZero)
      In.expectWord("nonzero");
  } else if (In.takeWord("in")) {
    if (!range(E.Statement))
      In.fail("expected a range");
  } else if (In.takeWord("node")) {
    HasNodeWhere = true;
    range(NodeWhere);
  } else if (In.peek() == '"')
    E.Text = In.quoted();
  else
    return range(E.Where) || flag(effectFlags(), E);
  return true;
}

Node Parser::effect(Op O) {
  Effect E;
  E.O = O;
  E.Amount = defaultAmount(O);
  effectHead(E);
  Range NodeWhere;
  bool HasNodeWhere = false;
  while (!In.atEndOfStatement() && effectDetail(E, NodeWhere, HasNodeWhere))
    ;
  Range Where = HasNodeWhere ? NodeWhere : E.Where;
  return make(std::move(E), Where);
}

Nodes Parser::before() {
  if (In.peek() != '{')
    return {};
  Nodes Result = list();
  In.expectWord("test");
  return Result;
}

Condition Parser::conditionPart() {
  Nodes Before = before();
  size_t Start = (In.space(), In.position());
  Condition C;
  if (In.take("!(")) {
    C.K = Condition::Kind::Not;
    C.Parts.push_back(condition());
    In.expect(")");
  } else if (In.take("(")) {
    C = condition();
    In.expect(")");
  } else {
    C.Test = predicate();
  }
  C.Before.insert(C.Before.begin(), std::make_move_iterator(Before.begin()), std::make_move_iterator(Before.end()));
  if (Range Where = rangeOr(Start); Where != Range())
    C.Where = Where;
  return C;
}

Condition Parser::condition() {
  Condition First = conditionPart();
  bool All = In.looksAt("&&");
  if (!All && !In.looksAt("||"))
    return First;
  Condition C;
  C.K = All ? Condition::Kind::All : Condition::Kind::Any;
  C.Parts.push_back(std::move(First));
  while (In.take(All ? "&&" : "||"))
    C.Parts.push_back(conditionPart());
  if (In.looksAt("&&") || In.looksAt("||"))
    In.fail("put parentheses around one of `&&` and `||`");
  return C;
}

Node Parser::ifNode() {
  size_t Start = In.position() - 2;
  If I;
  I.Constexpr = In.takeWord("constexpr");
  Range Where = rangeOr(Start);
  I.Test = condition();
  I.Then = block();
  if (In.takeWord("else"))
    I.Else = block();
  return make(std::move(I), Where);
}

Node Parser::loop(Loop::Kind Kind) {
  size_t Start = In.position() - wordOf(Kind).size();
  Loop L;
  L.K = Kind;
  Range Where = rangeOr(Start);
  L.Endless = In.takeWord("endless");
  if (!L.Endless || In.takeWord("test"))
    L.Test = condition();
  if (In.takeWord("trip"))
    L.Trip = term();
  if (In.takeWord("index"))
    L.Index = place();
  L.Body = block();
  if (In.takeWord("step"))
    L.Step = list();
  return make(std::move(L), Where);
}

Node Parser::foreach () {
  size_t Start = In.position() - 7;
  Foreach Each;
  Range Where = rangeOr(Start);
  Each.ByValue = In.takeWord("copy");
  Each.Item = variableIndex();
  In.expectWord("in");
  Each.Container = place();
  Each.Body = block();
  return make(std::move(Each), Where);
}

SwitchCase Parser::switchCase() {
  SwitchCase Case;
  if (In.takeWord("case")) {
    if (In.peek() == '{') {
      Case.Body = list();
      return Case;
    }
  } else if (In.peekWord() != "default") {
    In.fail("expected `case` or `default`");
  }
  do {
    if (In.takeWord("default"))
      Case.Default = true;
    else
      Case.Values.push_back(In.signedNumber());
  } while (In.take(","));
  Case.Body = list();
  return Case;
}

Node Parser::switchNode() {
  size_t Start = In.position() - 6;
  Switch S;
  Range Where = rangeOr(Start);
  S.Before = before();
  S.Subject = term();
  S.Exhaustive = In.takeWord("exhaustive");
  In.expect("{");
  for (In.separators(); !In.failed() && !In.take("}"); In.separators())
    S.Cases.push_back(switchCase());
  return make(std::move(S), Where);
}

Node Parser::tryNode() {
  size_t Start = In.position() - 3;
  Try T;
  Range Where = rangeOr(Start);
  T.Body = block();
  while (In.takeWord("catch")) {
    Handler H;
    size_t HandlerStart = In.position() - 5;
    if (char C = In.peek(); C != '{' && C != '@' && !fromWord<Sequence::Kind>(In.peekWord()) &&
                            In.peekWord() != "unbraced" && In.peekWord() != "nodes" && In.peekWord() != "none")
      H.Type = In.name("a type");
    H.Where = rangeOr(HandlerStart);
    H.Body = block();
    T.Handlers.push_back(std::move(H));
  }
  return make(std::move(T), Where);
}

Node Parser::cleanup() {
  size_t Start = In.position() - 7;
  Cleanup C;
  if (In.takeWord("normal"))
    C.On = Cleanup::Mask::Normal;
  else if (In.takeWord("throw"))
    C.On = Cleanup::Mask::Throw;
  if (In.takeWord("armed"))
    C.Armed = place();
  C.Idle = In.takeWord("idle");
  C.Last = In.takeWord("last");
  Range Where = rangeOr(Start);
  C.Body = list();
  return make(std::move(C), Where);
}

Node Parser::returnNode() {
  size_t Start = In.position() - 6;
  Return R;
  R.HasValue = !In.atEndOfStatement() && In.peek() != '@';
  if (R.HasValue)
    R.Result = value();
  if (In.takeWord("reads"))
    do
      R.Reads.push_back(place());
    while (In.take(","));
  R.Elidable = In.takeWord("elidable");
  Range Where = rangeOr(Start);
  if (In.takeWord("bare") && !range(R.Bare))
    In.fail("expected a range");
  return make(std::move(R), Where);
}

Node Parser::throwNode() {
  size_t Start = In.position() - 5;
  Throw T;
  if (!In.atEndOfStatement() && In.peek() != '@')
    do
      T.Types.push_back(In.name("a type"));
    while (In.take(","));
  return make(std::move(T), rangeOr(Start));
}

} // namespace latchkey::ir::text
