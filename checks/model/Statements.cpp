#include "checks/model/Statements.h"

#include "checks/ir/TextCursor.h"
#include "checks/ir/TextNames.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::model {

using ir::Op;
using ir::text::Cursor;
using llvm::StringRef;

std::string suggestion(StringRef Word, llvm::ArrayRef<StringRef> Candidates) {
  // Of two equally near ones the one of about the same length is meant: letters are swapped more often than lost.
  auto Rank = [&](StringRef Candidate) {
    size_t Lengths = std::max(Word.size(), Candidate.size()) - std::min(Word.size(), Candidate.size());
    return std::pair(size_t(Word.edit_distance(Candidate)), Lengths);
  };
  StringRef Best;
  for (StringRef Candidate : Candidates)
    if (Rank(Candidate).first < Word.size() / 3 + 2 && (Best.empty() || Rank(Candidate) < Rank(Best)))
      Best = Candidate;
  return Best.empty() ? "" : (": did you mean `" + Best + "`?").str();
}

namespace {

/// Effects that only code has, not a library's function.
bool isForModels(Op O) {
  switch (O) {
  case Op::Declare:
  case Op::Assign:
  case Op::Destroy:
  case Op::Push:
  case Op::Pop:
  case Op::Resize:
  case Op::Swap:
  case Op::Call:
    return false;
  default:
    return true;
  }
}

bool needsSubject(Op O) {
  return O != Op::Spawn && O != Op::Invoke && O != Op::Exit && O != Op::Block;
}

class StatementParser {
public:
  StatementParser(StringRef Text, FunctionModel &Model) : In(Text), Model(Model) {}

  TextError run() {
    do
      statement();
    while (In.take(";"));
    if (!In.failed() && !In.atEnd())
      In.fail("expected `;` or the end");
    return {In.errorPosition(), In.message()};
  }

private:
  void statement();
  bool attribute();
  void action();
  bool detail(Action &);
  void check(const Action &, size_t Start);
  void runs(Action &);
  Operand object();
  Operand amount();
  bool looksAtArgument();
  unsigned argument();

  Cursor In;
  FunctionModel &Model;
};

constexpr StringRef Attributes[] = {"nothing",  "pure",    "noreturn", "nothrow", "rejects", "waits",
                                    "asks",     "returns", "compares", "throws",  "in",      "ends",
                                    "harmless", "lasting", "forks",    "test"};

bool StatementParser::attribute() {
  if (In.takeWord("nothing"))
    return true;
  if (In.takeWord("pure"))
    return Model.Pure = true;
  if (In.takeWord("noreturn"))
    return Model.NoReturn = true;
  if (In.takeWord("nothrow"))
    return Model.NoThrow = true;
  if (In.takeWord("rejects"))
    return Model.MayReject = true;
  if (In.takeWord("waits"))
    return Model.Blocks = true;
  for (auto [Word, Member] : {std::pair("ends", &FunctionModel::Ends),
                              {"harmless", &FunctionModel::Harmless},
                              {"lasting", &FunctionModel::Lasting},
                              {"forks", &FunctionModel::Forks},
                              {"test", &FunctionModel::Test}})
    if (In.takeWord(Word))
      return Model.*Member = true;
  if (In.takeWord("asks")) {
    if (In.takeWord("joinable"))
      Model.Asks = ir::Predicate::Kind::Joinable;
    else if (In.takeWord("armed"))
      Model.Asks = ir::Predicate::Kind::Armed;
    else if (In.takeWord("identity"))
      Model.AsksIdentity = true;
    else
      In.fail("expected `joinable`, `armed` or `identity`");
    return true;
  }
  if (In.takeWord("returns")) {
    size_t Start = (In.space(), In.position());
    Model.ReturnsOf = In.name("a kind of object, as `handle`");
    if (!ir::text::fromWord<ir::Type::Kind>(Model.ReturnsOf))
      In.failAt(Start, "`" + Model.ReturnsOf + "` is no kind of object" +
                           suggestion(Model.ReturnsOf, ir::text::words(ir::Type::Kind())));
    return true;
  }
  if (In.takeWord("compares")) {
    Verdict &V = Model.Compares.emplace();
    V.Left = argument();
    for (const char *Relation : {"==", "!=", "<=", ">=", "<", ">"})
      if (V.Relation.empty() && In.take(Relation)) {
        V.Relation = Relation;
        V.Right = argument();
      }
    return true;
  }
  if (In.takeWord("throws")) {
    do
      Model.Throws.push_back(In.name("a type"));
    while (In.take(","));
    return true;
  }
  if (In.takeWord("in")) {
    Model.DeclaredIn = In.quoted();
    return true;
  }
  return false;
}

void StatementParser::statement() {
  if (!attribute())
    action();
}

bool StatementParser::looksAtArgument() {
  StringRef Word = In.peekWord();
  return Word.consume_front("arg") && !Word.empty() && llvm::all_of(Word, llvm::isDigit);
}

unsigned StatementParser::argument() {
  unsigned Index = 0;
  StringRef Word = In.peekWord();
  if (!looksAtArgument() || Word.drop_front(3).getAsInteger(10, Index) || Index > 63) {
    In.fail("expected an argument, as `arg0`");
    return 0;
  }
  In.takeWord(Word);
  return Index;
}

Operand StatementParser::object() {
  Operand O;
  bool Pointee = In.take("*");
  if (!Pointee && In.takeWord("this")) {
    O.K = Operand::Kind::This;
  } else if (In.takeWord("result")) {
    O.K = Pointee ? Operand::Kind::ResultPointee : Operand::Kind::Result;
  } else if (Pointee || looksAtArgument()) {
    O.K = Pointee ? Operand::Kind::Pointee : Operand::Kind::Argument;
    O.Index = argument();
  }
  return O;
}

Operand StatementParser::amount() {
  Operand O;
  if (looksAtArgument()) {
    O.K = Operand::Kind::Argument;
    O.Index = argument();
    O.Constant = 1;
    if (In.takeWord("or"))
      O.Constant = In.signedNumber();
  } else if (llvm::isDigit(In.peek()) || In.peek() == '-') {
    O.K = Operand::Kind::Constant;
    O.Constant = In.signedNumber();
  }
  return O;
}

void StatementParser::runs(Action &A) {
  A.Callable = argument();
  if (!In.take("("))
    return;
  A.CallableArgs = argument();
  if (In.take("..."))
    A.CallableTakesThis = true;
  else
    A.LastCallableArg = A.CallableArgs;
  In.expect(")");
}

bool StatementParser::detail(Action &A) {
  if (In.takeWord("runs"))
    runs(A);
  else if (In.takeWord("mutex"))
    A.Mutex = argument();
  else if (In.takeWord("detached"))
    A.Detached = object();
  else if (In.takeWord("predicate"))
    A.Predicate = argument();
  else if (In.takeWord("when")) {
    if (In.takeWord("zero"))
      A.When = ir::Success::WhenZero;
    else if (In.takeWord("nonzero"))
      A.When = ir::Success::WhenNonZero;
    else
      In.fail("expected `zero` or `nonzero`");
  } else if (In.takeWord("on")) {
    if (In.takeWord("throw"))
      A.On = ir::Cleanup::Mask::Throw;
    else if (In.takeWord("normal"))
      A.On = ir::Cleanup::Mask::Normal;
    else
      In.fail("expected `throw` or `normal`");
  } else if (In.takeWord("timed"))
    A.Timed = true;
  else if (In.takeWord("shared"))
    A.Shared = true;
  else
    return false;
  return true;
}

void StatementParser::check(const Action &A, size_t Start) {
  StringRef Name = ir::text::wordOf(A.O);
  if (needsSubject(A.O) && A.Subject.K == Operand::Kind::None)
    In.failAt(Start, "`" + Name + "` needs an object: `this`, `arg0`, `*arg0` or `result`");
  else if (A.O == Op::Init && A.Amount.K == Operand::Kind::None)
    In.failAt(Start, "`init` needs a number, as `init this arg0` or `init this 0`");
  else if (A.O == Op::Arm && !A.Callable && !A.Mutex)
    In.failAt(Start, "`arm` needs what runs at the end: `runs arg0`, or `mutex arg0` for a locker");
  else if (A.O == Op::Invoke && !A.Callable)
    In.failAt(Start, "`invoke` needs what is called: `runs arg0`");
  else if (A.Detached.K != Operand::Kind::None && A.O != Op::Spawn)
    In.failAt(Start, "`" + Name + "` starts nothing");
  else if (A.Callable && A.O != Op::Spawn && A.O != Op::Arm && A.O != Op::Invoke)
    In.failAt(Start, "`" + Name + "` runs nothing");
}

void StatementParser::action() {
  size_t Start = (In.space(), In.position());
  StringRef Word = In.peekWord();
  std::optional<Op> O = ir::text::fromWord<Op>(Word);
  if (!O || !isForModels(*O)) {
    llvm::SmallVector<StringRef, 64> Words(std::begin(Attributes), std::end(Attributes));
    for (size_t I = 0; I <= size_t(Op::Block); ++I)
      if (isForModels(Op(I)))
        Words.push_back(ir::text::wordOf(Op(I)));
    In.failAt(Start, Word.empty() ? "expected an effect, as `join this`"
                                  : "`" + Word + "` is no effect of a model" + suggestion(Word, Words));
    return;
  }
  In.takeWord(Word);
  Action A;
  A.O = *O;
  A.Subject = object();
  if (ir::text::countsThings(A.O) || A.O == Op::Write)
    A.Amount = amount();
  if (A.Amount.K == Operand::Kind::None && ir::text::defaultAmount(A.O).Known) {
    A.Amount.K = Operand::Kind::Constant;
    A.Amount.Constant = 1;
  }
  while (!In.failed() && detail(A))
    ;
  if (!In.failed())
    check(A, Start);
  Model.Actions.push_back(A);
}

} // namespace

TextError parseStatements(StringRef Text, FunctionModel &Model) {
  return StatementParser(Text, Model).run();
}

TextError parseSignature(StringRef Text, FunctionModel &Model) {
  StringRef Inner = Text;
  if (!Inner.consume_front("(") || !Inner.consume_back(")"))
    return {0, "expected a signature, as `(_, defer_lock_t)`"};
  unsigned Needed = 0;
  bool Optional = false, Rest = false;
  llvm::SmallVector<StringRef> Parts;
  if (!Inner.trim().empty())
    Inner.split(Parts, ',');
  for (StringRef Part : Parts) {
    size_t Where = size_t(Part.trim().data() - Text.data());
    Part = Part.trim();
    if (Rest || Part.empty())
      return {Where, Rest ? "nothing can follow `...`" : "expected `_`, a part of a type's name, or `...`"};
    if (Part == "...") {
      Rest = true;
      continue;
    }
    bool ThisOptional = Part.consume_back("?");
    if (Optional && !ThisOptional)
      return {Where, "an argument that is needed follows one that is not"};
    Optional = ThisOptional;
    Needed += ThisOptional ? 0 : 1;
    Model.ArgTypes.push_back(Part == "_" ? "" : Part.str());
  }
  Model.MinArgs = Needed;
  if (!Rest)
    Model.MaxArgs = unsigned(Model.ArgTypes.size());
  while (!Model.ArgTypes.empty() && Model.ArgTypes.back().empty())
    Model.ArgTypes.pop_back();
  return {};
}

TextError parseTraits(StringRef Text, ir::Type &Traits) {
  Cursor In(Text);
  size_t Start = (In.space(), In.position());
  StringRef Word = In.peekWord();
  auto Kind = ir::text::fromWord<ir::Type::Kind>(Word);
  if (!Kind)
    return {Start, ("`" + Word + "` is no kind of object" + suggestion(Word, ir::text::words(ir::Type::Kind()))).str()};
  Traits = ir::Type();
  Traits.K = *Kind;
  In.takeWord(Word);
  while (!In.atEnd()) {
    Start = In.position();
    Word = In.peekWord();
    In.takeWord(Word);
    if (auto End = ir::text::fromWord<ir::Type::Ending>(Word)) {
      Traits.End = *End;
      continue;
    }
    bool Found = false;
    llvm::SmallVector<StringRef> Words(ir::text::words(ir::Type::Ending()));
    for (const auto &Flag : ir::text::typeFlags()) {
      Words.push_back(Flag.Word);
      if (Flag.Word == Word)
        Traits.*Flag.Member = Found = true;
    }
    if (!Found)
      return {Start, ("`" + Word + "` is nothing that a type can be" + suggestion(Word, Words)).str()};
  }
  return {};
}

} // namespace latchkey::model
