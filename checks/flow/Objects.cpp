#include "checks/flow/Objects.h"

#include <utility>

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

/// Stands for what a function returns.
static constexpr uint32_t Returned = UINT32_MAX;

Objects::Objects(const Program &P) : P(P), M(P.module()) {
  for (const ir::Function &F : M.Functions)
    read(F);
  // Whoever has an object has what it points to.
  for (bool Changed = true; std::exchange(Changed, false);)
    for (Id N = 0; N < Nodes.size(); ++N) {
      Id To = Nodes[find(N)].Pointee;
      if (To == None || !Nodes[find(N)].Escaped || Nodes[find(To)].Escaped)
        continue;
      Nodes[find(To)].Escaped = true;
      Changed = true;
    }
}

Objects::Id Objects::make() {
  auto New = static_cast<Id>(Nodes.size());
  Nodes.push_back({New, None});
  return New;
}

Objects::Id Objects::find(Id N) {
  while (Nodes[N].Parent != N)
    N = Nodes[N].Parent = Nodes[Nodes[N].Parent].Parent;
  return N;
}

Objects::Id Objects::pointee(Id N) {
  N = find(N);
  if (Nodes[N].Pointee == None) {
    Id New = make();
    Nodes[N].Pointee = New;
  }
  return find(Nodes[N].Pointee);
}

void Objects::unify(Id A, Id B) {
  A = find(A);
  B = find(B);
  if (A == B)
    return;
  Nodes[B].Parent = A;
  Nodes[A].Escaped |= Nodes[B].Escaped;
  Id Mine = Nodes[A].Pointee, Theirs = Nodes[B].Pointee;
  if (Mine == None)
    Nodes[A].Pointee = Theirs;
  else if (Theirs != None)
    unify(Mine, Theirs);
}

Objects::Id Objects::ofVariable(const ir::Function &F, uint32_t Index) {
  auto [It, New] = Variables.try_emplace({&F, Index}, None);
  if (New)
    It->second = make();
  return It->second;
}

Objects::Id Objects::ofGlobal(uint32_t Index) {
  auto [It, New] = Globals.try_emplace(Index, None);
  if (New)
    It->second = make();
  return It->second;
}

Objects::Id Objects::ofField(const std::string &Class, const std::string &Name) {
  auto [It, New] = Fields.try_emplace({Class, Name}, None);
  if (New)
    It->second = make();
  return It->second;
}

Objects::Id Objects::at(const ir::Function &F, const ir::Place &P) {
  Id At = P.R == ir::Place::Root::Global ? ofGlobal(P.Index) : ofVariable(F, P.Index);
  ir::Place Prefix = P;
  Prefix.Path.clear();
  for (const ir::Step &S : P.Path) {
    if (S.K == ir::Step::Kind::Deref) {
      At = pointee(At);
    } else if (S.K == ir::Step::Kind::Field) {
      const ir::Type &T = M.typeOf(F, Prefix);
      const std::string &Class = T.Class.empty() ? T.Name : T.Class;
      At = Class.empty() ? At : ofField(Class, S.Name);
    }
    Prefix.Path.push_back(S);
  }
  return find(At);
}

void Objects::bind(Id To, const ir::Function &F, const ir::Value &V) {
  switch (V.K) {
  case ir::Value::Kind::Address:
    if (V.P.valid())
      unify(pointee(To), at(F, V.P));
    return;
  case ir::Value::Kind::Copy:
  case ir::Value::Kind::Move: {
    if (!V.P.valid())
      return;
    TypeKind K = M.typeOf(F, V.P).K;
    if (K == TypeKind::Pointer)
      unify(pointee(To), pointee(at(F, V.P)));
    else if (K != TypeKind::Number && K != TypeKind::Class && K != TypeKind::Other)
      unify(To, at(F, V.P)); // it moves, or the copy means the same
    return;
  }
  case ir::Value::Kind::Closure:
    bindClosure(F, V);
    return;
  default:
    return;
  }
}

void Objects::bindArguments(const ir::Function &Callee, const ir::Function &F, llvm::ArrayRef<ir::Value> Args) {
  if (Callee.hasThis() && !Callee.Lambda && !Args.empty()) {
    bind(ofVariable(Callee, Callee.This), F, Args.front());
    Args = Args.drop_front();
  }
  for (size_t I = 0; I < Args.size() && I < Callee.Parameters.size(); ++I)
    bind(ofVariable(Callee, Callee.Parameters[I]), F, Args[I]);
}

void Objects::bindClosure(const ir::Function &F, const ir::Value &V) {
  const ir::Function *Callee = P.function(V.Callee);
  if (!Callee) {
    bool Effect = llvm::StringRef(V.Callee).starts_with("op:");
    for (const std::vector<ir::Value> *Parts : {&V.Captures, &V.Args})
      if (!Effect)
        escape(F, *Parts);
    return;
  }
  for (size_t I = 0; I < V.Captures.size() && I < Callee->Captures.size(); ++I)
    bind(ofVariable(*Callee, Callee->Captures[I]), F, V.Captures[I]);
  bindArguments(*Callee, F, V.Args);
}

/// Code we cannot see gets these. What a closure captured it can use only through the closure's body.
void Objects::escape(const ir::Function &F, llvm::ArrayRef<ir::Value> Given) {
  for (const ir::Value &V : Given) {
    if (V.K == ir::Value::Kind::Closure)
      bindClosure(F, V);
    if (!V.P.valid() || V.K == ir::Value::Kind::Closure)
      continue;
    const ir::Type &T = M.typeOf(F, V.P);
    bool Object = V.K == ir::Value::Kind::Address && (!V.Const || T.SharedCopies);
    if (Object || V.K == ir::Value::Kind::Move || T.SharedCopies)
      Nodes[at(F, V.P)].Escaped = true;
    if (T.K == TypeKind::Pointer && V.K != ir::Value::Kind::Number)
      Nodes[pointee(at(F, V.P))].Escaped = true;
  }
}

void Objects::read(const ir::Function &F, const ir::Effect &E) {
  switch (E.O) {
  case ir::Op::Assign:
  case ir::Op::Push:
    bind(at(F, E.Subject), F, E.Input);
    return;
  case ir::Op::Swap:
    if (E.Input.P.valid())
      unify(at(F, E.Subject), at(F, E.Input.P));
    return;
  case ir::Op::Escape:
    Nodes[at(F, E.Subject)].Escaped = true;
    return;
  case ir::Op::Call: {
    const ir::Function *Sole = P.callee(E), *Callee = Sole ? Sole : P.function(E.Callee);
    if (Callee) {
      bindArguments(*Callee, F, E.Args);
      if (E.Result.valid()) {
        unify(pointee(at(F, E.Result)), pointee(ofVariable(*Callee, Returned)));
        if (M.typeOf(F, E.Result).K >= TypeKind::Callable && M.typeOf(F, E.Result).K != TypeKind::Class)
          unify(at(F, E.Result), ofVariable(*Callee, Returned));
      }
    }
    if (!Sole)
      escape(F, E.Args);
    return;
  }
  case ir::Op::Invoke:
    if (const ir::Function *Callee = P.function(E.Input.Callee))
      bindArguments(*Callee, F, E.Args);
    else
      escape(F, E.Args);
    bind(make(), F, E.Input);
    return;
  default:
    if (E.Input.K == ir::Value::Kind::Closure)
      bindClosure(F, E.Input);
    return;
  }
}

void Objects::read(const ir::Function &F) {
  forEachNode(F.Body, [&](const ir::Node &N) {
    if (const auto *E = N.as<ir::Effect>()) {
      read(F, *E);
    } else if (const auto *R = N.as<ir::Return>(); R && R->HasValue) {
      bind(ofVariable(F, Returned), F, R->Result);
    } else if (const auto *Each = N.as<ir::Foreach>()) {
      Id Item = ofVariable(F, Each->Item), Elements = at(F, Each->Container);
      unify(Each->ByValue ? Item : pointee(Item), Elements);
      unify(pointee(Item), pointee(Elements));
    }
  });
}

} // namespace latchkey::flow
