#include "checks/rules/Rule.h"
#include "tool/HtmlFinding.h"
#include "tool/HtmlTemplate.h"
#include "tool/LinkedProgram.h"
#include "tool/Paths.h"
#include "tool/Program.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

#include <fmt/format.h>

#include <map>

namespace latchkey::driver {

using html::escaped;
using llvm::StringRef;

namespace {

class Page {
public:
  Page(const Results &All, const ReportOptions &Options) : All(All), Options(Options) {
    for (const Report &R : All.Reports)
      ByCheck[R.What.Check].Found.push_back(&R);
    for (const Report &R : All.Known)
      ++ByCheck[R.What.Check].Known;
    for (const Report &R : All.Gone)
      ++ByCheck[R.What.Check].Gone;
  }

  void write(llvm::raw_ostream &Out) const;

private:
  static std::string id(const Report &R) { return "f-" + R.Fingerprint; }
  std::string folder(const Report &R) const {
    StringRef Folder = llvm::sys::path::parent_path(R.What.Where.File);
    std::string Shown = Folder == Options.Directory ? "." : shortPath(Folder, Options.Directory);
    return Shown.empty() ? "." : Shown;
  }
  void navigation(llvm::raw_ostream &) const;
  void problems(llvm::raw_ostream &) const;
  void checks(llvm::raw_ostream &) const;
  void folders(llvm::raw_ostream &) const;
  void findings(llvm::raw_ostream &) const;
  void others(StringRef Name, StringRef Why, llvm::ArrayRef<Report>, llvm::raw_ostream &) const;
  void part(StringRef Name, llvm::raw_ostream &) const;

  const Results &All;
  const ReportOptions &Options;
  struct OfCheck {
    std::vector<const Report *> Found;
    unsigned Known = 0, Gone = 0;
  };
  std::map<std::string, OfCheck> ByCheck;
};

/// A content security policy's name for a script or style sheet: no other one runs, whatever the sources hold.
std::string policyHash(StringRef Text) {
  auto Hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(Text));
  return "'sha256-" + llvm::encodeBase64(Hash) + "'";
}

} // namespace

void Page::navigation(llvm::raw_ostream &Out) const {
  if (!All.Problems.empty() || !All.Mistakes.empty())
    problems(Out);
  if (!ByCheck.empty())
    checks(Out);
  if (!All.Reports.empty())
    folders(Out);
}

void Page::problems(llvm::raw_ostream &Out) const {
  Out << "<section class=\"problems\">\n<h2>Not wholly analysed</h2>\n<ul>\n";
  for (const Problem &P : All.Problems)
    Out << "<li><code>" << escaped(shortPath(P.File, Options.Directory)) << "</code>: " << escaped(P.Message)
        << "</li>\n";
  for (const std::string &Mistake : All.Mistakes)
    Out << "<li>" << escaped(Mistake) << "</li>\n";
  Out << "</ul>\n</section>\n";
}

void Page::checks(llvm::raw_ostream &Out) const {
  auto Number = [&](StringRef Tag, StringRef Text) {
    Out << "<" << Tag << " class=\"number\"" << (Tag == "th" ? " scope=\"col\"" : "") << ">" << Text << "</" << Tag
        << ">";
  };
  bool Compared = !All.ComparedTo.empty();
  Out << "<table class=\"checks\">\n<caption>By check</caption>\n<thead><tr><th scope=\"col\">check</th>";
  Number("th", Compared ? "new" : "findings");
  if (Compared) {
    Number("th", "known");
    Number("th", "gone");
  }
  Out << "<th scope=\"col\">it finds</th></tr></thead>\n<tbody>\n";
  for (const auto &[Check, Of] : ByCheck) {
    const Rule *R = findRule(Check);
    Out << "<tr><th scope=\"row\">";
    if (Of.Found.empty())
      Out << escaped(Check);
    else
      Out << "<a href=\"#" << id(*Of.Found.front()) << "\">" << escaped(Check) << "</a>";
    Out << "</th>";
    Number("td", std::to_string(Of.Found.size()));
    if (Compared) {
      Number("td", std::to_string(Of.Known));
      Number("td", std::to_string(Of.Gone));
    }
    Out << "<td><small>" << (R ? escaped(R->Info.Summary) : std::string()) << "</small></td></tr>\n";
  }
  Out << "</tbody>\n</table>\n";
}

void Page::folders(llvm::raw_ostream &Out) const {
  std::map<std::string, std::pair<unsigned, const Report *>> Folders; // how many, and the first
  for (const Report &R : All.Reports) {
    auto &[Count, First] = Folders[folder(R)];
    if (!Count++)
      First = &R;
  }
  Out << "<table class=\"folders\">\n<caption>By folder</caption>\n<thead><tr><th scope=\"col\">folder</th><th "
         "class=\"number\" scope=\"col\">findings</th></tr></thead>\n<tbody>\n";
  for (const auto &[Folder, Found] : Folders)
    Out << "<tr><th scope=\"row\"><a href=\"#" << id(*Found.second) << "\">" << escaped(Folder)
        << "</a></th><td class=\"number\">" << Found.first << "</td></tr>\n";
  Out << "</tbody>\n</table>\n";
}

void Page::findings(llvm::raw_ostream &Out) const {
  SourceText Sources;
  std::map<std::string, std::string> Next; // by check; from the last to the first
  std::vector<html::FindingContext> Contexts(All.Reports.size());
  for (size_t I = All.Reports.size(); I-- > 0;) {
    const Report &R = All.Reports[I];
    Contexts[I] = {id(R), Next[R.What.Check], Options.Directory};
    Next[R.What.Check] = id(R);
  }
  StringRef File;
  for (size_t I = 0; I < All.Reports.size(); ++I) {
    const Report &R = All.Reports[I];
    if (I == 0 || R.What.Where.File != File) {
      Out << (I ? "</section>\n" : "") << "<section>\n<h2>" << escaped(shortPath(R.What.Where.File, Options.Directory))
          << "</h2>\n";
      File = R.What.Where.File;
    }
    html::writeFinding(R, Contexts[I], Sources, Out);
  }
  bool Compared = !All.ComparedTo.empty();
  Out << (!All.Reports.empty() ? "</section>\n"
          : Compared           ? "<p>Nothing new was found.</p>\n"
                               : "<p>Nothing was found.</p>\n");
  others("Known", All.ComparedTo + " has them, too", All.Known, Out);
  others("Gone", "only " + All.ComparedTo + " has them", All.Gone, Out);
  others("Silenced", "by comments, whose reason stands below", All.Silenced, Out);
  others("Fixed", "by this run", All.Fixed, Out);
}

/// Findings that nobody has to do anything about: a line each.
void Page::others(StringRef Name, StringRef Why, llvm::ArrayRef<Report> Reports, llvm::raw_ostream &Out) const {
  if (Reports.empty())
    return;
  Out << "<details class=\"others\">\n<summary><h2>" << Name << ": " << Reports.size() << "</h2> <span>" << escaped(Why)
      << "</span></summary>\n<ul>\n";
  for (const Report &R : Reports) {
    const SourcePlace &P = R.What.Where;
    Out << "<li><span class=\"level " << level(R) << "\">" << html::levelName(level(R)) << "</span>"
        << html::message(R.What.Message) << "<br><span class=\"at\"><code>"
        << escaped(shortPath(P.File, Options.Directory)) << (P.At.Line ? fmt::format(":{}", P.At.Line) : "")
        << "</code>";
    if (!R.What.Function.empty())
      Out << " in <code>" << escaped(R.What.Function) << "</code>";
    Out << " · latchkey-" << escaped(R.What.Check) << "</span>";
    if (!R.Justification.empty())
      Out << "<br>" << escaped(R.Justification);
    Out << "</li>\n";
  }
  Out << "</ul>\n</details>\n";
}

/// What stands for @Name@ in the template.
void Page::part(StringRef Name, llvm::raw_ostream &Out) const {
  if (Name == "POLICY")
    Out << "default-src 'none'; style-src " << policyHash(html::Style) << "; script-src " << policyHash(html::Script);
  else if (Name == "TITLE")
    Out << "Latchkey: " << escaped(summary(All));
  else if (Name == "SUMMARY")
    Out << escaped(summary(All));
  else if (Name == "STYLE")
    Out << html::Style;
  else if (Name == "SCRIPT")
    Out << html::Script;
  else if (Name == "NAVIGATION")
    navigation(Out);
  else if (Name == "FINDINGS")
    findings(Out);
  else if (Name == "FOOTER")
    Out << escaped(versionLine());
}

void Page::write(llvm::raw_ostream &Out) const {
  llvm::SmallVector<StringRef> Parts; // text and names in turn
  html::Page.split(Parts, '@');
  for (size_t I = 0; I < Parts.size(); ++I)
    if (I % 2)
      part(Parts[I], Out);
    else
      Out << Parts[I];
}

void writeHtml(const Results &All, const ReportOptions &Options, llvm::raw_ostream &Out) {
  Page(All, Options).write(Out);
}

llvm::Error writeHtmlFile(const Results &All, const std::string &Path, const std::string &Directory) {
  llvm::SmallString<128> File(Path);
  if (llvm::sys::fs::is_directory(Path) || llvm::StringRef(Path).ends_with("/"))
    llvm::sys::path::append(File, "latchkey.html");
  StringRef Folder = llvm::sys::path::parent_path(File);
  if (std::error_code Wrong = Folder.empty() ? std::error_code() : llvm::sys::fs::create_directories(Folder))
    return llvm::createStringError(Path + ": cannot make its folder: " + Wrong.message());
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  ReportOptions Options;
  Options.Directory = Directory;
  writeHtml(All, Options, Out);
  return writeFile(File.str().str(), Text);
}

} // namespace latchkey::driver
