#include "checks/flow/TaskActions.h"

#include "checks/flow/TreeWalk.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

/// A body that is being read, with the values that it was given.
struct Frame {
  const ir::Function *F = nullptr;
  llvm::ArrayRef<ir::Value> Captures, Args;
};

/// What the variable at the root of At was given; null if nobody knows.
const ir::Value *given(const Frame &In, uint32_t Variable) {
  const ir::Function &F = *In.F;
  if (auto At = llvm::find(F.Captures, Variable); At != F.Captures.end()) {
    size_t I = At - F.Captures.begin();
    return I < In.Captures.size() ? &In.Captures[I] : nullptr;
  }
  size_t First = F.hasThis() && !F.Lambda ? 1 : 0;
  if (First && Variable == F.This)
    return In.Args.empty() ? nullptr : &In.Args[0];
  auto At = llvm::find(F.Parameters, Variable);
  size_t I = First + (At - F.Parameters.begin());
  return At != F.Parameters.end() && I < In.Args.size() ? &In.Args[I] : nullptr;
}

/// The same place as the caller of the frame names it; invalid if it cannot.
ir::Place outside(const Frame &In, const ir::Place &At) {
  if (At.R != ir::Place::Root::Variable)
    return At;
  const ir::Value *V = given(In, At.Index);
  bool Address = V && V->K == ir::Value::Kind::Address;
  bool Same = V && (V->K == ir::Value::Kind::Copy || V->K == ir::Value::Kind::Move);
  if ((!Address && !Same) || !V->P.valid())
    return {};
  if (Address && (At.Path.empty() || At.Path.front().K != ir::Step::Kind::Deref))
    return {};
  ir::Place Found = V->P;
  Found.Path.insert(Found.Path.end(), At.Path.begin() + (Address ? 1 : 0), At.Path.end());
  return Found;
}

class Walk : public TreeWalk<Walk> {
public:
  Walk(const Program &P, Objects &O, TaskActions &Into) : P(P), M(P.module()), O(O), Into(Into) {}

  void function(const Frame &In) {
    Into.Entered.insert(In.F);
    Frames.push_back(In);
    nodes(In.F->Body.Children);
    Frames.pop_back();
  }

private:
  friend class TreeWalk<Walk>;

  const ir::Function &now() const { return *Frames.back().F; }

  /// A sequence: its cleanups run at its end, last first.
  void nodes(const ir::Nodes &Children) {
    for (const ir::Node &N : Children)
      if (!N.as<ir::Cleanup>())
        node(N);
    for (const ir::Node &N : llvm::reverse(Children))
      if (const auto *C = N.as<ir::Cleanup>(); C && C->On != ir::Cleanup::Mask::Throw)
        nodes(C->Body);
  }

  void branch(const ir::If &I) {
    condition(I.Test);
    ++Branches;
    nodes(I.Then);
    nodes(I.Else);
    --Branches;
  }

  void choice(const ir::Switch &W) {
    ++Branches;
    TreeWalk::choice(W);
    --Branches;
  }

  void attempt(const ir::Try &T) {
    nodes(T.Body);
    ++Branches;
    for (const ir::Handler &H : T.Handlers)
      nodes(H.Body);
    --Branches;
  }

  void loop(const ir::Loop &L) {
    size_t Number = Into.Loops.size();
    TaskLoop &New = Into.Loops.emplace_back();
    New.Branches = Branches;
    if (!L.Endless)
      leavesIf(L.Test, false, New);
    exits(L.Body, New, true);
    Around.push_back(Number);
    TreeWalk::loop(L);
    Around.pop_back();
  }

  void each(const ir::Foreach &E) {
    Into.Loops.emplace_back().OtherExits = true;
    Into.Loops.back().Branches = Branches;
    Around.push_back(Into.Loops.size() - 1);
    TreeWalk::each(E);
    Around.pop_back();
  }

  /// What leaves the loop from within. Own: a break there is one of this loop.
  void exits(const ir::Nodes &Children, TaskLoop &Of, bool Own) {
    for (const ir::Node &N : Children) {
      if (const auto *I = N.as<ir::If>()) {
        bool Then = isExit(I->Then, Own), Else = isExit(I->Else, Own);
        if (Then != Else)
          leavesIf(I->Test, Then, Of);
        if (!Then)
          exits(I->Then, Of, Own);
        if (!Else)
          exits(I->Else, Of, Own);
        Of.OtherExits |= Then && Else;
      } else if (const auto *S = N.as<ir::Sequence>()) {
        exits(S->Children, Of, Own);
      } else if (const auto *L = N.as<ir::Loop>()) {
        exits(L->Body, Of, false);
      } else if (const auto *Each = N.as<ir::Foreach>()) {
        exits(Each->Body, Of, false);
      } else if (const auto *W = N.as<ir::Switch>()) {
        for (const ir::SwitchCase &Case : W->Cases)
          exits(Case.Body, Of, false);
      } else if (const auto *T = N.as<ir::Try>()) {
        Of.OtherExits = true;
        exits(T->Body, Of, Own);
      } else if (const auto *E = N.as<ir::Effect>()) {
        const ir::Function *Callee = E->O == ir::Op::Call ? P.callee(*E) : nullptr;
        Of.OtherExits |= E->O == ir::Op::Exit || E->NoReturn || (Callee && P.throws(*Callee));
      } else {
        Of.OtherExits |= N.as<ir::Return>() || N.as<ir::Throw>() || N.as<ir::Goto>() || (Own && N.as<ir::Break>());
      }
    }
  }

  static bool isExit(const ir::Nodes &Children, bool Own) {
    if (Children.empty())
      return false;
    const ir::Node &Last = Children.back();
    if (const auto *S = Last.as<ir::Sequence>())
      return isExit(S->Children, Own);
    return Last.as<ir::Return>() || (Own && Last.as<ir::Break>());
  }

  /// Adds the flags that make C what it has to be for the loop to be left, each by itself.
  void leavesIf(const ir::Condition &C, bool True, TaskLoop &Of) {
    using Kind = ir::Condition::Kind;
    if (C.K == Kind::Not) {
      leavesIf(C.Parts.front(), !True, Of);
    } else if (C.K == Kind::Leaf) {
      LoopFlag F = flag(C);
      if (F.Name.empty())
        Of.OtherExits = true;
      else
        Of.Flags.push_back(std::move(F));
    } else if ((C.K == Kind::Any) == True) {
      for (const ir::Condition &Part : C.Parts)
        leavesIf(Part, True, Of);
    } else {
      Of.OtherExits = true;
    }
  }

  /// The one atomic or plain variable that a test reads, perhaps by a method that returns it.
  LoopFlag flag(const ir::Condition &C) {
    ir::Place At;
    unsigned Places = 0;
    forEachPlace(C.Test, [&](const ir::Place &Read) {
      At = Read;
      ++Places;
    });
    if (Places != 1 || !At.valid())
      return {};
    std::string Name = ir::spelling(M, now(), At);
    for (const ir::Node &N : C.Before) {
      const auto *E = N.as<ir::Effect>();
      if (!E || E->O != ir::Op::Call || E->Result != At)
        continue;
      const ir::Function *Getter = P.callee(*E);
      ir::Place Inner = Getter ? returned(*Getter) : ir::Place();
      if (!Inner.valid())
        return {};
      Frames.push_back({Getter, {}, E->Args});
      LoopFlag Found = named(Inner, ir::spelling(M, *Getter, Inner));
      Frames.pop_back();
      return Found;
    }
    return named(At, std::move(Name));
  }

  LoopFlag named(const ir::Place &At, std::string Name) {
    if (M.typeOf(now(), At).K != TypeKind::Number)
      return {};
    LoopFlag Found;
    Found.Object = O.at(now(), At);
    Found.Name = std::move(Name);
    Found.AtSpawn = atSpawn(At);
    return Found;
  }

  ir::Place atSpawn(ir::Place At) const {
    for (const Frame &In : llvm::reverse(Frames))
      if (At.valid())
        At = outside(In, At);
    return At;
  }

  /// The place whose value a getter returns.
  static ir::Place returned(const ir::Function &Getter) {
    ir::Place Found;
    unsigned Returns = 0;
    forEachNode(Getter.Body, [&](const ir::Node &N) {
      const auto *R = N.as<ir::Return>();
      if (!R)
        return;
      ++Returns;
      Found = R->Result.K == ir::Value::Kind::Copy ? R->Result.P : ir::Place();
      if (R->Result.K == ir::Value::Kind::Number)
        forEachPlace(R->Result.N, [&](const ir::Place &At) { Found = At; });
    });
    return Returns == 1 ? Found : ir::Place();
  }

  void record(TaskAction::Kind K, const ir::Effect &E, const ir::Place &Subject, bool AtEnd = false) {
    TaskAction &A = Into.All.emplace_back();
    A.K = K;
    A.Object = O.at(now(), Subject);
    A.Source = &E;
    A.In = &now();
    A.AtSpawn = atSpawn(Subject);
    A.Loops = Around;
    A.Branches = Branches;
    A.AtEnd = AtEnd || InGuard;
  }

  void enter(const ir::Function *Callee, llvm::ArrayRef<ir::Value> Captures, llvm::ArrayRef<ir::Value> Args) {
    constexpr size_t MostFrames = 5;
    if (!Callee)
      return;
    bool Recursive = llvm::any_of(Frames, [&](const Frame &In) { return In.F == Callee; });
    if (Recursive || Frames.size() >= MostFrames)
      Into.Complete = false;
    else
      function({Callee, Captures, Args});
  }

  /// What a guard does when it fires is taken for done where it is armed, at the end.
  void arm(const ir::Effect &E) {
    if (E.Input.Callee == "op:done" && !E.Input.Args.empty() && E.Input.Args[0].P.valid())
      record(TaskAction::Kind::Complete, E, E.Input.Args[0].P, true);
    bool Outer = std::exchange(InGuard, true);
    enter(P.function(E.Input.Callee), E.Input.Captures, E.Input.Args);
    InGuard = Outer;
  }

  void effect(const ir::Effect &E) {
    switch (E.O) {
    case ir::Op::Notify:
    case ir::Op::Release:
      return record(TaskAction::Kind::Notify, E, E.Subject);
    case ir::Op::Await:
    case ir::Op::Acquire:
      return record(TaskAction::Kind::Await, E, E.Subject);
    case ir::Op::Done:
      return record(TaskAction::Kind::Complete, E, E.Subject);
    case ir::Op::Arm:
      return arm(E);
    case ir::Op::Assign:
    case ir::Op::Write:
      Into.Written.insert(O.at(now(), E.Subject));
      return;
    case ir::Op::Call:
      if (E.Result.valid())
        Into.Written.insert(O.at(now(), E.Result));
      return enter(P.callee(E), {}, E.Args);
    case ir::Op::Invoke:
      return enter(P.function(E.Input.Callee), E.Input.Captures, E.Input.Args.empty() ? E.Args : E.Input.Args);
    default:
      return;
    }
  }

  const Program &P;
  const ir::Module &M;
  Objects &O;
  TaskActions &Into;
  llvm::SmallVector<Frame> Frames;
  std::vector<size_t> Around;
  size_t Branches = 0;
  bool InGuard = false;
};

} // namespace

std::vector<TaskActions> taskActions(const Program &P, Objects &O) {
  std::vector<TaskActions> All;
  for (const ir::Function &F : P.module().Functions)
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      const ir::Function *Body = E && E->O == ir::Op::Spawn && !F.System ? P.function(E->Input.Callee) : nullptr;
      if (!Body)
        return;
      TaskActions &Task = All.emplace_back();
      Task.Spawner = &F;
      Task.Body = Body;
      Walk(P, O, Task).function({Body, E->Input.Captures, E->Input.Args});
    });
  return All;
}

} // namespace latchkey::flow
