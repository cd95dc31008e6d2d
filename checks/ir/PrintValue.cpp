#include "checks/ir/Printer.h"

#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir::text {

/// `(base Recorder)`, which is readable as it is.
static bool isBaseStep(llvm::StringRef Name) {
  return Name.starts_with("(base ") && Name.find_first_of(")\n") + 1 == Name.size();
}

void Printer::root(const Place &P, bool WithIndex) {
  if (P.R == Place::Root::None) {
    Out << '_';
    return;
  }
  bool IsGlobal = P.R == Place::Root::Global;
  llvm::StringRef Name;
  if (IsGlobal && P.Index < M.Globals.size())
    Name = M.Globals[P.Index].Name;
  else if (!IsGlobal && F && P.Index < F->Variables.size())
    Name = F->Variables[P.Index].Name;
  unsigned Uses = (IsGlobal ? GlobalNames : VariableNames).lookup(Name);
  bool Plain = isPlainName(Name);
  Out << (IsGlobal ? "::" : "");
  if (Plain)
    Out << Name;
  bool Temporary =
      !IsGlobal && F && P.Index < F->Variables.size() && F->Variables[P.Index].K == Variable::Kind::Temporary;
  if (WithIndex || !Plain || Uses != 1 || Temporary || (!IsGlobal && isReserved(Name)))
    Out << '#' << P.Index;
}

void Printer::place(const Place &P, bool WithIndex) {
  root(P, WithIndex);
  for (const Step &S : P.Path) {
    switch (S.K) {
    case Step::Kind::Deref:
      Out << ".*";
      break;
    case Step::Kind::Field:
      Out << '.';
      if (isPlainName(S.Name) || isBaseStep(S.Name))
        Out << S.Name;
      else
        quoted(S.Name);
      break;
    case Step::Kind::Element:
      Out << '[';
      if (llvm::StringRef(S.Index).find_first_of("[]\"\n") != llvm::StringRef::npos)
        quoted(S.Index);
      else
        Out << S.Index;
      Out << ']';
      break;
    }
  }
}

void Printer::atom(const Atom &A) {
  if (A.K == Atom::Kind::Size)
    Out << "size(";
  place(A.P);
  if (A.K == Atom::Kind::Size)
    Out << ')';
}

void Printer::term(const Term &T) {
  if (!T.Known) {
    Out << '?';
    return;
  }
  if (T.Sum.empty())
    Out << '0';
  bool First = true;
  for (const Monomial *Mono : readingOrder(T)) {
    bool Negative = Mono->Coefficient < 0;
    Out << (First ? (Negative ? "-" : "") : (Negative ? " - " : " + "));
    First = false;
    uint64_t Magnitude = Negative ? 0 - uint64_t(Mono->Coefficient) : uint64_t(Mono->Coefficient);
    bool Times = Magnitude != 1 || Mono->Factors.empty();
    if (Times)
      Out << Magnitude;
    for (const Atom &A : Mono->Factors) {
      Out << (Times ? "*" : "");
      Times = true;
      atom(A);
    }
  }
}

void Printer::values(llvm::ArrayRef<Value> Values, char Open, char Close) {
  Out << Open;
  llvm::ListSeparator Comma;
  for (const Value &V : Values) {
    Out << Comma;
    value(V);
  }
  Out << Close;
}

void Printer::value(const Value &V) {
  if (V.Const)
    Out << "const ";
  switch (V.K) {
  case Value::Kind::Unknown:
    Out << '?';
    return;
  case Value::Kind::Default:
    Out << "default";
    return;
  case Value::Kind::Number:
    if (!V.N.Known)
      Out << "number ";
    term(V.N);
    return;
  case Value::Kind::Copy:
    Out << "copy ";
    place(V.P);
    return;
  case Value::Kind::Move:
    Out << "move ";
    place(V.P);
    return;
  case Value::Kind::Address:
    Out << "address ";
    place(V.P);
    return;
  case Value::Kind::Fresh:
    Out << "fresh";
    return;
  case Value::Kind::Closure:
    Out << "closure ";
    if (!V.Callee.empty() || !V.P.valid())
      id(V.Callee);
    if (V.P.valid()) {
      Out << (V.Callee.empty() ? "at " : " at ");
      place(V.P);
    }
    if (!V.Captures.empty()) {
      Out << (V.P.valid() ? " " : ""); // Without the space it would read as an element of the place.
      values(V.Captures, '[', ']');
    }
    if (!V.Args.empty())
      values(V.Args, '(', ')');
    return;
  }
}

void Printer::comparison(const Predicate &P) {
  static constexpr llvm::StringRef Words[2][3] = {{" == ", " < ", " <= "}, {" != ", " >= ", " > "}};
  term(P.Left);
  Out << Words[P.Negated][size_t(P.Rel)];
  term(P.Right);
}

void Printer::predicate(const Predicate &P) {
  bool Prefix = P.Negated && P.K != Predicate::Kind::Compare && P.K != Predicate::Kind::Constant;
  Out << (Prefix ? "!" : "");
  switch (P.K) {
  case Predicate::Kind::Opaque:
    Out << "opaque";
    break;
  case Predicate::Kind::Compare:
    comparison(P);
    break;
  case Predicate::Kind::Joinable:
    Out << "joinable ";
    place(P.P);
    break;
  case Predicate::Kind::Armed:
    Out << "armed ";
    place(P.P);
    break;
  case Predicate::Kind::Constant:
    Out << (P.Negated ? "false" : "true");
    break;
  }
  if (!P.Text.empty()) {
    Out << ' ';
    quoted(P.Text);
  }
  for (const Place &Read : P.Reads) {
    Out << (&Read == P.Reads.data() ? " reads " : ", ");
    place(Read);
  }
}

} // namespace latchkey::ir::text
