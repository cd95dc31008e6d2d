#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
    {"C++ Core Guidelines CP.42", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-wait"},
};
static const llvm::StringRef Replaces[] = {"wait-without-predicate", "wait-mismatch"};
static const Metadata About = {
    .Name = "never-notified",
    .Family = "wait",
    .Summary = "something is awaited that nothing in the program notifies",
    .Highest = Confidence::Certain,
    .References = References,
    .Subsumes = Replaces,
};

namespace {
class NeverNotified : public Rule {
public:
  NeverNotified() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::SignalWait &W : Facts.Unnotified) {
      if (W.Wait.valid()) {
        Finding F = finding(M, Facts, W, Confidence::Likely,
                            fmt::format("what {} returns is dropped, and nothing else leads to {}: the task that waits "
                                        "for it never ends",
                                        code(W.Starter), code(W.Subject)));
        noteLast(F, M, W.Wait, fmt::format("{} is waited for here", code(W.Subject)), 1, StepKind::Wait);
        Report(std::move(F));
        continue;
      }
      std::string Message = fmt::format("nothing in the program notifies {}: this wait never returns", code(W.Subject));
      Finding F = finding(M, Facts, W, W.Always ? Confidence::Certain : Confidence::Likely, std::move(Message));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &neverNotified() {
  static const NeverNotified R;
  return R;
}

} // namespace latchkey::rules
