#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.24", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-detach"},
    {"CWE-562", "https://cwe.mitre.org/data/definitions/562.html"},
};
static const llvm::StringRef Subsumed[] = {"detached-capture", "task-outlives-capture"};
static const Metadata About = {
    .Name = "defer-spawns-task",
    .Family = "defer",
    .Summary = "a guard starts a task that refers to the frame which the guard leaves",
    .Highest = Confidence::Likely,
    .References = References,
    .Subsumes = Subsumed,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message =
      fmt::format("the guard starts a task that refers to {} when the function is already being left: "
                  "the task uses {} after its end",
                  code(G.Subject), code(G.Subject));
  return Message;
}

namespace {
class DeferSpawnsTask : public Rule {
public:
  DeferSpawnsTask() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::StartsTask)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Likely, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &deferSpawnsTask() {
  static const DeferSpawnsTask R;
  return R;
}

} // namespace latchkey::rules
