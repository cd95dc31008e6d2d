#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines E.19", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Re-finally"},
    {"CWE-772", "https://cwe.mitre.org/data/definitions/772.html"},
};
static const Metadata About = {
    .Name = "early-dismiss",
    .Family = "defer",
    .Summary = "a guard is dismissed before the hand-over that it protects has happened",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message = fmt::format("the guard of {} is dismissed before anybody else has it: where that fails, nobody "
                                    "gives it back",
                                    code(G.Subject));
  return Message;
}

namespace {
class EarlyDismiss : public Rule {
public:
  EarlyDismiss() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::DismissedEarly)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Likely, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      noteLast(F, M, G.Cause, "the function is left here", 0, StepKind::Leave);
      const ir::MovableCode *Dismissal = movable(M, Facts, G.Where);
      if (const ir::Slot *To = Dismissal && G.Handed.valid() ? below(*Dismissal, G.Handed) : nullptr)
        F.Fixes.push_back(
            move(M, *Dismissal, To->At, "dismiss the guard after " + code(G.Subject) + " is handed over"));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &earlyDismiss() {
  static const EarlyDismiss R;
  return R;
}

} // namespace latchkey::rules
