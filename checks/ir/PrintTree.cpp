#include "checks/ir/Printer.h"

#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir::text {

void Printer::line() {
  Out.indent(Depth * 2);
}

void Printer::children(const Nodes &Nodes) {
  for (const Node &N : Nodes) {
    line();
    node(N);
    Out << '\n';
  }
}

void Printer::list(const Nodes &Nodes) {
  if (Nodes.empty()) {
    Out << "{}";
    return;
  }
  Out << "{\n";
  ++Depth;
  children(Nodes);
  --Depth;
  line();
  Out << '}';
}

void Printer::block(const Nodes &Nodes) {
  const Sequence *S = Nodes.size() == 1 ? Nodes[0].as<Sequence>() : nullptr;
  if (S) {
    sequence(*S, Nodes[0].Where, Sequence::Kind::Block);
    return;
  }
  Out << (Nodes.empty() ? "none" : "nodes ");
  if (!Nodes.empty())
    list(Nodes);
}

void Printer::sequence(const Sequence &S, const Range &Where, Sequence::Kind Usual) {
  if (S.K != Usual)
    Out << wordOf(S.K) << ' ';
  if (!S.Braced)
    Out << "unbraced ";
  range(Where, "");
  if (Where.valid() && Ranges != PrintRanges::None)
    Out << ' ';
  list(S.Children);
  range(S.End);
}

void Printer::node(const Node &N) {
  if (const auto *E = N.as<Effect>()) {
    effect(*E);
    if (N.Where != E->Where) {
      Out << " node";
      range(N.Where);
    }
  } else if (const auto *S = N.as<Sequence>()) {
    sequence(*S, N.Where, Sequence::Kind::Block);
  } else if (const auto *I = N.as<If>()) {
    print(*I, N.Where);
  } else if (const auto *L = N.as<Loop>()) {
    print(*L, N.Where);
  } else if (const auto *Each = N.as<Foreach>()) {
    print(*Each, N.Where);
  } else if (const auto *S = N.as<Switch>()) {
    print(*S, N.Where);
  } else if (const auto *T = N.as<Try>()) {
    print(*T, N.Where);
  } else if (const auto *C = N.as<Cleanup>()) {
    print(*C, N.Where);
  } else if (const auto *R = N.as<Return>()) {
    print(*R, N.Where);
  } else if (const auto *T = N.as<Throw>()) {
    print(*T, N.Where);
  } else {
    if (N.as<Break>())
      Out << "break";
    else if (N.as<Continue>())
      Out << "continue";
    else if (const auto *G = N.as<Goto>())
      Out << "goto ", name(G->Label);
    else if (const auto *L = N.as<Label>())
      Out << "label ", name(L->Name);
    else if (const auto *S = N.as<Suspend>())
      Out << "suspend ", quoted(S->Text);
    else if (const auto *O = N.as<Opaque>())
      Out << "opaque ", quoted(O->Reason);
    range(N.Where);
  }
}

void Printer::effect(const Effect &E) {
  Out << wordOf(E.O);
  bool IsCall = E.O == Op::Call;
  if (IsCall) {
    Out << ' ';
    id(E.Callee);
    values(E.Args, '(', ')');
    if (E.Subject.valid())
      Out << " at ", place(E.Subject);
  } else if (E.Subject.valid()) {
    Out << ' ';
    place(E.Subject);
  }
  if (E.Amount != defaultAmount(E.O)) {
    if (countsThings(E.O) && !E.Subject.valid())
      Out << " _";
    Out << (countsThings(E.O) ? " " : " amount ");
    term(E.Amount);
  }
  if (E.Input != Value::unknown()) {
    Out << " = ";
    value(E.Input);
  }
  if (!IsCall && !E.Args.empty())
    Out << " args", values(E.Args, '(', ')');
  if (!IsCall && !E.Callee.empty())
    Out << " callee ", id(E.Callee);
  if (E.Result.valid())
    Out << " -> ", place(E.Result);
  if (E.When != Success::Always)
    Out << " when " << (E.When == Success::WhenZero ? "zero" : "nonzero");
  flags(effectFlags(), E);
  if (!E.Text.empty())
    Out << ' ', quoted(E.Text);
  range(E.Where);
  range(E.Statement, " in ");
}

void Printer::before(const Nodes &Before) {
  if (Before.empty())
    return;
  list(Before);
  Out << " test ";
}

void Printer::condition(const Condition &C) {
  before(C.Before);
  switch (C.K) {
  case Condition::Kind::Leaf:
    predicate(C.Test);
    break;
  case Condition::Kind::Not:
    Out << "!(";
    for (const Condition &Part : C.Parts)
      condition(Part);
    Out << ')';
    break;
  case Condition::Kind::All:
  case Condition::Kind::Any: {
    Out << '(';
    llvm::ListSeparator Between(C.K == Condition::Kind::All ? " && " : " || ");
    for (const Condition &Part : C.Parts) {
      Out << Between;
      condition(Part);
    }
    Out << ')';
    break;
  }
  }
  range(C.Where);
}

void Printer::print(const If &I, const Range &Where) {
  Out << (I.Constexpr ? "if constexpr" : "if");
  range(Where);
  Out << ' ';
  condition(I.Test);
  Out << ' ';
  block(I.Then);
  if (I.Else.empty())
    return;
  Out << " else ";
  block(I.Else);
}

void Printer::print(const Loop &L, const Range &Where) {
  Out << wordOf(L.K);
  range(Where);
  Out << ' ';
  if (L.Endless)
    Out << "endless ";
  if (!L.Endless || L.Test != Condition()) {
    Out << (L.Endless ? "test " : "");
    condition(L.Test);
    Out << ' ';
  }
  if (L.Trip.Known)
    Out << "trip ", term(L.Trip), Out << ' ';
  if (L.Index.valid())
    Out << "index ", place(L.Index), Out << ' ';
  block(L.Body);
  if (!L.Step.empty())
    Out << " step ", list(L.Step);
}

void Printer::print(const Foreach &Each, const Range &Where) {
  Out << "foreach";
  range(Where);
  Out << ' ';
  if (Each.ByValue)
    Out << "copy ";
  root(Place::variable(Each.Item));
  Out << " in ";
  place(Each.Container);
  Out << ' ';
  block(Each.Body);
}

void Printer::print(const Switch &S, const Range &Where) {
  Out << "switch";
  range(Where);
  Out << ' ';
  before(S.Before);
  term(S.Subject);
  Out << (S.Exhaustive ? " exhaustive {\n" : " {\n");
  ++Depth;
  for (const SwitchCase &Case : S.Cases) {
    line();
    if (!Case.Values.empty() || !Case.Default)
      Out << "case ";
    llvm::ListSeparator Comma;
    for (int64_t Value : Case.Values)
      Out << Comma << Value;
    if (Case.Default)
      Out << Comma << "default";
    if (!Case.Values.empty() || Case.Default)
      Out << ' ';
    list(Case.Body);
    Out << '\n';
  }
  --Depth;
  line();
  Out << '}';
}

void Printer::print(const Try &T, const Range &Where) {
  Out << "try";
  range(Where);
  Out << ' ';
  block(T.Body);
  for (const Handler &H : T.Handlers) {
    Out << " catch";
    if (!H.Type.empty())
      Out << ' ', name(H.Type);
    range(H.Where);
    Out << ' ';
    block(H.Body);
  }
}

void Printer::print(const Cleanup &C, const Range &Where) {
  Out << "cleanup";
  if (C.On != Cleanup::Mask::Both)
    Out << (C.On == Cleanup::Mask::Normal ? " normal" : " throw");
  if (C.Armed.valid())
    Out << " armed ", place(C.Armed);
  if (C.Idle)
    Out << " idle";
  if (C.Last)
    Out << " last";
  range(Where);
  Out << ' ';
  list(C.Body);
}

void Printer::print(const Return &R, const Range &Where) {
  Out << "return";
  if (R.HasValue)
    Out << ' ', value(R.Result);
  for (const Place &Read : R.Reads) {
    Out << (&Read == R.Reads.data() ? " reads " : ", ");
    place(Read);
  }
  if (R.Elidable)
    Out << " elidable";
  range(Where);
  range(R.Bare, " bare ");
}

void Printer::print(const Throw &T, const Range &Where) {
  Out << "throw";
  llvm::ListSeparator Comma(", ");
  for (const std::string &Type : T.Types) {
    Out << (&Type == T.Types.data() ? " " : ", ");
    name(Type);
  }
  range(Where);
}

} // namespace latchkey::ir::text
