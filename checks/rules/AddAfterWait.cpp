#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"std::latch", "https://en.cppreference.com/w/cpp/thread/latch"},
    {"Go: sync.WaitGroup", "https://pkg.go.dev/sync#WaitGroup"},
};
static const llvm::StringRef Replaces[] = {"wait-mismatch"};
static const Metadata About = {
    .Name = "add-after-wait",
    .Family = "wait",
    .Summary = "a counter that counts only once is used again after it was waited for",
    .Highest = Confidence::Likely,
    .References = References,
    .Subsumes = Replaces,
};

static std::string message(const flow::AddAfterWait &A) {
  std::string Subject = code(A.Subject);
  if (A.Loop)
    return fmt::format("{} counts down only once but the loop goes on with it: from the second iteration on the wait "
                       "returns at once and the count goes below zero",
                       Subject);
  return fmt::format("{} counts down only once and has been waited for: this wait returns at once and the count goes "
                     "below zero",
                     Subject);
}

namespace {
class AddAfterWait : public Rule {
public:
  AddAfterWait() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::AddAfterWait &A : Facts.Reused) {
      Finding F = finding(M, Facts, A, Confidence::Likely, message(A));
      noteFirst(F, M, A.FirstWait, fmt::format("{} is used up when this wait returns", code(A.Subject)), 0,
                StepKind::Wait);
      noteLast(F, M, A.Completion, fmt::format("{} is completed again here", code(A.Subject)), 0, StepKind::Done);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &addAfterWait() {
  static const AddAfterWait R;
  return R;
}

} // namespace latchkey::rules
