#include "checks/lower/Prune.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <set>

namespace latchkey::lower {

static void forEachList(ir::Condition &C, llvm::function_ref<void(ir::Nodes &)> Fn) {
  Fn(C.Before);
  for (ir::Condition &Part : C.Parts)
    forEachList(Part, Fn);
}

void forEachList(ir::Node &N, llvm::function_ref<void(ir::Nodes &)> Fn) {
  if (auto *S = N.as<ir::Sequence>()) {
    Fn(S->Children);
  } else if (auto *I = N.as<ir::If>()) {
    forEachList(I->Test, Fn);
    Fn(I->Then);
    Fn(I->Else);
  } else if (auto *L = N.as<ir::Loop>()) {
    if (!L->Endless)
      forEachList(L->Test, Fn);
    Fn(L->Body);
    Fn(L->Step);
  } else if (auto *E = N.as<ir::Foreach>()) {
    Fn(E->Body);
  } else if (auto *S = N.as<ir::Switch>()) {
    Fn(S->Before);
    for (ir::SwitchCase &Case : S->Cases)
      Fn(Case.Body);
  } else if (auto *T = N.as<ir::Try>()) {
    Fn(T->Body);
    for (ir::Handler &H : T->Handlers)
      Fn(H.Body);
  } else if (auto *C = N.as<ir::Cleanup>()) {
    Fn(C->Body);
  }
}

namespace {

/// Dropping one thing can make another useless; more rounds than this never paid.
constexpr unsigned MaxRounds = 6;

using OnPlace = llvm::function_ref<void(ir::Place &)>;

void visit(ir::Term &T, OnPlace Fn) {
  for (ir::Monomial &M : T.Sum)
    for (ir::Atom &A : M.Factors)
      Fn(A.P);
}

void visit(ir::Value &V, OnPlace Fn) {
  Fn(V.P);
  visit(V.N, Fn);
  for (ir::Value &Part : V.Captures)
    visit(Part, Fn);
  for (ir::Value &Part : V.Args)
    visit(Part, Fn);
}

void visit(ir::Predicate &P, OnPlace Fn) {
  Fn(P.P);
  visit(P.Left, Fn);
  visit(P.Right, Fn);
  for (ir::Place &Read : P.Reads)
    Fn(Read);
}

void visitTests(ir::Condition &C, OnPlace Fn) {
  if (C.K == ir::Condition::Kind::Leaf)
    visit(C.Test, Fn);
  for (ir::Condition &Part : C.Parts)
    visitTests(Part, Fn);
}

/// All places that N itself mentions, its children left out. Of effects that only give a variable a value, what they
/// give it to goes to Given, and nothing else of them is visited when Given says so.
void visitOwn(ir::Node &N, OnPlace Fn) {
  if (auto *E = N.as<ir::Effect>()) {
    Fn(E->Subject);
    visit(E->Amount, Fn);
    visit(E->Input, Fn);
    Fn(E->Result);
    for (ir::Value &Arg : E->Args)
      visit(Arg, Fn);
  } else if (auto *I = N.as<ir::If>()) {
    visitTests(I->Test, Fn);
  } else if (auto *L = N.as<ir::Loop>()) {
    if (!L->Endless)
      visitTests(L->Test, Fn);
    visit(L->Trip, Fn);
    Fn(L->Index);
  } else if (auto *F = N.as<ir::Foreach>()) {
    Fn(F->Container);
  } else if (auto *S = N.as<ir::Switch>()) {
    visit(S->Subject, Fn);
  } else if (auto *C = N.as<ir::Cleanup>()) {
    Fn(C->Armed);
  } else if (auto *R = N.as<ir::Return>()) {
    visit(R->Result, Fn);
    for (ir::Place &Read : R->Reads)
      Fn(Read);
  }
}

class Pruner {
public:
  Pruner(ir::Function &F, const ir::Module &M) : F(F), M(M) {}

  void run() {
    findGuarded(F.Body.Children);
    for (unsigned Round = 0; Round < MaxRounds; ++Round) {
      Changed = false;
      findWanted();
      prune(F.Body.Children);
      if (!Changed)
        break;
    }
    compact();
  }

private:
  using Kind = ir::Variable::Kind;

  bool dispensable(const ir::Place &P) const {
    if (P.R != ir::Place::Root::Variable)
      return false;
    Kind K = F.Variables[P.Index].K;
    return K == Kind::Local || K == Kind::Temporary || K == Kind::Result || K == Kind::Parameter || K == Kind::Capture;
  }

  bool isPlain(const ir::Place &P) const { return M.typeOf(F, P).K == ir::Type::Kind::Other; }

  /// Gives a place a value and does nothing else.
  bool onlyGives(const ir::Effect &E) const {
    return E.O == ir::Op::Declare || E.O == ir::Op::Write ||
           (E.O == ir::Op::Assign &&
            (E.Input.K != ir::Value::Kind::Move || (isPlain(E.Input.P) && !Guarded.contains(E.Input.P.Index))));
  }

  static bool setsNumber(const ir::Effect &E) {
    return E.O == ir::Op::Assign && E.Input.K == ir::Value::Kind::Number && E.Input.N.isConstant();
  }

  static bool behindPointer(const ir::Place &P) {
    return llvm::any_of(P.Path, [](const ir::Step &S) { return S.K == ir::Step::Kind::Deref; });
  }

  /// Variables that guards look at.
  void findGuarded(ir::Nodes &Nodes) {
    for (ir::Node &N : Nodes) {
      if (auto *E = N.as<ir::Effect>(); E && E->O == ir::Op::Arm)
        visit(E->Input, [&](ir::Place &P) {
          if (P.R == ir::Place::Root::Variable)
            Guarded.insert(P.Index);
        });
      forEachList(N, [&](ir::Nodes &Children) { findGuarded(Children); });
    }
  }

  bool copiesGuarded(const ir::Value &V) const {
    bool Found = false;
    visit(const_cast<ir::Value &>(V), [&](ir::Place &P) {
      Found |= P.R == ir::Place::Root::Variable && P.Path.empty() && Guarded.contains(P.Index);
    });
    return Found;
  }

  void want(const ir::Place &P) {
    if (P.R == ir::Place::Root::Variable)
      Wanted.insert(P.Index);
    if (P.valid())
      Mentioned.insert(P);
  }

  void findWanted() {
    Wanted.clear();
    Mentioned.clear();
    // What a wanted variable is given is wanted too.
    size_t Before;
    do {
      Before = Wanted.size() + Mentioned.size();
      find(F.Body.Children);
    } while (Wanted.size() + Mentioned.size() != Before);
  }

  void find(ir::Nodes &Nodes) {
    for (ir::Node &N : Nodes) {
      auto *E = N.as<ir::Effect>();
      if (E && useless(*E))
        continue;
      bool Gives = E && onlyGives(*E);
      visitOwn(N, [&](ir::Place &P) {
        if (Gives && &P == &E->Subject)
          return; // Being written is no use.
        if (E && &P == &E->Result)
          return;
        if (auto *L = N.as<ir::Loop>(); L && &P == &L->Index)
          return;
        want(P);
      });
      forEachList(N, [&](ir::Nodes &Children) { find(Children); });
    }
  }

  /// Nobody looks at what E writes.
  bool useless(const ir::Effect &E) const {
    if (!onlyGives(E))
      return false;
    const ir::Place &P = E.Subject;
    if (!P.valid())
      return true;
    // Whoever gets a copy of what a guard looks after may look after it himself.
    bool Local = P.R == ir::Place::Root::Variable && P.Path.empty() && dispensable(P);
    if (!Guarded.empty() && E.O == ir::Op::Assign && !Local && copiesGuarded(E.Input))
      return false;
    // What a guard does to variables of the function that armed it, and what it sets back.
    if (F.Deferred && P.R == ir::Place::Root::Variable &&
        (F.Variables[P.Index].CapturedByReference || (F.Variables[P.Index].K == Kind::Capture && setsNumber(E))))
      return false;
    if (P.R == ir::Place::Root::Variable && behindPointer(P) && Guarded.contains(P.Index) && setsNumber(E))
      return false;
    bool Seen = P.R != ir::Place::Root::Variable || behindPointer(P) || !dispensable(P);
    if (!Seen)
      return !Wanted.contains(P.Index);
    // Visible outside: of interest by its type, or tested here.
    bool Element = llvm::any_of(P.Path, [](const ir::Step &S) { return S.K == ir::Step::Kind::Element; });
    if (!isPlain(P) && !(Element && M.typeOf(F, P).K == ir::Type::Kind::Number))
      return false;
    return llvm::none_of(Mentioned, [&](const ir::Place &Read) {
      if (Read.R != P.R || Read.Index != P.Index)
        return false;
      auto [Ours, Theirs] = std::mismatch(P.Path.begin(), P.Path.end(), Read.Path.begin(), Read.Path.end());
      return Ours == P.Path.end() || Theirs == Read.Path.end();
    });
  }

  static bool empty(const ir::Nodes &Nodes) {
    return llvm::all_of(Nodes, [](const ir::Node &N) {
      const auto *S = N.as<ir::Sequence>();
      return S && empty(S->Children);
    });
  }

  static bool empty(const ir::Condition &C) { return C.Before.empty() && llvm::all_of(C.Parts, emptyTest); }
  static bool emptyTest(const ir::Condition &C) { return empty(C); }

  static bool emptyNode(const ir::Node &N) {
    if (const auto *S = N.as<ir::Sequence>())
      return empty(S->Children);
    if (const auto *I = N.as<ir::If>())
      return empty(I->Test) && empty(I->Then) && empty(I->Else);
    if (const auto *L = N.as<ir::Loop>()) // A loop that only waits for something is seen by checks.
      return !L->Endless && empty(L->Test) && empty(L->Body) &&
             (L->Trip.Known || L->Index.valid() || L->Test.Test.K == ir::Predicate::Kind::Constant);
    if (const auto *E = N.as<ir::Foreach>())
      return empty(E->Body);
    if (const auto *S = N.as<ir::Switch>())
      return S->Before.empty() && llvm::all_of(S->Cases, [](const ir::SwitchCase &C) {
               return llvm::all_of(C.Body, [](const ir::Node &N) { return N.as<ir::Break>() || emptyNode(N); });
             });
    if (const auto *T = N.as<ir::Try>())
      return empty(T->Body);
    if (const auto *C = N.as<ir::Cleanup>())
      return empty(C->Body);
    return false;
  }

  void prune(ir::Nodes &Nodes) {
    for (ir::Node &N : Nodes) {
      bool Bodies = N.as<ir::Loop>() || N.as<ir::Foreach>() || N.as<ir::Try>();
      forEachList(N, [&](ir::Nodes &Children) {
        // The one block of a body stays, even if nothing is left in it.
        auto *Block = Bodies && Children.size() == 1 ? Children[0].as<ir::Sequence>() : nullptr;
        prune(Block && Block->K == ir::Sequence::Kind::Block ? Block->Children : Children);
      });
      auto *E = N.as<ir::Effect>();
      if (E && E->Result.R == ir::Place::Root::Variable && E->Result.Path.empty() &&
          !Wanted.contains(E->Result.Index) && dispensable(E->Result)) {
        E->Result = ir::Place();
        E->When = ir::Success::Always;
        Changed = true;
      }
    }
    size_t Before = Nodes.size();
    llvm::erase_if(Nodes, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      return E ? useless(*E) : emptyNode(N);
    });
    Changed |= Nodes.size() != Before;
  }

  void compact() {
    std::set<uint32_t> Used(F.Parameters.begin(), F.Parameters.end());
    Used.insert(F.Captures.begin(), F.Captures.end());
    if (F.hasThis())
      Used.insert(F.This);
    auto Collect = [&](ir::Place &P) {
      if (P.R == ir::Place::Root::Variable)
        Used.insert(P.Index);
    };
    everywhere(F.Body.Children, Collect, [&](uint32_t &Item) { Used.insert(Item); });
    for (size_t Before = 0; Before != Used.size();) { // What a used variable hides is used.
      Before = Used.size();
      for (uint32_t I : std::set<uint32_t>(Used))
        Collect(F.Variables[I].Hides);
    }
    if (Used.size() == F.Variables.size())
      return;
    // In the old order, so that terms stay canonical.
    std::vector<uint32_t> Index(F.Variables.size(), UINT32_MAX);
    std::vector<ir::Variable> Kept;
    for (uint32_t Old : Used) {
      Index[Old] = static_cast<uint32_t>(Kept.size());
      Kept.push_back(std::move(F.Variables[Old]));
    }
    F.Variables = std::move(Kept);
    auto Renumber = [&](ir::Place &P) {
      if (P.R == ir::Place::Root::Variable)
        P.Index = Index[P.Index];
    };
    everywhere(F.Body.Children, Renumber, [&](uint32_t &Item) { Item = Index[Item]; });
    for (ir::Variable &V : F.Variables)
      Renumber(V.Hides);
    for (uint32_t &P : F.Parameters)
      P = Index[P];
    for (uint32_t &C : F.Captures)
      C = Index[C];
    if (F.hasThis())
      F.This = Index[F.This];
  }

  static void everywhere(ir::Nodes &Nodes, OnPlace Fn, llvm::function_ref<void(uint32_t &)> OnItem) {
    for (ir::Node &N : Nodes) {
      visitOwn(N, Fn);
      if (auto *E = N.as<ir::Foreach>())
        OnItem(E->Item);
      forEachList(N, [&](ir::Nodes &Children) { everywhere(Children, Fn, OnItem); });
    }
  }

  ir::Function &F;
  const ir::Module &M;
  std::set<uint32_t> Wanted, Guarded;
  std::set<ir::Place> Mentioned;
  bool Changed = false;
};

} // namespace

void prune(ir::Function &F, const ir::Module &M) {
  Pruner(F, M).run();
}

} // namespace latchkey::lower
