#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"staticcheck SA5003", "https://staticcheck.dev/docs/checks/#SA5003"},
    {"C++ Core Guidelines E.19", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Re-finally"},
    {"CWE-772", "https://cwe.mitre.org/data/definitions/772.html"},
};
static const Metadata About = {
    .Name = "late-defer",
    .Family = "defer",
    .Summary = "a guard that is armed too late for a way out that it should cover",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::GuardFault &G) {
  std::string Message;
  if (G.K == flow::GuardFault::Kind::NeverArmed)
    Message =
        fmt::format("{} is never armed: {} before it is never left", G.Guard.empty() ? "the guard" : code(G.Guard),
                    G.How == "loop" ? "the loop" : "the statement");
  else
    Message =
        fmt::format("{} is not {} when {}: the guard that does it is armed only later", code(G.Subject),
                    G.Flag ? "set back" : "given back", G.How == "throw" ? "this throws" : "the function returns here");
  return Message;
}

namespace {
class LateDefer : public Rule {
public:
  LateDefer() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::GuardFault &G : Facts.GuardFaults) {
      if (G.K != flow::GuardFault::Kind::NeverArmed && G.K != flow::GuardFault::Kind::ArmedLate)
        continue;
      Finding F = finding(M, Facts, G, G.Certain ? Confidence::Certain : Confidence::Likely, message(G));
      if (G.K == flow::GuardFault::Kind::NeverArmed) {
        noteFirst(F, M, G.Cause, "nothing gets past this");
      } else {
        noteFirst(F, M, G.Cause, code(G.Subject) + (G.Flag ? " is set here" : " is acquired here"));
        noteLast(F, M, G.Armed, "the guard is armed here", 0, StepKind::Arm);
      }
      const ir::MovableCode *Guard = movable(M, Facts, G.Armed);
      const ir::Slot *To =
          Guard ? above(*Guard, G.K == flow::GuardFault::Kind::NeverArmed ? G.Cause : G.Where) : nullptr;
      // Above a test of what it gives back, it would give back what is not there.
      if (To && To->Objects == 0 && !To->Tested)
        F.Fixes.push_back(move(M, *Guard, To->At, "arm the guard earlier"));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &lateDefer() {
  static const LateDefer R;
  return R;
}

} // namespace latchkey::rules
