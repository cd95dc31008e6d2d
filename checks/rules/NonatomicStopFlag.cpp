#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CERT CON02-CPP",
     "https://wiki.sei.cmu.edu/confluence/display/c/CON02-C.+Do+not+use+volatile+as+a+synchronization+primitive"},
    {"C++ Core Guidelines CP.8", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-volatile"},
    {"C++ Core Guidelines CP.2", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-races"},
    {"CWE-366", "https://cwe.mitre.org/data/definitions/366.html"},
};
static const Metadata About = {
    .Name = "nonatomic-stop-flag",
    .Family = "thread",
    .Summary = "a plain variable ends another thread's loop",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

namespace {
class NonatomicStopFlag : public Rule {
public:
  NonatomicStopFlag() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::PlainStopFlag &S : Facts.StopFlags) {
      Finding F = finding(M, Facts, S, S.Always ? Confidence::Certain : Confidence::Likely,
                          fmt::format("{} ends this loop but is neither atomic nor locked: the thread may never see "
                                      "that another one writes it",
                                      code(S.Subject)));
      noteFirst(F, M, S.Started, "the thread is started here", 0, StepKind::Start);
      noteLast(F, M, S.Written, code(S.Subject) + " is written by another thread here");
      // From C++17 on an atomic variable may be initialised by `=`.
      if (S.Spelled.valid() && !S.Spelled.Macro && M.hasCPlusPlus(S.Spelled, 17))
        F.Fixes.push_back({"make it atomic", {{place(M, S.Spelled), "std::atomic<bool>"}}, true});
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &nonatomicStopFlag() {
  static const NonatomicStopFlag R;
  return R;
}

} // namespace latchkey::rules
