#include "checks/flow/StoredCallables.h"

#include "checks/flow/Program.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using ValueKind = ir::Value::Kind;

StoredCallables::StoredCallables(const Program &P) : P(P), M(P.module()) {
  for (const ir::Function &F : M.Functions)
    forEachNode(F.Body, [&](const ir::Node &N) {
      if (const auto *E = N.as<ir::Effect>())
        read(F, *E);
    });
  spread();
}

std::string StoredCallables::nameOf(const ir::Function &In, const ir::Place &At) const {
  std::string Name = sharedName(M, In, At);
  if (Name.empty() && At.valid())
    Name = In.Id + ":" + std::to_string(At.Index);
  return Name;
}

std::string StoredCallables::ownerOf(const ir::Function &In, ir::Place At) const {
  while (!At.Path.empty() && At.Path.back().K != ir::Step::Kind::Field)
    At.Path.pop_back();
  if (At.Path.empty())
    return {};
  At.Path.pop_back();
  bool Own = sharedName(M, In, At).empty() && At.R == ir::Place::Root::Variable &&
             In.Variables[At.Index].K != ir::Variable::Kind::Local;
  return Own ? std::string() : nameOf(In, At);
}

void StoredCallables::read(const ir::Function &F, const ir::Effect &E) {
  switch (E.O) {
  case ir::Op::Assign:
  case ir::Op::Push:
    give(F, E.Input, nameOf(F, E.Subject), ownerOf(F, E.Subject));
    if ((E.Input.K == ValueKind::Move || E.Input.K == ValueKind::Copy) && E.Input.P.valid())
      if (TypeKind K = M.typeOf(F, E.Input.P).K; K == TypeKind::Pointer || K == TypeKind::Class)
        Renamed[nameOf(F, E.Input.P)].insert(nameOf(F, E.Subject));
    return;
  case ir::Op::Call:
    if (const ir::Function *Callee = P.callee(E))
      arguments(F, *Callee, E.Args);
    else
      for (const ir::Value &A : E.Args)
        bind(F, A);
    return;
  case ir::Op::Invoke:
    bind(F, E.Input);
    if (const ir::Function *Callee = P.function(E.Input.Callee))
      arguments(F, *Callee, E.Args);
    return;
  default:
    bind(F, E.Input);
    return;
  }
}

/// The callable V is kept at To, which is part of Owner.
void StoredCallables::give(const ir::Function &F, const ir::Value &V, const std::string &To, const std::string &Owner) {
  bind(F, V);
  if (V.K == ValueKind::Closure && !V.Callee.empty()) {
    if (const ir::Function *Body = P.function(V.Callee))
      At[To].insert({Body, Owner});
    return;
  }
  bool Callable = V.P.valid() && (V.K == ValueKind::Closure || M.typeOf(F, V.P).K == TypeKind::Callable);
  if (Callable && V.K != ValueKind::Number)
    Flows[nameOf(F, V.P)].insert({To, Owner});
}

/// What a closure captured and what was bound to it.
void StoredCallables::bind(const ir::Function &F, const ir::Value &Closure) {
  const ir::Function *Body = Closure.K == ValueKind::Closure ? P.function(Closure.Callee) : nullptr;
  if (!Body)
    return;
  for (size_t I = 0; I < Closure.Captures.size() && I < Body->Captures.size(); ++I)
    give(F, Closure.Captures[I], nameOf(*Body, ir::Place::variable(Body->Captures[I])), {});
  arguments(F, *Body, Closure.Args);
}

void StoredCallables::arguments(const ir::Function &F, const ir::Function &Callee, llvm::ArrayRef<ir::Value> Args) {
  std::string Owner;
  if (Callee.hasThis() && !Callee.Lambda && !Args.empty()) {
    const ir::Place &Object = Args.front().P;
    bool Own = Object.R == ir::Place::Root::Variable && F.hasThis() && Object.Index == F.This &&
               sharedName(M, F, Object).empty();
    Owner = Object.valid() && !Own ? nameOf(F, Object) : std::string();
    Args = Args.drop_front();
  }
  for (size_t I = 0; I < Args.size() && I < Callee.Parameters.size(); ++I)
    give(F, Args[I], nameOf(Callee, ir::Place::variable(Callee.Parameters[I])), Owner);
}

/// An object that was made here is kept there.
void StoredCallables::rename(std::set<Stored> &Here) const {
  std::vector<Stored> Work(Here.begin(), Here.end());
  while (!Work.empty()) {
    Stored S = std::move(Work.back());
    Work.pop_back();
    auto Others = Renamed.find(S.Owner);
    if (Others == Renamed.end())
      continue;
    for (const std::string &Name : Others->second)
      if (Here.insert({S.F, Name}).second)
        Work.push_back({S.F, Name});
  }
}

/// Along the flows, until nothing changes. A callable that is handed on within an object belongs to the outer one, too.
void StoredCallables::spread() {
  std::vector<std::string> Work;
  Work.reserve(At.size());
  for (const auto &[Name, Here] : At)
    Work.push_back(Name);
  while (!Work.empty()) {
    std::string From = std::move(Work.back());
    Work.pop_back();
    auto Out = Flows.find(From);
    if (Out == Flows.end())
      continue;
    const std::set<Stored> Here = At[From];
    for (const Flow &To : Out->second) {
      std::set<Stored> &There = At[To.To];
      size_t Before = There.size();
      for (const Stored &S : Here) {
        if (!S.Owner.empty() || To.Owner.empty())
          There.insert(S);
        if (!To.Owner.empty())
          There.insert({S.F, To.Owner});
      }
      if (There.size() != Before)
        Work.push_back(To.To);
    }
  }
  for (auto &[Name, Here] : At)
    rename(Here);
}

const std::set<StoredCallables::Stored> &StoredCallables::at(const ir::Function &In, const ir::Place &Of) const {
  static const std::set<Stored> None;
  auto It = At.find(nameOf(In, Of));
  return It == At.end() ? None : It->second;
}

std::vector<const ir::Function *> StoredCallables::of(const ir::Function &In, const ir::Place &At,
                                                      llvm::StringRef Owner) const {
  std::set<const ir::Function *> All, Its, Anybodys;
  for (const Stored &S : at(In, At)) {
    All.insert(S.F);
    if (S.Owner == Owner)
      Its.insert(S.F);
    else if (S.Owner.empty())
      Anybodys.insert(S.F);
  }
  const std::set<const ir::Function *> &Found = Owner.empty() ? All : Its.empty() ? Anybodys : Its;
  return {Found.begin(), Found.end()};
}

} // namespace latchkey::flow
