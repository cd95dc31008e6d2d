#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
    {"Go: sync.WaitGroup", "https://pkg.go.dev/sync#WaitGroup"},
};
static const llvm::StringRef Replaces[] = {"wait-mismatch"};
static const Metadata About = {
    .Name = "wait-before-done",
    .Family = "wait",
    .Summary = "a thread waits for a count that it has to complete itself, later",
    .Highest = Confidence::Certain,
    .References = References,
    .Subsumes = Replaces,
};

static std::string message(const flow::WaitBeforeDone &W) {
  std::string Subject = code(W.Subject);
  if (W.Loop)
    return fmt::format("{} is waited for in the loop that all its arrivals come from: the first wait never returns",
                       Subject);
  return fmt::format("{} is waited for before {} own completion, which comes later on this thread: the wait never "
                     "returns",
                     Subject, W.InTask ? "the task's" : "this thread's");
}

namespace {
class WaitBeforeDone : public Rule {
public:
  WaitBeforeDone() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::WaitBeforeDone &W : Facts.OwnWaits) {
      Finding F = finding(M, Facts, W, Confidence::Certain, message(W));
      if (W.Loop)
        noteFirst(F, M, W.Completion, fmt::format("{} is given its count here", code(W.Subject)), 0, StepKind::Count);
      else
        noteLast(F, M, W.Completion, fmt::format("{} would be completed here", code(W.Subject)), 0, StepKind::Done);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &waitBeforeDone() {
  static const WaitBeforeDone R;
  return R;
}

} // namespace latchkey::rules
