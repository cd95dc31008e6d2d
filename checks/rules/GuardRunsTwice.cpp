#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines C.21", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rc-five"},
    {"CWE-675", "https://cwe.mitre.org/data/definitions/675.html"},
};
static const Metadata About = {
    .Name = "guard-runs-twice",
    .Family = "defer",
    .Summary = "a guard is copied, and both run what it holds",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message = fmt::format("{} is copied here and stays armed: what it holds runs twice",
                                    G.Guard.empty() ? "the guard" : code(G.Guard));
  return Message;
}

namespace {
class GuardRunsTwice : public Rule {
public:
  GuardRunsTwice() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::Doubled)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Certain, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      if (const ir::MovableCode *Copy = movable(M, Facts, G.Where); Copy && Copy->Unused)
        F.Fixes.push_back({"delete the copy", {{place(M, Copy->Lines), ""}}, false});
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &guardRunsTwice() {
  static const GuardRunsTwice R;
  return R;
}

} // namespace latchkey::rules
