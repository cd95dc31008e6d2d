// Member threads that their own class gives up: overwritten by an assignment, let go of by the destructor.
#include "checks/flow/Engine.h"
#include "checks/flow/Fields.h"
#include "checks/flow/Members.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

/// `C &C::operator=(C &&)`, as the user wrote it.
static bool takesAnother(const ir::Module &M, const ir::Function &F) {
  if (!F.hasThis() || !F.Begin.valid() || F.Constructor || F.Parameters.size() != 1 ||
      !llvm::StringRef(F.Name).ends_with("operator="))
    return false;
  const ir::Type &T = M.Types[F.Variables[F.Parameters[0]].Type];
  return T.Reference && M.Types[T.Element].Class == F.Class;
}

std::vector<LostHandle> overwrittenMembers(const Program &P, const Limits &Limit, const ir::Function &F,
                                           std::set<const ir::Function *> &Heavy) {
  std::vector<LostHandle> Found;
  const ir::Module &M = P.module();
  const ir::Class *C = takesAnother(M, F) && !F.System ? P.classById(F.Class) : nullptr;
  if (!C)
    return Found;
  Fields Of(P, *C);
  for (const ir::Field &Field : C->Fields) {
    const ir::Type &T = M.Types[Field.Type];
    if (T.K != TypeKind::Handle || T.End != ir::Type::Ending::Terminate)
      continue;
    Engine E(P, Limit, F, Heavy);
    Engine::OwnerRun Run = E.runOwner(ir::Place::variable(F.This).deref().field(Field.Name), Field.Where);
    if (E.overBudget() || Run.Ended || !Run.Overwritten.valid())
      continue;
    LostHandle L;
    L.Subject = Field.Name;
    L.Loss = LostHandle::How::Overwritten;
    L.Ending = T.End;
    L.TypeName = T.Name;
    L.Where = Run.Overwritten;
    if (std::optional<Fields::Start> Start = Of.putsInto(Field.Name))
      L.Started = Start->Where;
    Found.push_back(std::move(L));
  }
  return Found;
}

namespace {

/// A destructor, and what it does about the threads of its object.
class Ending {
public:
  Ending(const Program &P, const ir::Class &C, const ir::Function &F) : P(P), M(P.module()), C(C), Of(P, C) {
    addCallees(P, F, All);
  }

  /// Something in it may wait for whatever the threads still do.
  bool mayWait() const {
    return llvm::any_of(All, [&](const ir::Function *F) {
      bool Waits = !F->OpaqueReason.empty();
      forEachNode(F->Body, [&](const ir::Node &N) {
        Waits |= N.as<ir::Loop>() != nullptr;
        const auto *E = N.as<ir::Effect>();
        if (!E)
          return;
        bool Unknown = E->O == ir::Op::Call && !P.function(E->Callee) && !E->System;
        Waits |= Unknown || E->O == ir::Op::Join || E->O == ir::Op::Wait || E->O == ir::Op::Await ||
                 E->O == ir::Op::Get || E->O == ir::Op::Acquire || E->O == ir::Op::Block || E->O == ir::Op::Invoke;
      });
      return Waits;
    });
  }

  ir::Range detachOf(const std::string &Field) const {
    for (const ir::Function *F : All)
      if (ir::Range Where = Of.doneTo(*F, Field, ir::Op::Detach); Where.valid())
        return Where;
    return {};
  }

  /// The task gets the object by a plain `this` and nothing that would keep it alive, and works with its members.
  bool worksOnObject(const Fields::Start &Start) const {
    bool Found = false;
    for (const ir::Function *F : P.methodsOf(C))
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (E && E->O == ir::Op::Spawn && E->Where == Start.Where)
          Found |= givenThis(*F, E->Input) && !keepsAlive(*F, E->Input);
      });
    return Found && llvm::any_of(Start.Tasks, [&](const ir::Function *Task) {
             FunctionSet Reached;
             addCallees(P, *Task, Reached);
             return llvm::any_of(Reached, [&](const ir::Function *F) { return !Of.namedBy(*F).empty(); });
           });
  }

private:
  static llvm::SmallVector<const ir::Value *> partsOf(const ir::Value &Closure) {
    llvm::SmallVector<const ir::Value *> Parts;
    for (const std::vector<ir::Value> *Values : {&Closure.Captures, &Closure.Args})
      for (const ir::Value &V : *Values)
        Parts.push_back(&V);
    return Parts;
  }
  static bool givenThis(const ir::Function &F, const ir::Value &Closure) {
    return llvm::any_of(partsOf(Closure), [&](const ir::Value *V) {
      return V->K == ir::Value::Kind::Copy && V->P == ir::Place::variable(F.This);
    });
  }
  bool keepsAlive(const ir::Function &F, const ir::Value &Closure) const {
    return llvm::any_of(partsOf(Closure), [&](const ir::Value *V) {
      const ir::Type &T = M.typeOf(F, V->P);
      return V->K == ir::Value::Kind::Unknown || (V->P.valid() && T.K == TypeKind::Pointer && T.SharedCopies);
    });
  }

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
  Fields Of;
  FunctionSet All;
};

} // namespace

std::vector<DanglingCapture> letGoMembers(const Program &P, const ir::Function &Destructor) {
  std::vector<DanglingCapture> Found;
  const ir::Module &M = P.module();
  const ir::Class *C = Destructor.hasThis() && !Destructor.System ? P.classById(Destructor.Class) : nullptr;
  if (!C)
    return Found;
  Ending End(P, *C, Destructor);
  for (const ir::Field &Field : C->Fields) {
    ir::Range Detached = M.Types[Field.Type].K == TypeKind::Handle ? End.detachOf(Field.Name) : ir::Range();
    std::optional<Fields::Start> Start =
        Detached.valid() && !End.mayWait() ? Fields(P, *C).putsInto(Field.Name) : std::nullopt;
    if (!Start || !End.worksOnObject(*Start))
      continue;
    DanglingCapture D;
    D.Subject = C->Name;
    D.Handle = Field.Name;
    D.Why = DanglingCapture::How::LetGo;
    D.This = true;
    D.Where = Detached;
    D.Started = Start->Where;
    Found.push_back(std::move(D));
  }
  return Found;
}

} // namespace latchkey::flow
