// Containers of threads that are members, from which a method drops one that nothing has joined.
#include "checks/flow/Fields.h"
#include "checks/flow/Members.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

class Search {
public:
  Search(const Program &P, const ir::Class &C, const ir::Function &F) : P(P), M(P.module()), C(C), F(F), Of(P, C) {
    if (const ir::Function *Destructor = P.function(C.Destructor))
      addCallees(P, *Destructor, Ending);
  }

  std::vector<LostHandle> take() {
    std::vector<LostHandle> Found;
    if (Ending.contains(&F) || endsAny())
      return Found;
    for (const ir::Field &Field : C.Fields) {
      const ir::Type &T = M.Types[Field.Type], &Held = M.Types[T.Element];
      if (T.K != TypeKind::Container || Held.K != TypeKind::Handle || Held.End != ir::Type::Ending::Terminate)
        continue;
      ir::Range Dropped = Of.doneTo(F, Field.Name, {ir::Op::Pop, ir::Op::Clear});
      std::optional<Fields::Start> Start = Dropped.valid() ? started(Field.Name) : std::nullopt;
      if (!Start)
        continue;
      LostHandle L;
      L.Subject = Field.Name;
      L.Loss = LostHandle::How::Erased;
      L.Ending = Held.End;
      L.TypeName = Held.Name;
      L.Element = true;
      L.Where = Dropped;
      L.Started = Start->Where;
      Found.push_back(std::move(L));
    }
    return Found;
  }

private:
  /// F, or what it calls, ends or hands on a thread that is not one of its own variables which it never assigned.
  bool endsAny() const {
    FunctionSet All;
    addCallees(P, F, All);
    return llvm::any_of(All, [&](const ir::Function *G) {
      bool Found = false;
      forEachNode(G->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        bool Ends = E && (E->O == ir::Op::Join || E->O == ir::Op::Detach);
        Found |= (Ends && !isUnused(*G, E->Subject)) || (E && E->O == ir::Op::Swap);
        Found |= E && E->O == ir::Op::Call && !P.function(E->Callee) && !E->System && !E->Args.empty();
      });
      return Found;
    });
  }

  static bool isUnused(const ir::Function &G, const ir::Place &At) {
    if (At.R != ir::Place::Root::Variable || !At.Path.empty() || G.Variables[At.Index].K != ir::Variable::Kind::Local)
      return false;
    bool Given = false;
    forEachNode(G.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Given |= E && E->Subject == At && (E->O == ir::Op::Assign || E->O == ir::Op::Spawn || E->O == ir::Op::Write);
    });
    return !Given;
  }

  /// Where its threads are started, if nobody but the destructor ends any of them.
  std::optional<Fields::Start> started(const std::string &Field) const {
    bool Ended = llvm::any_of(P.naming(C, Field),
                              [&](const ir::Function *G) { return !G->Destructor && Of.endOf(*G, Field).valid(); });
    return Ended ? std::nullopt : Of.putsInto(Field);
  }

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
  const ir::Function &F;
  Fields Of;
  FunctionSet Ending;
};

} // namespace

std::vector<LostHandle> droppedMembers(const Program &P, const ir::Function &F) {
  bool Drops = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Drops |= E && (E->O == ir::Op::Pop || E->O == ir::Op::Clear);
  });
  const ir::Class *C = Drops ? P.classById(F.Class) : nullptr;
  if (!C || C->Open || F.System || F.Constructor || F.Destructor)
    return {};
  return Search(P, *C, F).take();
}

} // namespace latchkey::flow
