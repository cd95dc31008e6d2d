// Threads that are ended by themselves: a method that joins a member's thread, called on that very thread, and a pool's
// thread that lets go of one of its own while others join them all.
#include "checks/flow/Fields.h"
#include "checks/flow/HeldLocks.h"
#include "checks/flow/Members.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

namespace {

class Search {
public:
  Search(const Program &P, const ir::Class &C, const ir::Function &F) : P(P), M(P.module()), C(C), F(F), Of(P, C) {}

  std::vector<BadJoin> take() {
    for (const ir::Field &Field : C.Fields) {
      const ir::Type *T = &M.Types[Field.Type];
      bool Many = T->K == TypeKind::Container;
      if (Many || (T->K == TypeKind::Pointer && T->Owning))
        T = &M.Types[T->Element];
      if (T->K != TypeKind::Handle)
        continue;
      ir::Range Joined = Of.joinOf(F, Field.Name);
      ir::Range Detached = Many ? detachOf(Field.Name) : ir::Range();
      if (!Joined.valid() && !Detached.valid())
        continue;
      std::optional<Fields::Start> Start = ownThread(Field.Name);
      if (!Start)
        continue;
      if (Joined.valid())
        add(BadJoin::Reason::Own, Field, Joined, Start->Where, "");
      else if (const ir::Function *Joiner = joinsUnlocked(Field.Name))
        add(BadJoin::Reason::Raced, Field, Detached, Start->Where, Joiner->Name);
    }
    return std::move(Found);
  }

private:
  void add(BadJoin::Reason Why, const ir::Field &Field, ir::Range Where, ir::Range Started, llvm::StringRef Joiner) {
    BadJoin B;
    B.Subject = Field.Name;
    B.Why = Why;
    B.Detach = Why == BadJoin::Reason::Raced;
    B.Where = Where;
    B.Before = Started;
    B.Joiner = Joiner.str();
    Found.push_back(std::move(B));
  }

  ir::Range detachOf(const std::string &Field) const {
    ir::Range Where;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (E && E->O == ir::Op::Detach && Of.fieldOf(F, E->Subject) == Field)
        Where = E->Where;
    });
    return Where;
  }

  /// The start of the field's thread, if that thread calls F on its own object without having asked anything that
  /// could tell the threads apart.
  std::optional<Fields::Start> ownThread(const std::string &Field) const {
    if (!plain(F))
      return std::nullopt;
    for (const ir::Function *G : P.naming(C, Field))
      if (std::optional<Fields::Start> Start = Of.putsInto(*G, Field))
        for (const ir::Function *Body : Start->Tasks)
          if (FunctionSet Entered; reaches(*Body, Entered))
            return Start;
    return std::nullopt;
  }

  bool reaches(const ir::Function &From, FunctionSet &Entered) const {
    if (&From == &F)
      return true;
    if (Entered.size() > 8 || !Entered.insert(&From).second || asksWho(From))
      return false;
    bool Hit = false;
    forEachNode(From.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      const ir::Function *Callee = E && E->O == ir::Op::Call ? P.callee(*E) : nullptr;
      Hit = Hit || (Callee && !E->Args.empty() && isThis(From, E->Args[0]) && reaches(*Callee, Entered));
    });
    return Hit;
  }

  static bool isThis(const ir::Function &In, const ir::Value &V) {
    return V.K == ir::Value::Kind::Copy && V.P.R == ir::Place::Root::Variable && V.P.Path.empty() &&
           (V.P.Index == In.This || In.Variables[V.P.Index].Name == "this");
  }

  /// Speaks of threads.
  static bool namesThreads(const ir::Condition &Test) {
    std::string Text = llvm::StringRef(Test.Test.Text).lower();
    return llvm::any_of(llvm::ArrayRef<llvm::StringRef>({"thread", "self", "current", "own", "id"}),
                        [&](llvm::StringRef Word) { return llvm::StringRef(Text).contains(Word); }) ||
           llvm::any_of(Test.Parts, [](const ir::Condition &Part) { return namesThreads(Part); });
  }

  /// What the thread itself runs on its way to the join is on that thread, whatever it asks, unless it asks just that.
  static bool asksWho(const ir::Function &Of) {
    bool Found = false;
    forEachNode(Of.Body, [&](const ir::Node &N) {
      if (const auto *I = N.as<ir::If>())
        Found |= namesThreads(I->Test);
    });
    return Found;
  }

  /// What is called to decide may know on which thread it runs.
  static bool saysWho(const ir::Condition &Test) {
    bool Named = namesThreads(Test);
    bool Calls = llvm::any_of(Test.Before, [](const ir::Node &N) { return N.as<ir::Effect>() == nullptr; });
    for (const ir::Node &N : Test.Before)
      if (const auto *E = N.as<ir::Effect>())
        Calls |= E->O == ir::Op::Call && !E->Args.empty();
    return Calls || (Named && !Test.Before.empty());
  }

  static bool plain(const ir::Condition &Test) {
    using Kind = ir::Predicate::Kind;
    if (Test.K == ir::Condition::Kind::Leaf)
      return Test.Test.K != Kind::Opaque && !saysWho(Test);
    return llvm::all_of(Test.Parts, [](const ir::Condition &Part) { return plain(Part); });
  }

  /// Tests only what says nothing about the thread that it runs on.
  static bool plain(const ir::Function &Of) {
    bool Known = true;
    forEachNode(Of.Body, [&](const ir::Node &N) {
      if (const auto *I = N.as<ir::If>())
        Known &= plain(I->Test);
    });
    return Known;
  }

  /// F looks at nothing but what G sets: it knows whether it is too late.
  bool asksWhether(const ir::Function &G) const {
    Names Set = Of.useOf(G).Written;
    bool Found = false;
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *I = N.as<ir::If>();
      std::optional<Names> Read = I ? Of.read(I->Test, F) : std::nullopt;
      Found |= Read && llvm::all_of(*Read, [&](const std::string &Name) { return Set.contains(Name); });
    });
    return Found;
  }

  /// A function that joins the threads of the field without a mutex that F holds.
  const ir::Function *joinsUnlocked(const std::string &Field) const {
    std::optional<Objects> O; // reads the whole module
    for (const ir::Function *G : P.naming(C, Field)) {
      ir::Range Join = G == &F ? ir::Range() : Of.joinOf(*G, Field);
      if (!Join.valid() || asksWhether(*G))
        continue;
      if (!O) {
        P.ask(QuestionKind::Everything, "");
        O.emplace(P);
      }
      for (const SharedAction &A : sharedActions(P, *O, *G).All)
        if (A.Source->O == ir::Op::Join && A.Source->Where == Join && A.In == G && A.Held.empty())
          return G;
    }
    return nullptr;
  }

  const Program &P;
  const ir::Module &M;
  const ir::Class &C;
  const ir::Function &F;
  Fields Of;
  std::vector<BadJoin> Found;
};

} // namespace

std::vector<BadJoin> selfJoins(const Program &P, const ir::Function &F) {
  const ir::Class *C = nullptr;
  bool Ends = false;
  forEachNode(F.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    Ends |= E && (E->O == ir::Op::Join || E->O == ir::Op::Detach);
  });
  if (!Ends || F.System || F.Destructor)
    return {};
  C = P.classById(F.Class);
  return C ? Search(P, *C, F).take() : std::vector<BadJoin>();
}

} // namespace latchkey::flow
