#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.44", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-name"},
    {"C++ Core Guidelines ES.84", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Res-noname"},
};
static const Metadata About = {"unnamed-guard",
                               "defer",
                               "a guard that dies at the semicolon, so it guards nothing",
                               Confidence::Certain,
                               true,
                               true,
                               {},
                               References,
                               {}};

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
    for (const flow::GuardScope &G : Facts.Guards) {
      if (G.K == flow::GuardScope::Kind::EndsNestedBlock)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Certain, message(G));
      nameIt(M, G, F);
      Report(std::move(F));
    }
  }

private:
  /// `auto lock = Guard{m};` means the same object with a name; since C++17 it needs no move.
  static void nameIt(const ir::Module &M, const flow::GuardScope &G, Finding &F) {
    bool Whole = G.Statement.valid() && G.Statement.Offset == G.Where.Offset;
    if (!Whole || G.Statement.Macro || M.Standard < 17 || G.K == flow::GuardScope::Kind::SingleStatement)
      return;
    ir::Range At = G.Statement;
    At.Length = 0;
    F.Fixes.push_back({"give the guard a name", {{place(M, At), G.Lock ? "auto lock = " : "auto guard = "}}, true});
  }
};
} // namespace

const Rule &unnamedGuard() {
  static const UnnamedGuard R;
  return R;
}

} // namespace latchkey::rules
