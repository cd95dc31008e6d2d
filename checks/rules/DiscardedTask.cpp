#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"std::async", "https://en.cppreference.com/w/cpp/thread/async#Notes"},
    {"C++ Core Guidelines ES.84", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Res-noname"},
};
static const Metadata About = {
    .Name = "discarded-task",
    .Family = "thread",
    .Summary = "the handle of a task is dropped where it is made, so its end is waited for at once",
    .Highest = Confidence::Likely,
    .References = References,
};

namespace {
class DiscardedTask : public Rule {
public:
  DiscardedTask() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::DiscardedTask &D : Facts.Discarded) {
      if (D.NeverRun) {
        Finding F = finding(
            M, Facts, D, Confidence::Likely,
            D.Branch.valid()
                ? fmt::format("this waits for the result of {}, which only one branch runs: on the other way it never "
                              "returns",
                              code(D.Subject))
                : fmt::format("this waits for the result of {}, which nothing runs: it never returns",
                              code(D.Subject)));
        noteFirst(F, M, D.End, code(D.Subject) + " is made here");
        noteLast(F, M, D.Branch, "only one side of this branch runs it", 0, StepKind::Branch);
        Report(std::move(F));
        continue;
      }
      std::string Message =
          D.Temporary ? fmt::format("the {} made here is dropped: its destructor waits for the task at the "
                                    "semicolon, so nothing runs at the same time",
                                    code(D.Subject))
                      : fmt::format("{} is never used: the end of the block waits for its task, so nothing runs at the "
                                    "same time",
                                    code(D.Subject));
      Finding F = finding(M, Facts, D, Confidence::Likely, std::move(Message));
      if (!D.Temporary)
        noteLast(F, M, D.End, code(D.Subject) + " waits here", 0, StepKind::Wait);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &discardedTask() {
  static const DiscardedTask R;
  return R;
}

} // namespace latchkey::rules
