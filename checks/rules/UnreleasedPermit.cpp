#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.20", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-raii"},
    {"CWE-772", "https://cwe.mitre.org/data/definitions/772.html"},
};
static const Metadata About = {
    .Name = "unreleased-permit",
    .Family = "wait",
    .Summary = "a path keeps a semaphore permit that the other paths give back",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

namespace {
class UnreleasedPermit : public Rule {
public:
  UnreleasedPermit() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::KeptLock &K : Facts.Kept) {
      if (!K.Permit)
        continue;
      Finding F =
          finding(M, Facts, K, Confidence::Likely,
                  fmt::format("a permit of {} is kept {}: each time, one fewer is left, and in the end everybody waits",
                              code(K.Subject), K.Thrown ? "when the exception leaves" : "on this path"));
      noteFirst(F, M, K.Taken, fmt::format("a permit of {} is taken here", code(K.Subject)), 0, StepKind::Lock);
      if (K.Returned.valid())
        noteLast(F, M, K.Returned, "another path gives it back here", 0, StepKind::Unlock);
      if (std::optional<Fix> Release = releaseBeforeLeaving(M, K, "give the permit back before leaving"))
        F.Fixes.push_back(std::move(*Release));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unreleasedPermit() {
  static const UnreleasedPermit R;
  return R;
}

} // namespace latchkey::rules
