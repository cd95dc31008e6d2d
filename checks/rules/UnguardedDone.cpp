#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: defer wg.Done()", "https://pkg.go.dev/sync#WaitGroup.Done"},
};
static const Metadata About = {
    .Name = "unguarded-done",
    .Family = "wait",
    .Summary = "the completion of a task is not in a guard and something before it may throw",
    .Highest = Confidence::Style,
    .OnByDefault = false,
    .HasFix = true,
    .References = References,
};

namespace {
class UnguardedDone : public Rule {
public:
  UnguardedDone() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::UnguardedDone &U : Facts.Unguarded) {
      std::string Message = fmt::format("{} is not completed if {} throws: whoever waits for it waits for ever",
                                        code(U.Subject), U.Callee.empty() ? "what is called before" : code(U.Callee));
      Finding F = finding(M, Facts, U, Confidence::Style, std::move(Message));
      noteFirst(F, M, U.Call, "this may throw", 1);
      if (std::optional<Fix> Guard = guardAtTheTop(M, U.Own))
        F.Fixes.push_back(std::move(*Guard));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unguardedDone() {
  static const UnguardedDone R;
  return R;
}

} // namespace latchkey::rules
