// GitLab's code quality report.
#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/JSON.h"

namespace latchkey::driver {

namespace json = llvm::json;
using llvm::StringRef;

void writeGitlab(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  SourceText Sources;
  json::OStream J(Out, /*IndentSize=*/2);
  J.array([&] {
    for (const Report &R : All.Reports) {
      const Finding &F = R.What;
      auto [Start, End] = Sources.span(F.Where);
      auto Severity =
          llvm::StringSwitch<StringRef>(level(R)).Case("error", "critical").Case("warning", "major").Default("info");
      std::string Steps = stepsText(F, Options.Directory);
      json::Object Issue{{"type", "issue"},
                         {"check_name", "latchkey-" + F.Check},
                         {"description", F.Message},
                         {"categories", json::Array{"Bug Risk"}},
                         {"severity", Severity},
                         {"fingerprint", R.Fingerprint},
                         {"location", json::Object{{"path", shortPath(F.Where.File, Options.Directory)},
                                                   {"lines", json::Object{{"begin", Start.Line}, {"end", End.Line}}}}}};
      if (!Steps.empty())
        Issue["content"] = json::Object{{"body", Steps}};
      J.value(std::move(Issue));
    }
  });
  Out << "\n";
}

} // namespace latchkey::driver
