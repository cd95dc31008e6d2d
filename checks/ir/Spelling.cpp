// How a user would write a place or a term.
#include "checks/ir/Module.h"
#include "checks/ir/TextNames.h"

#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir {

namespace {

bool isThis(const Variable &V) {
  return V.K == Variable::Kind::This || V.Name == "this";
}

/// Writes a place from left to right. A dereference is held back until the next step shows whether it reads as `->`,
/// as `(*p)` or, through a reference, as nothing at all.
class Speller {
public:
  Speller(const Module &M, const Function &F, const Place &P) : M(M), F(F), P(P) {}

  std::string run() {
    Prefix.R = P.R;
    Prefix.Index = P.Index;
    if (P.R == Place::Root::Variable && P.Index < F.Variables.size())
      Text = F.Variables[P.Index].Name;
    else if (P.R == Place::Root::Global && P.Index < M.Globals.size())
      Text = M.Globals[P.Index].Name;
    for (const Step &S : P.Path) {
      step(S);
      Prefix.Path.push_back(S);
    }
    settle();
    return Text;
  }

private:
  void step(const Step &S) {
    switch (S.K) {
    case Step::Kind::Deref:
      if (throughReference())
        return;
      settle();
      Dereferenced = true;
      return;
    case Step::Kind::Field:
      if (llvm::StringRef(S.Name).starts_with("(base "))
        return;
      field(S.Name);
      return;
    case Step::Kind::Element:
      if (Dereferenced)
        Text = "(*" + Text + ")";
      Dereferenced = false;
      Text += "[" + (S.Index.empty() ? std::string("…") : S.Index) + "]";
      return;
    }
  }

  void field(const std::string &Name) {
    if (rootIsThis())
      Text = Name;
    else
      Text += (Dereferenced ? "->" : ".") + Name;
    Dereferenced = false;
  }

  /// Whether what Prefix denotes is a reference, which the user does not write.
  bool throughReference() const {
    if (Prefix.Path.empty() && P.R == Place::Root::Variable && P.Index < F.Variables.size() &&
        F.Variables[P.Index].CapturedByReference)
      return true;
    return M.typeOf(F, Prefix).Reference;
  }

  /// Whether Text is still nothing but `this`, base classes left out.
  bool rootIsThis() const {
    return P.R == Place::Root::Variable && P.Index < F.Variables.size() && isThis(F.Variables[P.Index]) &&
           Text == F.Variables[P.Index].Name;
  }

  void settle() {
    if (Dereferenced)
      Text = "*" + Text;
    Dereferenced = false;
  }

  const Module &M;
  const Function &F;
  const Place &P;
  Place Prefix; ///< What has been written so far.
  std::string Text;
  bool Dereferenced = false;
};

std::string spellAtom(const Module &M, const Function &F, const Atom &A) {
  std::string Text = spelling(M, F, A.P);
  if (A.K == Atom::Kind::Value)
    return Text;
  if (llvm::StringRef(Text).starts_with("*"))
    return llvm::StringRef(Text).drop_front().str() + "->size()";
  return Text + ".size()";
}

/// Without its sign.
std::string spellMonomial(const Module &M, const Function &F, const Monomial &Mono) {
  std::vector<std::string> Factors;
  uint64_t Magnitude = Mono.Coefficient < 0 ? 0 - uint64_t(Mono.Coefficient) : uint64_t(Mono.Coefficient);
  if (Magnitude != 1 || Mono.Factors.empty())
    Factors.push_back(std::to_string(Magnitude));
  for (const Atom &A : Mono.Factors)
    Factors.push_back(spellAtom(M, F, A));
  return llvm::join(Factors, " * ");
}

} // namespace

std::string spelling(const Module &M, const Function &F, const Place &P) {
  return Speller(M, F, P).run();
}

std::string spelling(const Module &M, const Function &F, const Term &T) {
  if (!T.Known)
    return "an unknown number";
  if (T.Sum.empty())
    return "0";
  std::string Text;
  for (const Monomial *Mono : text::readingOrder(T)) {
    bool Negative = Mono->Coefficient < 0;
    Text += Text.empty() ? (Negative ? "-" : "") : (Negative ? " - " : " + ");
    Text += spellMonomial(M, F, *Mono);
  }
  return Text;
}

std::string codeFor(llvm::StringRef Pattern, llvm::StringRef Object) {
  auto [Before, After] = Pattern.split("{}");
  if (Object.consume_front("*")) // `*p`: what is called by a dot is called by an arrow
    return After.consume_front(".") ? Before.str() + Object.str() + "->" + After.str() : std::string();
  return Pattern.empty() ? std::string() : Before.str() + Object.str() + After.str();
}

} // namespace latchkey::ir
