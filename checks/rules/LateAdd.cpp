#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"Go: vet waitgroup", "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/waitgroup"},
    {"staticcheck SA2000", "https://staticcheck.dev/docs/checks/#SA2000"},
};
static const Metadata About = {
    .Name = "late-add",
    .Family = "wait",
    .Summary = "the count is raised when the task it counts may already be done",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

namespace {
class LateAdd : public Rule {
public:
  LateAdd() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LateAdd &L : Facts.LateAdds) {
      std::string Subject = code(L.Subject);
      std::string Message =
          L.InTask ? fmt::format("{} is raised inside the task it counts: the wait can return before the task begins",
                                 Subject)
                   : fmt::format("{} is raised after the task it counts was started: the task may complete it first",
                                 Subject);
      Finding F = finding(M, Facts, L, Confidence::Certain, std::move(Message));
      noteFirst(F, M, L.Spawn, "the task is started here", 0, StepKind::Start);
      // The text to move stands in the source; a face that has it makes the edit.
      if (L.Statement.valid() && L.SpawnStatement.valid() && !L.Statement.Macro && !L.SpawnStatement.Macro &&
          !L.Code.empty()) {
        Fix Move = insertBefore(M, L.SpawnStatement, L.Code, "raise the count before the task is started", true);
        Move.Edits.push_back({place(M, L.Statement), ""});
        F.Fixes.push_back(std::move(Move));
      }
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &lateAdd() {
  static const LateAdd R;
  return R;
}

} // namespace latchkey::rules
