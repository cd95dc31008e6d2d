#include "checks/flow/DroppedHandles.h"

#include "checks/flow/References.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using ValueKind = ir::Value::Kind;
using Kind = TaskAction::Kind;

namespace {

bool isAt(const ir::Place &P, uint32_t Variable) {
  return P.R == ir::Place::Root::Variable && P.Index == Variable;
}

/// How often a function names a variable.
class Mentions : public References<Mentions> {
public:
  static unsigned of(const ir::Function &F, uint32_t Variable) {
    Mentions Count(Variable);
    Count(const_cast<ir::Function &>(F)); // References serves those who write, too
    return Count.Number;
  }

  void file(uint32_t &) {}
  void type(uint32_t &) {}
  void global(uint32_t &) {}
  void function(std::string &) {}
  void place(const ir::Place &P) { Number += isAt(P, Variable); }

private:
  friend class References<Mentions>;
  explicit Mentions(uint32_t Variable) : Variable(Variable) {}
  uint32_t Variable;
  unsigned Number = 0;
};

class Search {
public:
  Search(const Program &P, llvm::ArrayRef<TaskActions> Tasks) : P(P), M(P.module()), Tasks(Tasks) {}

  /// The handle by which the starter of the task alone leads to what A waits for; its index, or none.
  bool isHandle(const TaskActions &Task, const TaskAction &A) {
    const ir::Function &F = *Task.Spawner;
    if (A.AtSpawn.R != ir::Place::Root::Variable || A.AtSpawn.Path.empty())
      return false;
    uint32_t Handle = A.AtSpawn.Index;
    const ir::Variable &V = F.Variables[Handle];
    const ir::Type &T = M.Types[V.Type];
    const ir::Class *C = P.classById(M.Types[T.Element].Class);
    return V.K == ir::Variable::Kind::Local && !V.Static && T.K == TypeKind::Pointer && !T.Reference && C &&
           C->Bases.empty() && onlyReturned(F, Handle, *C) && llvm::all_of(Tasks, [&](const TaskActions &Other) {
             return Other.Spawner != &F || leavesAlone(Other, A.Object, *C);
           });
  }

  /// Calls of the starter that drop what it returns.
  void drops(const ir::Function &Starter, llvm::function_ref<void(const ir::Function &, const ir::Effect &)> Visit) {
    for (const ir::Function *Caller : P.naming(Starter))
      forEachNode(Caller->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        bool Calls = E && E->O == ir::Op::Call && P.callee(*E) == &Starter && !Caller->System;
        if (Calls && isDropped(*Caller, *E))
          Visit(*Caller, *E);
      });
  }

private:
  /// Nothing is done with the result of the call but to destroy it.
  static bool isDropped(const ir::Function &F, const ir::Effect &Call) {
    if (!Call.Result.valid())
      return true;
    if (Call.Result.R != ir::Place::Root::Variable || !Call.Result.Path.empty())
      return false;
    unsigned Ends = 0;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Ends += E && E->O == ir::Op::Destroy && isAt(E->Subject, Call.Result.Index);
    });
    return Mentions::of(F, Call.Result.Index) == Ends + 1;
  }

  /// The object is new, and all that the function does with it is to give it to tasks, to fill it in and to return it.
  bool onlyReturned(const ir::Function &F, uint32_t Handle, const ir::Class &C) {
    bool Fresh = false, Returned = false;
    unsigned Allowed = 0;
    forEachNode(F.Body, [&](const ir::Node &N) {
      if (const auto *R = N.as<ir::Return>(); R && isAt(R->Result.P, Handle)) {
        Returned |= R->Result.P.Path.empty();
        ++Allowed;
      }
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      bool Made = E->O == ir::Op::Assign && E->Subject == ir::Place::variable(Handle);
      Fresh |= Made && E->Input.K == ValueKind::Fresh;
      if (isAt(E->Subject, Handle) && (!Made || E->Input.K == ValueKind::Fresh))
        ++Allowed;
      const ir::Function *Callee = E->O == ir::Op::Call ? P.callee(*E) : nullptr;
      if (Callee && Callee->Constructor && !E->Args.empty() && isAt(E->Args[0].P, Handle) && !handsOn(*Callee, C))
        ++Allowed;
      if (E->O == ir::Op::Spawn)
        for (const std::vector<ir::Value> *Given : {&E->Input.Captures, &E->Input.Args})
          Allowed += llvm::count_if(*Given, [&](const ir::Value &V) { return isAt(V.P, Handle); });
    });
    return Fresh && Returned && Mentions::of(F, Handle) == Allowed;
  }

  /// The task neither gives the signal nor lets anybody else have the object.
  bool leavesAlone(const TaskActions &Task, Objects::Id Signal, const ir::Class &C) const {
    return Task.Complete &&
           llvm::none_of(Task.All, [&](const TaskAction &A) { return A.K == Kind::Notify && A.Object == Signal; }) &&
           llvm::none_of(Task.Entered, [&](const ir::Function *F) { return handsOn(*F, C); });
  }

  /// An object of the class goes from here to somewhere else than a function that is seen.
  bool handsOn(const ir::Function &F, const ir::Class &C) const {
    auto Leads = [&](const ir::Value &V, auto &Self) -> bool {
      const ir::Type &T = V.P.valid() ? M.typeOf(F, V.P) : M.Types[0];
      bool Itself =
          T.K == TypeKind::Pointer ? M.Types[T.Element].Class == C.Id : V.K == ValueKind::Address && T.Class == C.Id;
      auto Inside = [&](const ir::Value &Part) { return Self(Part, Self); };
      return Itself || llvm::any_of(V.Captures, Inside) || llvm::any_of(V.Args, Inside);
    };
    auto Given = [&](const ir::Value &V) { return Leads(V, Leads); };
    bool Found = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      bool Seen = E->O == ir::Op::Call && P.callee(*E);
      Found |= Given(E->Input) || (!Seen && llvm::any_of(E->Args, Given));
    });
    return Found;
  }

  const Program &P;
  const ir::Module &M;
  llvm::ArrayRef<TaskActions> Tasks;
};

} // namespace

void waitsForDroppedHandles(const Program &P, llvm::ArrayRef<TaskActions> Tasks,
                            llvm::function_ref<bool(Objects::Id)> InSight,
                            llvm::DenseMap<const ir::Function *, FunctionFacts> &Into) {
  const ir::Module &M = P.module();
  Search Find(P, Tasks);
  for (const TaskActions &T : Tasks)
    for (const TaskAction &A : T.All) {
      // A condition may hold before anybody is notified.
      bool Waits = A.K == Kind::Await && !A.Source->Timed && A.Source->Args.empty() && A.Loops.empty() &&
                   A.Branches == 0 && InSight(A.Object);
      if (!Waits || !Find.isHandle(T, A))
        continue;
      Find.drops(*T.Spawner, [&](const ir::Function &Caller, const ir::Effect &Call) {
        SignalWait W;
        W.Subject = ir::spelling(M, *A.In, A.Source->Subject);
        W.Where = Call.Where;
        W.Starter = T.Spawner->Name;
        W.Wait = A.Source->Where;
        Into[&Caller].Unnotified.push_back(std::move(W));
      });
      break;
    }
}

} // namespace latchkey::flow
