// A lambda that is a coroutine keeps its captures in the lambda object, not in the coroutine (C++ Core Guidelines
// CP.51): who awaits the coroutine when the object is gone, uses what is gone.
#include "checks/flow/CoroutineLambdas.h"
#include "checks/ir/Fields.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

namespace {

/// Looks for a capture that is used behind a suspension, in the order of the text. One that is used only before may be
/// used while the lambda is there, if the coroutine starts at once.
class CaptureUse : public ir::FieldVisitor<CaptureUse> {
public:
  using FieldVisitor::operator();
  explicit CaptureUse(const ir::Function &Lambda) : Lambda(Lambda) {
    ir::Sequence Body = Lambda.Body; // what visits fields may change them
    (*this)(Body);
  }
  uint32_t capture() const { return Found; }

  void operator()(ir::Place &P) {
    if (Suspended && P.R == ir::Place::Root::Variable && llvm::is_contained(Lambda.Captures, P.Index))
      Found = std::min(Found, P.Index);
    ir::fields(*this, P);
  }
  void operator()(ir::Suspend &) { Suspended = true; }
  void operator()(ir::Range &) {}

private:
  const ir::Function &Lambda;
  bool Suspended = false;
  uint32_t Found = UINT32_MAX;
};

class Finder {
public:
  Finder(const Program &P, const ir::Function &F) : P(P), F(F) {}

  std::vector<DanglingCapture> run() {
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (E && E->O == ir::Op::Invoke && E->Input.K == ir::Value::Kind::Closure)
        started(*E);
    });
    return std::move(Found);
  }

private:
  void started(const ir::Effect &E) {
    bool Named = E.Input.Callee.empty();
    const ir::Function *Lambda = P.function(Named ? heldBy(E.Input.P) : llvm::StringRef(E.Input.Callee));
    if (!Lambda || !Lambda->Coroutine || !Lambda->Lambda || Lambda->OwnsCaptures || Lambda->Captures.empty())
      return;
    if (Named ? !returned(E.Result) : !keeps(E.Result) && !dropped(E))
      return;
    uint32_t Capture = CaptureUse(*Lambda).capture();
    if (Capture == UINT32_MAX)
      return;
    DanglingCapture D;
    D.Subject = Lambda->Variables[Capture].Name;
    D.Why = DanglingCapture::How::Lambda;
    D.Where = D.Started = E.Where;
    D.Died = Named ? F.End : E.Where;
    Found.push_back(std::move(D));
  }

  /// The lambda that a local is initialised with.
  llvm::StringRef heldBy(const ir::Place &Variable) const {
    llvm::StringRef Id;
    if (Variable.R != ir::Place::Root::Variable || !Variable.Path.empty() ||
        F.Variables[Variable.Index].K != ir::Variable::Kind::Local || F.Variables[Variable.Index].Static)
      return Id;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (E && E->O == ir::Op::Assign && E->Initial && E->Subject == Variable && E->Input.K == ir::Value::Kind::Closure)
        Id = E->Input.Callee;
    });
    return Id;
  }

  /// Nobody looks at what the statement, which is nothing but this, starts; and its end does not end the coroutine.
  static bool dropped(const ir::Effect &E) {
    return !E.Result.valid() && E.Statement.valid() && !E.Where.Macro && E.Statement.Offset == E.Where.Offset;
  }

  static bool moves(const ir::Value &V, const ir::Place &From) {
    return (V.K == ir::Value::Kind::Move || V.K == ir::Value::Kind::Copy) && V.P == From;
  }

  bool returned(const ir::Place &Coroutine) const {
    bool Found = false;
    if (!Coroutine.valid())
      return false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *R = N.as<ir::Return>();
      Found |= R && moves(R->Result, Coroutine);
    });
    return Found;
  }

  /// The coroutine is there when the statement that starts it is over.
  bool keeps(const ir::Place &Coroutine) const {
    if (!Coroutine.valid())
      return false;
    auto Lasts = [&](const ir::Place &At) {
      return At.R != ir::Place::Root::Variable || !At.Path.empty() ||
             F.Variables[At.Index].K != ir::Variable::Kind::Temporary;
    };
    bool Found = Lasts(Coroutine) || returned(Coroutine);
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Found |= E && (E->O == ir::Op::Push || E->O == ir::Op::Assign) && moves(E->Input, Coroutine) && Lasts(E->Subject);
    });
    return Found;
  }

  const Program &P;
  const ir::Function &F;
  std::vector<DanglingCapture> Found;
};

} // namespace

std::vector<DanglingCapture> coroutineLambdas(const Program &P, const ir::Function &F) {
  return Finder(P, F).run();
}

} // namespace latchkey::flow
