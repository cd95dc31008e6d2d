#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.42", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-wait"},
    {"CWE-833", "https://cwe.mitre.org/data/definitions/833.html"},
};
static const Metadata About = {
    .Name = "lost-wakeup",
    .Family = "wait",
    .Summary = "what a waiter tests is changed without the mutex that it waits with",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
};

namespace {
class LostWakeup : public Rule {
public:
  LostWakeup() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LostWakeup &L : Facts.LostWakeups) {
      std::string Message = fmt::format("{} changes without {}, so a waiter that has just tested it sleeps through "
                                        "this notification of {}",
                                        code(L.State), code(L.Mutex), code(L.Subject));
      if (L.Late)
        Message = fmt::format("{} changes after {} was notified: a waiter that tests it in between sleeps on",
                              code(L.State), code(L.Subject));
      Finding F = finding(M, Facts, L, Confidence::Likely, std::move(Message));
      noteFirst(F, M, L.Changed, fmt::format("{} is changed here", code(L.State)));
      noteLast(F, M, L.Wait, fmt::format("{} is waited on here", code(L.Subject)), 0, StepKind::Wait);
      if (!L.Hold.empty())
        F.Fixes.push_back(holdAround(M, L));
      Report(std::move(F));
    }
  }

private:
  static Fix holdAround(const ir::Module &M, const flow::LostWakeup &L) {
    ir::Range Begin = L.Statement, End = L.Statement;
    End.Offset += End.Length;
    Begin.Length = End.Length = 0;
    std::string Indent(Begin.Column > 0 ? Begin.Column - 1 : 0, ' '), Hold = L.Hold;
    Hold.replace(Hold.find("[]"), 2, "lock");
    return {"lock around the change",
            {{place(M, Begin), fmt::format("{{\n{0}  {1}\n{0}  ", Indent, Hold)}, {place(M, End), "\n" + Indent + "}"}},
            false};
  }
};
} // namespace

const Rule &lostWakeup() {
  static const LostWakeup R;
  return R;
}

} // namespace latchkey::rules
