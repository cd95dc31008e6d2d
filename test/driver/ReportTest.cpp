// The text form, from results made by hand, and the excerpts in it.
#include "test/driver/Project.h"
#include "tool/Reports.h"
#include "tool/SourceText.h"

#include <gmock/gmock.h>

using namespace latchkey;
using latchkey::test::Project;

namespace {

std::string text(const driver::Results &All, const std::string &Directory) {
  std::string Out;
  llvm::raw_string_ostream Stream(Out);
  driver::writeText(All, {.Directory = Directory}, Stream);
  return Out;
}

driver::Report report(const std::string &File, Confidence Level, ir::Range At) {
  driver::Report R;
  R.What.Check = "some-check";
  R.What.Level = Level;
  R.What.Where = {File, At};
  R.What.Message = "what happens";
  return R;
}

TEST(TextReport, ExcerptCaretAndNumberedPathWithLanes) {
  Project P;
  std::string File = P.write("a.cpp", "one();\n\tt.wait();\n");
  driver::Results All;
  All.Files = 1;
  All.Reports = {report(File, Confidence::Likely, {0, 2, 4, 10, 4, false})};
  All.Reports[0].What.Notes = {{{File, {0, 1, 1, 0, 3, false}}, "started here", 0},
                               {{File, {0, 2, 2, 8, 1, false}}, "runs here", 1}};
  EXPECT_EQ(text(All, P.path("").substr(0, P.path("").size() - 1)),
            "a.cpp:2:4: warning: what happens [latchkey-some-check]\n"
            "    2 | \tt.wait();\n"
            "      | \t  ^~~~\n"
            "a.cpp:1:1: note: 1. [launcher] started here\n"
            "    1 | one();\n"
            "      | ^~~\n"
            "a.cpp:2:2: note: 2. [task 1] runs here\n"
            "    2 | \tt.wait();\n"
            "      | \t^\n"
            "1 finding (1 warning) in 1 file\n");
}

TEST(TextReport, AFileThatIsGoneHasNoExcerpt) {
  driver::Results All;
  All.Files = 2;
  All.Reports = {report("/gone.cpp", Confidence::Certain, {0, 3, 1, 0, 1, false})};
  EXPECT_EQ(text(All, "/src"), "/gone.cpp:3:1: error: what happens [latchkey-some-check]\n"
                               "1 finding (1 error) in 2 files\n");
}

TEST(SourceText, ColumnsAreCodePoints) {
  Project P;
  std::string File = P.write("a.cpp", "x\nä = ö;\r\nlast");
  driver::SourceText Text;
  EXPECT_EQ(Text.line(File, 2), "ä = ö;");
  EXPECT_EQ(Text.line(File, 3), "last");
  EXPECT_EQ(Text.line(File, 4), "");
  auto [Start, End] = Text.span({File, {0, 2, 6, 7, 2, false}}); // ö
  EXPECT_EQ(Start.Line, 2u);
  EXPECT_EQ(Start.Column, 5u);
  EXPECT_EQ(End.Column, 6u);
  auto [First, Last] = Text.span({File, {0, 1, 1, 0, 4, false}}); // x and ä
  EXPECT_EQ(First.Line, 1u);
  EXPECT_EQ(Last.Line, 2u);
  EXPECT_EQ(Last.Column, 2u);
}

TEST(Results, TheSamePathWinsHoweverFilesAreOrdered) {
  auto Outcomes = [](bool Swapped) {
    std::vector<driver::Outcome> Both(2);
    for (int I : {0, 1}) {
      Both[I].File = I ? "/b.cpp" : "/a.cpp";
      driver::Report R = report("/shared.h", Confidence::Certain, {0, 3, 1, 0, 1, false});
      R.What.Notes = {{{"/shared.h", {0, 1, 1, 0, 1, false}}, I != Swapped ? "one way" : "another way", 0}};
      Both[I].Reports.push_back(R);
    }
    return Both;
  };
  driver::Suppressions Comments;
  driver::Results A = driver::merge({}, Outcomes(false), Comments);
  driver::Results B = driver::merge({}, Outcomes(true), Comments);
  ASSERT_EQ(A.Reports.size(), 1u);
  EXPECT_EQ(A.Reports[0].What, B.Reports[0].What);
  EXPECT_EQ(A.exitStatus(), 1);
}

} // namespace
