// Checkstyle and JUnit: the two forms that every integration server reads.
#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/Program.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/JSON.h"

namespace latchkey::driver {

using llvm::StringRef;

/// For text and for attributes. XML has no way to write most control characters, and is UTF-8.
static std::string escaped(StringRef Text) {
  std::string Valid = llvm::json::fixUTF8(Text), Out;
  for (char &C : Valid)
    if (static_cast<unsigned char>(C) < ' ' && C != '\t' && C != '\n')
      C = '?';
  llvm::raw_string_ostream Stream(Out);
  llvm::printHTMLEscaped(Valid, Stream);
  return Out;
}

static constexpr StringRef XmlHeader = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

void writeCheckstyle(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  SourceText Sources;
  Out << XmlHeader << "<checkstyle version=\"" << version() << "\">\n";
  StringRef File;
  for (const Report &R : All.Reports) { // Sorted, so that a file's findings stand together.
    const Finding &F = R.What;
    if (F.Where.File != File) {
      Out << (File.empty() ? "" : "  </file>\n");
      File = F.Where.File;
      Out << "  <file name=\"" << escaped(shortPath(File, Options.Directory)) << "\">\n";
    }
    auto Start = Sources.span(F.Where).first;
    auto Severity = llvm::StringSwitch<StringRef>(level(R)).Case("note", "info").Default(level(R));
    Out << "    <error line=\"" << Start.Line << "\" column=\"" << Start.Column << "\" severity=\"" << Severity
        << "\" message=\"" << escaped(F.Message) << "\" source=\"latchkey-" << escaped(F.Check) << "\"/>\n";
  }
  Out << (File.empty() ? "" : "  </file>\n") << "</checkstyle>\n";
}

namespace {

/// A new finding is a test that failed, a known or silenced one a test left out, a file that was not analysed a test
/// that could not run. With nothing of that there is one that passed: servers take an empty report for a broken run.
class JUnitReport {
public:
  JUnitReport(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out)
      : All(All), Directory(Options.Directory), Out(Out) {}

  void write() {
    size_t Skipped = All.Known.size() + All.Silenced.size();
    size_t Tests = All.Reports.size() + Skipped + All.Problems.size();
    Out << XmlHeader << "<testsuites>\n"
        << "  <testsuite name=\"latchkey\" tests=\"" << std::max<size_t>(1, Tests) << "\" failures=\""
        << All.Reports.size() << "\" errors=\"" << All.Problems.size() << "\" skipped=\"" << Skipped << "\">\n";
    for (const Report &R : All.Reports)
      failed(R);
    for (const Report &R : All.Known)
      skipped(R, "known: " + All.ComparedTo);
    for (const Report &R : All.Silenced)
      skipped(R, R.Justification.empty() ? "silenced by a comment" : "silenced by a comment: " + R.Justification);
    for (const Problem &P : All.Problems) {
      test("analysis", shortPath(P.File, Directory), P.File);
      Out << ">\n      <error message=\"" << escaped(P.Message) << "\"/>\n    </testcase>\n";
    }
    if (!Tests)
      Out << "    <testcase classname=\"latchkey\" name=\"" << escaped(summary(All)) << "\"/>\n";
    Out << "  </testsuite>\n</testsuites>\n";
  }

private:
  void test(StringRef Class, StringRef Name, StringRef File) {
    Out << "    <testcase classname=\"" << escaped(Class) << "\" name=\"" << escaped(Name) << "\" file=\""
        << escaped(shortPath(File, Directory)) << "\"";
  }

  void test(const Report &R) {
    const Finding &F = R.What;
    std::string Name = shortPath(F.Where.File, Directory) + ":" + std::to_string(F.Where.At.Line);
    if (!F.Function.empty())
      Name += " " + F.Function;
    test("latchkey-" + F.Check, Name, F.Where.File);
    Out << " line=\"" << F.Where.At.Line << "\">\n";
  }

  void failed(const Report &R) {
    test(R);
    Out << "      <failure type=\"" << level(R) << "\" message=\"" << escaped(R.What.Message) << "\">"
        << escaped(stepsText(R.What, Directory)) << "</failure>\n    </testcase>\n";
  }

  void skipped(const Report &R, StringRef Why) {
    test(R);
    Out << "      <skipped message=\"" << escaped(Why) << "\"/>\n    </testcase>\n";
  }

  const Results &All;
  StringRef Directory;
  llvm::raw_ostream &Out;
};

} // namespace

void writeJUnit(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  JUnitReport(All, Options, Out).write();
}

} // namespace latchkey::driver
