#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.42", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-wait"},
    {"CERT CON54-CPP", "https://wiki.sei.cmu.edu/confluence/display/cplusplus/"
                       "CON54-CPP.+Wrap+functions+that+can+spuriously+wake+up+in+a+loop"},
};
static const Metadata About = {
    .Name = "wait-without-predicate",
    .Family = "wait",
    .Summary = "a condition variable is waited on outside of a loop and without a predicate",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::SignalWait &W) {
  std::string Subject = code(W.Subject);
  if (W.Guarded)
    return fmt::format("{} is waited on after a single test: it may wake up without being notified, and the condition "
                       "is not tested again",
                       Subject);
  return fmt::format("{} is waited on without a condition: a notification that comes first is lost, and a spurious "
                     "wake-up is taken for one",
                     Subject);
}

namespace {
class WaitWithoutPredicate : public Rule {
public:
  WaitWithoutPredicate() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::SignalWait &W : Facts.Unpredicated) {
      Finding F = finding(M, Facts, W, Confidence::Likely, message(W));
      if (ir::Range If = W.If; If.valid()) {
        If.Length = 2;
        F.Fixes.push_back({"test again after the wait", {{place(M, If), "while"}}, false});
      }
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &waitWithoutPredicate() {
  static const WaitWithoutPredicate R;
  return R;
}

} // namespace latchkey::rules
