#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.20", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-raii"},
    {"CWE-667", "https://cwe.mitre.org/data/definitions/667.html"},
};
static const Metadata About = {
    .Name = "unreleased-lock",
    .Family = "wait",
    .Summary = "a path leaves with a mutex that the function took by hand",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::KeptLock &K) {
  std::string Subject = code(K.Subject);
  if (K.Again)
    return fmt::format("{} is still held when the next iteration locks it again: the thread waits for itself", Subject);
  if (K.Dropped)
    return fmt::format("{} was released from its guard and nobody unlocks it: whoever locks it next waits for ever",
                       Subject);
  if (K.Thrown)
    return fmt::format("{} is still held when the exception leaves: whoever locks it next waits for ever", Subject);
  if (K.AllWays)
    return fmt::format("{} is locked and never unlocked: whoever locks it next waits for ever", Subject);
  return fmt::format("{} is still held on this path: whoever locks it next waits for ever", Subject);
}

namespace {
class UnreleasedLock : public Rule {
public:
  UnreleasedLock() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::KeptLock &K : Facts.Kept) {
      if (K.Permit)
        continue;
      Finding F = finding(M, Facts, K, Confidence::Likely, message(K));
      noteFirst(F, M, K.Taken, fmt::format("{} is taken here", code(K.Subject)), 0, StepKind::Lock);
      if (K.Returned.valid())
        noteLast(F, M, K.Returned, fmt::format("another path gives {} back here", code(K.Subject)), 0,
                 StepKind::Unlock);
      if (std::optional<Fix> Unlock = releaseBeforeLeaving(M, K, "unlock before leaving"))
        F.Fixes.push_back(std::move(*Unlock));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unreleasedLock() {
  static const UnreleasedLock R;
  return R;
}

} // namespace latchkey::rules
