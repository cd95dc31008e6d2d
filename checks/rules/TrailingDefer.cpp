#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"staticcheck SA2001", "https://staticcheck.dev/docs/checks/#SA2001"},
};
static const Metadata About = {
    .Name = "trailing-defer",
    .Family = "defer",
    .Summary = "a guard that is the last thing in a nested block, so it fires at once",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

namespace {
class TrailingDefer : public Rule {
public:
  TrailingDefer() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardScope &G : Facts.Guards) {
      if (G.K != flow::GuardScope::Kind::EndsNestedBlock)
        continue;
      std::string Message =
          G.Lock
              ? fmt::format("{} is the last thing in its block: it unlocks at once and guards nothing of what follows",
                            code(G.Subject))
              : fmt::format("the guard is the last thing in its block: it runs at once, not when the function ends");
      Finding F = finding(M, Facts, G, Confidence::Likely, std::move(Message));
      noteLast(F, M, G.BlockEnd, "it is destroyed here");
      const ir::MovableCode *Guard = movable(M, Facts, G.Where);
      if (Guard && Guard->Outside.valid() && G.BlockEnd.Column > 0)
        F.Fixes.push_back(moveOut(M, *Guard, Guard->Outside, G.BlockEnd.Column - 1, "move it out of the block"));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &trailingDefer() {
  static const TrailingDefer R;
  return R;
}

} // namespace latchkey::rules
