// Guards that fire where they stand: read off the tree, no interpretation needed.
#include "checks/flow/GuardScopes.h"
#include "checks/flow/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

/// What a sequence is the body of.
enum class Context { Function, Controlled, Loop, Bare };

class Finder {
public:
  Finder(const Program &P, const ir::Function &F, std::vector<GuardScope> &Into)
      : P(P), M(P.module()), F(F), Into(Into) {}

  void nodes(const ir::Nodes &Children, Context Inner) {
    for (const ir::Node &Child : Children)
      node(Child, Inner);
  }

  void sequence(const ir::Sequence &S, Context Where) {
    for (size_t I = 0; I < S.Children.size(); ++I)
      if (const auto *C = S.Children[I].as<ir::Cleanup>(); C && C->Idle)
        idle(S, I, *C, Where);
    nodes(S.Children, Context::Bare);
  }

private:
  void node(const ir::Node &N, Context Where) {
    if (const auto *S = N.as<ir::Sequence>()) {
      sequence(*S, S->K == ir::Sequence::Kind::Plain ? Context::Bare : Where);
    } else if (const auto *I = N.as<ir::If>()) {
      condition(I->Test);
      nodes(I->Then, Context::Controlled);
      nodes(I->Else, Context::Controlled);
    } else if (const auto *L = N.as<ir::Loop>()) {
      condition(L->Test);
      nodes(L->Body, Context::Loop);
      nodes(L->Step, Context::Bare);
    } else if (const auto *E = N.as<ir::Foreach>()) {
      Items.push_back(E->Item);
      nodes(E->Body, Context::Loop);
      Items.pop_back();
    } else if (const auto *W = N.as<ir::Switch>()) {
      nodes(W->Before, Context::Bare);
      for (const ir::SwitchCase &Case : W->Cases)
        nodes(Case.Body, Context::Controlled);
    } else if (const auto *T = N.as<ir::Try>()) {
      nodes(T->Body, Context::Bare);
      for (const ir::Handler &H : T->Handlers)
        nodes(H.Body, Context::Controlled);
    } else if (const auto *C = N.as<ir::Cleanup>()) {
      nodes(C->Body, Context::Bare);
    }
  }

  void condition(const ir::Condition &C) {
    nodes(C.Before, Context::Bare);
    for (const ir::Condition &Part : C.Parts)
      condition(Part);
  }

  /// The variable whose destruction the cleanup is, or null.
  const ir::Variable *destroyedBy(const ir::Cleanup &C) const {
    for (const ir::Node &N : C.Body)
      if (const auto *E = N.as<ir::Effect>();
          E && E->O == ir::Op::Destroy && E->Subject.R == ir::Place::Root::Variable && E->Subject.Path.empty())
        return &F.Variables[E->Subject.Index];
    return nullptr;
  }

  /// Something happens at the end of the object that Made is the last effect on: it was armed, or came armed from
  /// elsewhere. A constructor that waits on purpose arms nothing.
  static bool isArmed(const ir::Effect &Made, const ir::Type &T, bool Named) {
    if (Made.O == ir::Op::Arm)
      return true;
    if (T.ByShape)
      return Made.O != ir::Op::Dismiss;
    // What a pointer with a deleter owns may well be ignored.
    if ((T.K != TypeKind::Guard && T.K != TypeKind::Locker) || T.Owning)
      return false;
    // To move a guard to where it dies is a way to end it; without a name it is a slip.
    if (Made.O == ir::Op::Assign)
      return Made.Input.K == ir::Value::Kind::Move && !Named;
    return (Made.O == ir::Op::Call || Made.O == ir::Op::Invoke) && Made.Result.valid();
  }

  /// The effect that armed or made the guard, before the cleanup in the same sequence.
  const ir::Effect *madeBy(const ir::Sequence &S, size_t Before, uint32_t Variable) const {
    const ir::Effect *Made = nullptr;
    auto Look = [&](const ir::Node &N) {
      if (const auto *E = N.as<ir::Effect>(); E && E->O != ir::Op::Destroy) {
        bool Subject = E->Subject.R == ir::Place::Root::Variable && E->Subject.Index == Variable;
        bool Result = E->Result.R == ir::Place::Root::Variable && E->Result.Index == Variable;
        bool This = !E->Args.empty() && E->Args[0].K == ir::Value::Kind::Address &&
                    E->Args[0].P == ir::Place::variable(Variable);
        if (Subject || Result || (E->O == ir::Op::Call && This))
          Made = E;
      }
    };
    for (size_t I = 0; I < Before; ++I)
      if (S.Children[I].as<ir::Effect>())
        Look(S.Children[I]);
    // A temporary of one side is made behind the cleanup.
    if (S.Children[Before].as<ir::Cleanup>()->Armed.valid())
      forEachNode(S.Children, Look);
    return Made;
  }

  /// Statements stand in the block before the guard's own.
  bool somethingBefore(const ir::Sequence &S, size_t Cleanup, const ir::Range &Declaration) const {
    for (size_t I = 0; I < Cleanup; ++I)
      if (S.Children[I].Where.valid() && S.Children[I].Where.Offset < Declaration.Offset)
        return true;
    return false;
  }

  /// The lock takes one of several mutexes, another one in each iteration.
  bool locksEach(const ir::Effect *Made) const {
    if (!Made || Made->Input.Args.empty())
      return false;
    const ir::Place &Mutex = Made->Input.Args[0].P;
    auto Varies = [](const ir::Step &S) {
      return S.K == ir::Step::Kind::Element && (S.Index.empty() || !llvm::isDigit(S.Index.front()));
    };
    return llvm::any_of(Mutex.Path, Varies) ||
           (Mutex.R == ir::Place::Root::Variable && llvm::is_contained(Items, Mutex.Index));
  }

  /// What runs at the end is written where the guard is made. A smart pointer whose type says how it lets go of what it
  /// owns is made to let go of it.
  bool byLambda(const ir::Effect *Made) const {
    const ir::Function *Body = Made ? P.function(Made->Input.Callee) : nullptr;
    return Body && Body->Lambda;
  }

  void idle(const ir::Sequence &S, size_t At, const ir::Cleanup &C, Context Where) {
    const ir::Variable *V = destroyedBy(C);
    if (!V)
      return;
    auto Index = static_cast<uint32_t>(V - F.Variables.data());
    const ir::Type &T = M.Types[V->Type];
    const ir::Effect *Made = madeBy(S, At, Index);
    bool Named = V->K != ir::Variable::Kind::Temporary;
    if (!V->Hides.valid() && !(Made && isArmed(*Made, T, Named)))
      return;
    GuardScope G;
    G.Lock = T.K == TypeKind::Locker;
    G.TypeName = Named ? T.Name : V->Name;
    if (Named) // A temporary is told by its place alone, in all instantiations of a template.
      G.Subject = V->Name;
    G.Where = Made && Made->Where.valid() ? Made->Where : V->Where;
    G.Statement = Made && Made->Statement.valid() ? Made->Statement : V->Statement;
    G.Spelled = V->Spelled;
    G.BlockEnd = S.End;
    if (Made && !Made->Input.Args.empty() && Made->Input.Args[0].P.valid())
      G.Guarded = ir::spelling(M, F, Made->Input.Args[0].P);
    if (!Named) {
      if (S.K != ir::Sequence::Kind::FullExpression)
        return;
      G.K = GuardScope::Kind::Temporary;
    } else if (V->Hides.valid()) {
      G.K = GuardScope::Kind::HidesMutex;
      G.Guarded = ir::spelling(M, F, V->Hides);
    } else if (S.K != ir::Sequence::Kind::Block || Where == Context::Function) {
      return;
    } else if (!S.Braced) {
      G.K = GuardScope::Kind::SingleStatement;
    } else {
      // A locked block with nothing in it orders what other threads do: the barrier idiom, on its own or once for each
      // of several mutexes. A bare block around nothing but an object is there to end it at once.
      bool Waits = Where == Context::Bare || (Where == Context::Loop && locksEach(Made));
      bool Object = G.Lock || (T.ByShape && Made && Made->O != ir::Op::Arm);
      if ((Waits && Object && !somethingBefore(S, At, V->Statement)) || (T.Owning && !byLambda(Made)))
        return;
      G.K = GuardScope::Kind::EndsNestedBlock;
    }
    Into.push_back(std::move(G));
  }

  const Program &P;
  const ir::Module &M;
  const ir::Function &F;
  std::vector<GuardScope> &Into;
  std::vector<uint32_t> Items; ///< Of the enclosing loops over containers.
};

} // namespace

/// A lock declared without arguments under the name of the mutex that stands outside: it locks nothing, wherever in
/// the block it stands.
static void hidden(const ir::Module &M, const ir::Function &F, std::vector<GuardScope> &Into) {
  std::vector<unsigned> Mentions(F.Variables.size());
  auto Count = [&](const ir::Place &P) {
    if (P.R == ir::Place::Root::Variable)
      ++Mentions[P.Index];
  };
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    if (!E || E->O == ir::Op::Declare || E->O == ir::Op::Destroy)
      return;
    Count(E->Subject);
    Count(E->Input.P);
    for (const ir::Value &A : E->Args)
      Count(A.P);
  });
  for (size_t I = 0; I < F.Variables.size(); ++I) {
    const ir::Variable &V = F.Variables[I];
    bool Known = llvm::any_of(
        Into, [&](const GuardScope &G) { return G.K == GuardScope::Kind::HidesMutex && G.Subject == V.Name; });
    if (!V.Hides.valid() || Mentions[I] > 0 || Known)
      continue;
    GuardScope G;
    G.K = GuardScope::Kind::HidesMutex;
    G.Lock = true;
    G.Subject = V.Name;
    G.TypeName = M.Types[V.Type].Name;
    G.Where = V.Where;
    G.Statement = V.Statement;
    G.Spelled = V.Spelled;
    G.Guarded = ir::spelling(M, F, V.Hides);
    Into.push_back(std::move(G));
  }
}

std::vector<GuardScope> guardScopes(const Program &P, const ir::Function &F) {
  std::vector<GuardScope> Found;
  Finder(P, F, Found).sequence(F.Body, Context::Function);
  hidden(P.module(), F, Found);
  return Found;
}

} // namespace latchkey::flow
