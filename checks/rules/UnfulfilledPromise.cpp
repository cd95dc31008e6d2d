#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"GCatch: blocking misuse of channels", "https://github.com/system-pclub/GCatch"},
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
};
static const Metadata About = {
    .Name = "unfulfilled-promise",
    .Family = "wait",
    .Summary = "a promise that somebody waits for is not set, or set or asked for twice",
    .Highest = Confidence::Certain,
    .References = References,
};

using Kind = flow::UnfulfilledPromise::Kind;

static std::string message(const flow::UnfulfilledPromise &P) {
  std::string Subject = code(P.Subject);
  const char *End = P.Broken ? "the wait for its future ends with a std::future_error: broken promise"
                             : "the wait for its future never returns";
  switch (P.K) {
  case Kind::NeverSet:
    return fmt::format("{} is never set: {}", Subject, End);
  case Kind::SomePath:
    return fmt::format("{} is not set on every path of the task: {}", Subject, End);
  case Kind::SetTwice:
    return fmt::format("{} has been set before: a std::future_error is thrown", Subject);
  case Kind::TakenTwice:
    return fmt::format("the future of {} has been taken before: a std::future_error is thrown", Subject);
  case Kind::GotTwice:
    return fmt::format("the value of {} has been taken before: the future has no state any more", Subject);
  case Kind::MovedAway:
    return fmt::format("{} has been moved away: the future has no state any more", Subject);
  }
  return {};
}

namespace {
class UnfulfilledPromise : public Rule {
public:
  UnfulfilledPromise() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::UnfulfilledPromise &P : Facts.Promises) {
      bool Certain = P.Always && P.K != Kind::SomePath;
      Finding F = finding(M, Facts, P, Certain ? Confidence::Certain : Confidence::Likely, message(P));
      if (P.K == Kind::SomePath) {
        noteFirst(F, M, P.Before, fmt::format("the other paths set {} here", code(P.Subject)), 1, StepKind::Done);
        noteLast(F, M, P.Leaves, "this path leaves the task without it", 1, StepKind::Leave);
      } else {
        noteFirst(F, M, P.Before, P.K == Kind::SetTwice ? "it is set here" : "the first time is here", 0,
                  StepKind::Done);
      }
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unfulfilledPromise() {
  static const UnfulfilledPromise R;
  return R;
}

} // namespace latchkey::rules
