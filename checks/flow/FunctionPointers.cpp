// Without regard to order or to paths: a variable, a field of all objects of a class, or a parameter has the values
// that are assigned to it anywhere. One that may have two values, or one that we do not see, is left alone. A null
// pointer is no value: who calls that has another problem.
#include "checks/flow/FunctionPointers.h"

#include "checks/flow/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <map>

namespace latchkey::flow {

using ValueKind = ir::Value::Kind;

namespace {

/// What one pointer may be.
struct Cell {
  std::string Function; ///< Empty: none yet.
  bool Unknown = false;
  std::vector<std::string> From; ///< Cells that are copied to it.
};

class Resolution {
public:
  Resolution(ir::Module &M, bool Whole) : M(M), Whole(Whole) {}

  void run() {
    for (const ir::Function &F : M.Functions)
      handedOn(F);
    for (const ir::Function &F : M.Functions)
      forEachNode(F.Body, [&](const ir::Node &N) {
        if (const auto *E = N.as<ir::Effect>())
          effect(F, *E);
      });
    spread();
    for (ir::Function &F : M.Functions)
      forEachNode(F.Body, [&](const ir::Node &N) {
        if (const auto *E = N.as<ir::Effect>(); E && E->O == ir::Op::Invoke)
          resolve(F, const_cast<ir::Effect &>(*E)); // the module is ours to change
      });
  }

private:
  bool isCallable(const ir::Function &F, const ir::Place &P) const {
    return P.valid() && M.typeOf(F, P).K == ir::Type::Kind::Callable;
  }

  static std::string parameter(const ir::Function &F, size_t Position) {
    return "parameter " + std::to_string(Position) + " of " + F.Id;
  }

  /// The object by itself, if the place names a global or a part of one; else empty.
  std::string object(const ir::Place &P) const {
    if (P.R != ir::Place::Root::Global)
      return {};
    std::string Name = "global " + M.Globals[P.Index].Id;
    for (const ir::Step &S : P.Path) {
      if (S.K != ir::Step::Kind::Field)
        return {};
      Name += "." + S.Name;
    }
    return Name;
  }

  /// The field in all objects of its class; empty if the place names none.
  std::string field(const ir::Function &F, const ir::Place &P) const {
    if (P.Path.empty() || P.Path.back().K != ir::Step::Kind::Field)
      return {};
    ir::Place Object = P;
    Object.Path.pop_back();
    const std::string &Class = M.typeOf(F, Object).Class;
    return Class.empty() ? std::string() : "field " + Class + "." + P.Path.back().Name;
  }

  /// The cell that says what a place holds when it is read; empty if nobody can know.
  std::string read(const ir::Function &F, const ir::Place &P) const {
    if (P.R == ir::Place::Root::Variable && P.Path.empty()) {
      auto Position = llvm::find(F.Parameters, P.Index);
      bool Known = Position != F.Parameters.end() && (Whole || F.Internal) && !HandedOn.contains(F.Id);
      return Known ? parameter(F, size_t(Position - F.Parameters.begin())) : std::string();
    }
    if (P.R == ir::Place::Root::Global) {
      const ir::Global &G = M.Globals[P.Index];
      if (G.Constant || (P.Path.empty() && (Whole || G.Internal)))
        return object(P);
    }
    return Whole ? field(F, P) : std::string();
  }

  /// Calls Visit for each cell that a change of the place changes.
  void written(const ir::Function &F, const ir::Place &P, llvm::function_ref<void(Cell &)> Visit) {
    if (P.R == ir::Place::Root::Variable && P.Path.empty())
      if (auto Position = llvm::find(F.Parameters, P.Index); Position != F.Parameters.end())
        Visit(Cells[parameter(F, size_t(Position - F.Parameters.begin()))]);
    for (const std::string &Name : {object(P), field(F, P)})
      if (!Name.empty())
        Visit(Cells[Name]);
  }

  void give(const ir::Function &F, const ir::Value &V, Cell &To) const {
    bool Null = V.K == ValueKind::Default || (V.K == ValueKind::Number && V.N == ir::Term::constant(0));
    bool Plain = V.Captures.empty() && V.Args.empty();
    if (Null)
      return;
    if (V.K == ValueKind::Closure && !V.Callee.empty() && Plain && (To.Function.empty() || To.Function == V.Callee)) {
      To.Function = V.Callee;
      return;
    }
    bool Copies = V.K == ValueKind::Copy || V.K == ValueKind::Move || (V.K == ValueKind::Closure && V.Callee.empty());
    std::string From = Copies && Plain ? read(F, V.P) : std::string();
    if (From.empty())
      To.Unknown = true;
    else
      To.From.push_back(std::move(From));
  }

  void effect(const ir::Function &F, const ir::Effect &E) {
    auto Spoil = [](Cell &C) { C.Unknown = true; };
    auto Change = [&](Cell &C) { E.O == ir::Op::Assign ? give(F, E.Input, C) : Spoil(C); };
    bool Changes = E.O == ir::Op::Assign || E.O == ir::Op::Write || E.O == ir::Op::Swap || E.O == ir::Op::Escape;
    if (Changes && isCallable(F, E.Subject))
      written(F, E.Subject, Change);
    if (isCallable(F, E.Result))
      written(F, E.Result, Spoil);
    // Who has the address of one can change it.
    auto Addresses = [&](const ir::Value &V, auto &Self) -> void {
      if (V.K == ValueKind::Address && !V.Const && isCallable(F, V.P))
        written(F, V.P, Spoil);
      for (const std::vector<ir::Value> *Parts : {&V.Captures, &V.Args})
        for (const ir::Value &Part : *Parts)
          Self(Part, Self);
    };
    Addresses(E.Input, Addresses);
    for (const ir::Value &A : E.Args)
      Addresses(A, Addresses);
    if (E.O == ir::Op::Call)
      call(F, E);
  }

  void call(const ir::Function &F, const ir::Effect &E) {
    const ir::Function *Callee = M.function(E.Callee);
    if (!Callee)
      for (const ir::Value &A : E.Args)
        fillsFields(F, A);
    size_t First = Callee && Callee->hasThis() ? 1 : 0;
    for (size_t I = 0; Callee && I < Callee->Parameters.size(); ++I)
      if (M.Types[Callee->Variables[Callee->Parameters[I]].Type].K == ir::Type::Kind::Callable) {
        Cell &C = Cells[parameter(*Callee, I)];
        if (I + First < E.Args.size())
          give(F, E.Args[I + First], C);
        else
          C.Unknown = true;
      }
  }

  /// Code that we cannot see gets an object, and may set what is in it.
  void fillsFields(const ir::Function &F, const ir::Value &Given) {
    if (!Given.P.valid() || (Given.K == ValueKind::Address && Given.Const))
      return;
    const ir::Type &T = M.typeOf(F, Given.P);
    const std::string &Id = T.K == ir::Type::Kind::Pointer ? M.Types[T.Element].Class : T.Class;
    if (const ir::Class *C = Id.empty() ? nullptr : M.classById(Id))
      for (const ir::Field &Field : C->Fields)
        Cells["field " + C->Id + "." + Field.Name].Unknown = true;
  }

  /// Functions that are called in other ways than by their names.
  void handedOn(const ir::Function &F) {
    if (F.Virtual || !F.Overrides.empty())
      HandedOn.insert(F.Id);
    forEachNode(F.Body, [&](const ir::Node &N) {
      auto Take = [&](const ir::Value &V, auto &Self) -> void {
        if (V.K == ValueKind::Closure)
          HandedOn.insert(V.Callee);
        for (const std::vector<ir::Value> *Parts : {&V.Captures, &V.Args})
          for (const ir::Value &Part : *Parts)
            Self(Part, Self);
      };
      if (const auto *R = N.as<ir::Return>())
        Take(R->Result, Take);
      const auto *E = N.as<ir::Effect>();
      if (!E)
        return;
      Take(E->Input, Take);
      for (const ir::Value &A : E->Args)
        Take(A, Take);
    });
  }

  void spread() {
    for (bool Changed = true; Changed;) {
      Changed = false;
      for (auto &[Name, To] : Cells)
        for (const std::string &Source : To.From) {
          auto Known = Cells.find(Source);
          bool Unknown = Known == Cells.end() || Known->second.Unknown;
          const std::string Function = Unknown ? std::string() : Known->second.Function;
          Unknown |= !Function.empty() && !To.Function.empty() && To.Function != Function;
          if (Unknown && !To.Unknown)
            Changed = To.Unknown = true;
          if (!Unknown && To.Function.empty() && !Function.empty()) {
            To.Function = Function;
            Changed = true;
          }
        }
    }
  }

  void resolve(const ir::Function &F, ir::Effect &E) const {
    const ir::Value &V = E.Input;
    if (V.K != ValueKind::Closure || !V.Callee.empty() || !V.P.valid() || !V.Args.empty())
      return;
    auto Known = Cells.find(read(F, V.P));
    if (Known == Cells.end() || Known->second.Unknown || Known->second.Function.empty())
      return;
    const ir::Function *Callee = M.function(Known->second.Function);
    if (!Callee || Callee->hasThis() || !Callee->Captures.empty() || Callee->Parameters.size() != E.Args.size())
      return;
    E.O = ir::Op::Call;
    E.Callee = Callee->Id;
    E.Input = {};
  }

  ir::Module &M;
  bool Whole;
  std::map<std::string, Cell> Cells;
  llvm::StringSet<> HandedOn; ///< By id.
};

} // namespace

void resolveFunctionPointers(ir::Module &M, bool Whole) {
  Resolution(M, Whole && llvm::any_of(M.Functions, [](const ir::Function &F) { return F.Name == "main"; })).run();
}

} // namespace latchkey::flow
