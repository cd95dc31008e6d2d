#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: vet copylocks", "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/copylock"},
    {"Go: sync.WaitGroup", "https://pkg.go.dev/sync#WaitGroup"},
};
static const llvm::StringRef Replaces[] = {"wait-mismatch", "missing-wait"};
static const Metadata About = {
    .Name = "copied-counter",
    .Family = "wait",
    .Summary = "a counter whose copies count for themselves is copied to a task",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
    .Subsumes = Replaces,
};

namespace {
class CopiedCounter : public Rule {
public:
  CopiedCounter() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::CopiedCounter &C : Facts.Copies) {
      std::string Message = fmt::format(
          "{} is copied here and `{}` keeps its count in the object: the {} completes the copy and the wait for {} "
          "never returns",
          code(C.Subject), C.TypeName, C.Task ? "task" : "callee", code(C.Subject));
      Finding F = finding(M, Facts, C, Confidence::Certain, std::move(Message));
      if (C.Capture.valid()) {
        F.Fixes.push_back(captureByReference(M, C.Capture, C.Subject));
        F.Fixes.back().Safe = false; // The counter has to live as long as the task.
      }
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &copiedCounter() {
  static const CopiedCounter R;
  return R;
}

} // namespace latchkey::rules
