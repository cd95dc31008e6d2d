#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.41", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-create"},
    {"CWE-770", "https://cwe.mitre.org/data/definitions/770.html"},
};
static const Metadata About = {
    .Name = "unbounded-spawn",
    .Family = "thread",
    .Summary = "a loop without bound starts a thread in each turn and nobody waits",
    .Highest = Confidence::Style,
    .OnByDefault = false,
    .References = References,
};

namespace {
class UnboundedSpawn : public Rule {
public:
  UnboundedSpawn() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::UnboundedSpawn &U : Facts.Unbounded) {
      Finding F = finding(M, Facts, U, Confidence::Style,
                          "each turn of the loop starts a thread and nothing limits how many run at once");
      noteLast(F, M, U.Loop, "the loop is here");
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unboundedSpawn() {
  static const UnboundedSpawn R;
  return R;
}

} // namespace latchkey::rules
