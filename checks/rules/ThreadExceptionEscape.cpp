#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CERT ERR50-CPP",
     "https://wiki.sei.cmu.edu/confluence/display/cplusplus/ERR50-CPP.+Do+not+abruptly+terminate+the+program"},
    {"CWE-248", "https://cwe.mitre.org/data/definitions/248.html"},
};
static const Metadata About = {
    .Name = "thread-exception-escape",
    .Family = "thread",
    .Summary = "an exception leaves a thread's function and ends the program",
    .Highest = Confidence::Likely,
    .References = References,
};

namespace {
class ThreadExceptionEscape : public Rule {
public:
  ThreadExceptionEscape() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::EscapingThrow &T : Facts.Throws) {
      std::string What = T.Type.empty() ? "an exception" : code(T.Type);
      Finding F =
          finding(M, Facts, T, Confidence::Likely,
                  fmt::format("{} can leave the function that the thread runs: std::terminate ends the program", What));
      noteFirst(F, M, T.Started, "the thread is started here", 0, StepKind::Start);
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &threadExceptionEscape() {
  static const ThreadExceptionEscape R;
  return R;
}

} // namespace latchkey::rules
