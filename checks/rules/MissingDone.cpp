#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: defer wg.Done()", "https://pkg.go.dev/sync#WaitGroup.Done"},
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
};
// Where every iteration of the launcher takes the way on which it starts no task, the whole count is missing.
static const llvm::StringRef Subsumed[] = {"wait-mismatch"};
static const Metadata About = {
    .Name = "missing-done",
    .Family = "wait",
    .Summary = "a path through a task completes less than its other paths do",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
    .Subsumes = Subsumed,
};

static std::string message(const flow::MissingCompletion &C) {
  std::string Subject = code(C.Subject);
  if (C.Rejected)
    return fmt::format("{} is not completed when the task is rejected here: the wait never returns", Subject);
  if (!C.Signal.empty())
    return fmt::format("{} is never completed if {} ends the tasks that give {} while this one waits for it", Subject,
                       code(C.Flag), code(C.Signal));
  if (C.Launcher)
    return fmt::format("{} is counted but no task is started for it on this path: the wait never returns", Subject);
  if (C.Barrier)
    return fmt::format("{} is not reached on this path: the others wait for it for ever", Subject);
  return fmt::format("{} is not completed on this path: {}", Subject,
                     C.Wait.valid() ? "the wait for it never returns" : "whoever waits for it waits for ever");
}

namespace {
class MissingDone : public Rule {
public:
  MissingDone() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::MissingCompletion &C : Facts.Missing) {
      Finding F = finding(M, Facts, C, Confidence::Likely, message(C));
      if (C.Signal.empty())
        noteFirst(F, M, C.Completion, fmt::format("the other paths complete {} here", code(C.Subject)), 1,
                  StepKind::Done);
      else
        noteOrphaned(F, M, C);
      if (C.Wait.valid())
        noteLast(F, M, C.Wait, fmt::format("{} is waited for here", code(C.Subject)), 0, StepKind::Wait);
      if (std::optional<Fix> Guard = guardAtTheTop(M, C.Own))
        F.Fixes.push_back(std::move(*Guard));
      Report(std::move(F));
    }
  }

private:
  static void noteOrphaned(Finding &F, const ir::Module &M, const flow::MissingCompletion &C) {
    noteFirst(F, M, C.Completion, fmt::format("{} is completed here, behind the wait", code(C.Subject)), 1,
              StepKind::Done);
    noteFirst(F, M, C.Given, fmt::format("{} is given only here, until {} ends the loop", code(C.Signal), code(C.Flag)),
              2);
  }
};
} // namespace

const Rule &missingDone() {
  static const MissingDone R;
  return R;
}

} // namespace latchkey::rules
