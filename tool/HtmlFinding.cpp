#include "tool/HtmlFinding.h"

#include "tool/Paths.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace latchkey::driver::html {

using llvm::StringRef;

std::string escaped(StringRef Text) {
  std::string Clean = llvm::json::isUTF8(Text) ? Text.str() : llvm::json::fixUTF8(Text);
  std::string Visible;
  for (char C : Clean) { // HTML has no way to write control characters.
    if ((static_cast<unsigned char>(C) < 0x20 && C != '\t' && C != '\n') || C == 0x7f)
      Visible += "\xEF\xBF\xBD";
    else
      Visible += C;
  }
  std::string Out;
  llvm::raw_string_ostream Stream(Out);
  llvm::printHTMLEscaped(Visible, Stream);
  return Out;
}

StringRef levelName(StringRef Level) {
  return Level == "note" ? "style" : Level;
}

std::string message(StringRef Text) {
  std::string Html;
  bool Code = false;
  llvm::SmallVector<StringRef> Parts;
  Text.split(Parts, '`');
  if (Parts.size() % 2 == 0) // One backquote has no other.
    return escaped(Text);
  for (StringRef Part : Parts) {
    Html += Code ? "<code>" + escaped(Part) + "</code>" : escaped(Part);
    Code = !Code;
  }
  return Html;
}

namespace {

struct Step {
  SourcePlace Where;
  std::string Message;
  unsigned Lane = 0;
  StepKind Kind = StepKind::Other;
  bool Breaks = false; ///< The finding's own place.
};

/// What of a thread's line is seen in one row.
struct Cell {
  bool Runs = false, Begins = false, Ends = false;
  bool Spawned = false; ///< Another thread starts it in this row.
  bool Crossed = false; ///< It stands between the two.
};

constexpr unsigned Colours = 6;     ///< That the style sheet has; then they start again.
constexpr unsigned Around = 2;      ///< Lines of source before and after each that is meant.
constexpr unsigned SmallGap = 2;    ///< So many lines are shown rather than left out.
constexpr size_t LongestLine = 400; ///< What is longer was written by a program.

class Writer {
public:
  Writer(const Report &R, const FindingContext &Context, SourceText &Sources, llvm::raw_ostream &Out)
      : R(R), F(R.What), Context(Context), Sources(Sources), Out(Out) {
    for (const Note &N : F.Notes)
      Steps.push_back({N.Where, N.Message, N.Lane, N.Kind, false});
    Steps.push_back({F.Where, "it breaks here", F.Lane, StepKind::Other, true});
    for (const Step &S : Steps)
      Lanes.insert(S.Lane);
    if (Lanes.size() > 1 || *Lanes.begin() != 0)
      Lanes.insert(0);
  }

  void run() {
    Out << "<article id=\"" << Context.Id << "\" data-level=\"" << level(R) << "\" aria-labelledby=\"" << Context.Id
        << "-title\" tabindex=\"-1\">\n";
    head();
    if (!F.Notes.empty())
      path();
    source();
    fixes();
    Out << "</article>\n";
  }

private:
  void head();
  void path();
  void row(size_t Number, const std::map<unsigned, Cell> &Cells);
  std::vector<std::map<unsigned, Cell>> drawLanes() const;
  void source();
  void excerpt(const std::string &File, const std::map<unsigned, std::vector<size_t>> &ByLine);
  void sourceLine(const std::string &File, unsigned Line, llvm::ArrayRef<size_t> Here);
  void fixes();

  std::string laneName(unsigned Lane) const {
    if (Lane)
      return fmt::format("task {}", Lane);
    return Lanes.size() > 1 ? "launcher" : "this thread";
  }
  static std::string colour(unsigned Lane) { return fmt::format("lane-{}", Lane % Colours); }
  std::string shown(const SourcePlace &P) const {
    return fmt::format("{}:{}:{}", shortPath(P.File, Context.Directory), P.At.Line, P.At.Column);
  }
  /// The line with what is meant in it marked.
  std::string marked(StringRef File, unsigned Line, llvm::ArrayRef<size_t> Here);

  const Report &R;
  const Finding &F;
  const FindingContext &Context;
  SourceText &Sources;
  llvm::raw_ostream &Out;
  std::vector<Step> Steps; ///< The notes, then the finding itself.
  std::set<unsigned> Lanes;
};

} // namespace

void Writer::head() {
  StringRef Level = level(R);
  Out << "<header>\n<h3 id=\"" << Context.Id << "-title\"><span class=\"level " << Level << "\">" << levelName(Level)
      << "</span>" << message(F.Message) << "</h3>\n<p class=\"about\"><code>" << escaped(shown(F.Where)) << "</code>";
  if (!F.Function.empty())
    Out << " in <code>" << escaped(F.Function) << "</code>";
  Out << " · latchkey-" << escaped(F.Check);
  if (!Context.NextId.empty())
    Out << " · <a href=\"#" << Context.NextId << "\">next " << escaped(F.Check) << "</a>";
  Out << "</p>\n</header>\n";
}

/// A thread's line begins where another one starts it, if the path says so, and ends with its last step.
std::vector<std::map<unsigned, Cell>> Writer::drawLanes() const {
  std::vector<std::map<unsigned, Cell>> Rows(Steps.size());
  std::set<size_t> Claimed;
  for (unsigned Lane : Lanes) {
    size_t First = Steps.size(), Last = 0, Begin = 0;
    for (size_t I = 0; I < Steps.size(); ++I)
      if (Steps[I].Lane == Lane) {
        First = std::min(First, I);
        Last = I;
      }
    if (First == Steps.size())
      continue;
    Begin = First;
    for (size_t I = First; Lane && I-- > 0;)
      if (Steps[I].Kind == StepKind::Start && Steps[I].Lane != Lane && Claimed.insert(I).second) {
        Begin = I;
        Rows[I][Lane].Spawned = true;
        for (unsigned Between : Lanes)
          Rows[I][Between].Crossed |= Between > Steps[I].Lane && Between < Lane;
        break;
      }
    for (size_t I = Begin; I <= Last; ++I)
      Rows[I][Lane].Runs = true;
    Rows[Begin][Lane].Begins = true;
    Rows[Last][Lane].Ends = true;
  }
  return Rows;
}

void Writer::path() {
  Out << "<h4>Path</h4>\n<div class=\"scroll\" role=\"region\" aria-label=\"Path\" tabindex=\"0\">\n"
         "<table class=\"path\">\n<caption>What happens, in order of time, and which thread does it</caption>\n"
         "<thead><tr><th class=\"step\" scope=\"col\"><abbr title=\"step\">#</abbr></th>";
  for (unsigned Lane : Lanes)
    Out << "<th class=\"lane " << colour(Lane) << "\" scope=\"col\">" << laneName(Lane) << "</th>";
  Out << "<th class=\"what\" scope=\"col\">what happens</th></tr></thead>\n<tbody>\n";
  auto Rows = drawLanes();
  for (size_t I = 0; I < Steps.size(); ++I)
    row(I, Rows[I]);
  Out << "</tbody>\n</table>\n</div>\n";
}

void Writer::row(size_t Number, const std::map<unsigned, Cell> &Cells) {
  const Step &S = Steps[Number];
  Out << "<tr id=\"" << Context.Id << "-" << Number + 1 << "\"><th class=\"step\" scope=\"row\">" << Number + 1
      << "</th>";
  for (unsigned Lane : Lanes) {
    auto Found = Cells.find(Lane);
    Cell C = Found == Cells.end() ? Cell() : Found->second;
    Out << "<td class=\"lane " << colour(Lane) << (C.Runs ? " runs" : "") << (C.Begins ? " begins" : "")
        << (C.Ends ? " ends" : "") << (C.Spawned ? " spawned" : "") << (C.Crossed ? " crossed" : "") << "\">";
    if (S.Lane == Lane) {
      bool Filled = S.Kind != StepKind::Other && S.Kind != StepKind::Branch;
      Out << "<span class=\"node"
          << (S.Breaks ? " breaks"
              : Filled ? " filled"
                       : "")
          << "\">"
          << (S.Breaks                    ? "breaks"
              : S.Kind == StepKind::Other ? "step"
                                          : name(S.Kind))
          << "</span>";
    }
    Out << "</td>";
  }
  Out << "<td class=\"what\"><p>" << message(S.Message) << " <span class=\"at\">" << escaped(shown(S.Where))
      << "</span></p>";
  if (std::string Code = marked(S.Where.File, S.Where.At.Line, {Number}); !Code.empty())
    Out << "<pre>" << StringRef(Code).ltrim() << "</pre>";
  Out << "</td></tr>\n";
}

std::string Writer::marked(StringRef File, unsigned Line, llvm::ArrayRef<size_t> Here) {
  StringRef Text = Sources.line(File, Line).take_front(LongestLine);
  std::vector<bool> Inside(Text.size(), false);
  for (size_t Number : Here) {
    const ir::Range &At = Steps[Number].Where.At;
    size_t Start = std::min<size_t>(At.Column ? At.Column - 1 : 0, Text.size());
    std::fill_n(Inside.begin() + static_cast<ptrdiff_t>(Start),
                std::min<size_t>(std::max(1u, At.Length), Text.size() - Start), true);
  }
  std::string Html;
  for (size_t I = 0; I < Text.size();) {
    size_t End = I;
    while (End < Text.size() && Inside[End] == Inside[I])
      ++End;
    std::string Part = escaped(Text.slice(I, End));
    Html += Inside[I] ? "<mark>" + Part + "</mark>" : Part;
    I = End;
  }
  return Html;
}

void Writer::source() {
  std::vector<std::string> Files{F.Where.File};
  std::map<std::string, std::map<unsigned, std::vector<size_t>>> Meant; // by file and line: steps
  for (size_t I = 0; I < Steps.size(); ++I) {
    const SourcePlace &P = Steps[I].Where;
    if (!llvm::is_contained(Files, P.File))
      Files.push_back(P.File);
    Meant[P.File][P.At.Line].push_back(I);
  }
  for (const std::string &File : Files)
    excerpt(File, Meant[File]);
}

void Writer::excerpt(const std::string &File, const std::map<unsigned, std::vector<size_t>> &ByLine) {
  std::set<unsigned> Lines;
  for (const auto &[Line, Here] : ByLine)
    for (unsigned L = Line > Around ? Line - Around : 1; L <= Line + Around; ++L)
      if (L <= Sources.lines(File))
        Lines.insert(L);
  if (Lines.empty())
    return;
  std::string Name = escaped(shortPath(File, Context.Directory));
  Out << "<h4>" << Name << "</h4>\n<div class=\"source\" role=\"region\" aria-label=\"Source of " << Name
      << "\" tabindex=\"0\">\n<table>\n<tbody>\n";
  unsigned Before = 0;
  for (unsigned Line : Lines) {
    if (Before && Line > Before + 1 + SmallGap)
      Out << "<tr class=\"gap\"><td></td><td class=\"line\">⋮</td><td></td></tr>\n";
    else
      for (unsigned Between = Before + 1; Before && Between < Line; ++Between)
        sourceLine(File, Between, {});
    auto Here = ByLine.find(Line);
    sourceLine(File, Line, Here == ByLine.end() ? llvm::ArrayRef<size_t>() : llvm::ArrayRef(Here->second));
    Before = Line;
  }
  Out << "</tbody>\n</table>\n</div>\n";
}

void Writer::sourceLine(const std::string &File, unsigned Line, llvm::ArrayRef<size_t> Here) {
  Out << "<tr><td class=\"steps\">";
  for (size_t Number : Here) {
    const Step &S = Steps[Number];
    std::string Label = S.Breaks ? "it breaks here" : fmt::format("step {}, {}", Number + 1, laneName(S.Lane));
    if (F.Notes.empty())
      continue;
    Out << "<a class=\"" << colour(S.Lane) << (S.Breaks ? " breaks" : "") << "\" href=\"#" << Context.Id << "-"
        << Number + 1 << "\" aria-label=\"" << Label << "\">" << Number + 1 << "</a> ";
  }
  Out << "</td><th class=\"line\" scope=\"row\">" << Line << "</th><td><pre>" << marked(File, Line, Here)
      << "</pre></td></tr>\n";
}

void Writer::fixes() {
  for (const Fix &One : F.Fixes) {
    Out << "<div class=\"fix\">\n<h4>Fix: " << message(One.Title)
        << (One.Safe ? "" : " (look at it: it may change what correct runs do)") << "</h4>\n<ul>\n";
    for (const Edit &E : One.Edits) {
      StringRef Line = Sources.line(E.Where.File, E.Where.At.Line);
      size_t Start = std::min<size_t>(E.Where.At.Column ? E.Where.At.Column - 1 : 0, Line.size());
      StringRef Removed = Sources.text(E.Where), Rest = Line.drop_front(Start);
      Rest = Rest.consume_front(Removed) ? Rest : ""; // Else what goes is longer than the line.
      Out << "<li><span class=\"at\">" << escaped(shown(E.Where)) << "</span><pre>"
          << escaped(Line.take_front(Start).ltrim());
      if (!Removed.empty())
        Out << "<del>" << escaped(Removed) << "</del>";
      if (!E.Text.empty())
        Out << "<ins>" << escaped(E.Text) << "</ins>";
      Out << escaped(Rest) << "</pre></li>\n";
    }
    Out << "</ul>\n</div>\n";
  }
}

void writeFinding(const Report &R, const FindingContext &Context, SourceText &Sources, llvm::raw_ostream &Out) {
  Writer(R, Context, Sources, Out).run();
}

} // namespace latchkey::driver::html
