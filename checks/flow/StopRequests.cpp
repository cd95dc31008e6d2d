// Destructors that wait for a member's thread before anything has asked its loop to end: the fields that decide about
// the loop are written by nobody until then.
#include "checks/flow/Endless.h"
#include "checks/flow/Fields.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

/// What decides about the end of a loop.
struct LoopExits {
  Names Fields;
  bool Other = false; ///< Something else may end it.
};

class Request {
public:
  Request(const Program &P, const ir::Class &C, const ir::Function &Destructor)
      : P(P), M(P.module()), C(C), Destructor(Destructor), Of(P, C) {
    addCallees(P, Destructor, Ending);
  }

  std::optional<EndlessTask> missing(const ir::Field &Field, const Fields::Start &Start, ir::Range Joined) {
    if (!Of.joinOf(Destructor, Field.Name).valid() || handsItselfOn())
      return std::nullopt;
    for (const ir::Function *Body : Start.Tasks) {
      const ir::Node *Loop = onlyLoop(*Body);
      if (!Loop)
        continue;
      LoopExits Exits = exitsOf(*Loop, *Body);
      if (Exits.Other || Exits.Fields.empty() || !llvm::all_of(Exits.Fields, [&](auto &Name) { return isFlag(Name); }))
        continue;
      FunctionSet Task;
      addCallees(P, *Body, Task);
      if (llvm::any_of(Task, [&](const ir::Function *F) { return writes(*F, Exits.Fields); }))
        continue; // it may end by itself
      if (!askedLate(Exits.Fields, Joined) && !askedByNobody(Exits.Fields))
        continue;
      EndlessTask T;
      T.Subject = Field.Name;
      T.Flag = *Exits.Fields.begin();
      T.Unasked = true;
      T.Where = Joined;
      T.Started = Start.Where;
      T.Joined = Loop->Where;
      return T;
    }
    return std::nullopt;
  }

private:
  bool isFlag(const std::string &Name) const {
    return llvm::any_of(C.Fields,
                        [&](const ir::Field &F) { return F.Name == Name && M.Types[F.Type].K == TypeKind::Number; });
  }

  bool writes(const ir::Function &F, const Names &Flags) const {
    Names Written = Of.useOf(F).Written;
    return llvm::any_of(Flags, [&](const std::string &Name) { return Written.contains(Name); });
  }

  /// The one loop of the task's own body.
  static const ir::Node *onlyLoop(const ir::Function &F) {
    const ir::Node *Found = nullptr;
    unsigned Outer = 0;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *L = N.as<ir::Loop>();
      if (!L || L->Trip.Known || L->Index.valid())
        return;
      ++Outer;
      Found = Found ? Found : &N;
    });
    return Outer == 1 ? Found : nullptr;
  }

  LoopExits exitsOf(const ir::Node &Loop, const ir::Function &F) const {
    LoopExits Into;
    const auto &L = *Loop.as<ir::Loop>();
    if (!L.Endless)
      asks(L.Test, F, Into);
    exits(L.Body, F, false, Into);
    return Into;
  }

  /// All that a test looks at, if that is known.
  void asks(const ir::Condition &Test, const ir::Function &F, LoopExits &Into) const {
    if (Test.K != ir::Condition::Kind::Leaf) {
      Into.Other |= !Test.Before.empty();
      for (const ir::Condition &Part : Test.Parts)
        asks(Part, F, Into);
      return;
    }
    if (!Test.Before.empty()) {
      std::optional<Names> Read = Of.read(Test, F);
      Into.Other |= !Read;
      if (Read)
        Into.Fields.insert(Read->begin(), Read->end());
      return;
    }
    Into.Other |= Test.Test.K != ir::Predicate::Kind::Compare;
    forEachPlace(Test.Test, [&](const ir::Place &At) {
      std::string Name = Of.fieldOf(F, At);
      Into.Other |= Name.empty();
      Into.Fields.insert(std::move(Name));
    });
  }

  static bool leaves(const ir::Nodes &Children) {
    bool Found = false;
    forEachNode(Children, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      Found |= N.as<ir::Return>() || N.as<ir::Throw>() || N.as<ir::Goto>() || N.as<ir::Suspend>() ||
               N.as<ir::Break>() || N.as<ir::Opaque>() || N.as<ir::Try>() || N.as<ir::Switch>() ||
               (E && (E->O == ir::Op::Exit || E->NoReturn));
    });
    return Found;
  }

  void exits(const ir::Nodes &Children, const ir::Function &F, bool Asked, LoopExits &Into) const {
    for (const ir::Node &N : Children) {
      if (const auto *I = N.as<ir::If>()) {
        bool Leaves = leaves(I->Then) || leaves(I->Else);
        if (Leaves)
          asks(I->Test, F, Into);
        exits(I->Then, F, Leaves, Into);
        exits(I->Else, F, Leaves, Into);
      } else if (const auto *S = N.as<ir::Sequence>()) {
        exits(S->Children, F, Asked, Into);
      } else if (const auto *E = N.as<ir::Effect>()) {
        const ir::Function *Callee = E->O == ir::Op::Call ? P.callee(*E) : nullptr;
        Into.Other |= E->O == ir::Op::Exit || E->NoReturn || (Callee && P.throws(*Callee));
        // What waits may be woken for good by a queue that is closed, and may throw for it.
        Into.Other |= E->O == ir::Op::Get;
      } else if (!N.as<ir::Cleanup>() && !Asked) {
        Into.Other |= leaves({N});
      }
    }
  }

  /// The destructor itself sets the flag, behind the join, and nothing that it calls does.
  bool askedLate(const Names &Flags, ir::Range Joined) const {
    bool Late = false, Early = false;
    forEachNode(Destructor.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      bool Write =
          E && (E->O == ir::Op::Assign || E->O == ir::Op::Write) && Flags.contains(Of.fieldOf(Destructor, E->Subject));
      if (Write)
        (E->Where.Offset > Joined.Offset ? Late : Early) = true;
    });
    for (const ir::Function *F : Ending)
      Early |= F != &Destructor && writes(*F, Flags);
    return Late && !Early && !askedElsewhere(Flags);
  }

  /// The destructor sets none, and nothing that could is ever called.
  bool askedByNobody(const Names &Flags) const {
    bool Known = !C.Open && (isSource(M, C.Where) || P.isWhole());
    return Known && C.Movable + C.Copyable == 0 &&
           llvm::none_of(Ending, [&](const ir::Function *F) { return writes(*F, Flags); }) && !askedElsewhere(Flags) &&
           llvm::all_of(C.Fields, [&](const ir::Field &F) { return !Flags.contains(F.Name) || F.Private; });
  }

  /// A function that sets a flag, other than the destructor and what belongs to it, is called or known to somebody.
  bool askedElsewhere(const Names &Flags) const {
    return llvm::any_of(Flags, [&](const std::string &Flag) {
      return llvm::any_of(P.naming(C, Flag), [&](const ir::Function *F) {
        return !F->Constructor && F != &Destructor && writes(*F, Flags) && (F->Virtual || F->Lambda || isCalled(*F));
      });
    });
  }

  bool isCalled(const ir::Function &Callee) const {
    auto Names = [&](const ir::Value &V, auto &Self) -> bool {
      return V.Callee == Callee.Id || llvm::any_of(V.Captures, [&](const ir::Value &I) { return Self(I, Self); }) ||
             llvm::any_of(V.Args, [&](const ir::Value &I) { return Self(I, Self); });
    };
    return llvm::any_of(P.naming(Callee), [&](const ir::Function *F) {
      bool Found = false;
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        Found |= E && (E->Callee == Callee.Id || Names(E->Input, Names) ||
                       llvm::any_of(E->Args, [&](const ir::Value &A) { return Names(A, Names); }));
      });
      return Found;
    });
  }

  /// Code that nobody sees here gets the object, and may ask for the end.
  bool handsItselfOn() const {
    return llvm::any_of(Ending, [&](const ir::Function *F) {
      bool Found = false;
      forEachNode(F->Body, [&](const ir::Node &N) {
        const auto *E = N.as<ir::Effect>();
        Found |= E && E->O == ir::Op::Call && !P.callee(*E) && llvm::any_of(E->Args, [&](const ir::Value &A) {
                   return A.P.R == ir::Place::Root::Variable && F->hasThis() && A.P.Index == F->This && !E->System;
                 });
      });
      return Found;
    });
  }

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
  const ir::Function &Destructor;
  Fields Of;
  FunctionSet Ending;
};

} // namespace

std::vector<EndlessTask> unaskedMembers(const Program &P, const ir::Class &C) {
  std::vector<EndlessTask> Found;
  const ir::Function *Destructor = P.function(C.Destructor);
  if (!Destructor || !C.UserDestructor || Destructor->System || !Destructor->hasThis())
    return Found;
  Fields Of(P, C);
  for (const ir::Field &Field : C.Fields) {
    const ir::Type &T = P.module().Types[Field.Type];
    if (T.K != TypeKind::Handle || T.End == ir::Type::Ending::Join)
      continue;
    ir::Range Joined = Of.joinOf(*Destructor, Field.Name);
    if (!Joined.valid())
      continue;
    std::optional<Fields::Start> Start = Of.putsInto(Field.Name);
    if (!Start || llvm::any_of(P.naming(C, Field.Name), [&](const ir::Function *F) { return Of.asks(*F, Field.Name); }))
      continue;
    if (std::optional<EndlessTask> T = Request(P, C, *Destructor).missing(Field, *Start, Joined))
      Found.push_back(std::move(*T));
  }
  return Found;
}

} // namespace latchkey::flow
