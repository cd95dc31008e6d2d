#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: sync.WaitGroup", "https://pkg.go.dev/sync#WaitGroup"},
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
};
static const llvm::StringRef Subsumed[] = {"wait-before-done", "wait-mismatch", "missing-done"};
static const Metadata About = {
    .Name = "misplaced-defer",
    .Family = "defer",
    .Summary = "a guard of the launcher completes what is counted for a task",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
    .Subsumes = Subsumed,
};

static std::string message(const flow::GuardFault &G) {
  if (G.K == flow::GuardFault::Kind::ReleasesForTask)
    return fmt::format("the permit of {} is given back by a guard of the function that starts the task, not by the "
                       "task: any number of tasks run at the same time",
                       code(G.Subject));
  std::string Message =
      G.Waits
          ? fmt::format("{} is completed by a guard that runs after the wait for it, on the same thread: the wait "
                        "never returns",
                        code(G.Subject))
          : fmt::format("{} is completed by a guard of the function that starts the task, not by the task: the wait "
                        "returns while the task still runs",
                        code(G.Subject));
  return Message;
}

namespace {
class MisplacedDefer : public Rule {
public:
  MisplacedDefer() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      bool Permit = G.K == flow::GuardFault::Kind::ReleasesForTask;
      if (!Permit && G.K != flow::GuardFault::Kind::CompletesForTask)
        continue;
      Finding F = finding(M, Facts, G, Permit ? Confidence::Likely : Confidence::Certain, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      if (Permit)
        noteLast(F, M, G.Cause, "the task is started here", 0, StepKind::Start);
      else
        noteLast(F, M, G.Cause, code(G.Subject) + " is waited for here", 0, StepKind::Wait);
      const ir::MovableCode *Guard = G.Task ? movable(M, Facts, G.Armed) : nullptr;
      if (std::optional<Fix> Move = Guard ? moveInto(M, *Guard, *G.Task, "move the guard into the task") : std::nullopt)
        F.Fixes.push_back(std::move(*Move));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &misplacedDefer() {
  static const MisplacedDefer R;
  return R;
}

} // namespace latchkey::rules
