// Callables whose result somebody waits for although nothing in the function ever runs them or hands them on.
#include "checks/flow/Endless.h"

#include "llvm/ADT/STLExtras.h"

#include <map>
#include <set>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

std::vector<DiscardedTask> unrunTasks(const ir::Module &M, const ir::Function &F) {
  std::set<uint32_t> Used;
  std::map<uint32_t, uint32_t> TaskOf; // by the future that was taken of it
  std::map<uint32_t, ir::Range> Awaited;
  auto IsLocal = [&](const ir::Place &P, TypeKind K) {
    return P.R == ir::Place::Root::Variable && P.Path.empty() && F.Variables[P.Index].K == ir::Variable::Kind::Local &&
           M.Types[F.Variables[P.Index].Type].K == K;
  };
  auto Use = [&](const ir::Place &P) {
    if (P.R == ir::Place::Root::Variable)
      Used.insert(P.Index);
  };
  auto UseValue = [&](const ir::Value &V, auto &Self) -> void {
    Use(V.P);
    for (const std::vector<ir::Value> *Parts : {&V.Captures, &V.Args})
      for (const ir::Value &Part : *Parts)
        Self(Part, Self);
  };
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *R = N.as<ir::Return>())
      UseValue(R->Result, UseValue);
    const auto *E = N.as<ir::Effect>();
    if (!E || E->O == ir::Op::Destroy)
      return;
    if ((E->O == ir::Op::Get || E->O == ir::Op::Await) && IsLocal(E->Subject, TypeKind::Future))
      Awaited.try_emplace(E->Subject.Index, E->Where);
    bool Takes = E->O == ir::Op::Call && E->System && E->Args.size() == 1 &&
                 IsLocal(E->Args[0].P, TypeKind::Callable) && IsLocal(E->Result, TypeKind::Future);
    if (Takes) {
      TaskOf[E->Result.Index] = E->Args[0].P.Index;
      return;
    }
    if (!E->Initial)
      Use(E->Subject);
    UseValue(E->Input, UseValue);
    for (const ir::Value &A : E->Args)
      UseValue(A, UseValue);
  });
  std::vector<DiscardedTask> Found;
  for (auto [Future, Task] : TaskOf) {
    auto Wait = Awaited.find(Future);
    if (Wait == Awaited.end() || Used.contains(Task) || !Wait->second.valid())
      continue;
    DiscardedTask D;
    D.Subject = F.Variables[Task].Name;
    D.NeverRun = true;
    D.Where = Wait->second;
    D.End = F.Variables[Task].Where;
    Found.push_back(std::move(D));
  }
  return Found;
}

} // namespace latchkey::flow
