// The harness itself: what it reads, and that it notices what is wrong.

#include "test/harness/Fixture.h"
#include "test/harness/Compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace latchkey::test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

namespace {

Fixture parse(llvm::StringRef Text, llvm::StringRef File = "a.cpp") {
  llvm::Expected<Fixture> F = parseFixture("leaked-thread", File, Text);
  if (F)
    return std::move(*F);
  ADD_FAILURE() << llvm::toString(F.takeError());
  return {};
}

std::vector<std::string> problems(const Fixture &F, const std::vector<Reported> &All) {
  std::vector<std::string> Texts;
  for (const Mismatch &M : compare(F, All, true))
    Texts.push_back(std::to_string(M.Line) + ": " + M.What);
  return Texts;
}

TEST(FixtureText, HasSettingsInItsFirstComments) {
  Fixture F = parse("// std: c++17 c++20\n// headers: mock, libc++\n// flags: -DX=1 -pthread\n"
                    "// options: leaked-thread.Strict=true\n// faces: process, driver\n// std::latch: prose\n"
                    "int x; // std: c++23\n");
  EXPECT_THAT(F.Standards, ElementsAre("c++17", "c++20"));
  EXPECT_THAT(F.Headers, ElementsAre("libc++"));
  EXPECT_TRUE(F.Mock);
  EXPECT_THAT(F.Flags, ElementsAre("-DX=1", "-pthread"));
  EXPECT_THAT(F.Faces, ElementsAre("process", "driver"));
  EXPECT_THAT(F.Options, ElementsAre(Pair("leaked-thread.Strict", "true")));
}

TEST(FixtureText, HasDefaults) {
  EXPECT_THAT(parse("int x;").Standards, ElementsAre("c++20"));
  EXPECT_THAT(parse("int x;", "a.c").Standards, ElementsAre("c17"));
  EXPECT_THAT(parse("int x;").Headers, ElementsAre("libstdc++"));
}

TEST(FixtureText, RefusesSettingsThatItDoesNotKnow) {
  llvm::Expected<Fixture> F = parseFixture("a", "a.cpp", "// headers: msvc\n");
  ASSERT_FALSE(static_cast<bool>(F));
  EXPECT_EQ(llvm::toString(F.takeError()), "a/a.cpp:1: no such headers: msvc");
}

TEST(FixtureText, SaysSeveralThingsOnOneLine) {
  Fixture F = parse("f(); // want a \"x\" b-c \"y\" want d \"z\", note \"n\"\n");
  ASSERT_THAT(F.Expectations, SizeIs(4));
  EXPECT_EQ(F.Expectations[1].Check, "b-c");
  EXPECT_EQ(F.Expectations[1].Text, "y");
  EXPECT_EQ(F.Expectations[2].Check, "d");
  EXPECT_EQ(F.Expectations[3].K, Expectation::Kind::Note);
  EXPECT_EQ(F.Expectations[3].Line, 1U);
}

TEST(FixtureText, MayBeProseButNoHalfExpectation) {
  EXPECT_THAT(parse("// want is a word\n// note that\n").Expectations, IsEmpty());
  llvm::Expected<Fixture> F = parseFixture("a", "a.cpp", "f(); // want a \"x\n");
  ASSERT_FALSE(static_cast<bool>(F));
  EXPECT_EQ(llvm::toString(F.takeError()), "a/a.cpp:1: cannot read this expectation: want a \"x");
}

TEST(FixtureText, ReadsBlockComments) {
  Fixture F = parse("f(); /* miss a \"why\" */\n", "a.c");
  ASSERT_THAT(F.Expectations, SizeIs(1));
  EXPECT_EQ(F.Expectations[0].K, Expectation::Kind::Miss);
}

TEST(FixtureText, IsComparedWithoutItsExpectations) {
  EXPECT_EQ(withoutExpectations("a(); // want x \"y\"\nb(); // keep\n"), "a();\nb(); // keep\n");
}

TEST(Page, HasBlocksWithTheLinesOfThePage) {
  auto Blocks =
      parsePage("leaked-thread", "page.md", "# Title\n\n```cpp\nf(); // want leaked-thread \"x\"\n```\n```\nno\n```\n");
  ASSERT_TRUE(static_cast<bool>(Blocks));
  ASSERT_THAT(*Blocks, SizeIs(1));
  EXPECT_EQ((*Blocks)[0].Expectations[0].Line, 4U);
}

TEST(Comparison, IsQuietIfAllIsAsExpected) {
  Fixture F =
      parse("a();\nb(); // want leaked-thread \"`t` is\" note \"started\"\nc(); // wrong leaked-thread \"why\"\n");
  EXPECT_THAT(problems(F, {{"leaked-thread", "a.cpp", 2, "`t` is destroyed", {{"a.cpp", 2, "started here"}}},
                           {"leaked-thread", "a.cpp", 3, "anything", {}}}),
              IsEmpty());
}

TEST(Comparison, TakesRegularExpressions) {
  EXPECT_TRUE(matches("`a` is counted 3 times", "counted [0-9]+ times$"));
  EXPECT_TRUE(matches("`threads[0]` is joined", "`threads[0]`"));
  EXPECT_FALSE(matches("`a` is counted", "discounted"));
}

TEST(Comparison, NamesWhatIsMissingAndWhatIsTooMuch) {
  Fixture F = parse("a(); // want leaked-thread \"`t`\"\n");
  EXPECT_THAT(problems(F, {{"leaked-thread", "a.cpp", 1, "`u` leaks", {}}, {"late-add", "a.cpp", 1, "`t`", {}}}),
              ElementsAre("1: not expected: leaked-thread: `u` leaks", "1: not expected: late-add: `t`",
                          "1: not reported: leaked-thread \"`t`\"; it says: `u` leaks"));
}

TEST(Comparison, CountsEachFindingOnce) {
  Fixture F = parse("a(); // want leaked-thread \"t\"\n");
  Reported R{"leaked-thread", "a.cpp", 1, "t", {}};
  EXPECT_THAT(problems(F, {R, R}), ElementsAre("1: not expected: leaked-thread: t"));
}

TEST(Comparison, MissesNotes) {
  Fixture F = parse("a(); // note \"started\"\n");
  EXPECT_THAT(problems(F, {}), ElementsAre("1: no such note: \"started\""));
}

TEST(Comparison, NoticesThatALimitHasMoved) {
  Fixture F = parse("a(); // miss leaked-thread \"m\"\nb(); // wrong leaked-thread \"w\"\n");
  EXPECT_THAT(
      problems(F, {{"leaked-thread", "a.cpp", 1, "found", {}}}),
      ElementsAre("1: better than it says: leaked-thread \"m\" is found now; make it `want leaked-thread` (found)",
                  "2: better than it says: no leaked-thread any more (w); remove the `wrong`"));
}

TEST(Comparison, LeavesHeadersToTheFacesThatReportThere) {
  Fixture F = parse("a();\n");
  F.Expectations.push_back({Expectation::Kind::Want, "leaked-thread", "x", "a.h", 3});
  EXPECT_THAT(compare(F, {}, false), IsEmpty());
  EXPECT_THAT(compare(F, {}, true), SizeIs(1));
}

} // namespace
