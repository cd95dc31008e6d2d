#include "checks/rules/Dangling.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.24", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-join-undetached"},
    {"C++ Core Guidelines CP.23", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-join"},
    {"C++ Core Guidelines CP.51", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rcoro-capture"},
    {"CWE-562", "https://cwe.mitre.org/data/definitions/562.html"},
};
static const llvm::StringRef Replaced[] = {"missing-wait"};
static const Metadata About = {
    .Name = "task-outlives-capture",
    .Family = "thread",
    .Summary = "what a task holds by reference dies before the task is waited for",
    .Highest = Confidence::Likely,
    .References = References,
    .Subsumes = Replaced,
};

namespace {
class TaskOutlivesCapture : public Rule {
public:
  TaskOutlivesCapture() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    using How = flow::DanglingCapture::How;
    for (const flow::DanglingCapture &D : Facts.Dangling) {
      std::string Task = D.Handle.empty() ? "the task" : "the task of " + code(D.Handle);
      std::string Message;
      if (D.Why == How::Outlives)
        Message = fmt::format("{} uses {} by reference and may still run when that dies at the end of its block", Task,
                              code(D.Subject));
      else if (D.Why == How::JoinedLate)
        Message = fmt::format("{} uses {} by reference, which is destroyed before the destructor that waits for the "
                              "task runs",
                              Task, code(D.Subject));
      else if (D.Why == How::Lambda)
        Message = fmt::format("the coroutine uses {} when it goes on, but the lambda that captured it is gone by then",
                              code(D.Subject));
      else
        continue;
      Report(danglingFinding(M, Facts, D, Confidence::Likely, std::move(Message)));
    }
  }
};
} // namespace

const Rule &taskOutlivesCapture() {
  static const TaskOutlivesCapture R;
  return R;
}

} // namespace latchkey::rules
