#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

#include <set>
#include <string>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.44", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-name"},
    {"C++ Core Guidelines ES.84", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Res-noname"},
};
static const Metadata About = {
    .Name = "unnamed-guard",
    .Family = "defer",
    .Summary = "a guard that dies at the semicolon, so it guards nothing",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardScope &G) {
  using Kind = flow::GuardScope::Kind;
  if (G.K == Kind::HidesMutex)
    return fmt::format("this declares a variable {} that hides the mutex and locks nothing", code(G.Subject));
  if (G.K == Kind::SingleStatement)
    return fmt::format("{} is destroyed at the end of this statement: {}", code(G.Subject),
                       G.Lock ? "nothing after it is locked" : "it runs at once");
  if (!G.Lock)
    return fmt::format("this {} has no name, so it is destroyed at the semicolon: it runs at once", code(G.TypeName));
  std::string Mutex = G.Guarded.empty() ? "the mutex" : code(G.Guarded);
  return fmt::format("this lock has no name, so it is destroyed at the semicolon: {} is not held afterwards", Mutex);
}

namespace {
class UnnamedGuard : public Rule {
public:
  UnnamedGuard() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    std::set<std::string> Taken;
    for (const ir::Variable &V : Facts.Function->Variables)
      Taken.insert(V.Name);
    for (const flow::GuardScope &G : Facts.Guards) {
      if (G.K == flow::GuardScope::Kind::EndsNestedBlock)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Certain, message(G));
      nameIt(M, G, Taken, F);
      Report(std::move(F));
    }
  }

private:
  /// Not yet in the function, so that all fixes can be applied at once.
  static std::string freshName(const std::string &Wanted, std::set<std::string> &Taken) {
    std::string Name = Wanted;
    for (unsigned Number = 2; !Taken.insert(Name).second; ++Number)
      Name = Wanted + std::to_string(Number);
    return Name;
  }

  static void nameIt(const ir::Module &M, const flow::GuardScope &G, std::set<std::string> &Taken, Finding &F) {
    bool Whole = G.Statement.valid() && G.Statement.Offset == (G.Spelled.valid() ? G.Spelled : G.Where).Offset;
    if (!Whole || G.Statement.Macro || G.K == flow::GuardScope::Kind::SingleStatement)
      return;
    if (!G.Spelled.valid() && !M.hasCPlusPlus(G.Where, 17))
      return; // `auto` would need a move.
    std::string Name = freshName(G.Lock ? "lock" : "guard", Taken);
    ir::Range At = G.Statement;
    At.Length = 0;
    if (G.Spelled.valid()) {
      At.Offset += G.Spelled.Length;
      At.Column += G.Spelled.Length;
    }
    std::string Text = G.Spelled.valid() ? " " + Name : fmt::format("auto {} = ", Name);
    F.Fixes.push_back({"give the guard a name", {{place(M, At), std::move(Text)}}, true});
  }
};
} // namespace

const Rule &unnamedGuard() {
  static const UnnamedGuard R;
  return R;
}

} // namespace latchkey::rules
