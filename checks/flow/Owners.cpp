#include "checks/flow/Owners.h"

#include "checks/flow/Engine.h"
#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

#include <optional>
#include <set>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

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
  FunctionSet Ending;
  addCallees(P, Destructor, Ending);
  for (const ir::Field &Field : C->Fields) {
    ir::Place Handle = handleOf(M, Destructor, Field);
    if (!Handle.valid())
      continue;
    std::optional<Fields::Start> Start;
    Names Tied, Untied;
    FunctionList Concerned = P.naming(*C, Field.Name);
    llvm::append_range(Concerned, P.methodsOf(*C));
    llvm::append_range(Concerned, Ending);
    llvm::sort(Concerned); // they stand in the module in its order
    Concerned.erase(std::unique(Concerned.begin(), Concerned.end()), Concerned.end());
    for (const ir::Function *Each : Concerned) {
      const ir::Function &F = *Each;
      Fields::Use Use = Of.useOf(F);
      if (!Start)
        Start = Of.startOf(F, Field.Name, Use.Written.contains(Field.Name));
      if (F.Constructor && !F.Begin.valid())
        continue; // one that nobody wrote ties nothing
      // Who starts or ends the task, or passes a constructor's argument on, keeps account of it in what it mentions.
      Names Mine = Ending.contains(&F)                  ? Use.Written
                   : Use.Mentioned.contains(Field.Name) ? Use.Mentioned
                   : F.Constructor && F.Class == C->Id  ? Use.Written
                                                        : Names();
      Tied.insert(Mine.begin(), Mine.end());
    }
    if (!Start)
      continue;
    FunctionSet Tasks;
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
