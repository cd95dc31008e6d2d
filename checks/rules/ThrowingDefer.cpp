#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines E.16", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Re-never-fail"},
    {"CERT DCL57-CPP", "https://wiki.sei.cmu.edu/confluence/display/cplusplus/"
                       "DCL57-CPP.+Do+not+let+exceptions+escape+from+destructors+or+deallocation+functions"},
    {"CWE-248", "https://cwe.mitre.org/data/definitions/248.html"},
};
static const Metadata About = {
    .Name = "throwing-defer",
    .Family = "defer",
    .Summary = "what a guard runs lets an exception out",
    .Highest = Confidence::Likely,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message =
      fmt::format("what {} runs can throw{}: out of a destructor that ends the program",
                  G.Guard.empty() ? "the guard" : code(G.Guard), G.By.empty() ? std::string() : " " + code(G.By));
  return Message;
}

namespace {
class ThrowingDefer : public Rule {
public:
  ThrowingDefer() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::Throws)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Likely, message(G));
      noteLast(F, M, G.Cause, "it is thrown here", 0, StepKind::Leave);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &throwingDefer() {
  static const ThrowingDefer R;
  return R;
}

} // namespace latchkey::rules
