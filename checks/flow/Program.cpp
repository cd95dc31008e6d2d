#include "checks/flow/Program.h"

#include "checks/flow/Completions.h"
#include "checks/flow/LockUses.h"
#include "checks/flow/Signals.h"
#include "checks/flow/StoredCallables.h"
#include "checks/flow/TreeWalk.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>
#include <array>
#include <set>

namespace latchkey::flow {

using Visitor = llvm::function_ref<void(const ir::Node &)>;

namespace {

class Everywhere : public TreeWalk<Everywhere> {
public:
  explicit Everywhere(Visitor Visit) : Visit(Visit) {}
  using TreeWalk::nodes;

private:
  friend class TreeWalk<Everywhere>;

  void node(const ir::Node &N) {
    Visit(N);
    TreeWalk::node(N);
  }

  Visitor Visit;
};

} // namespace

void forEachNode(const ir::Nodes &Children, Visitor Visit) {
  Everywhere(Visit).nodes(Children);
}

void forEachNode(const ir::Sequence &S, Visitor Visit) {
  forEachNode(S.Children, Visit);
}

const ir::File *fileOf(const ir::Module &M, const ir::Function &F) {
  ir::Range Where = F.Where.valid() ? F.Where : F.Begin;
  for (const ir::Node &N : F.Body.Children) // What initialises globals stands nowhere itself.
    if (!Where.valid())
      Where = N.Where;
  return Where.valid() ? &M.Files[Where.File] : nullptr;
}

bool isSource(const ir::Module &M, ir::Range R) {
  if (!R.valid() || !M.isMain(M.Files[R.File]))
    return false;
  llvm::StringRef Path = M.Files[R.File].Path;
  return llvm::none_of(std::array{".h", ".hpp", ".hh", ".hxx", ".h++", ".inl"},
                       [&](const char *Ending) { return Path.ends_with(Ending); });
}

void forEachPlace(const ir::Term &T, llvm::function_ref<void(const ir::Place &)> Visit) {
  for (const ir::Monomial &Part : T.Sum)
    for (const ir::Atom &A : Part.Factors)
      Visit(A.P);
}

void forEachPlace(const ir::Predicate &P, llvm::function_ref<void(const ir::Place &)> Visit) {
  forEachPlace(P.Left, Visit);
  forEachPlace(P.Right, Visit);
  for (const ir::Place &R : P.Reads)
    Visit(R);
}

namespace {
/// How much an effect concerns the engine.
enum class Concern { None, Enter, Judge };
} // namespace

static Concern concernOf(const ir::Effect &E, const ir::Module &M, const ir::Function &F) {
  using Kind = ir::Type::Kind;
  auto HoldsHandles = [&](const ir::Place &P) {
    const ir::Type &T = M.typeOf(F, P);
    Kind Inner = M.Types[T.Element].K;
    return T.K == Kind::Handle || T.K == Kind::Callable || Inner == Kind::Handle || Inner == Kind::Callable;
  };
  // A constructor that keeps the address of what somebody else counts or ends.
  auto KeepsAddress = [&](const ir::Place &P) {
    const ir::Type &T = M.typeOf(F, P);
    Kind Inner = M.Types[T.Element].K;
    const ir::Class *C = F.Constructor ? M.classById(F.Class) : nullptr;
    bool Runs = C && llvm::any_of(C->Methods, [](const std::string &Id) { return Id.find("@operator()#") + 1 != 0; });
    return F.Constructor && T.K == Kind::Pointer &&
           (Runs || Inner == Kind::Counter || Inner == Kind::Class || Inner == Kind::Container ||
            Inner == Kind::Handle);
  };
  switch (E.O) {
  case ir::Op::Init:
  case ir::Op::Add:
  case ir::Op::Done:
  case ir::Op::Wait:
  case ir::Op::Drop:
  case ir::Op::Set:
  case ir::Op::Get:
  case ir::Op::Spawn:
  case ir::Op::Join:
  case ir::Op::Detach:
    return Concern::Judge;
  case ir::Op::Arm:
  case ir::Op::Dismiss:
  case ir::Op::Fire:
  case ir::Op::Invoke:
  case ir::Op::Lock:
  case ir::Op::TryLock:
  case ir::Op::Unlock:
  case ir::Op::Acquire:
  case ir::Op::TryAcquire:
  case ir::Op::Release:
  case ir::Op::Block:
    return Concern::Enter;
  case ir::Op::Assign:
    return HoldsHandles(E.Subject) || KeepsAddress(E.Subject) ? Concern::Enter : Concern::None;
  case ir::Op::Push:
  case ir::Op::Pop:
  case ir::Op::Resize:
  case ir::Op::Clear:
  case ir::Op::Swap:
  case ir::Op::Destroy:
    return HoldsHandles(E.Subject) ? Concern::Enter : Concern::None;
  case ir::Op::Exit:
    return Concern::Enter;
  case ir::Op::Call:
    return E.NoReturn || E.Forks ? Concern::Enter : Concern::None;
  default:
    return Concern::None;
  }
}

static bool refersToLocals(const ir::Value &V) {
  return V.K == ir::Value::Kind::Closure && llvm::any_of(V.Captures, [](const ir::Value &C) {
           return C.K == ir::Value::Kind::Address && C.P.R == ir::Place::Root::Variable && C.P.Path.empty();
         });
}

/// What guards do is judged where they are armed, and where the program ends without them; callables that refer to
/// locals, where they leave the function.
static bool armsGuard(const ir::Node &N) {
  if (const auto *R = N.as<ir::Return>())
    return refersToLocals(R->Result);
  const auto *E = N.as<ir::Effect>();
  if (!E)
    return false;
  if (E->O == ir::Op::Arm)
    return !llvm::StringRef(E->Input.Callee).starts_with("op:");
  bool Local = E->Subject.R == ir::Place::Root::Variable && E->Subject.Path.empty();
  return (E->O == ir::Op::Exit && E->Ends) ||
         ((E->O == ir::Op::Assign || E->O == ir::Op::Push) && !Local && refersToLocals(E->Input));
}

/// Something of the user's happens at the end of an object in it.
static bool endsObjects(const ir::Function &F, const Program &P) {
  bool Found = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *C = N.as<ir::Cleanup>();
    for (size_t I = 0; C && !Found && I < C->Body.size(); ++I)
      if (const auto *E = C->Body[I].as<ir::Effect>(); E && E->O == ir::Op::Destroy) {
        const ir::Class *Class = P.classById(P.module().typeOf(F, E->Subject).Class);
        Found |= Class && Class->UserDestructor;
      }
  });
  return Found;
}

static void collectCallees(const ir::Value &V, llvm::SmallVectorImpl<llvm::StringRef> &Ids) {
  if (V.K != ir::Value::Kind::Closure)
    return;
  if (!V.Callee.empty())
    Ids.push_back(V.Callee);
  for (const ir::Value &Inner : V.Captures)
    collectCallees(Inner, Ids);
  for (const ir::Value &Inner : V.Args)
    collectCallees(Inner, Ids);
}

/// The method as its class names it: one that units define differently overrides itself (Link.h).
static llvm::StringRef commonId(const ir::Function &F) {
  for (const std::string &Id : F.Overrides)
    if (llvm::StringRef(F.Id).starts_with(Id + "@"))
      return Id;
  return F.Id;
}

Program::Program(const ir::Module &M) : M(M), Index(M) {
  for (const ir::Class &C : M.Classes)
    Classes.try_emplace(C.Id, &C);
  for (const ir::Function &F : M.Functions)
    Functions.try_emplace(F.Id, &F);
  HasMain = llvm::any_of(M.Functions, [](const ir::Function &F) { return F.Name == "main"; });
  if (isWhole()) // and has all classes that its calls can mean
    for (const ir::Function &F : M.Functions)
      if (F.Virtual) {
        for (const std::string &Id : F.Overrides)
          Overriders[Id].push_back(&F);
        if (commonId(F) == F.Id)
          Overriders[F.Id].push_back(&F);
      }

  // Concern spreads from a function to whoever calls, runs or destroys through it.
  llvm::DenseMap<const ir::Function *, llvm::SmallVector<const ir::Function *, 4>> Callers, Unguarded;
  llvm::SmallVector<const ir::Function *> Entered, Judging, Throwing, Leaving;
  llvm::DenseSet<const ir::Function *> Ending; // the program, by what they call
  for (const ir::Function &F : M.Functions) {
    Concern Here = Concern::None;
    bool Exits = false;
    std::vector<std::string> Thrown;
    llvm::SmallPtrSet<const ir::Node *, 8> Guarded; // in a try block: whether it gets out is not decided here
    forEachNode(F.Body, [&](const ir::Node &N) {
      if (const auto *T = N.as<ir::Try>())
        forEachNode(T->Body, [&](const ir::Node &Inner) { Guarded.insert(&Inner); });
      if (const auto *T = N.as<ir::Throw>(); T && Thrown.empty() && !Guarded.contains(&N))
        Thrown = T->Types.empty() ? std::vector<std::string>{""} : T->Types;
      if (armsGuard(N))
        Arming.insert(&F);
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      Here = std::max(Here, concernOf(*E, M, F));
      Exits |= E->O == ir::Op::Exit && E->Ends;
      llvm::SmallVector<llvm::StringRef> Ids;
      if (!E->Callee.empty())
        Ids.push_back(E->Callee);
      if (const ir::Function *Actual = E->Virtual ? callee(*E) : nullptr)
        Ids.push_back(Actual->Id);
      if (E->O == ir::Op::Destroy)
        if (const ir::Class *C = classById(M.typeOf(F, E->Subject).Class))
          Ids.push_back(C->Destructor);
      collectCallees(E->Input, Ids);
      for (const ir::Value &Arg : E->Args)
        collectCallees(Arg, Ids);
      for (llvm::StringRef Id : Ids)
        if (const ir::Function *Callee = function(Id)) {
          Callers[Callee].push_back(&F);
          if (!Guarded.contains(&N) && E->O == ir::Op::Call)
            Unguarded[Callee].push_back(&F);
        }
    });
    if (Exits && Ending.insert(&F).second)
      Leaving.push_back(&F);
    if (Here != Concern::None && Interesting.insert(&F).second)
      Entered.push_back(&F);
    if (Here == Concern::Judge && Judged.insert(&F).second)
      Judging.push_back(&F);
    if (!Thrown.empty() && !F.NoExcept && Throws.try_emplace(&F, Thrown).second)
      Throwing.push_back(&F);
  }
  while (!Entered.empty())
    for (const ir::Function *Caller : Callers.lookup(Entered.pop_back_val()))
      if (Interesting.insert(Caller).second)
        Entered.push_back(Caller);
  while (!Leaving.empty())
    for (const ir::Function *Caller : Callers.lookup(Leaving.pop_back_val()))
      if (Ending.insert(Caller).second)
        Leaving.push_back(Caller);
  for (const ir::Function *F : Ending)
    if (endsObjects(*F, *this))
      Arming.insert(F);
  while (!Judging.empty())
    for (const ir::Function *Caller : Callers.lookup(Judging.pop_back_val()))
      if (Judged.insert(Caller).second)
        Judging.push_back(Caller);
  while (!Throwing.empty()) {
    const ir::Function *Callee = Throwing.pop_back_val();
    for (const ir::Function *Caller : Unguarded.lookup(Callee))
      if (!Caller->NoExcept && !Throws.contains(Caller)) {
        std::vector<std::string> Types = Throws.lookup(Callee);
        Throws[Caller] = std::move(Types);
        Throwing.push_back(Caller);
      }
  }
  Callables = std::make_unique<StoredCallables>(*this);
  Locks = std::make_unique<LockUses>(*this);
  for (const ir::Function &F : M.Functions)
    if (Locks->judged(F))
      Judged.insert(&F);
  AllCompletions = std::make_shared<Completions>(*this);
  AllSignals = std::make_shared<Signals>(*this);
}

Program::~Program() = default;

const ir::Function *Program::function(llvm::StringRef Id) const {
  ask(QuestionKind::Function, Id);
  const ir::Function *F = Functions.lookup(Id);
  return F && F->OpaqueReason.empty() ? F : nullptr;
}

const ir::Function *Program::callee(const ir::Effect &Call) const {
  if (!Call.Virtual)
    return function(Call.Callee);
  ask(QuestionKind::Function, Call.Callee);
  const ir::Function *Named = Functions.lookup(Call.Callee);
  llvm::StringRef Id = Named ? commonId(*Named) : llvm::StringRef(Call.Callee);
  ask(QuestionKind::Overriders, Id);
  auto Found = Overriders.find(Id);
  if (Call.System || Found == Overriders.end() || Found->second.size() != 1)
    return nullptr;
  const ir::Function *Sole = Found->second.front();
  return Sole->OpaqueReason.empty() ? Sole : nullptr;
}

const ir::Class *Program::classById(llvm::StringRef Id) const {
  return Classes.lookup(Id);
}

FunctionList Program::naming(const ir::Class &C, llvm::StringRef Field) const {
  const FunctionList &Own = namingExactly(C.Id, Field), &Unknown = namingExactly("", Field);
  FunctionList All; // functions stand in the module in its order
  std::set_union(Own.begin(), Own.end(), Unknown.begin(), Unknown.end(), std::back_inserter(All));
  return All;
}

const FunctionList &Program::namingExactly(llvm::StringRef Class, llvm::StringRef Field) const {
  std::string About = UseIndex::field(Class, Field);
  ask(QuestionKind::Field, About);
  return Index.functions(QuestionKind::Field, About);
}

const FunctionList &Program::naming(const ir::Global &G) const {
  ask(QuestionKind::Global, G.Id);
  return Index.functions(QuestionKind::Global, G.Id);
}

const FunctionList &Program::naming(const ir::Function &F) const {
  ask(QuestionKind::Naming, F.Id);
  return Index.functions(QuestionKind::Naming, F.Id);
}

const FunctionList &Program::methodsOf(const ir::Class &C) const {
  ask(QuestionKind::Methods, C.Id);
  return Index.functions(QuestionKind::Methods, C.Id);
}

std::vector<const ir::Class *> Program::derivedFrom(const ir::Class &Base) const {
  std::set<const ir::Class *> All; // classes stand in the module in its order, too
  llvm::SmallVector<const ir::Class *> Pending = {&Base};
  while (!Pending.empty()) {
    const std::string &Id = Pending.pop_back_val()->Id;
    ask(QuestionKind::Derived, Id);
    for (const ir::Class *C : Index.derived(Id))
      if (All.insert(C).second)
        Pending.push_back(C);
  }
  return {All.begin(), All.end()};
}

} // namespace latchkey::flow
