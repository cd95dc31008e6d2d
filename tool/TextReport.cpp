#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"

#include "llvm/Support/Unicode.h"
#include "llvm/Support/WithColor.h"

#include <fmt/format.h>

#include <map>

namespace latchkey::driver {

using llvm::StringRef;
using Color = llvm::raw_ostream::Colors;

namespace {

class TextReport {
public:
  TextReport(const ReportOptions &Options, llvm::raw_ostream &Out) : Options(Options), Out(Out) {}

  void finding(const Report &R) {
    const Finding &F = R.What;
    place(F.Where);
    // A style finding is a warning to whoever reads compilers' output; "note" would belong to something before it.
    bool Error = level(R) == "error";
    colour(Error ? Color::RED : Color::MAGENTA, true) << (Error ? "error: " : "warning: ");
    colour(Color::SAVEDCOLOR, true) << F.Message;
    reset() << " [latchkey-" << F.Check << "]\n";
    excerpt(F.Where);
    path(F.Notes);
    for (const Fix &One : F.Fixes)
      Out << (One.Safe ? "    fix: " : "    fix (unsafe): ") << One.Title << "\n";
  }

private:
  /// The way there in order of time, numbered; with several threads each step says whose it is.
  void path(llvm::ArrayRef<Note> Notes) {
    bool Lanes = llvm::any_of(Notes, [](const Note &N) { return N.Lane != 0; });
    unsigned Number = 0;
    for (const Note &N : Notes) {
      place(N.Where);
      colour(Color::CYAN, true) << "note: ";
      reset() << ++Number << ". ";
      if (Lanes && N.Lane)
        Out << "[task " << N.Lane << "] ";
      else if (Lanes)
        Out << "[launcher] ";
      Out << N.Message << "\n";
      excerpt(N.Where);
    }
  }

  void place(const SourcePlace &P) {
    colour(Color::SAVEDCOLOR, true) << shortPath(P.File, Options.Directory) << ":" << P.At.Line << ":" << P.At.Column
                                    << ": ";
    reset();
  }

  void excerpt(const SourcePlace &P) {
    StringRef Line = Sources.line(P.File, P.At.Line);
    if (Line.empty() || Line.size() > LongestLine)
      return;
    unsigned Start = std::min<size_t>(P.At.Column ? P.At.Column - 1 : 0, Line.size());
    StringRef Marked = Line.substr(Start, std::max(1u, P.At.Length));
    Out << fmt::format("{:>5} | ", P.At.Line) << Line << "\n" << "      | ";
    for (char C : Line.take_front(Start)) // Tabs stay tabs; continuation bytes of a character take no room.
      if (C == '\t')
        Out << C;
      else if ((C & 0xC0) != 0x80)
        Out << ' ';
    int Width = std::max(1, llvm::sys::unicode::columnWidthUTF8(Marked.rtrim()));
    colour(Color::GREEN, true) << "^" << std::string(Width - 1, '~');
    reset() << "\n";
  }

  llvm::raw_ostream &colour(Color C, bool Bold) {
    if (Options.Colour)
      Out.changeColor(C, Bold);
    return Out;
  }

  llvm::raw_ostream &reset() {
    if (Options.Colour)
      Out.resetColor();
    return Out;
  }

  static constexpr size_t LongestLine = 240; ///< What is longer was written by a program.

  const ReportOptions &Options;
  llvm::raw_ostream &Out;
  SourceText Sources;
};

} // namespace

StringRef level(const Report &R) {
  if (R.AsError || R.What.Level == Confidence::Certain)
    return "error";
  return R.What.Level == Confidence::Likely ? "warning" : "note";
}

std::string summary(const Results &All) {
  std::map<StringRef, unsigned> Levels;
  for (const Report &R : All.Reports)
    ++Levels[level(R)];
  std::vector<std::string> Parts;
  for (auto [Level, Name] : {std::pair("error", "error"), {"warning", "warning"}, {"note", "style remark"}})
    if (Levels[Level])
      Parts.push_back(counted(Levels[Level], Name));
  bool Compared = !All.ComparedTo.empty();
  std::string Text = All.Reports.empty() ? (Compared ? "no new findings" : "no findings")
                                         : counted(All.Reports.size(), Compared ? "new finding" : "finding");
  if (!Parts.empty())
    Text += " (" + llvm::join(Parts, ", ") + ")";
  if (Compared)
    Text += fmt::format(", {} known, {} gone", All.Known.size(), All.Gone.size());
  Text += " in " + counted(All.Files, "file");
  if (All.Excluded)
    Text += fmt::format(", {} excluded", All.Excluded);
  if (!All.Fixed.empty())
    Text += fmt::format(", {} fixed", All.Fixed.size());
  if (!All.Silenced.empty())
    Text += fmt::format(", {} silenced by NOLINT", All.Silenced.size());
  if (!All.Problems.empty())
    Text += fmt::format("; {} not wholly analysed", counted(All.Problems.size(), "file"));
  return Text;
}

void writeText(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  TextReport Report(Options, Out);
  for (const driver::Report &R : All.Reports)
    Report.finding(R);
  if (!Options.Quiet)
    Out << summary(All) << "\n";
}

} // namespace latchkey::driver
