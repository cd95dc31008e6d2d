// Workflow commands: what a GitHub workflow prints to have it shown beside the changed lines.
#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"

#include "llvm/ADT/StringSwitch.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

/// In a command's value a line must not end; in its properties `:` and `,` are taken, too.
static std::string escaped(StringRef Text, bool Property) {
  std::string Out;
  for (char C : Text)
    if (C == '%' || C == '\r' || C == '\n' || (Property && (C == ':' || C == ',')))
      Out += fmt::format("%{:02X}", static_cast<unsigned char>(C));
    else
      Out += C;
  return Out;
}

void writeGithub(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  SourceText Sources;
  for (const Report &R : All.Reports) {
    const Finding &F = R.What;
    auto [Start, End] = Sources.span(F.Where);
    auto Command = llvm::StringSwitch<StringRef>(level(R)).Case("note", "notice").Default(level(R));
    Out << "::" << Command << " file=" << escaped(shortPath(F.Where.File, Options.Directory), true)
        << ",line=" << Start.Line << ",endLine=" << End.Line;
    if (Start.Line == End.Line) // Columns of a range over several lines are refused.
      Out << ",col=" << Start.Column << ",endColumn=" << End.Column;
    std::string Text = F.Message + "\n" + stepsText(F, Options.Directory);
    Out << ",title=latchkey-" << escaped(F.Check, true) << "::" << escaped(StringRef(Text).rtrim(), false) << "\n";
  }
  if (!Options.Quiet)
    Out << summary(All) << "\n";
}

} // namespace latchkey::driver
