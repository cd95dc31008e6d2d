#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.31", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-data-by-value"},
    {"Go: vet loopclosure", "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/loopclosure"},
};
static const llvm::StringRef Replaced[] = {"detached-capture", "task-outlives-capture"};
static const Metadata About = {
    .Name = "loop-variable-capture",
    .Family = "thread",
    .Summary = "a task holds a reference to a variable that the loop starting it changes",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
    .Subsumes = Replaced,
};

namespace {
class LoopVariableCapture : public Rule {
public:
  LoopVariableCapture() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LoopCapture &L : Facts.LoopCaptures) {
      Finding F = finding(M, Facts, L, Confidence::Certain,
                          fmt::format("the task uses {} by reference while the loop goes on to change it: it sees the "
                                      "value of another iteration",
                                      code(L.Subject)));
      noteLast(F, M, L.Changed, code(L.Subject) + " changes here");
      if (L.Capture.valid())
        F.Fixes.push_back(captureByValue(M, L.Capture, L.Subject));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &loopVariableCapture() {
  static const LoopVariableCapture R;
  return R;
}

} // namespace latchkey::rules
