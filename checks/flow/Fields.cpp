#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

namespace latchkey::flow {

std::string Fields::fieldOf(const ir::Function &F, const ir::Place &At) const {
  ir::Place Prefix;
  Prefix.R = At.R;
  Prefix.Index = At.Index;
  for (const ir::Step &S : At.Path) {
    if (S.K == ir::Step::Kind::Field && M.typeOf(F, Prefix).Class == C.Id)
      return S.Name;
    Prefix.Path.push_back(S);
  }
  return {};
}

bool Fields::mayBe(const ir::Function &F, const ir::Place &At, const std::string &Field) const {
  ir::Place Prefix;
  Prefix.R = At.R;
  Prefix.Index = At.Index;
  for (const ir::Step &S : At.Path) {
    if (S.K == ir::Step::Kind::Field && S.Name == Field) {
      const std::string &Class = M.typeOf(F, Prefix).Class;
      if (Class.empty() || Class == C.Id)
        return true;
    }
    Prefix.Path.push_back(S);
  }
  return false;
}

Fields::Use Fields::useOf(const ir::Function &F) const {
  Use Found;
  forEachPlaceIn(F, [&](const ir::Place &At, bool Written) {
    std::string Field = fieldOf(F, At);
    Found.Mentioned.insert(Field);
    if (Written)
      Found.Written.insert(Field);
  });
  return Found;
}

Names Fields::namedBy(const ir::Function &F) const {
  Names Found = useOf(F).Mentioned;
  uint32_t This = F.This;
  for (uint32_t Capture : F.Captures)
    if (F.Variables[Capture].Name == "this")
      This = Capture;
  if (This != UINT32_MAX && M.typeOf(F, ir::Place::variable(This).deref()).Class == C.Id)
    Found.insert(F.Fields.begin(), F.Fields.end());
  Found.erase("");
  return Found;
}

std::optional<Fields::Start> Fields::startOf(const ir::Function &F, const std::string &Field, bool Gives) const {
  std::optional<Start> Found;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    if (!E || E->O != ir::Op::Spawn || !(Gives || fieldOf(F, E->Subject) == Field))
      return;
    if (!Found)
      Found.emplace();
    Found->Where = E->Where.valid() ? E->Where : N.Where;
    if (const ir::Function *Body = P.function(E->Input.Callee))
      Found->Tasks.insert(Body);
  });
  return Found;
}

std::optional<Fields::Start> Fields::putsInto(const std::string &Field) const {
  for (const ir::Function *F : P.naming(C, Field))
    if (std::optional<Start> Found = putsInto(*F, Field))
      return Found;
  return std::nullopt;
}

std::optional<Fields::Start> Fields::putsInto(const ir::Function &F, const std::string &Field) const {
  std::optional<Start> Found;
  std::map<uint32_t, const ir::Effect *> Started; // by the variable that holds the handle, or points to it
  std::set<uint32_t> Items;                       // elements of the field that a loop looks at
  auto Add = [&](const ir::Effect &Spawn) {
    if (!Found)
      Found.emplace();
    Found->Where = Spawn.Where;
    if (const ir::Function *Body = P.function(Spawn.Input.Callee))
      Found->Tasks.insert(Body);
  };
  auto Puts = [&](const ir::Place &At) {
    return fieldOf(F, At) == Field || (At.R == ir::Place::Root::Variable && Items.contains(At.Index));
  };
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *Each = N.as<ir::Foreach>(); Each && !Each->ByValue && fieldOf(F, Each->Container) == Field)
      Items.insert(Each->Item);
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    if (E->O == ir::Op::Spawn && Puts(E->Subject))
      Add(*E);
    else if (E->O == ir::Op::Spawn && E->Subject.R == ir::Place::Root::Variable)
      Started[E->Subject.Index] = E;
    if ((E->O != ir::Op::Assign && E->O != ir::Op::Push) || E->Input.P.R != ir::Place::Root::Variable)
      return;
    auto From = Started.find(E->Input.P.Index);
    if (From == Started.end())
      return;
    if (Puts(E->Subject))
      Add(*From->second);
    else if (E->Subject.R == ir::Place::Root::Variable && E->Subject.Path.empty())
      Started[E->Subject.Index] = From->second;
  });
  return Found;
}

ir::Range Fields::endOf(const ir::Function &F, const std::string &Field) const {
  ir::Range Last;
  std::set<uint32_t> Items; // elements that a loop over the field looks at, or aliases of it
  auto Is = [&](const ir::Place &At) {
    return At.valid() && ((At.R == ir::Place::Root::Variable && Items.contains(At.Index)) || mayBe(F, At, Field));
  };
  auto Given = [&](const ir::Value &V, auto &Self) -> bool {
    using Kind = ir::Value::Kind;
    return ((V.K == Kind::Move || V.K == Kind::Copy || (V.K == Kind::Address && !V.Const)) && Is(V.P)) ||
           llvm::any_of(V.Captures, [&](const ir::Value &Part) { return Self(Part, Self); }) ||
           llvm::any_of(V.Args, [&](const ir::Value &Part) { return Self(Part, Self); });
  };
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *Each = N.as<ir::Foreach>(); Each && Is(Each->Container))
      Items.insert(Each->Item);
    if (const auto *R = N.as<ir::Return>(); R && Given(R->Result, Given))
      Last = N.Where;
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    constexpr ir::Op Ending[] = {ir::Op::Join, ir::Op::Detach, ir::Op::Swap, ir::Op::Escape};
    bool Ends = llvm::is_contained(Ending, E->O) && Is(E->Subject);
    Ends |= llvm::any_of(E->Args, [&](const ir::Value &A) { return Given(A, Given); });
    bool Gives = Given(E->Input, Given);
    if (Gives && E->O == ir::Op::Assign && E->Subject.R == ir::Place::Root::Variable && E->Subject.Path.empty() &&
        E->Input.K != ir::Value::Kind::Move)
      Items.insert(E->Subject.Index);
    else if (Gives)
      Ends = true;
    if (Ends)
      Last = E->Where.valid() ? E->Where : N.Where;
  });
  return Last;
}

ir::Range Fields::joinOf(const ir::Function &F, const std::string &Field) const {
  ir::Range Found;
  std::set<uint32_t> Items;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *Each = N.as<ir::Foreach>(); Each && mayBe(F, Each->Container, Field))
      Items.insert(Each->Item);
    const auto *E = N.as<ir::Effect>();
    if (!E || E->O != ir::Op::Join)
      return;
    bool Item = E->Subject.R == ir::Place::Root::Variable && Items.contains(E->Subject.Index);
    if (Item || mayBe(F, E->Subject, Field))
      Found = E->Where.valid() ? E->Where : N.Where;
  });
  return Found;
}

ir::Range Fields::doneTo(const ir::Function &F, const std::string &Field, llvm::ArrayRef<ir::Op> Ops) const {
  ir::Range First;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    if (E && !First.valid() && llvm::is_contained(Ops, E->O) && fieldOf(F, E->Subject) == Field)
      First = E->Where;
  });
  return First;
}

bool Fields::asks(const ir::Function &F, const std::string &Field) const {
  bool Found = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Found |= E && E->O == ir::Op::Use && mayBe(F, E->Subject, Field);
  });
  return Found;
}

std::optional<Names> Fields::read(const ir::Condition &T, const ir::Function &F) const {
  Names Found;
  std::map<uint32_t, Names> Temporaries;
  bool Known = true;
  auto Add = [&](const ir::Place &At, Names &Into) {
    std::string Field = fieldOf(F, At);
    bool Own = F.hasThis() && At.R == ir::Place::Root::Variable && At.Index == F.This;
    if (!Field.empty() && Own)
      Into.insert(Field);
    else if (At.R == ir::Place::Root::Variable && Temporaries.contains(At.Index))
      Into.insert(Temporaries[At.Index].begin(), Temporaries[At.Index].end());
    else
      Known = false;
  };
  auto AddTerm = [&](const ir::Term &Term, Names &Into) {
    forEachPlace(Term, [&](const ir::Place &At) { Add(At, Into); });
    Known &= Term.Known;
  };
  for (const ir::Node &N : T.Before) {
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return std::nullopt;
    ir::Place To = E->O == ir::Op::Assign ? E->Subject : E->Result;
    if (To.R != ir::Place::Root::Variable || !To.Path.empty()) {
      if (E->O != ir::Op::Assign)
        return std::nullopt;
      continue; // a field changed while it is tested
    }
    Names &Into = Temporaries[To.Index];
    if (E->O == ir::Op::Assign && E->Input.K == ir::Value::Kind::Number) {
      AddTerm(E->Input.N, Into);
    } else if (E->O == ir::Op::Call) {
      const ir::Function *Callee = P.function(E->Callee);
      if (!Callee || Callee->Class != C.Id)
        return std::nullopt;
      Names Inside = useOf(*Callee).Mentioned;
      Into.insert(Inside.begin(), Inside.end());
    } else {
      return std::nullopt;
    }
  }
  AddTerm(T.Test.Left, Found);
  AddTerm(T.Test.Right, Found);
  if (T.Test.P.valid())
    Add(T.Test.P, Found);
  for (const ir::Place &At : T.Test.Reads)
    Add(At, Found);
  Found.erase("");
  if (!Known || Found.empty())
    return std::nullopt;
  return Found;
}

void Fields::forEachPlaceIn(const ir::Function &F, llvm::function_ref<void(const ir::Place &, bool)> Visit) const {
  auto Read = [&](const ir::Place &At) { Visit(At, false); };
  auto Value = [&](const ir::Value &V, auto &Self) -> void {
    Read(V.P);
    forEachPlace(V.N, Read);
    for (const ir::Value &Inner : V.Captures)
      Self(Inner, Self);
    for (const ir::Value &Inner : V.Args)
      Self(Inner, Self);
  };
  auto Test = [&](const ir::Condition &T, auto &Self) -> void {
    forEachPlace(T.Test, Read);
    Read(T.Test.P);
    for (const ir::Condition &Part : T.Parts)
      Self(Part, Self);
  };
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *I = N.as<ir::If>())
      Test(I->Test, Test);
    if (const auto *L = N.as<ir::Loop>())
      Test(L->Test, Test);
    if (const auto *R = N.as<ir::Return>())
      Value(R->Result, Value);
    const auto *E = N.as<ir::Effect>();
    if (!E || E->O == ir::Op::Destroy)
      return;
    Visit(E->Subject, E->O == ir::Op::Assign || E->O == ir::Op::Write);
    Visit(E->Result, true);
    Value(E->Input, Value);
    for (const ir::Value &A : E->Args)
      Value(A, Value);
  });
}

void addCallees(const Program &P, const ir::Function &F, FunctionSet &Into) {
  if (!Into.insert(&F).second)
    return;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>(); E && E->O == ir::Op::Call)
      if (const ir::Function *Callee = P.function(E->Callee))
        addCallees(P, *Callee, Into);
  });
}

} // namespace latchkey::flow
