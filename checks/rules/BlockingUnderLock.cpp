#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.22", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-unknown"},
    {"C++ Core Guidelines CP.43", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-time"},
};
static const Metadata About = {
    .Name = "blocking-under-lock",
    .Family = "wait",
    .Summary = "a thread sleeps or blocks in I/O with a mutex held",
    .Highest = Confidence::Style,
    .OnByDefault = false,
    .References = References,
};

namespace {
class BlockingUnderLock : public Rule {
public:
  BlockingUnderLock() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LockedBlock &B : Facts.LockedBlocks) {
      Finding F = finding(M, Facts, B, Confidence::Style,
                          fmt::format("{} blocks with {} held: everybody who needs it waits as long",
                                      B.Call.empty() ? "the call" : code(B.Call), code(B.Subject)));
      noteFirst(F, M, B.Taken, fmt::format("{} is taken here", code(B.Subject)), 0, StepKind::Lock);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &blockingUnderLock() {
  static const BlockingUnderLock R;
  return R;
}

} // namespace latchkey::rules
