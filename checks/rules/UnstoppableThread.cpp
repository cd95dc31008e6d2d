#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.23", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-join"},
    {"CWE-835", "https://cwe.mitre.org/data/definitions/835.html"},
    {"Go: staticcheck SA5003", "https://staticcheck.dev/docs/checks/#SA5003"},
};
static const Metadata About = {
    .Name = "unstoppable-thread",
    .Family = "thread",
    .Summary = "a thread that somebody waits for loops with no way out",
    .Highest = Confidence::Likely,
    .References = References,
};

namespace {
class UnstoppableThread : public Rule {
public:
  UnstoppableThread() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::EndlessTask &T : Facts.Endless) {
      if (T.Token)
        continue;
      if (T.Unasked) {
        Finding F = finding(M, Facts, T, Confidence::Likely,
                            fmt::format("{} is joined here before anything has set {}, which is all that ends its "
                                        "loop: whoever destroys the object waits forever",
                                        code(T.Subject), code(T.Flag)));
        noteFirst(F, M, T.Started, "the thread is started here");
        noteLast(F, M, T.Joined, "its loop tests " + code(T.Flag) + " here", 1);
        Report(std::move(F));
        continue;
      }
      std::string Why = T.Flag.empty() ? std::string("has no way out")
                                       : fmt::format("tests only {}, which nobody can change", code(T.Flag));
      Finding F =
          finding(M, Facts, T, Confidence::Likely,
                  fmt::format("the loop of the thread {} {}: whoever joins it waits forever", code(T.Subject), Why));
      noteFirst(F, M, T.Started, "the thread is started here", 0, StepKind::Start);
      noteLast(F, M, T.Joined, code(T.Subject) + " is waited for here", 0, StepKind::Wait);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unstoppableThread() {
  static const UnstoppableThread R;
  return R;
}

} // namespace latchkey::rules
