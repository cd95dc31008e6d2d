#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"staticcheck SA5001", "https://staticcheck.dev/docs/checks/#SA5001"},
    {"CWE-476", "https://cwe.mitre.org/data/definitions/476.html"},
};
static const Metadata About = {
    .Name = "defer-before-check",
    .Family = "defer",
    .Summary = "a guard gives a resource back before the check that there is one",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message = fmt::format("the guard is armed before {} is checked: where that is null, {}", code(G.Subject),
                                    G.By.empty() ? std::string("the guard uses it all the same")
                                                 : code(G.By) + " is called with it all the same");
  return Message;
}

namespace {
class DeferBeforeCheck : public Rule {
public:
  DeferBeforeCheck() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::EndsNothing)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Likely, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      noteLast(F, M, G.Cause, code(G.Subject) + " is checked only here");
      const ir::MovableCode *Guard = movable(M, Facts, G.Armed);
      // Only the check may stand in between: other ways out would find the guard not armed.
      if (const ir::Slot *To = Guard ? below(*Guard, G.Cause) : nullptr; To && To->Ways == 1 && To->Objects == 0)
        F.Fixes.push_back(move(M, *Guard, To->At, "arm the guard below the check"));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &deferBeforeCheck() {
  static const DeferBeforeCheck R;
  return R;
}

} // namespace latchkey::rules
