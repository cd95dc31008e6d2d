#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: defer and named results", "https://go.dev/blog/defer-panic-and-recover"},
};
static const Metadata About = {
    .Name = "lost-return-update",
    .Family = "defer",
    .Summary = "a guard changes a local after it was copied into the returned value",
    .Highest = Confidence::Certain,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message =
      G.Elidable
          ? fmt::format("{} is changed after `return`: whether the caller sees it depends on whether the compiler "
                        "leaves the copy out",
                        code(G.Subject))
          : fmt::format("{} is changed after it was copied into the returned value: the caller never sees it",
                        code(G.Subject));
  return Message;
}

namespace {
class LostReturnUpdate : public Rule {
public:
  LostReturnUpdate() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::UpdateLost)
        continue;
      Finding F = finding(M, Facts, G, G.Certain ? Confidence::Certain : Confidence::Likely, message(G));
      noteFirst(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      noteLast(F, M, G.Cause, code(G.Subject) + " is copied here");
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &lostReturnUpdate() {
  static const LostReturnUpdate R;
  return R;
}

} // namespace latchkey::rules
