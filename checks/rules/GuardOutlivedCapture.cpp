#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines E.19", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Re-finally"},
    {"CWE-416", "https://cwe.mitre.org/data/definitions/416.html"},
};
static const Metadata About = {
    .Name = "guard-outlived-capture",
    .Family = "defer",
    .Summary = "what a guard uses is gone when it fires",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message =
      fmt::format("{} uses {} after it was {}", G.Guard.empty() ? "the guard" : code(G.Guard), code(G.Subject), G.How);
  return Message;
}

namespace {
class GuardOutlivedCapture : public Rule {
public:
  GuardOutlivedCapture() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::UsesAbsent)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Certain, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      if (G.Below)
        noteLast(F, M, G.Cause, code(G.Subject) + " is declared here, below the guard, so it dies first");
      else
        noteLast(F, M, G.Cause, fmt::format("{} is {} here", code(G.Subject), G.How));
      const ir::MovableCode *Guard = movable(M, Facts, G.Below ? G.Declared : G.Where);
      // Their order is what is wrong, that of others is not.
      if (const ir::Slot *To = Guard ? below(*Guard, G.Cause) : nullptr; To && To->Objects <= 1)
        F.Fixes.push_back(move(M, *Guard, To->At, "declare the guard below what it uses"));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &guardOutlivedCapture() {
  static const GuardOutlivedCapture R;
  return R;
}

} // namespace latchkey::rules
