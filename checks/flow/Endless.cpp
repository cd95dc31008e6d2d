#include "checks/flow/Endless.h"

#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

/// A loop that nothing in the source leaves.
struct EndlessLoop {
  ir::Range Where;
  std::string Flag; ///< The variable that it tests in vain; empty if it tests nothing.
};

class Search {
public:
  explicit Search(const Program &P) : P(P), M(P.module()) {}

  std::optional<EndlessLoop> in(const ir::Function &F, bool Guarded = false) {
    if (!Visited.insert(&F).second || !F.OpaqueReason.empty())
      return std::nullopt;
    return nodes(F.Body.Children, F, Guarded);
  }

private:
  /// Guarded: an exception ends in a handler of the task.
  std::optional<EndlessLoop> nodes(const ir::Nodes &Children, const ir::Function &F, bool Guarded) {
    for (const ir::Node &N : Children)
      if (std::optional<EndlessLoop> Found = node(N, F, Guarded))
        return Found;
    return std::nullopt;
  }

  std::optional<EndlessLoop> node(const ir::Node &N, const ir::Function &F, bool Guarded) {
    if (const auto *S = N.as<ir::Sequence>())
      return nodes(S->Children, F, Guarded);
    if (const auto *I = N.as<ir::If>()) {
      std::optional<EndlessLoop> Found = nodes(I->Then, F, Guarded);
      return Found ? Found : nodes(I->Else, F, Guarded);
    }
    if (const auto *T = N.as<ir::Try>())
      return nodes(T->Body, F, true);
    if (const auto *L = N.as<ir::Loop>()) {
      std::string Flag;
      if ((neverFails(*L) || testsInVain(*L, F, Flag)) && !leaves(L->Body, Guarded, true) &&
          !leaves(L->Step, Guarded, true) && N.Where.valid())
        return EndlessLoop{N.Where, Flag};
      return nodes(L->Body, F, Guarded);
    }
    const auto *E = N.as<ir::Effect>();
    if (!E || E->O != ir::Op::Call)
      return std::nullopt;
    const ir::Function *Callee = P.callee(*E);
    return Callee ? in(*Callee, Guarded) : std::nullopt;
  }

  static bool neverFails(const ir::Loop &L) {
    return L.Endless || (L.Test.K == ir::Condition::Kind::Leaf && L.Test.Before.empty() &&
                         L.Test.Test.K == ir::Predicate::Kind::Constant && !L.Test.Test.Negated);
  }

  /// Looks only at variables of its own that nothing changes.
  bool testsInVain(const ir::Loop &L, const ir::Function &F, std::string &Flag) const {
    const ir::Condition *Test = &L.Test;
    while (Test->K == ir::Condition::Kind::Not && Test->Before.empty())
      Test = &Test->Parts.front();
    if (Test->K != ir::Condition::Kind::Leaf || !Test->Before.empty() || L.Trip.Known || L.Index.valid() ||
        Test->Test.K != ir::Predicate::Kind::Compare)
      return false;
    bool Own = true, Any = false;
    forEachPlace(Test->Test, [&](const ir::Place &At) {
      const ir::Type &T = M.typeOf(F, At);
      Any = true;
      Own &= At.R == ir::Place::Root::Variable && At.Path.empty() && T.K == TypeKind::Number &&
             !F.Variables[At.Index].Static && !F.Variables[At.Index].CapturedByReference && !changes(F, At);
      if (Own)
        Flag = F.Variables[At.Index].Name;
    });
    return Own && Any;
  }

  static bool givesAddress(const ir::Value &V, const ir::Place &At) {
    auto Inside = [&](const ir::Value &Part) { return givesAddress(Part, At); };
    return (V.K == ir::Value::Kind::Address && V.P == At) || llvm::any_of(V.Captures, Inside) ||
           llvm::any_of(V.Args, Inside);
  }

  static bool changes(const ir::Function &F, const ir::Place &At) {
    bool Found = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      Found |=
          (E->Subject == At && !E->Initial && E->O != ir::Op::Declare) || E->Result == At || givesAddress(E->Input, At);
      for (const ir::Value &A : E->Args)
        Found |= givesAddress(A, At);
    });
    return Found;
  }

  /// Something in a loop's body may leave the loop. Own: a break here is the loop's.
  bool leaves(const ir::Nodes &Children, bool Guarded, bool Own) {
    return llvm::any_of(Children, [&](const ir::Node &N) { return leaves(N, Guarded, Own); });
  }

  bool leaves(const ir::Condition &C, bool Guarded) {
    return leaves(C.Before, Guarded, false) ||
           llvm::any_of(C.Parts, [&](const ir::Condition &Part) { return leaves(Part, Guarded); });
  }

  bool leaves(const ir::Node &N, bool Guarded, bool Own) {
    if (N.as<ir::Return>() || N.as<ir::Throw>() || N.as<ir::Goto>() || N.as<ir::Suspend>() || N.as<ir::Opaque>())
      return true;
    if (N.as<ir::Break>())
      return Own;
    if (const auto *S = N.as<ir::Sequence>())
      return leaves(S->Children, Guarded, Own);
    if (const auto *I = N.as<ir::If>())
      return leaves(I->Test, Guarded) || leaves(I->Then, Guarded, Own) || leaves(I->Else, Guarded, Own);
    if (const auto *L = N.as<ir::Loop>())
      return leaves(L->Test, Guarded) || leaves(L->Body, Guarded, false) || leaves(L->Step, Guarded, false);
    if (const auto *E = N.as<ir::Foreach>())
      return leaves(E->Body, Guarded, false);
    if (const auto *C = N.as<ir::Cleanup>())
      return leaves(C->Body, Guarded, Own);
    if (const auto *W = N.as<ir::Switch>())
      return leaves(W->Before, Guarded, false) ||
             llvm::any_of(W->Cases, [&](const ir::SwitchCase &Case) { return leaves(Case.Body, Guarded, false); });
    if (const auto *T = N.as<ir::Try>()) // What it catches stays in the loop.
      return leaves(T->Body, false, Own) ||
             llvm::any_of(T->Handlers, [&](const ir::Handler &H) { return leaves(H.Body, Guarded, Own); });
    const auto *E = N.as<ir::Effect>();
    return E && leaves(*E, Guarded);
  }

  bool leaves(const ir::Effect &E, bool Guarded) {
    if (E.O == ir::Op::Exit || E.NoReturn)
      return true;
    if (E.O != ir::Op::Call && E.O != ir::Op::Invoke)
      return false;
    const ir::Function *Callee = E.O == ir::Op::Invoke ? nullptr : P.callee(E);
    if (!Callee)
      return Guarded && !E.NoThrow;
    return P.throws(*Callee) || exits(*Callee, 0);
  }

  /// F may end the thread or the program, or throws.
  bool exits(const ir::Function &F, unsigned Depth) const {
    bool Found = F.NoReturn || !F.OpaqueReason.empty() || Depth > 3;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E || Found)
        return;
      const ir::Function *Callee = E->O == ir::Op::Call ? P.callee(*E) : nullptr;
      Found = E->O == ir::Op::Exit || E->NoReturn || (Callee && exits(*Callee, Depth + 1));
    });
    return Found;
  }

  const Program &P;
  const ir::Module &M;
  FunctionSet Visited;
};

} // namespace

static std::optional<EndlessTask> endlessTask(const Program &P, const ir::Function &Body, bool Stops) {
  std::optional<EndlessLoop> Loop = Search(P).in(Body);
  if (!Loop || P.module().Files[Loop->Where.File].System)
    return std::nullopt;
  EndlessTask T;
  T.Where = Loop->Where;
  T.Flag = Loop->Flag;
  T.Token = Stops;
  return T;
}

void endlessTasks(const Program &P, FunctionFacts &Facts) {
  for (const JoinedTask &J : Facts.Joined) {
    std::optional<EndlessTask> T = J.Body && !J.Asked ? endlessTask(P, *J.Body, J.Stops) : std::nullopt;
    if (!T)
      continue;
    T->Subject = J.Subject;
    T->Started = J.Started;
    T->Joined = J.Where;
    Facts.Endless.push_back(std::move(*T));
  }
}

std::vector<EndlessTask> endlessMembers(const Program &P, const ir::Class &C) {
  std::vector<EndlessTask> Found;
  const ir::Module &M = P.module();
  Fields Of(P, C);
  for (const ir::Field &Field : C.Fields) {
    const ir::Type *T = &M.Types[Field.Type];
    while ((T->K == TypeKind::Pointer || T->K == TypeKind::Container) && T->Element != 0)
      T = &M.Types[T->Element];
    if (T->K != TypeKind::Handle)
      continue;
    std::optional<Fields::Start> Start = Of.putsInto(Field.Name);
    ir::Range Joined;
    bool Asked = false;
    for (const ir::Function *F : P.naming(C, Field.Name)) {
      ir::Range Here = Of.joinOf(*F, Field.Name);
      Joined = Joined.valid() ? Joined : Here;
      Asked |= Of.asks(*F, Field.Name);
    }
    if (!Joined.valid() && T->End == ir::Type::Ending::Join)
      Joined = Field.Where;
    if (!Start || !Joined.valid() || Asked)
      continue;
    for (const ir::Function *Body : Start->Tasks)
      if (std::optional<EndlessTask> Endless = endlessTask(P, *Body, T->Stops)) {
        Endless->Subject = Field.Name;
        Endless->Started = Start->Where;
        Endless->Joined = Joined;
        Found.push_back(std::move(*Endless));
        break;
      }
  }
  return Found;
}

std::vector<UnboundedSpawn> unboundedSpawns(const ir::Function &F) {
  std::vector<UnboundedSpawn> Found;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *L = N.as<ir::Loop>();
    if (!L || L->Trip.Known || L->Index.valid())
      return;
    const ir::Effect *Spawn = nullptr;
    bool LetGo = false, Throttled = false;
    auto Visit = [&](const ir::Node &Inner) {
      const auto *E = Inner.as<ir::Effect>();
      if (!E)
        return;
      Throttled |= E->O == ir::Op::Acquire || E->O == ir::Op::TryAcquire || E->O == ir::Op::Wait ||
                   E->O == ir::Op::Await || E->O == ir::Op::Get || E->O == ir::Op::Join;
      if (E->O == ir::Op::Spawn && E->Subject.valid())
        Spawn = E;
      LetGo |= Spawn && E->O == ir::Op::Detach;
    };
    forEachNode(L->Test.Before, Visit);
    forEachNode(L->Body, Visit);
    if (!Spawn || !LetGo || Throttled)
      return;
    UnboundedSpawn U;
    U.Where = Spawn->Where;
    U.Loop = N.Where;
    Found.push_back(std::move(U));
  });
  return Found;
}

} // namespace latchkey::flow
