#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: negative WaitGroup counter", "https://pkg.go.dev/sync#WaitGroup.Add"},
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
};
static const Metadata About = {
    .Name = "wait-mismatch",
    .Family = "wait",
    .Summary = "the count that is waited for differs from what all tasks together complete",
    .Highest = Confidence::Certain,
    .References = References,
};

static std::string times(const std::string &N) {
  return N == "1" ? "once" : N + " times";
}

static std::string message(const flow::CountMismatch &C) {
  using Kind = flow::CountMismatch::Kind;
  std::string Subject = code(C.Subject);
  switch (C.K) {
  case Kind::TooFew:
    if (C.Completed == "0")
      return fmt::format("{} expects {} but nobody completes it: this wait never returns", Subject, C.Expected);
    return fmt::format("{} expects {} but the tasks complete {}: this wait never returns", Subject, C.Expected,
                       C.Completed);
  case Kind::TooMany:
    return fmt::format("{} is completed {} but expects {}: the count goes below zero", Subject, times(C.Completed),
                       C.Expected);
  case Kind::NoneRegistered:
    return fmt::format("{} is completed {} but was never raised: the wait returns at once and the count goes below "
                       "zero",
                       Subject, times(C.Completed));
  case Kind::LoopInTask:
    return fmt::format("{} expects {} but the task completes it in a loop, {}: the wait returns early and the count "
                       "goes below zero",
                       Subject, C.Expected, times(C.Completed));
  case Kind::WaitInLoop:
    return fmt::format("{} expects {} but is waited for in the loop that still has to start the other tasks: this "
                       "wait never returns",
                       Subject, C.Expected);
  case Kind::Parties:
    return fmt::format("{} waits for {} but {} arrive: nobody gets past it", Subject, C.Expected, C.Completed);
  }
  return {};
}

namespace {
class WaitMismatch : public Rule {
public:
  WaitMismatch() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::CountMismatch &C : Facts.Mismatches) {
      using Kind = flow::CountMismatch::Kind;
      bool Certain = C.Always && !C.ByFactor && C.K != Kind::LoopInTask && C.K != Kind::WaitInLoop;
      Finding F = finding(M, Facts, C, Certain ? Confidence::Certain : Confidence::Likely, message(C));
      noteFirst(F, M, C.Registered, fmt::format("{} is given its count here", code(C.Subject)), 0, StepKind::Count);
      if (C.Wait.valid() && !(C.Wait == C.Where))
        noteLast(F, M, C.Wait, fmt::format("{} is waited for here", code(C.Subject)), 0, StepKind::Wait);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &waitMismatch() {
  static const WaitMismatch R;
  return R;
}

} // namespace latchkey::rules
