#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: sync.WaitGroup", "https://pkg.go.dev/sync#WaitGroup"},
    {"CWE-562", "https://cwe.mitre.org/data/definitions/562.html"},
};
static const Metadata About = {
    .Name = "missing-wait",
    .Family = "wait",
    .Summary = "tasks are counted and nobody waits before the counter or what they captured dies",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::MissingWait &W) {
  std::string Subject = code(W.Subject);
  if (W.Dies.empty())
    return fmt::format("{} counts tasks but nobody waits for it: the function returns while they still run", Subject);
  if (W.Dies == W.Subject)
    return fmt::format("{} is destroyed before anybody has waited for it: the tasks complete a counter that is gone",
                       Subject);
  return fmt::format("nobody has waited for {} when {} is destroyed: the tasks still use it", Subject, code(W.Dies));
}

namespace {
class MissingWait : public Rule {
public:
  MissingWait() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::MissingWait &W : Facts.Unwaited) {
      Finding F = finding(M, Facts, W, Confidence::Likely, message(W));
      noteFirst(F, M, W.Started, "a task is started here that may still run", 0, StepKind::Start);
      if (!W.WaitCode.empty() && W.Where.valid() && !W.Where.Macro && (!W.Early || W.Exit.Statement.valid()))
        F.Fixes.push_back(W.Early ? insertBefore(M, W.Exit, W.WaitCode, "wait before leaving", false)
                                  : insertAtEnd(M, W.Where, W.WaitCode, "wait at the end", false));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &missingWait() {
  static const MissingWait R;
  return R;
}

} // namespace latchkey::rules
