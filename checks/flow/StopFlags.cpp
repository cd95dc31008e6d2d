// Variables by which one thread asks another's loop to end although neither an atomic nor a lock orders them.
#include "checks/flow/Endless.h"
#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

/// A variable as several functions see it: a field of any object of a class, a global, or a local of the launcher.
struct Flag {
  std::string Class, Field;
  uint32_t Global = UINT32_MAX, Local = UINT32_MAX;
  bool valid() const { return !Field.empty() || Global != UINT32_MAX || Local != UINT32_MAX; }
};

class Finder {
public:
  Finder(const Program &P, const ir::Function &Launcher) : P(P), M(P.module()), Launcher(Launcher) {}

  void task(const ir::Effect &Spawn, std::vector<PlainStopFlag> &Into) {
    const ir::Function *Body = P.function(Spawn.Input.Callee);
    if (!Body || Spawn.Shared) // a fibre sees what its thread writes
      return;
    FunctionSet All;
    addCallees(P, *Body, All);
    FunctionSet Own = withCallbacks(All);
    for (const ir::Function *F : All) {
      if (takesLock(*F))
        continue;
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *L = N.as<ir::Loop>();
        if (!L || L->Endless || L->Trip.Known || L->Index.valid())
          return;
        std::string Name;
        Flag Asked = testedBy(L->Test, *F, *Body, Spawn.Input, Name);
        bool Sure = false;
        ir::Range Written = Asked.valid() ? writtenElsewhere(Asked, Own, Spawn, Sure) : ir::Range();
        if (!Written.valid() || M.Files[N.Where.File].System)
          return;
        PlainStopFlag S;
        S.Subject = Name;
        S.Where = L->Test.Where.valid() ? L->Test.Where : N.Where;
        S.Started = Spawn.Where;
        S.Written = Written;
        S.Always = Sure;
        S.Spelled = spelled(Asked);
        Into.push_back(std::move(S));
      });
    }
  }

private:
  /// What the task hands on as a callback may well run on its own thread.
  FunctionSet withCallbacks(const FunctionSet &Task) const {
    FunctionSet Found = Task;
    auto Add = [&](const ir::Value &V, auto &Self) -> void {
      if (const ir::Function *F = V.K == ir::Value::Kind::Closure ? P.function(V.Callee) : nullptr)
        addCallees(P, *F, Found);
      for (const std::vector<ir::Value> *Parts : {&V.Captures, &V.Args})
        for (const ir::Value &Part : *Parts)
          Self(Part, Self);
    };
    for (const ir::Function *F : Task)
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (!E || E->O == ir::Op::Spawn)
          return;
        Add(E->Input, Add);
        for (const ir::Value &A : E->Args)
          Add(A, Add);
      });
    return Found;
  }

  static bool takesLock(const ir::Function &F) {
    bool Found = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Found |= E && (E->O == ir::Op::Lock || E->O == ir::Op::TryLock || E->O == ir::Op::Await);
    });
    return Found;
  }

  /// The one plain variable that the test looks at.
  Flag testedBy(const ir::Condition &C, const ir::Function &F, const ir::Function &Body, const ir::Value &Closure,
                std::string &Name) const {
    const ir::Condition *Test = &C;
    while (Test->K == ir::Condition::Kind::Not && Test->Before.empty())
      Test = &Test->Parts.front();
    if (Test->K != ir::Condition::Kind::Leaf || Test->Test.K != ir::Predicate::Kind::Compare)
      return {};
    Flag Found;
    unsigned Places = 0;
    forEachPlace(Test->Test, [&](const ir::Place &At) {
      ++Places;
      Found = flagAt(At, F, Body, Closure, Name);
      if (!Found.valid())
        Found = returnedBy(*Test, At, Name);
    });
    return Places == 1 ? Found : Flag();
  }

  /// The declared type, if it is free to change: an atomic member takes copies and moves from its class.
  ir::Range spelled(const Flag &A) const {
    if (A.Local != UINT32_MAX)
      return Launcher.Variables[A.Local].Spelled;
    const ir::Class *C = A.Field.empty() ? nullptr : P.classById(A.Class);
    if (!C || C->Copyable || C->Movable)
      return {};
    auto It = llvm::find_if(C->Fields, [&](const ir::Field &F) { return F.Name == A.Field; });
    return It == C->Fields.end() ? ir::Range() : It->Spelled;
  }

  bool isPlain(const ir::Function &F, const ir::Place &At) const {
    const ir::Type &T = M.typeOf(F, At);
    return T.K == TypeKind::Number && !T.Atomic;
  }

  Flag flagAt(const ir::Place &At, const ir::Function &F, const ir::Function &Body, const ir::Value &Closure,
              std::string &Name) const {
    Flag Found;
    if (!isPlain(F, At))
      return Found;
    if (At.R == ir::Place::Root::Global && At.Path.empty() && !M.Globals[At.Index].Constant) {
      Found.Global = At.Index;
      Name = M.Globals[At.Index].Name;
    } else if (At.R == ir::Place::Root::Variable && !At.Path.empty() && At.Path.back().K == ir::Step::Kind::Field) {
      ir::Place Object = At;
      Object.Path.pop_back();
      Found.Class = M.typeOf(F, Object).Class;
      Found.Field = Found.Class.empty() ? std::string() : At.Path.back().Name;
      Name = Found.Field;
    } else if (&F == &Body && At.R == ir::Place::Root::Variable && At.Path.size() == 1 &&
               At.Path[0].K == ir::Step::Kind::Deref) {
      const ir::Value *V = boundTo(At.Index, Body, Closure);
      if (V && V->K == ir::Value::Kind::Address && V->P.R == ir::Place::Root::Variable && V->P.Path.empty()) {
        Found.Local = V->P.Index;
        Name = Launcher.Variables[V->P.Index].Name;
      } else if (V && V->K == ir::Value::Kind::Address && V->P.R == ir::Place::Root::Global && V->P.Path.empty()) {
        Found.Global = V->P.Index;
        Name = M.Globals[V->P.Index].Name;
      }
    }
    return Found;
  }

  /// What the closure gives one of its function's captures or parameters.
  static const ir::Value *boundTo(uint32_t Variable, const ir::Function &Body, const ir::Value &Closure) {
    for (size_t I = 0; I < Body.Captures.size() && I < Closure.Captures.size(); ++I)
      if (Body.Captures[I] == Variable)
        return &Closure.Captures[I];
    size_t Skip = Body.hasThis() && !Body.Lambda ? 1 : 0;
    for (size_t I = 0; I < Body.Parameters.size() && I + Skip < Closure.Args.size(); ++I)
      if (Body.Parameters[I] == Variable)
        return &Closure.Args[I + Skip];
    return nullptr;
  }

  static bool returnsConstant(const ir::Nodes &Side) {
    if (Side.size() != 1)
      return false;
    if (const auto *S = Side[0].as<ir::Sequence>())
      return returnsConstant(S->Children);
    const auto *R = Side[0].as<ir::Return>();
    return R && R->Result.K == ir::Value::Kind::Number && R->Result.N.isConstant();
  }

  /// The test calls a method that does nothing but tell a field.
  Flag returnedBy(const ir::Condition &Test, const ir::Place &At, std::string &Name) const {
    for (const ir::Node &N : Test.Before) {
      const auto *E = N.as<ir::Effect>();
      const ir::Function *F = E && E->O == ir::Op::Call && E->Result == At ? P.function(E->Callee) : nullptr;
      if (!F || F->Body.Children.size() != 1)
        continue;
      Flag Found;
      auto Take = [&](const ir::Place &Returned) { Found = flagAt(Returned, *F, *F, ir::Value(), Name); };
      if (const auto *I = F->Body.Children[0].as<ir::If>(); I && returnsConstant(I->Then) && returnsConstant(I->Else) &&
                                                            I->Test.K == ir::Condition::Kind::Leaf &&
                                                            I->Test.Before.empty()) // `return !Flag;`
        forEachPlace(I->Test.Test, Take);
      const auto *R = F->Body.Children[0].as<ir::Return>();
      if (!R)
        return Found;
      if (R->Result.K == ir::Value::Kind::Number)
        forEachPlace(R->Result.N, Take);
      else if (R->Result.K == ir::Value::Kind::Copy)
        Take(R->Result.P);
      return Found;
    }
    return {};
  }

  bool writes(const ir::Function &F, const ir::Effect &E, const Flag &A) const {
    if ((E.O != ir::Op::Assign && E.O != ir::Op::Write) || E.Initial)
      return false;
    const ir::Place &At = E.Subject;
    if (A.Global != UINT32_MAX)
      return At.R == ir::Place::Root::Global && At.Index == A.Global && At.Path.empty();
    if (A.Local != UINT32_MAX)
      return &F == &Launcher && At == ir::Place::variable(A.Local);
    if (At.R == ir::Place::Root::None || At.Path.empty() || At.Path.back().K != ir::Step::Kind::Field ||
        At.Path.back().Name != A.Field)
      return false;
    ir::Place Object = At;
    Object.Path.pop_back();
    return M.typeOf(F, Object).Class == A.Class;
  }

  /// Looks like what a signal runs: that happens on any thread, and has rules of its own.
  bool isSignalHandler(const ir::Function &F) const {
    return F.Class.empty() && !F.Lambda && F.ReturnType == 0 && F.Parameters.size() == 1 &&
           M.Types[F.Variables[F.Parameters[0]].Type].K == TypeKind::Number;
  }

  /// What the loop's own thread counts is its progress, not a request to end.
  bool counts(const FunctionSet &Task, const Flag &A) const {
    bool Found = false;
    for (const ir::Function *F : Task)
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        bool Constant = E && E->Input.K == ir::Value::Kind::Number && E->Input.N.isConstant();
        Found |= E && !Constant && writes(*F, *E, A);
      });
    return Found;
  }

  /// Where a thread other than the task's writes the flag without a lock, while the task may run. Sure: who does so
  /// also starts or ends the task, so it is no callback of the task's own.
  ir::Range writtenElsewhere(const Flag &A, const FunctionSet &Task, const ir::Effect &Spawn, bool &Sure) const {
    ir::Range Found;
    if (counts(Task, A))
      return Found;
    const FunctionList Launching = {&Launcher};
    const FunctionList &Writing = A.Global != UINT32_MAX  ? P.naming(M.Globals[A.Global])
                                  : A.Local != UINT32_MAX ? Launching
                                                          : P.namingExactly(A.Class, A.Field);
    for (const ir::Function *Each : Writing) {
      const ir::Function &F = *Each;
      if (Task.contains(&F) || F.Constructor || F.System || isSignalHandler(F) || takesLock(F))
        continue;
      bool Joined = false;
      forEachNode(F.Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (!E)
          return;
        bool Behind = &F != &Launcher || (E->Where.File == Spawn.Where.File && E->Where.Offset > Spawn.Where.Offset);
        Joined |= E->O == ir::Op::Join && Behind;
        bool Here = Behind && !Joined && writes(F, *E, A);
        bool Known = Here && (&F == &Launcher || F.Destructor);
        if (Here && (!Found.valid() || (Known && !Sure)))
          Found = E->Where.valid() ? E->Where : N.Where;
        Sure |= Known;
      });
    }
    return Found;
  }

  const Program &P;
  const ir::Module &M;
  const ir::Function &Launcher;
};

} // namespace

std::vector<PlainStopFlag> plainStopFlags(const Program &P, const ir::Function &F) {
  std::vector<PlainStopFlag> Found;
  Finder Find(P, F);
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>(); E && E->O == ir::Op::Spawn)
      Find.task(*E, Found);
  });
  return Found;
}

} // namespace latchkey::flow
