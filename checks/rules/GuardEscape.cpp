#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines F.53", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rf-value-capture"},
    {"CWE-562", "https://cwe.mitre.org/data/definitions/562.html"},
};
static const Metadata About = {
    .Name = "guard-escape",
    .Family = "defer",
    .Summary = "a guard or stored callable leaves the scope of what it refers to",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message =
      G.Stored ? fmt::format("{} keeps a reference to {} when the function returns: it runs on a variable that is gone",
                             code(G.Guard), code(G.Subject))
               : fmt::format("what is returned refers to {}: it runs on a variable that is gone", code(G.Subject));
  return Message;
}

namespace {
class GuardEscape : public Rule {
public:
  GuardEscape() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::Escapes)
        continue;
      Finding F = finding(M, Facts, G, G.Stored ? Confidence::Likely : Confidence::Certain, message(G));
      noteLast(F, M, G.Cause, "the function is left here", 0, StepKind::Leave);
      if (G.Capture.valid())
        F.Fixes.push_back(captureByValue(M, G.Capture, G.Subject));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &guardEscape() {
  static const GuardEscape R;
  return R;
}

} // namespace latchkey::rules
