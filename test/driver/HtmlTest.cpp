// The page for browsers: from results made by hand, and as a real browser shows it.
#include "test/driver/Project.h"
#include "tool/Reports.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey;
using latchkey::test::Project;
using latchkey::test::Ran;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A launcher that counts, starts a task and waits, and a task that leaves without counting down.
driver::Results twoLanes(const Project &P) {
  std::string File = P.write("src/a.cpp", "add(1);\nspawn([] {\n  if (early)\n    return;\n  done();\n});\nwait();\n");
  auto At = [&](unsigned Line, unsigned Column, unsigned Length) {
    return SourcePlace{File, {0, Line, Column, 0, Length, false}};
  };
  driver::Report R;
  R.Fingerprint = "0123456789abcdef";
  R.What.Check = "missing-done";
  R.What.Level = Confidence::Likely;
  R.What.Where = At(4, 5, 6);
  R.What.Lane = 1;
  R.What.Message = "`wait` <never> returns";
  R.What.Function = "f<int>";
  R.What.Notes = {{At(1, 1, 6), "raised here", 0, StepKind::Count},
                  {At(2, 1, 5), "started here", 0, StepKind::Start},
                  {At(3, 7, 5), "`early` is true here", 1, StepKind::Branch},
                  {At(7, 1, 4), "waited for here", 0, StepKind::Wait}};
  driver::Results All;
  All.Files = 1;
  All.Reports = {R};
  return All;
}

std::string page(const Project &P, const driver::Results &All) {
  EXPECT_FALSE(llvm::errorToBool(driver::writeHtmlFile(All, P.path("report.html"), P.path("src"))));
  return P.read("report.html");
}

TEST(Html, DrawsALaneForEachThread) {
  Project P;
  std::string Text = page(P, twoLanes(P));
  EXPECT_THAT(Text,
              ContainsRegex("lane-0\" scope=\"col\">launcher</th><th class=\"lane lane-1\" scope=\"col\">task 1"));
  // The task's line begins where it is started, runs on, and ends where it breaks.
  EXPECT_THAT(Text, HasSubstr("<td class=\"lane lane-1 runs begins spawned\"></td>"));
  EXPECT_THAT(Text, HasSubstr("<td class=\"lane lane-1 runs\"><span class=\"node\">branch</span></td>"));
  EXPECT_THAT(Text, HasSubstr("<td class=\"lane lane-1 runs ends\"><span class=\"node breaks\">breaks</span></td>"));
  EXPECT_THAT(Text, HasSubstr("<td class=\"lane lane-0 runs ends\"><span class=\"node filled\">wait</span></td>"));
  EXPECT_THAT(Text, HasSubstr("  if (<mark>early</mark>)"));
}

TEST(Html, NothingOfTheSourcesIsMarkup) {
  Project P;
  driver::Results All = twoLanes(P);
  P.write("src/a.cpp", "add(1); // <script>alert(1)</script> \x01 \xff &amp;\n");
  std::string Text = page(P, All);
  EXPECT_THAT(Text, HasSubstr("<code>wait</code> &lt;never&gt; returns"));
  EXPECT_THAT(Text, HasSubstr("in <code>f&lt;int&gt;</code>"));
  EXPECT_THAT(Text, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt; \xEF\xBF\xBD \xEF\xBF\xBD &amp;amp;"));
  EXPECT_THAT(Text, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(Text, Not(HasSubstr("://"))); // It needs nothing else.
}

TEST(Html, IsTheSameEachTimeAndWhateverTheNumberOfWorkers) {
  Project P;
  P.addLeak("x/a.cpp", "f");
  P.addLeak("y/b.cpp", "g");
  EXPECT_EQ(P.run({"--html", "one.html", "-j1"}).Status, 1);
  EXPECT_EQ(P.run({"--html=out/", "-j4", "--no-cache"}).Status, 1);
  EXPECT_THAT(P.read("one.html"), HasSubstr("2 findings"));
  EXPECT_EQ(P.read("one.html"), P.read("out/latchkey.html"));
}

TEST(Html, HasTheThreeBucketsAndWhatIsSilenced) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addLeak("b.cpp", "g");
  EXPECT_EQ(P.run({"--baseline=known.json", "--write-baseline"}).Status, 0);
  P.addLeak("c.cpp", "h");
  P.write("b.cpp", "void g() {}\n");
  P.write(
      "d.cpp",
      "#include \"thread.h\"\nvoid i() {\n  std::thread t(work); // NOLINT(latchkey-leaked-thread): known & fine\n}\n");
  P.addEntry("d.cpp");
  EXPECT_EQ(P.run({"--baseline=known.json", "--html=report.html"}).Status, 1);
  std::string Text = P.read("report.html");
  EXPECT_THAT(Text, HasSubstr("1 new finding (1 error), 1 known, 1 gone in 4 files, 1 silenced by NOLINT</p>"));
  EXPECT_THAT(Text, HasSubstr("<td class=\"number\">1</td><td class=\"number\">1</td><td class=\"number\">1</td>"));
  EXPECT_THAT(Text, ContainsRegex("<h2>Known: 1</h2> <span>known.json has them, too</span>[^§]*a.cpp:[0-9]*</code>"));
  EXPECT_THAT(Text, ContainsRegex("<h2>Gone: 1</h2>[^§]*b.cpp</code> in <code>g</code>"));
  EXPECT_THAT(Text, HasSubstr("<h2>Silenced: 1</h2>"));
  EXPECT_THAT(Text, HasSubstr("<br>known &amp; fine</li>"));
}

TEST(Html, AFileThatCannotBeWrittenIsNamed) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("file", "");
  Ran R = P.run({"--html=file/report.html"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("file/report.html: "));
}

TEST(Html, ALinkStaysOne) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("pages/old.html", "old");
  ASSERT_FALSE(llvm::sys::fs::create_link(P.path("pages/old.html"), P.path("link.html")));
  EXPECT_EQ(P.run({"--html=link.html"}).Status, 1);
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(P.path("link.html")));
  EXPECT_THAT(P.read("pages/old.html"), HasSubstr("1 finding"));
}

/// What Chromium makes of a page: its document after scripts ran, or an empty text without Chromium.
class Browser {
public:
  explicit Browser(const Project &P) : P(P) {}

  std::string open(const std::string &Address) const {
    auto Chromium = llvm::sys::findProgramByName("chromium");
    if (!Chromium)
      return {};
    std::string Profile = "--user-data-dir=" + P.path("profile"), Out = P.path("dom.html");
    std::vector<llvm::StringRef> Words{*Chromium, "--headless", "--no-sandbox", "--disable-gpu", Profile, "--dump-dom"};
    Words.push_back(Address);
    std::optional<llvm::StringRef> Redirects[] = {llvm::StringRef(), llvm::StringRef(Out), llvm::StringRef()};
    llvm::sys::ExecuteAndWait(*Chromium, Words, std::nullopt, Redirects, /*SecondsToWait=*/60);
    return P.read("dom.html");
  }

private:
  const Project &P;
};

TEST(Html, InABrowser) {
  Project P;
  P.addLeak("x/a.cpp", "first");
  P.addLeak("y/b.cpp", "second");
  EXPECT_EQ(P.run({"--html=report.html"}).Status, 1);
  Browser Chromium(P);
  const std::string Address = "file://" + P.path("report.html");
  std::string All = Chromium.open(Address);
  if (All.empty())
    GTEST_SKIP() << "there is no chromium";
  // The script ran under the page's own policy: the search is there.
  EXPECT_THAT(All, HasSubstr("<html lang=\"en\" class=\"scripted\">"));
  EXPECT_THAT(All, HasSubstr("<search class=\"search\">"));
  EXPECT_THAT(All, Not(ContainsRegex("<article[^>]* hidden")));

  std::string Found = Chromium.open(Address + "?q=leaked+second");
  EXPECT_THAT(Found, HasSubstr("1 of 2 shown</output>"));
  EXPECT_THAT(Found, ContainsRegex("<section hidden=\"\">[^§]*x/a.cpp"));

  // A script that is not the page's own does not run; without one everything is visible, and nothing is offered that
  // does not work.
  std::string Other = P.read("report.html");
  Other.insert(Other.find("\"use strict\";"), " ");
  P.write("other.html", Other);
  std::string Plain = Chromium.open("file://" + P.path("other.html") + "?q=second");
  EXPECT_THAT(Plain, HasSubstr("<search class=\"search\" hidden=\"\">"));
  EXPECT_THAT(Plain, Not(HasSubstr("class=\"scripted\"")));
  EXPECT_THAT(Plain, Not(ContainsRegex("<article[^>]* hidden")));
}

} // namespace
