#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines CP.23", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-join"},
    {"C++ Core Guidelines CP.25", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-joining_thread"},
};
static const llvm::StringRef Replaced[] = {"leaked-thread"};
static const Metadata About = {
    .Name = "unjoined-member",
    .Family = "thread",
    .Summary = "a class can be destroyed while its member thread still runs",
    .Highest = Confidence::Likely,
    .HasFix = true,
    .References = References,
    .Subsumes = Replaced,
};

namespace {
class UnjoinedMember : public Rule {
public:
  UnjoinedMember() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::UnjoinedMember &U : Facts.Unjoined) {
      std::string What = U.Several ? "threads in " + code(U.Subject) : code(U.Subject);
      Finding F =
          finding(M, Facts, U, Confidence::Likely,
                  fmt::format("{} of {} never joins {}: {}", U.Written ? "the destructor" : "the implicit destructor",
                              code(U.Class), What,
                              U.Terminates ? "std::terminate ends the program when an object dies while the thread runs"
                                           : "the thread goes on without its object, and nobody can join it"));
      noteFirst(F, M, U.Declared, code(U.Subject) + " is declared here");
      noteLast(F, M, U.Started, "it is started here", 0, StepKind::Start);
      if (!U.JoinCode.empty() && U.End.valid() && !U.End.Macro)
        F.Fixes.push_back(insertAtEnd(M, U.End, U.JoinCode, "join in the destructor", false, U.Begin));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &unjoinedMember() {
  static const UnjoinedMember R;
  return R;
}

} // namespace latchkey::rules
