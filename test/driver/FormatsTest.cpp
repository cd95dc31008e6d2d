// Forms that services read, as the real program writes them, and their limits.
#include "test/driver/Project.h"
#include "tool/Reports.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey;
using namespace latchkey::test;
using llvm::StringRef;
using testing::HasSubstr;
using testing::StartsWith;
namespace json = llvm::json;

namespace {

class Formats : public testing::Test {
protected:
  void SetUp() override {
    P.addLeak("src, 100%/a.cpp", "f");
    P.addLeak("b&c.cpp", "g");
  }
  std::string as(StringRef Format, std::vector<std::string> More = {}) {
    More.push_back(("--format=" + Format).str());
    Ran R = P.run(More);
    EXPECT_EQ(R.Status, 1) << R.Err;
    return R.Out;
  }
  Project P;
};

std::vector<StringRef> lines(const std::string &Text) {
  llvm::SmallVector<StringRef> Lines;
  StringRef(Text).split(Lines, '\n', -1, /*KeepEmpty=*/false);
  return {Lines.begin(), Lines.end()};
}

/// Reads back what is XML with a program that knows it.
std::string xpath(const Project &P, const std::string &Xml, const std::string &Query) {
  std::string File = P.write("report.xml", Xml), Out = P.path("xpath.txt");
  auto Lint = llvm::sys::findProgramByName("xmllint");
  if (!Lint)
    return "no xmllint";
  (void)llvm::sys::fs::remove(Out); // Redirected output is written over what is there.
  std::optional<StringRef> Redirects[] = {std::nullopt, StringRef(Out), std::nullopt};
  EXPECT_EQ(llvm::sys::ExecuteAndWait(*Lint, {*Lint, "--xpath", Query, File}, std::nullopt, Redirects), 0) << Query;
  return StringRef(P.read("xpath.txt")).trim().str();
}

TEST_F(Formats, GithubAnnotations) {
  std::string Out = as("github");
  std::vector<StringRef> All = lines(Out);
  ASSERT_EQ(All.size(), 3u) << Out;
  EXPECT_EQ(All[0].split("::`").first, "::error file=b&c.cpp,line=5,endLine=5,col=5,endColumn=11,"
                                       "title=latchkey-leaked-thread");
  EXPECT_THAT(All[0].str(), HasSubstr("::`t` is still joinable"));
  EXPECT_THAT(All[0].str(), HasSubstr("%0A1. b&c.cpp:3:15: `t` is started here%0A2. b&c.cpp:4:7: "));
  EXPECT_THAT(All[1].str(), StartsWith("::error file=src%2C 100%25/a.cpp,line=5,"));
  EXPECT_THAT(All[2].str(), StartsWith("2 findings"));
}

TEST_F(Formats, GitlabCodeQuality) {
  auto Parsed = json::parse(as("gitlab"));
  ASSERT_TRUE(static_cast<bool>(Parsed));
  const json::Array &Issues = *Parsed->getAsArray();
  ASSERT_EQ(Issues.size(), 2u);
  const json::Object &Issue = *Issues[1].getAsObject();
  EXPECT_EQ(Issue.getString("check_name"), "latchkey-leaked-thread");
  EXPECT_EQ(Issue.getString("severity"), "critical");
  EXPECT_TRUE(Issue.getString("description")->contains("still joinable"));
  EXPECT_EQ(Issue.getObject("location")->getString("path"), "src, 100%/a.cpp");
  EXPECT_EQ(Issue.getObject("location")->getObject("lines")->getInteger("begin"), 5);
  EXPECT_NE(Issue.getString("fingerprint"), Issues[0].getAsObject()->getString("fingerprint"));
}

TEST_F(Formats, JsonLines) {
  std::string Out = as("jsonl");
  std::vector<StringRef> All = lines(Out);
  ASSERT_EQ(All.size(), 2u);
  for (StringRef Line : All) {
    auto Parsed = json::parse(Line);
    ASSERT_TRUE(static_cast<bool>(Parsed)) << Line.str();
    EXPECT_EQ(Parsed->getAsObject()->getString("state"), "new");
    EXPECT_EQ(Parsed->getAsObject()->getInteger("line"), 5);
  }
}

TEST_F(Formats, Checkstyle) {
  std::string Out = as("checkstyle");
  EXPECT_THAT(Out, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version="));
  EXPECT_EQ(xpath(P, Out, "string(/checkstyle/file[1]/@name)"), "b&c.cpp");
  EXPECT_EQ(xpath(P, Out, "count(/checkstyle/file/error[@line='5'][@severity='error'])"), "2");
  EXPECT_EQ(xpath(P, Out, "string(//error[1]/@source)"), "latchkey-leaked-thread");
}

TEST_F(Formats, JUnit) {
  P.addEntry("gone.cpp");
  P.addLeak("quiet.cpp", "h");
  P.write("quiet.cpp", "#include \"thread.h\"\n// NO"
                       "LINTBEGIN: <known>\n" +
                           leak("h") +
                           "// NO"
                           "LINTEND\n");
  Ran R = P.run({"--format=junit"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_EQ(xpath(P, R.Out, "string(//testsuite/@tests)"), "4");
  EXPECT_EQ(xpath(P, R.Out, "count(//testcase/failure)"), "2");
  EXPECT_EQ(xpath(P, R.Out, "string(//testcase/skipped/@message)"), "silenced by a comment: <known>");
  EXPECT_EQ(xpath(P, R.Out, "string(//testcase[error]/@name)"), "gone.cpp");
  EXPECT_THAT(xpath(P, R.Out, "string(//failure[1])"), StartsWith("1. b&c.cpp:3:15: "));
}

TEST(FormatsOfNothing, AreComplete) {
  Project P;
  P.write("a.cpp", "int x;\n");
  P.addEntry("a.cpp");
  EXPECT_EQ(xpath(P, P.run({"--format=junit"}).Out, "string(//testcase/@name)"), "no findings in 1 file");
  EXPECT_EQ(xpath(P, P.run({"--format=checkstyle"}).Out, "count(//file)"), "0");
  EXPECT_EQ(P.run({"--format=gitlab"}).Out, "[]\n");
  EXPECT_EQ(P.run({"--format=jsonl"}).Out, "");
  EXPECT_EQ(P.run({"--format=github", "--quiet"}).Out, "");
}

driver::Report report(unsigned Line, Confidence Level) {
  driver::Report R;
  R.What.Check = "leaked-thread";
  R.What.Level = Level;
  R.What.Where = {"/src/a.cpp", {0, Line, 1, 0, 1, false}};
  R.What.Message = "text with \x01 and \xff";
  return R;
}

TEST(Sarif, KeepsToWhatServicesTake) {
  driver::Results All;
  for (unsigned I = 0; I < 25'010; ++I)
    All.Reports.push_back(report(I + 1, I < 20 ? Confidence::Style : Confidence::Likely));
  All.Reports.back().What.Notes.assign(150, {All.Reports[0].What.Where, "step", 0});
  std::string Out;
  llvm::raw_string_ostream Stream(Out);
  driver::writeSarif(All, {.Directory = "/src"}, Stream);
  auto Log = json::parse(Out);
  ASSERT_TRUE(static_cast<bool>(Log));
  const json::Object &Run = *(*Log->getAsObject()->getArray("runs"))[0].getAsObject();
  const json::Array &Results = *Run.getArray("results");
  ASSERT_EQ(Results.size(), 25'000u);
  size_t Style =
      llvm::count_if(Results, [](const json::Value &R) { return R.getAsObject()->getString("level") == "note"; });
  EXPECT_EQ(Style, 10u); // These had to go.
  EXPECT_EQ(Results[24'989].getAsObject()->getArray("relatedLocations")->size(), 100u);
  EXPECT_THAT(Out, HasSubstr("10 more results"));
}

TEST(Xml, HasOnlyCharactersThatXmlHas) {
  Project P;
  driver::Results All;
  All.Reports = {report(1, Confidence::Likely)};
  std::string Out;
  llvm::raw_string_ostream Stream(Out);
  driver::writeCheckstyle(All, {.Directory = "/src"}, Stream);
  EXPECT_EQ(xpath(P, Out, "string(//error/@message)"), "text with ? and \xEF\xBF\xBD");
}

} // namespace
