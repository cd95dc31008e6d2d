#include "checks/flow/Owners.h"

#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

#include <optional>
#include <set>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Names = std::set<std::string>;
using Functions = llvm::SmallPtrSet<const ir::Function *, 8>;

namespace {

/// What the functions of a module do with the fields of one class.
class Fields {
public:
  Fields(const Program &P, const ir::Class &C) : P(P), M(P.module()), C(C) {}

  /// The field of the class that At is, or is part of; empty if none.
  std::string fieldOf(const ir::Function &F, const ir::Place &At) const {
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

  struct Use {
    Names Mentioned, Written;
  };
  Use useOf(const ir::Function &F) const {
    Use Found;
    forEachPlaceIn(F, [&](const ir::Place &At, bool Written) {
      std::string Field = fieldOf(F, At);
      Found.Mentioned.insert(Field);
      if (Written)
        Found.Written.insert(Field);
    });
    return Found;
  }

  /// Where the task of Field is started, and the task's own functions; Gives: F assigns the field something.
  struct Start {
    ir::Range Where;
    Functions Tasks;
  };
  std::optional<Start> startOf(const ir::Function &F, const std::string &Field, bool Gives) const {
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

  /// Fields that a test looks at; none where it looks at anything else, which may be tied to the task in a way that
  /// nobody can see here.
  std::optional<Names> read(const ir::Condition &T, const ir::Function &F) const {
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

private:
  /// Visits what F reads and, with true, what it writes.
  void forEachPlaceIn(const ir::Function &F, llvm::function_ref<void(const ir::Place &, bool)> Visit) const {
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

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
};

} // namespace

/// F and what it calls, or runs at once.
static void addCallees(const Program &P, const ir::Function &F, Functions &Into) {
  if (!Into.insert(&F).second)
    return;
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>(); E && E->O == ir::Op::Call)
      if (const ir::Function *Callee = P.function(E->Callee))
        addCallees(P, *Callee, Into);
  });
}

/// The member as the destructor names it, with the object that it leads to; invalid if it is no handle to end.
static ir::Place handleOf(const ir::Module &M, const ir::Function &Destructor, const ir::Field &Field) {
  auto MustEnd = [](const ir::Type &T) {
    return T.K == TypeKind::Handle && (T.End == ir::Type::Ending::Terminate || T.End == ir::Type::Ending::Leak);
  };
  ir::Place P = ir::Place::variable(Destructor.This).deref().field(Field.Name);
  const ir::Type &T = M.Types[Field.Type];
  if (MustEnd(T))
    return P;
  return T.K == TypeKind::Pointer && MustEnd(M.Types[T.Element]) ? P.deref() : ir::Place();
}

std::vector<LostHandle> leftOpen(const Program &P, const Limits &Limit, const ir::Function &Destructor,
                                 std::set<const ir::Function *> &Heavy) {
  std::vector<LostHandle> Found;
  const ir::Module &M = P.module();
  const ir::Class *C = P.classById(Destructor.Class);
  if (!C || !Destructor.hasThis())
    return Found;
  Fields Of(P, *C);
  Functions Ending;
  addCallees(P, Destructor, Ending);
  for (const ir::Field &Field : C->Fields) {
    ir::Place Handle = handleOf(M, Destructor, Field);
    if (!Handle.valid())
      continue;
    std::optional<Fields::Start> Start;
    Names Tied, Untied;
    for (const ir::Function &F : M.Functions) {
      Fields::Use Use = Of.useOf(F);
      if (!Start)
        Start = Of.startOf(F, Field.Name, Use.Written.contains(Field.Name));
      // Who starts or ends the task, or passes a constructor's argument on, keeps account of it in what it mentions.
      Names Mine = Ending.contains(&F)                  ? Use.Written
                   : Use.Mentioned.contains(Field.Name) ? Use.Mentioned
                   : F.Constructor && F.Class == C->Id  ? Use.Written
                                                        : Names();
      Tied.insert(Mine.begin(), Mine.end());
    }
    if (!Start)
      continue;
    Functions Tasks;
    for (const ir::Function *Task : Start->Tasks)
      addCallees(P, *Task, Tasks);
    for (const ir::Function *Task : Tasks) {
      Names Mine = Of.useOf(*Task).Written;
      Untied.insert(Mine.begin(), Mine.end());
    }
    auto IsTied = [&](const std::string &Name) {
      return Name == Field.Name || (Tied.contains(Name) && !Untied.contains(Name));
    };
    Engine E(P, Limit, Destructor, Heavy);
    Engine::OwnerRun Run = E.runOwner(Handle, Start->Where);
    if (E.overBudget() || !Run.Ended)
      continue;
    for (const Trail &Open : Run.Open) {
      const TrailStep *Last = nullptr;
      bool Decided = true;
      for (const TrailStep *T = Open.get(); T; T = T->Before.get()) {
        if (T->Step.K == PathStep::Kind::LoopSkipped)
          Decided = false;
        if (T->Step.K != PathStep::Kind::Branch)
          continue;
        auto Read = T->Test ? Of.read(*T->Test, *T->In) : std::nullopt;
        Decided &= Read && llvm::none_of(*Read, IsTied);
        Last = Last ? Last : T;
      }
      if (!Last || !Decided || !Last->Step.Where.valid() || M.Files[Last->Step.Where.File].System)
        continue;
      LostHandle Lost;
      Lost.Subject = Field.Name;
      Lost.Where = Last->Step.Where;
      Lost.Loss = LostHandle::How::PassedOver;
      Lost.Ending = M.typeOf(Destructor, Handle).End;
      Lost.TypeName = M.typeOf(Destructor, Handle).Name;
      Lost.Started = Start->Where;
      Lost.Condition = Last->Step.Text;
      Lost.Holds = Last->Step.Flag;
      Lost.Path = {{PathStep::Kind::Started, Field.Name, "", false, 0, Start->Where}, Last->Step};
      if (llvm::none_of(Found, [&](const LostHandle &O) { return O.Where == Lost.Where && O.Subject == Lost.Subject; }))
        Found.push_back(std::move(Lost));
    }
  }
  return Found;
}

} // namespace latchkey::flow
