#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: vet defers", "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/defers"},
    {"C++ Core Guidelines F.52", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rf-reference-capture"},
};
static const Metadata About = {
    .Name = "stale-defer-capture",
    .Family = "defer",
    .Summary = "a guard copied a value that is changed afterwards, so it acts on the old one",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Who = G.Guard.empty() ? "the guard" : code(G.Guard);
  std::string Message =
      G.K == flow::GuardFault::Kind::AsksOld
          ? fmt::format("{} copied {} before it was changed: it decides by the old value", Who, code(G.Subject))
          : fmt::format("{} copied {} before it was replaced: it gives back the old one and the new one is never given "
                        "back",
                        Who, code(G.Subject));
  return Message;
}

namespace {
class StaleDeferCapture : public Rule {
public:
  StaleDeferCapture() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::ActsOnOld && G.K != flow::GuardFault::Kind::AsksOld)
        continue;
      Finding F = finding(M, Facts, G, Confidence::Likely, message(G));
      noteFirst(F, M, G.Armed, code(G.Subject) + " is copied here");
      noteLast(F, M, G.Cause, code(G.Subject) + " is changed here");
      if (G.Capture.valid())
        F.Fixes.push_back(captureByReference(M, G.Capture, G.Subject));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &staleDeferCapture() {
  static const StaleDeferCapture R;
  return R;
}

} // namespace latchkey::rules
