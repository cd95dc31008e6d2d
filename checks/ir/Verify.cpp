#include "checks/ir/Module.h"

#include "checks/ir/TextNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

namespace latchkey::ir {

namespace {

class Verifier {
public:
  explicit Verifier(const Module &M) : M(M) {}

  std::vector<std::string> run() {
    if (M.Types.empty() || M.Types[0] != Type())
      problem("the first type is not Other");
    for (const Type &T : M.Types)
      type(T);
    sortedById(M.Functions, "functions");
    sortedById(M.Classes, "classes");
    for (const Global &G : M.Globals) {
      index(G.Type, M.Types, "type of global " + G.Name);
      range(G.Where);
    }
    for (const Class &C : M.Classes) {
      range(C.Where);
      for (const Field &Field : C.Fields) {
        index(Field.Type, M.Types, "type of field " + C.Name + "::" + Field.Name);
        range(Field.Where);
      }
    }
    for (const Function &Fn : M.Functions)
      function(Fn);
    return std::move(Problems);
  }

private:
  void problem(const llvm::Twine &What) {
    if (Problems.size() < 100)
      Problems.push_back(F ? (llvm::Twine(F->Name) + ": " + What).str() : What.str());
  }
  template <typename T> void index(uint32_t I, const std::vector<T> &Table, const llvm::Twine &What) {
    if (I >= Table.size())
      problem("the " + What + " is number " + llvm::Twine(I) + " of " + llvm::Twine(Table.size()));
  }
  template <typename T> void sortedById(const std::vector<T> &Table, llvm::StringRef What) {
    for (size_t I = 0; I != Table.size(); ++I) {
      if (Table[I].Id.empty())
        problem("one of the " + What + " has no id");
      if (I && !(Table[I - 1].Id < Table[I].Id))
        problem("the " + What + " are not sorted by id, or two are the same: " + Table[I].Id);
    }
  }
  void range(const Range &R) {
    if (R.valid() && R.File >= M.Files.size())
      problem("a range in file number " + llvm::Twine(R.File) + " of " + llvm::Twine(M.Files.size()));
  }
  void type(const Type &);
  void function(const Function &);
  void variable(const Variable &);
  void movables(llvm::ArrayRef<MovableCode>);
  void role(uint32_t Variable, Variable::Kind, llvm::SmallVectorImpl<bool> &Seen);

  // Places and values.
  void place(const Place &);
  void term(const Term &);
  void value(const Value &);
  void predicate(const Predicate &);
  void effect(const Effect &);

  // The tree. Inside says what may leave a node this way.
  struct Inside {
    bool Loop = false, Switch = false;
    std::vector<llvm::StringRef> Labels; ///< Direct children of enclosing sequences.
  };
  void nodes(const Nodes &, const Inside &);
  void node(const Node &, const Inside &);
  void sequence(const Sequence &, Inside);
  void condition(const Condition &, const Inside &);
  void block(const Nodes &, const Inside &, llvm::StringRef Of);
  void visit(const Effect &E, const Inside &) { effect(E); }
  void visit(const Sequence &S, const Inside &In) {
    if (S.K == Sequence::Kind::Body)
      problem("a Body inside a body");
    sequence(S, In);
  }
  void visit(const If &, const Inside &);
  void visit(const Loop &, Inside);
  void visit(const Foreach &, Inside);
  void visit(const Switch &, Inside);
  void visit(const Try &, const Inside &);
  void visit(const Cleanup &, const Inside &);
  void visit(const Return &R, const Inside &) {
    value(R.Result);
    for (const Place &Read : R.Reads)
      place(Read);
    if (!R.HasValue && R.Result != Value::unknown())
      problem("a return without value has one");
  }
  void visit(const Throw &, const Inside &) {}
  void visit(const Break &, const Inside &In) {
    if (!In.Loop && !In.Switch)
      problem("break outside of loop and switch");
  }
  void visit(const Continue &, const Inside &In) {
    if (!In.Loop)
      problem("continue outside of a loop");
  }
  void visit(const Goto &G, const Inside &In) {
    if (!llvm::is_contained(In.Labels, llvm::StringRef(G.Label)))
      problem("goto " + G.Label + ": no sequence around it, or beside it in an if, has the label as a direct child");
  }
  void visit(const Label &, const Inside &) {}
  void visit(const Suspend &, const Inside &) {}
  void visit(const Opaque &O, const Inside &) {
    if (F->OpaqueReason.empty())
      problem("opaque (" + O.Reason + ") in a function that is not");
  }

  const Module &M;
  const Function *F = nullptr;
  std::vector<std::string> Problems;
};

void Verifier::type(const Type &T) {
  index(T.Element, M.Types, "element of type " + T.Name);
  if (T.K == Type::Kind::Class && T.Class.empty())
    problem("the class type " + T.Name + " has no class");
}

void Verifier::role(uint32_t Index, Variable::Kind Kind, llvm::SmallVectorImpl<bool> &Seen) {
  if (Index >= F->Variables.size() || Seen[Index] || F->Variables[Index].K != Kind) {
    problem(text::wordOf(Kind) + llvm::Twine(" number ") + llvm::Twine(Index) + " is no such variable");
    return;
  }
  Seen[Index] = true;
}

void Verifier::variable(const Variable &V) {
  index(V.Type, M.Types, "type of variable " + V.Name);
  place(V.Hides);
  range(V.Where);
  range(V.Statement);
}

void Verifier::movables(llvm::ArrayRef<MovableCode> All) {
  for (const MovableCode &Each : All) {
    range(Each.Lines);
    range(Each.Outside);
    for (const Slot &To : Each.Slots)
      range(To.At);
  }
}

void Verifier::function(const Function &Fn) {
  F = &Fn;
  for (const Variable &V : Fn.Variables)
    variable(V);
  llvm::SmallVector<bool> Seen(Fn.Variables.size());
  for (uint32_t I : Fn.Captures)
    role(I, Variable::Kind::Capture, Seen);
  if (Fn.hasThis())
    role(Fn.This, Variable::Kind::This, Seen);
  for (uint32_t I : Fn.Parameters)
    role(I, Variable::Kind::Parameter, Seen);
  for (size_t I = 0; I != Fn.Variables.size(); ++I)
    if (Variable::Kind K = Fn.Variables[I].K;
        !Seen[I] && (K == Variable::Kind::Parameter || K == Variable::Kind::Capture || K == Variable::Kind::This))
      problem("variable " + Fn.Variables[I].Name + " is in no list of its kind");
  index(Fn.ReturnType, M.Types, "return type");
  range(Fn.Where);
  range(Fn.End);
  range(Fn.CaptureDefault);
  movables(Fn.Movables);
  if (Fn.Body.K != Sequence::Kind::Body && Fn.Body != Sequence())
    problem("the body is not a Body");
  sequence(Fn.Body, {});
  F = nullptr;
}

void Verifier::place(const Place &P) {
  if (P.R == Place::Root::Variable)
    index(P.Index, F->Variables, "variable of a place");
  else if (P.R == Place::Root::Global)
    index(P.Index, M.Globals, "global of a place");
  else if (P != Place())
    problem("steps from no place");
  for (const Step &S : P.Path)
    if ((S.K == Step::Kind::Field) == S.Name.empty() || (S.K != Step::Kind::Element && !S.Index.empty()))
      problem("a step with a name or index that does not belong to it");
}

void Verifier::term(const Term &T) {
  if (!T.Known && !T.Sum.empty())
    problem("an unknown term with a value");
  for (const Monomial &Mono : T.Sum) {
    for (const Atom &A : Mono.Factors)
      place(A.P);
    if (Mono.Coefficient == 0 || !llvm::is_sorted(Mono.Factors))
      problem("a term is not canonical");
  }
  for (size_t I = 1; I < T.Sum.size(); ++I)
    if (!(T.Sum[I - 1].Factors < T.Sum[I].Factors))
      problem("a term is not canonical");
}

void Verifier::value(const Value &V) {
  using Kind = Value::Kind;
  term(V.N);
  place(V.P);
  llvm::for_each(V.Captures, [&](const Value &Part) { value(Part); });
  llvm::for_each(V.Args, [&](const Value &Part) { value(Part); });
  bool NeedsPlace = V.K == Kind::Copy || V.K == Kind::Move || V.K == Kind::Address;
  if (NeedsPlace && !V.P.valid())
    problem("a value without its place");
  bool IsClosure = V.K == Kind::Closure;
  if ((V.P.valid() && !NeedsPlace && !IsClosure) || (V.N != Term() && V.K != Kind::Number) ||
      (!IsClosure && (!V.Callee.empty() || !V.Captures.empty() || !V.Args.empty())))
    problem("a value with parts that do not belong to its kind");
  if (!IsClosure)
    return;
  if (V.Callee.empty() && !V.P.valid())
    problem("a closure of nothing");
  if (const Function *Callee = M.function(V.Callee); Callee && Callee->Captures.size() != V.Captures.size())
    problem("a closure of " + Callee->Name + " with " + llvm::Twine(V.Captures.size()) + " captures instead of " +
            llvm::Twine(Callee->Captures.size()));
}

void Verifier::predicate(const Predicate &P) {
  using Kind = Predicate::Kind;
  place(P.P);
  term(P.Left);
  term(P.Right);
  llvm::for_each(P.Reads, [&](const Place &Read) { place(Read); });
  bool NeedsPlace = P.K == Kind::Joinable || P.K == Kind::Armed;
  if (NeedsPlace != P.P.valid())
    problem("a predicate with a place where there should be none, or without one");
  if (P.K != Kind::Compare && (P.Left != Term() || P.Right != Term() || P.Rel != Predicate::Relation::Equal))
    problem("a predicate with sides that compares nothing");
}

static bool needsSubject(Op O) {
  switch (O) {
  case Op::Spawn:
  case Op::Detach: // a task its own handle
  case Op::Call:
  case Op::Invoke:
  case Op::Exit:
  case Op::Block:
    return false;
  default:
    return true;
  }
}

void Verifier::effect(const Effect &E) {
  place(E.Subject);
  term(E.Amount);
  value(E.Input);
  place(E.Result);
  llvm::for_each(E.Args, [&](const Value &Arg) { value(Arg); });
  range(E.Where);
  range(E.Statement);
  if (needsSubject(E.O) && !E.Subject.valid())
    problem(text::wordOf(E.O) + llvm::Twine(" without subject"));
  if (E.When != Success::Always && !E.Result.valid())
    problem(text::wordOf(E.O) + llvm::Twine(" that can fail, but nothing tells"));
}

void Verifier::nodes(const Nodes &Nodes, const Inside &In) {
  for (const Node &N : Nodes)
    node(N, In);
}

void Verifier::node(const Node &N, const Inside &In) {
  range(N.Where);
  std::visit([&](const auto &Kind) { visit(Kind, In); }, N.Kind);
}

void Verifier::sequence(const Sequence &S, Inside In) {
  range(S.End);
  for (const Node &N : S.Children)
    if (const auto *L = N.as<Label>())
      In.Labels.push_back(L->Name);
  nodes(S.Children, In);
}

void Verifier::block(const Nodes &Nodes, const Inside &In, llvm::StringRef Of) {
  // Empty where nothing in it mattered.
  if (!Nodes.empty() && (Nodes.size() != 1 || !Nodes[0].as<Sequence>()))
    problem("the body of " + Of + " is not one block");
  nodes(Nodes, In);
}

void Verifier::condition(const Condition &C, const Inside &In) {
  nodes(C.Before, In);
  range(C.Where);
  predicate(C.Test);
  for (const Condition &Part : C.Parts)
    condition(Part, In);
  size_t Parts = C.Parts.size();
  bool Sound = C.K == Condition::Kind::Leaf ? Parts == 0 : C.K == Condition::Kind::Not ? Parts == 1 : Parts >= 2;
  if (!Sound)
    problem("a condition with " + llvm::Twine(Parts) + " parts");
}

/// Each branch of an if may jump to the labels of the other one's block.
void Verifier::visit(const If &I, const Inside &In) {
  condition(I.Test, In);
  auto Beside = [&](const Nodes &Other) {
    Inside Wider = In;
    if (const auto *Block = Other.empty() ? nullptr : Other[0].as<Sequence>())
      for (const Node &N : Block->Children)
        if (const auto *L = N.as<Label>())
          Wider.Labels.push_back(L->Name);
    return Wider;
  };
  block(I.Then, Beside(I.Else), "if");
  if (!I.Else.empty())
    block(I.Else, Beside(I.Then), "else");
}

void Verifier::visit(const Loop &L, Inside In) {
  In.Loop = true;
  condition(L.Test, In);
  block(L.Body, In, "a loop");
  nodes(L.Step, In);
  term(L.Trip);
  place(L.Index);
}

void Verifier::visit(const Foreach &Each, Inside In) {
  In.Loop = true;
  place(Each.Container);
  index(Each.Item, F->Variables, "item of a foreach");
  block(Each.Body, In, "foreach");
}

void Verifier::visit(const Switch &S, Inside In) {
  nodes(S.Before, In);
  term(S.Subject);
  In.Switch = true;
  for (const SwitchCase &Case : S.Cases) {
    if (Case.Values.empty() && !Case.Default)
      problem("a case that is never taken");
    nodes(Case.Body, In);
  }
}

void Verifier::visit(const Try &T, const Inside &In) {
  block(T.Body, In, "try");
  for (const Handler &H : T.Handlers) {
    range(H.Where);
    block(H.Body, In, "catch");
  }
}

void Verifier::visit(const Cleanup &C, const Inside & /*In*/) {
  place(C.Armed);
  // A destructor can be left only by throwing.
  nodes(C.Body, Inside());
}

} // namespace

std::vector<std::string> verify(const Module &M) {
  return Verifier(M).run();
}

} // namespace latchkey::ir
