#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"std::jthread::request_stop", "https://en.cppreference.com/w/cpp/thread/jthread/request_stop"},
    {"Go: vet lostcancel", "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/lostcancel"},
};
static const llvm::StringRef Replaced[] = {"unstoppable-thread"};
static const Metadata About = {
    .Name = "ignored-stop-token",
    .Family = "thread",
    .Summary = "a task loops without asking the stop token that it has or could have",
    .Highest = Confidence::Certain,
    .References = References,
    .Subsumes = Replaced,
};

namespace {
class IgnoredStopToken : public Rule {
public:
  IgnoredStopToken() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::EndlessTask &T : Facts.Endless) {
      if (!T.Token)
        continue;
      Finding F =
          finding(M, Facts, T, Confidence::Certain,
                  fmt::format("the loop never asks the stop token: the end of {} asks the task to stop and then "
                              "waits forever",
                              code(T.Subject)));
      noteFirst(F, M, T.Started, "the task is started here", 0, StepKind::Start);
      noteLast(F, M, T.Joined, code(T.Subject) + " is waited for here", 0, StepKind::Wait);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &ignoredStopToken() {
  static const IgnoredStopToken R;
  return R;
}

} // namespace latchkey::rules
