#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CWE-416", "https://cwe.mitre.org/data/definitions/416.html"},
    {"C++ Core Guidelines CP.42", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-wait"},
};
static const Metadata About = {
    .Name = "dying-wait-object",
    .Family = "wait",
    .Summary = "the waiter ends a condition variable that the thread which wakes it may still be using",
    .Highest = Confidence::Likely,
    .References = References,
};

namespace {
class DyingWaitObject : public Rule {
public:
  DyingWaitObject() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::DyingWaitObject &D : Facts.Dying) {
      std::string Message = fmt::format("{} may be destroyed by the waiter while it is still being notified here: the "
                                        "waiter needs no more than the state to go on",
                                        code(D.Subject));
      Finding F = finding(M, Facts, D, Confidence::Likely, std::move(Message));
      noteFirst(F, M, D.Wait, fmt::format("{} is waited on here and destroyed soon after", code(D.Subject)), 0,
                StepKind::Wait);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &dyingWaitObject() {
  static const DyingWaitObject R;
  return R;
}

} // namespace latchkey::rules
