#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.52", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rcoro-locks"},
    {"CWE-667", "https://cwe.mitre.org/data/definitions/667.html"},
};
static const Metadata About = {
    .Name = "guard-across-suspend",
    .Family = "defer",
    .Summary = "a coroutine is suspended with a mutex held",
    .Highest = Confidence::Likely,
    .References = References,
};

namespace {
class GuardAcrossSuspend : public Rule {
public:
  GuardAcrossSuspend() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LockedSuspend &L : Facts.LockedSuspends) {
      std::string Held = L.Locker.empty() || L.Locker == L.Subject ? "" : fmt::format(" by {}", code(L.Locker));
      Finding F = finding(M, Facts, L, Confidence::Likely,
                          fmt::format("the coroutine is suspended with {} held{}: it may be resumed on another thread, "
                                      "which cannot unlock it, or never",
                                      code(L.Subject), Held));
      noteFirst(F, M, L.Taken, fmt::format("{} is taken here", code(L.Subject)), 0, StepKind::Lock);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &guardAcrossSuspend() {
  static const GuardAcrossSuspend R;
  return R;
}

} // namespace latchkey::rules
