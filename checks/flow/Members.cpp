#include "checks/flow/Members.h"

#include "checks/flow/Engine.h"
#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;
using Ending = ir::Type::Ending;

/// A thread that is still running must not be destroyed; one that is only a number may be.
static bool mustEnd(const ir::Type &T) {
  return T.K == TypeKind::Handle && (T.End == Ending::Terminate || (T.End == Ending::Leak && !T.JoinableTest.empty()));
}

/// The handle that a field is, owns or holds many of; the last type on the way.
static const ir::Type &heldBy(const ir::Module &M, const ir::Type &T) {
  const ir::Type *At = &T;
  for (unsigned Depth = 0; Depth < 3; ++Depth) {
    bool Holds = (At->K == TypeKind::Pointer && At->Owning) || At->K == TypeKind::Container;
    if (!Holds)
      break;
    At = &M.Types[At->Element];
  }
  return *At;
}

/// Destructor deletes what the field, a raw pointer, leads to.
static bool deletes(const Program &P, const ir::Function &Destructor, const Fields &Of, const std::string &Field) {
  FunctionSet All;
  addCallees(P, Destructor, All);
  return llvm::any_of(All, [&](const ir::Function *F) {
    bool Found = false;
    forEachNode(F->Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Found |= E && E->O == ir::Op::Destroy && !E->Subject.Path.empty() &&
               E->Subject.Path.back().K == ir::Step::Kind::Deref && Of.fieldOf(*F, E->Subject) == Field;
    });
    return Found;
  });
}

/// A handle that nothing in Destructor ends, on any way, although it is joinable when Destructor begins.
static bool staysOpen(const Program &P, const Limits &Limit, const ir::Function &Destructor, const Fields &Of,
                      const ir::Field &Field, ir::Range Started, std::set<const ir::Function *> &Heavy) {
  const ir::Module &M = P.module();
  const ir::Type &T = M.Types[Field.Type];
  FunctionSet Ending;
  addCallees(P, Destructor, Ending);
  if (llvm::any_of(Ending, [&](const ir::Function *F) { return Of.endOf(*F, Field.Name).valid(); }))
    return false;
  if (T.K == TypeKind::Container)
    return true;
  ir::Place Handle = ir::Place::variable(Destructor.This).deref().field(Field.Name);
  Engine E(P, Limit, Destructor, Heavy);
  Engine::OwnerRun Run = E.runOwner(T.K == TypeKind::Pointer ? Handle.deref() : Handle, Started);
  return !E.overBudget() && !Run.Ended && !Run.Open.empty();
}

std::vector<UnjoinedMember> unjoinedMembers(const Program &P, const Limits &Limit, const ir::Function &Destructor,
                                            std::set<const ir::Function *> &Heavy) {
  std::vector<UnjoinedMember> Found;
  const ir::Module &M = P.module();
  const ir::Class *C = P.classById(Destructor.Class);
  if (!C || !Destructor.hasThis() || Destructor.System)
    return Found;
  Fields Of(P, *C);
  for (const ir::Field &Field : C->Fields) {
    const ir::Type &Held = heldBy(M, M.Types[Field.Type]);
    bool Owned = mustEnd(Held) || (Held.K == TypeKind::Pointer && mustEnd(M.Types[Held.Element]) &&
                                   deletes(P, Destructor, Of, Field.Name));
    if (!Owned)
      continue;
    std::optional<Fields::Start> Start;
    bool Ended = false; // by somebody whom the owner may ask
    for (const ir::Function *F : P.naming(*C, Field.Name)) {
      std::optional<Fields::Start> Here = Of.putsInto(*F, Field.Name);
      ir::Range End = F == &Destructor ? ir::Range() : Of.endOf(*F, Field.Name);
      // Who ends an old thread before a new one starts leaves the new one running.
      bool Restarts = Here && End.valid() && End.File == Here->Where.File && End.Offset < Here->Where.Offset;
      Ended |= End.valid() && !Restarts;
      if (Here && !End.valid())
        Start = Start ? Start : Here;
      else if (Restarts)
        Start = Start ? Start : Here;
    }
    if (!Start || Ended || !staysOpen(P, Limit, Destructor, Of, Field, Start->Where, Heavy))
      continue;
    UnjoinedMember U;
    U.Subject = Field.Name;
    U.Class = C->Name;
    U.ClassId = C->Id;
    U.Where = C->UserDestructor && Destructor.Where.valid() ? Destructor.Where : Field.Where;
    U.Written = C->UserDestructor;
    U.Declared = Field.Where;
    U.Started = Start->Where;
    U.Terminates = (Held.K == TypeKind::Pointer ? M.Types[Held.Element] : Held).End == Ending::Terminate;
    U.Several = M.Types[Field.Type].K == TypeKind::Container;
    if (U.Written)
      U.Begin = Destructor.Begin, U.End = Destructor.End;
    if (std::string Test = ir::codeFor(Held.JoinableTest, Field.Name);
        !U.Several && Held.K == TypeKind::Handle && !Test.empty())
      U.JoinCode = "if (" + Test + ") " + ir::codeFor(Held.JoinCode, Field.Name);
    if (U.Where.valid() && !M.Files[U.Where.File].System)
      Found.push_back(std::move(U));
  }
  return Found;
}

namespace {

/// What the constructor or destructor of one class does with the order of its members.
class Order {
public:
  Order(const Program &P, const ir::Class &C, const ir::Function &F)
      : P(P), M(P.module()), C(C), Special(F), Of(P, C) {}

  std::vector<MemberOrder> take() {
    for (size_t I = 0; I < C.Fields.size(); ++I) {
      const ir::Type &Held = heldBy(M, M.Types[C.Fields[I].Type]);
      if (Held.K != TypeKind::Handle)
        continue;
      if (Special.Constructor && C.Fields[I].Name.size())
        startedTooEarly(I);
      if (Special.Destructor && Held.End == Ending::Join && !initialised(I))
        endedTooLate(I);
      if (Special.Destructor)
        endedByBase(I);
    }
    if (Special.Constructor)
      startedByBase();
    return std::move(Found);
  }

private:
  /// Fields that the task's functions name, and those functions.
  Names usedBy(const FunctionSet &Tasks, FunctionSet &All) const {
    for (const ir::Function *Task : Tasks)
      addCallees(P, *Task, All);
    Names Used;
    for (const ir::Function *F : All)
      Used.merge(Of.namedBy(*F));
    return Used;
  }

  /// The spawn by which a constructor's initialiser makes the field.
  static const ir::Effect *initialSpawn(const ir::Function &F, const std::string &Field) {
    const ir::Effect *Found = nullptr;
    ir::Place At = ir::Place::variable(F.This).deref().field(Field);
    bool Fresh = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (!E || !E->Initial || Found)
        return;
      Fresh |= E->O == ir::Op::Assign && E->Subject == At && E->Input.K == ir::Value::Kind::Fresh;
      if (E->O == ir::Op::Spawn && (E->Subject == At || (Fresh && E->Subject == At.deref())))
        Found = E;
    });
    return Found;
  }

  bool initialised(size_t I) const {
    return llvm::any_of(P.methodsOf(C), [&](const ir::Function *F) {
      return F->Constructor && F->hasThis() && initialSpawn(*F, C.Fields[I].Name);
    });
  }

  static bool isPlain(const ir::Type &T) { return T.K == TypeKind::Number || T.K == TypeKind::Pointer; }

  /// A plain field is given its value by what stands after the spawn.
  bool initialisedLater(const ir::Field &Field) const {
    bool Found = Field.InClassInitialiser;
    ir::Place At = ir::Place::variable(Special.This).deref().field(Field.Name);
    forEachNode(Special.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Found |= E && E->Initial && E->Subject == At;
    });
    return Found;
  }

  void add(MemberOrder::How Why, const ir::Field &Thread, ir::Range Where, llvm::StringRef Used, ir::Range Declared,
           ir::Range Started) {
    if (!Where.valid() || M.Files[Where.File].System)
      return;
    MemberOrder O;
    O.Subject = Thread.Name;
    O.Why = Why;
    O.Where = Where;
    O.Used = Used.str();
    O.Declared = Declared;
    O.Thread = Thread.Where;
    O.ClassId = C.Id;
    O.Started = Started;
    Found.push_back(std::move(O));
  }

  void startedTooEarly(size_t I) {
    const ir::Effect *Spawn = initialSpawn(Special, C.Fields[I].Name);
    const ir::Function *Body = Spawn ? P.function(Spawn->Input.Callee) : nullptr;
    if (!Body)
      return;
    FunctionSet Tasks, All;
    Tasks.insert(Body);
    Names Used = usedBy(Tasks, All);
    for (size_t Later = I + 1; Later < C.Fields.size(); ++Later) {
      const ir::Field &Field = C.Fields[Later];
      bool Made = !isPlain(M.Types[Field.Type]) || initialisedLater(Field);
      if (Used.contains(Field.Name) && Made)
        return add(MemberOrder::How::NotYetMade, C.Fields[I], Spawn->Where, Field.Name, Field.Where, Spawn->Where);
    }
  }

  bool reaches(const ir::Function &From, llvm::function_ref<bool(const ir::Function &)> Is) const {
    FunctionSet All;
    addCallees(P, From, All);
    return llvm::any_of(All, [&](const ir::Function *F) { return Is(*F); });
  }

  void endedTooLate(size_t I) {
    const ir::Field &Thread = C.Fields[I];
    std::optional<Fields::Start> Start = Of.putsInto(Thread.Name);
    bool Touched = reaches(Special, [&](const ir::Function &F) { return Of.useOf(F).Mentioned.contains(Thread.Name); });
    if (!Start || Touched || handsItselfOn())
      return;
    FunctionSet All;
    Names Used = usedBy(Start->Tasks, All);
    for (size_t Later = I + 1; Later < C.Fields.size(); ++Later) {
      const ir::Field &Field = C.Fields[Later];
      const ir::Type &T = M.Types[Field.Type];
      if (!Used.contains(Field.Name) || isPlain(T) || T.K == TypeKind::Other)
        continue;
      ir::Range Where = C.UserDestructor ? Special.Where : Thread.Where;
      return add(MemberOrder::How::AlreadyGone, Thread, Where, Field.Name, Field.Where, Start->Where);
    }
  }

  /// The destructor gives its object to code that may do anything with it.
  bool handsItselfOn() const {
    bool Found = false;
    forEachNode(Special.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      bool This = E && E->O == ir::Op::Call &&
                  llvm::any_of(E->Args, [&](const ir::Value &A) { return A.P == ir::Place::variable(Special.This); });
      Found |= This && !P.function(E->Callee);
    });
    return Found;
  }

  /// The method of a class derived from this one that overrides Virtual, an id of one of this class's own.
  const ir::Function *overrider(const ir::Class &Derived, llvm::StringRef Virtual) const {
    if (!Virtual.consume_front(C.Id))
      return nullptr;
    const ir::Function *F = P.function(Derived.Id + Virtual.str());
    return F && llvm::is_contained(Derived.Methods, F->Id) ? F : nullptr;
  }

  /// Virtual methods of this class that the functions call on an object of it.
  std::set<std::string> virtualCalls(const FunctionSet &All) const {
    std::set<std::string> Found;
    for (const ir::Function *F : All)
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        if (E && E->O == ir::Op::Call && E->Virtual && llvm::StringRef(E->Callee).starts_with(C.Id))
          Found.insert(E->Callee);
      });
    return Found;
  }

  /// The task calls what a derived class overrides, and that part of the object is gone when this destructor ends it.
  void endedByBase(size_t I) {
    const ir::Field &Thread = C.Fields[I];
    std::optional<Fields::Start> Start = Of.putsInto(Thread.Name);
    auto Ends = [&](const ir::Function &F) { return Of.endOf(F, Thread.Name).valid(); };
    bool Joins = heldBy(M, M.Types[Thread.Type]).End == Ending::Join;
    if (!Start || !(Joins || reaches(Special, Ends)))
      return;
    FunctionSet All;
    usedBy(Start->Tasks, All);
    for (const std::string &Virtual : virtualCalls(All))
      for (const ir::Class *D : P.derivedFrom(C)) {
        const ir::Function *Override = overrider(*D, Virtual);
        const ir::Function *Destroys = Override ? P.function(D->Destructor) : nullptr;
        if (Destroys && !reaches(*Destroys, Ends) && !Order(P, *D, *Destroys).handsItselfOn())
          return add(MemberOrder::How::DerivedGone, Thread, Special.Where, Override->Name, Override->Where,
                     Start->Where);
      }
  }

  /// The constructor starts a task that calls what a derived class, not made yet, overrides.
  void startedByBase() {
    forEachNode(Special.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      const ir::Function *Body = E && E->O == ir::Op::Spawn ? P.function(E->Input.Callee) : nullptr;
      if (!Body || !Found.empty())
        return;
      FunctionSet All;
      addCallees(P, *Body, All);
      for (const std::string &Virtual : virtualCalls(All))
        for (const ir::Class *D : P.derivedFrom(C))
          if (const ir::Function *Override = overrider(*D, Virtual)) {
            ir::Field Thread;
            Thread.Name = Of.fieldOf(Special, E->Subject);
            if (Thread.Name.empty())
              Thread.Name = "the thread";
            return add(MemberOrder::How::DerivedNotYetMade, Thread, E->Where, Override->Name, Override->Where,
                       E->Where);
          }
    });
  }

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
  const ir::Function &Special;
  Fields Of;
  std::vector<MemberOrder> Found;
};

} // namespace

std::vector<MemberOrder> memberOrder(const Program &P, const ir::Function &F) {
  const ir::Class *C = P.classById(F.Class);
  if (!C || !F.hasThis() || F.System)
    return {};
  return Order(P, *C, F).take();
}

} // namespace latchkey::flow
