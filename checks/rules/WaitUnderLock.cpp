#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.22", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-unknown"},
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
};
static const Metadata About = {
    .Name = "wait-under-lock",
    .Family = "wait",
    .Summary = "a thread waits for another with a mutex held that the other needs",
    .Highest = Confidence::Likely,
    .References = References,
};

using Kind = flow::LockedWait::Kind;

static std::string waits(const flow::LockedWait &W) {
  std::string Awaited = W.Awaited.empty() ? "the task" : code(W.Awaited);
  switch (W.K) {
  case Kind::Join:
    return fmt::format("{} is joined", Awaited);
  case Kind::Count:
  case Kind::Signal:
    return fmt::format("{} is waited for", Awaited);
  case Kind::Result:
    return fmt::format("the result of {} is waited for", Awaited);
  case Kind::Destroyed:
    return fmt::format("{} is destroyed, which joins its task,", Awaited);
  }
  return {};
}

namespace {
class WaitUnderLock : public Rule {
public:
  WaitUnderLock() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LockedWait &W : Facts.LockedWaits) {
      std::string Mutex = code(W.Subject);
      if (W.K == Kind::Signal) {
        Finding F = finding(M, Facts, W, Confidence::Likely,
                            fmt::format("{} with {} held, which everybody who notifies it must lock first: nobody can",
                                        waits(W), Mutex));
        noteFirst(F, M, W.Taken, fmt::format("{} is taken here", Mutex));
        if (W.Invoked.valid())
          noteLast(F, M, W.Invoked, "this is called before the notification", 1);
        noteLast(F, M, W.Needed, fmt::format("{} is locked here before the notification", Mutex), 1);
        Report(std::move(F));
        continue;
      }
      Finding F = finding(M, Facts, W, Confidence::Likely,
                          fmt::format("{} with {} held, which the task must lock to {}: both wait for ever", waits(W),
                                      Mutex, W.K == Kind::Count ? "complete it" : "finish"));
      noteFirst(F, M, W.Taken, fmt::format("{} is taken here", Mutex), 0, StepKind::Lock);
      noteLast(F, M, W.Needed, fmt::format("the task locks {} here", Mutex), 1, StepKind::Lock);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &waitUnderLock() {
  static const WaitUnderLock R;
  return R;
}

} // namespace latchkey::rules
