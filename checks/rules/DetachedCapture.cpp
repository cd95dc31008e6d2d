#include "checks/rules/Dangling.h"
#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.24", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-join-undetached"},
    {"C++ Core Guidelines CP.26", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-detached_thread"},
    {"CWE-562", "https://cwe.mitre.org/data/definitions/562.html"},
};
static const llvm::StringRef Replaced[] = {"task-outlives-capture", "missing-wait"};
static const Metadata About = {
    .Name = "detached-capture",
    .Family = "thread",
    .Summary = "a detached thread uses a local variable of the function that starts it",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
    .Subsumes = Replaced,
};

Finding danglingFinding(const ir::Module &M, const flow::FunctionFacts &Facts, const flow::DanglingCapture &D,
                        Confidence Level, std::string Message) {
  Finding F = finding(M, Facts, D, Level, std::move(Message));
  if (!(D.Started == D.Where))
    noteFirst(F, M, D.Started, D.Handle.empty() ? "the task is started here" : code(D.Handle) + " is started here", 1,
              StepKind::Start);
  if (D.Died.valid())
    noteLast(F, M, D.Died, code(D.Subject) + " dies here");
  if (D.Capture.valid())
    F.Fixes.push_back(captureByValue(M, D.Capture, D.Subject));
  return F;
}

namespace {
class DetachedCapture : public Rule {
public:
  DetachedCapture() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    using How = flow::DanglingCapture::How;
    for (const flow::DanglingCapture &D : Facts.Dangling) {
      if (D.Why == How::LetGo) {
        Report(danglingFinding(M, Facts, D, Confidence::Likely,
                               fmt::format("the thread of {} works on members of {} and goes on when this destructor "
                                           "has ended them",
                                           code(D.Handle), code(D.Subject))));
        continue;
      }
      if (D.Why != How::Detached && D.Why != How::Abandoned)
        continue;
      std::string Who = D.Why == How::Detached ? "the detached thread" : "the thread, which nobody joins,";
      std::string Message =
          D.This ? fmt::format("{} works on {}, which dies at the end of its block while the thread may still run", Who,
                               code(D.Subject))
                 : fmt::format("{} uses {} by reference, which dies at the end of its block while the thread may still "
                               "run",
                               Who, code(D.Subject));
      Report(danglingFinding(M, Facts, D, D.Always ? Confidence::Certain : Confidence::Likely, std::move(Message)));
    }
  }
};
} // namespace

const Rule &detachedCapture() {
  static const DetachedCapture R;
  return R;
}

} // namespace latchkey::rules
