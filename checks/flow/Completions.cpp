#include "checks/flow/Completions.h"

#include "checks/flow/Captures.h"
#include "checks/flow/TreeWalk.h"

#include "llvm/ADT/STLExtras.h"

#include <optional>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

/// Calls Visit for V and for every value inside it.
static void forEachValue(const ir::Value &V, llvm::function_ref<void(const ir::Value &)> Visit) {
  Visit(V);
  for (const ir::Value &Inner : V.Captures)
    forEachValue(Inner, Visit);
  for (const ir::Value &Inner : V.Args)
    forEachValue(Inner, Visit);
}

static bool isCounterOp(ir::Op O) {
  return O == ir::Op::Add || O == ir::Op::Done || O == ir::Op::Wait;
}

/// F acts on the counter that it was given by value as Variable.
static bool actsOn(const ir::Function &F, uint32_t Variable) {
  bool Found = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Found |= E && isCounterOp(E->O) && E->Subject == ir::Place::variable(Variable);
  });
  return Found;
}

Completions::Completions(const Program &P) {
  for (const ir::Function &F : P.module().Functions)
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E || (E->O != ir::Op::Spawn && E->O != ir::Op::Call))
        return;
      auto Collect = [&](const ir::Value &V) {
        if (V.K == ir::Value::Kind::Closure)
          if (const ir::Function *Body = P.function(V.Callee))
            Tasks.insert(Body);
      };
      if (E->O == ir::Op::Spawn)
        forEachValue(E->Input, Collect);
      else if (!P.function(E->Callee))
        for (const ir::Value &Arg : E->Args)
          forEachValue(Arg, Collect);
    });
}

/// Made here, and not itself a copy that somebody was given.
static bool isOriginal(const ir::Function &F, const ir::Place &At) {
  if (At.R != ir::Place::Root::Variable)
    return At.R == ir::Place::Root::Global;
  const ir::Variable &V = F.Variables[At.Index];
  return !At.Path.empty() || V.K == ir::Variable::Kind::Local;
}

static void copies(const Program &P, const ir::Function &F, const ir::Effect &E, std::vector<CopiedCounter> &Into) {
  const ir::Module &M = P.module();
  const ir::Function *Callee = E.O == ir::Op::Call ? P.function(E.Callee) : nullptr;
  auto Look = [&](const ir::Value &V) {
    if (V.K != ir::Value::Kind::Copy || !V.P.valid() || !isOriginal(F, V.P))
      return;
    const ir::Type &T = M.typeOf(F, V.P);
    if (T.K != TypeKind::Counter || !T.Apart || T.SharedCopies)
      return;
    CopiedCounter C;
    C.Subject = ir::spelling(M, F, V.P);
    C.Where = E.Where;
    C.TypeName = T.Name;
    C.Task = E.O != ir::Op::Call;
    const ir::Function *Lambda = E.Input.Captures.empty() ? nullptr : P.function(E.Input.Callee);
    for (size_t I = 0; Lambda && I < Lambda->Captures.size() && I < E.Input.Captures.size(); ++I)
      if (&E.Input.Captures[I] == &V)
        C.Capture = captureSite(*Lambda, I);
    C.Always = true;
    Into.push_back(std::move(C));
  };
  if (E.O == ir::Op::Spawn || E.O == ir::Op::Arm || E.O == ir::Op::Assign) {
    if (E.Input.K == ir::Value::Kind::Closure)
      forEachValue(E.Input, Look);
    return;
  }
  if (E.O != ir::Op::Call)
    return;
  size_t First = Callee && Callee->hasThis() ? 1 : 0;
  for (size_t I = 0; I < E.Args.size(); ++I) {
    if (E.Args[I].K == ir::Value::Kind::Closure)
      forEachValue(E.Args[I], Look);
    else if (Callee && I >= First && I - First < Callee->Parameters.size() &&
             actsOn(*Callee, Callee->Parameters[I - First]))
      Look(E.Args[I]);
  }
}

OwnCompletion completionOf(const ir::Effect &E, const ir::Function &Body) {
  if (E.Text.empty() || !E.Statement.valid() || E.Statement.Macro || !Body.Begin.valid() || Body.Begin.Macro)
    return {};
  bool Inside = E.Statement.File == Body.Begin.File && E.Statement.Offset >= Body.Begin.Offset &&
                E.Statement.Offset < Body.End.Offset;
  return Inside ? OwnCompletion{E.Statement, E.Text, E.Where.Column, Body.Begin} : OwnCompletion();
}

namespace {

/// Looks for a completion behind something that may leave the task before it.
class Skipped : public TreeWalk<Skipped> {
public:
  Skipped(const ir::Module &M, const ir::Function &F) : M(M), F(F) {}

  std::optional<UnguardedDone> find() {
    nodes(F.Body.Children);
    return std::move(Found);
  }

private:
  friend class TreeWalk<Skipped>;

  /// It runs on every way out, so what it completes is guarded.
  void cleanup(const ir::Cleanup &) {}

  void attempt(const ir::Try &T) {
    const ir::Effect *Before = Risk;
    nodes(T.Body);
    if (llvm::any_of(T.Handlers, [](const ir::Handler &H) { return H.Type.empty(); }))
      Risk = Before; // whatever it throws ends here
  }

  void effect(const ir::Effect &E) {
    bool MayThrow = (E.O == ir::Op::Call && !E.NoThrow && !E.System) || E.O == ir::Op::Invoke;
    if (MayThrow && !Risk)
      Risk = &E;
    if (E.O != ir::Op::Done || !Risk || Found)
      return;
    const ir::Variable *V = E.Subject.R == ir::Place::Root::Variable ? &F.Variables[E.Subject.Index] : nullptr;
    if (V && V->K == ir::Variable::Kind::Local)
      return;
    Found.emplace();
    Found->Subject = ir::spelling(M, F, E.Subject);
    Found->Where = E.Where;
    Found->Callee = Risk->Text;
    Found->Call = Risk->Where;
    Found->Own = completionOf(E, F);
  }

  const ir::Module &M;
  const ir::Function &F;
  const ir::Effect *Risk = nullptr;
  std::optional<UnguardedDone> Found;
};

} // namespace

void Completions::describe(const Program &P, const ir::Function &F, FunctionFacts &Facts) const {
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>())
      copies(P, F, *E, Facts.Copies);
  });
  if (!isTask(F) || F.NoExcept)
    return;
  if (std::optional<UnguardedDone> Found = Skipped(P.module(), F).find())
    Facts.Unguarded.push_back(std::move(*Found));
}

} // namespace latchkey::flow
