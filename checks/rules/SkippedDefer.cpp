#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CERT ERR50-CPP",
     "https://wiki.sei.cmu.edu/confluence/display/cplusplus/ERR50-CPP.+Do+not+abruptly+terminate+the+program"},
    {"gocritic exitAfterDefer", "https://go-critic.com/overview#exitafterdefer"},
    {"CWE-459", "https://cwe.mitre.org/data/definitions/459.html"},
};
static const Metadata About = {
    .Name = "skipped-defer",
    .Family = "defer",
    .Summary = "the program ends while a guard is armed whose effect is seen outside of the process",
    .Highest = Confidence::Likely,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string What = G.By.empty() ? std::string() : fmt::format(", so {} is not called", code(G.By));
  std::string Who = G.Guard.empty() ? "the guard" : code(G.Guard);
  return fmt::format("{} ends the program here without running {}{}: what it was to do outside of the "
                     "process stays undone",
                     code(G.How), Who, What);
}

namespace {
class SkippedDefer : public Rule {
public:
  SkippedDefer() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::Skipped)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Likely, message(G));
      noteFirst(F, M, G.Armed, "armed here", 0, StepKind::Arm);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &skippedDefer() {
  static const SkippedDefer R;
  return R;
}

} // namespace latchkey::rules
