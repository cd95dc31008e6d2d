#include "checks/flow/StoppedReleasers.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Kind = TaskAction::Kind;
using Id = Objects::Id;

namespace {

struct Site {
  const ir::Function *In = nullptr;
  const ir::Effect *Source = nullptr;
};

class Search {
public:
  Search(const Program &P, Objects &O, llvm::ArrayRef<TaskActions> Tasks) : P(P), M(P.module()), O(O), Tasks(Tasks) {
    for (const TaskActions &T : Tasks)
      Entered.insert(T.Entered.begin(), T.Entered.end());
    for (const ir::Function &F : M.Functions)
      forEachNode(F.Body, [&](const ir::Node &N) {
        if (const auto *E = N.as<ir::Effect>())
          read(F, *E);
      });
  }

  /// What to say of the wait; nothing if its Where is not valid.
  MissingCompletion of(const TaskActions &Task, const TaskAction &Wait) {
    const TaskAction *Completion = completionAfter(Task, Wait);
    if (!Completion)
      return {};
    const LoopFlag *Flag = soleFlag(Task, Wait);
    const ir::Effect *Counted = waitFor(Completion->Object, *Task.Spawner);
    if (!Flag || !Flag->AtSpawn.valid() || O.escapes(Flag->Object) || !onlyGivenUntil(*Flag, Task, Wait.Object))
      return {};
    MissingCompletion C;
    C.Subject = ir::spelling(M, *Completion->In, subject(*Completion->Source));
    C.Where = Wait.Source->Where;
    C.Completion = Completion->Source->Where;
    C.Wait = Counted->Where;
    C.Signal = ir::spelling(M, *Wait.In, Wait.Source->Subject);
    C.Flag = Flag->Name;
    C.Given = Gives[Wait.Object].front().Source->Where;
    return C;
  }

private:
  void read(const ir::Function &F, const ir::Effect &E) {
    switch (E.O) {
    case ir::Op::Notify:
    case ir::Op::Release:
      Gives[O.at(F, E.Subject)].push_back({&F, &E});
      return;
    case ir::Op::Wait:
      if (!E.Timed && !M.typeOf(F, E.Subject).Barrier)
        Waits[O.at(F, E.Subject)].push_back({&F, &E});
      return;
    case ir::Op::Await:
    case ir::Op::Acquire:
      if (!E.Timed)
        Waits[O.at(F, E.Subject)].push_back({&F, &E});
      return;
    case ir::Op::Assign:
    case ir::Op::Write:
      if (!E.Initial)
        Writers[O.at(F, E.Subject)].insert(&F);
      return;
    case ir::Op::Call:
      if (E.Result.valid())
        Writers[O.at(F, E.Result)].insert(&F);
      return;
    default:
      return;
    }
  }

  static const ir::Place &subject(const ir::Effect &E) { return E.O == ir::Op::Arm ? E.Input.Args[0].P : E.Subject; }

  /// Somebody waits for the counter: the starter of its tasks, if it does.
  const ir::Effect *waitFor(Id Counter, const ir::Function &Starter) {
    const std::vector<Site> &All = Waits[Counter];
    auto Own = llvm::find_if(All, [&](const Site &S) { return S.In == &Starter; });
    return Own != All.end() ? Own->Source : All.empty() ? nullptr : All.front().Source;
  }

  /// The task completes a count only behind the wait, or gives another signal that nobody else gives, which counts as
  /// much; null if it does not.
  const TaskAction *completionAfter(const TaskActions &Task, const TaskAction &Wait) {
    auto Completes = [&](const TaskAction &A) {
      return A.K == Kind::Complete || (A.K == Kind::Notify && A.Object != Wait.Object);
    };
    auto IsBehind = [&](const TaskAction &A) { return (&A > &Wait || A.AtEnd) && A.Loops.empty() && A.Branches == 0; };
    auto Found = llvm::find_if(Task.All, [&](const TaskAction &A) {
      return Completes(A) && waitFor(A.Object, *Task.Spawner) &&
             llvm::all_of(Task.All,
                          [&](const TaskAction &B) { return !Completes(B) || B.Object != A.Object || IsBehind(B); }) &&
             (A.K == Kind::Complete || llvm::all_of(Gives[A.Object], [&](const Site &S) {
                return llvm::any_of(Task.All, [&](const TaskAction &B) { return B.Source == S.Source; });
              }));
    });
    return Found == Task.All.end() ? nullptr : &*Found;
  }

  /// The flag that alone ends a loop around the wait: the task goes on to its completion only when somebody has set it.
  static const LoopFlag *soleFlag(const TaskActions &Task, const TaskAction &Wait) {
    for (size_t Number : Wait.Loops) {
      const TaskLoop &L = Task.Loops[Number];
      bool Sole = !L.OtherExits && !L.Flags.empty() && L.Branches == 0 && Wait.Branches == 0 &&
                  llvm::all_of(L.Flags, [&](const LoopFlag &F) { return F.Object == L.Flags.front().Object; });
      if (Sole)
        return &L.Flags.front();
    }
    return nullptr;
  }

  /// Both tasks mean the same flag, not that of two objects of one class.
  static bool isSame(const LoopFlag &A, const TaskActions &OfA, const LoopFlag &B, const TaskActions &OfB) {
    if (A.Object != B.Object || !B.AtSpawn.valid())
      return false;
    const ir::Place &P = A.AtSpawn, &Q = B.AtSpawn;
    if (OfA.Spawner == OfB.Spawner || P.R == ir::Place::Root::Global)
      return P == Q;
    bool Own = OfA.Spawner->hasThis() && P.Index == OfA.Spawner->This && OfB.Spawner->hasThis() &&
               Q.R == ir::Place::Root::Variable && Q.Index == OfB.Spawner->This;
    return Own && !OfA.Spawner->Class.empty() && OfA.Spawner->Class == OfB.Spawner->Class && P.Path == Q.Path;
  }

  /// Everybody who gives the signal is another task, in a loop that the flag ends, and the flag is set by none of them.
  bool onlyGivenUntil(const LoopFlag &Flag, const TaskActions &Waiting, Id Signal) {
    std::set<const ir::Effect *> Covered;
    std::set<const ir::Function *> Involved(Waiting.Entered);
    bool Asked = Waiting.Written.contains(Flag.Object);
    for (const TaskActions &T : Tasks) {
      bool Gave = false;
      for (const TaskAction &A : T.All) {
        if (A.K != Kind::Notify || A.Object != Signal)
          continue;
        Gave = true;
        bool Until = llvm::any_of(A.Loops, [&](size_t Number) {
          return llvm::any_of(T.Loops[Number].Flags, [&](const LoopFlag &F) { return isSame(Flag, Waiting, F, T); });
        });
        if (!Until || T.Entered.contains(Waiting.Body))
          return false;
        Covered.insert(A.Source);
      }
      if (!Gave)
        continue;
      Asked |= T.Written.contains(Flag.Object);
      Involved.insert(T.Entered.begin(), T.Entered.end());
    }
    if (Asked || Covered.empty() || !isSetOutside(Flag.Object, Involved))
      return false;
    return llvm::all_of(Gives[Signal], [&](const Site &S) {
      std::set<const ir::Function *> Seen;
      return Covered.contains(S.Source) && runsOnlyInTasks(*S.In, Seen);
    });
  }

  bool isSetOutside(Id Flag, const std::set<const ir::Function *> &Involved) {
    return llvm::any_of(Writers[Flag], [&](const ir::Function *F) { return !Involved.contains(F); });
  }

  /// Nobody but the tasks that were read calls it.
  bool runsOnlyInTasks(const ir::Function &F, std::set<const ir::Function *> &Seen) {
    if (!Seen.insert(&F).second)
      return true;
    const ir::Class *C = P.classById(F.Class);
    bool Hidden = F.Lambda || F.Internal || P.isWhole() || (isSource(M, F.Where) && (!C || isSource(M, C->Where)));
    if (!Entered.contains(&F) || F.Virtual || !Hidden)
      return false;
    return llvm::all_of(P.naming(F), [&](const ir::Function *Caller) {
      return onlyStarts(*Caller, F) || runsOnlyInTasks(*Caller, Seen);
    });
  }

  /// All that Starter does with the function is to run it as a task.
  static bool onlyStarts(const ir::Function &Starter, const ir::Function &F) {
    bool Only = true;
    auto Names = [&](const ir::Value &V, auto &Self) -> bool {
      auto Inside = [&](const ir::Value &Part) { return Self(Part, Self); };
      return V.Callee == F.Id || llvm::any_of(V.Captures, Inside) || llvm::any_of(V.Args, Inside);
    };
    forEachNode(Starter.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      bool Other = E->Callee == F.Id || (E->O != ir::Op::Spawn && Names(E->Input, Names));
      Only &= !Other && llvm::none_of(E->Args, [&](const ir::Value &A) { return Names(A, Names); });
    });
    return Only;
  }

  const Program &P;
  const ir::Module &M;
  Objects &O;
  llvm::ArrayRef<TaskActions> Tasks;
  std::set<const ir::Function *> Entered;
  std::map<Id, std::vector<Site>> Gives;
  std::map<Id, std::vector<Site>> Waits; ///< Without a time limit.
  std::map<Id, std::set<const ir::Function *>> Writers;
};

} // namespace

void waitsForStoppedTasks(const Program &P, Objects &O, llvm::ArrayRef<TaskActions> Tasks,
                          llvm::function_ref<bool(Id)> InSight,
                          llvm::DenseMap<const ir::Function *, FunctionFacts> &Into) {
  const ir::Module &M = P.module();
  auto Waits = [&](const TaskAction &A) {
    const ir::Type &T = M.typeOf(*A.In, A.Source->Subject);
    bool Renewed = T.K == TypeKind::Semaphore || (T.K == TypeKind::Signal && !T.SingleUse);
    return A.K == Kind::Await && !A.Source->Timed && !A.Loops.empty() && Renewed && InSight(A.Object);
  };
  if (llvm::none_of(Tasks, [&](const TaskActions &T) { return llvm::any_of(T.All, Waits); }))
    return;
  Search Find(P, O, Tasks);
  // Tasks that hand something to and fro wait for each other, which is one defect: the first of them says so.
  std::map<std::pair<std::string, ir::Range>, std::pair<const ir::Function *, MissingCompletion>> First;
  for (const TaskActions &T : Tasks)
    for (const TaskAction &A : T.All) {
      if (!T.Complete || !Waits(A))
        continue;
      MissingCompletion C = Find.of(T, A);
      if (!C.Where.valid())
        continue;
      auto [It, New] = First.try_emplace({C.Flag, C.Wait}, A.In, C);
      if (!New && C.Where.Offset < It->second.second.Where.Offset)
        It->second = {A.In, std::move(C)};
    }
  for (auto &[Key, Found] : First)
    Into[Found.first].Missing.push_back(std::move(Found.second));
}

} // namespace latchkey::flow
