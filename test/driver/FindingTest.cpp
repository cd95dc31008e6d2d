// Order, fingerprints and JSON of findings.
#include "checks/rules/Finding.h"
#include "tool/TranslationUnit.h"

#include <gmock/gmock.h>

using namespace latchkey;

namespace {

Finding sample() {
  Finding F;
  F.Check = "leaked-thread";
  F.Level = Confidence::Certain;
  F.Where = {"/src/a.cpp", {ir::Range::NoFile, 4, 2, 40, 3, true}};
  F.Message = "`t` is lost";
  F.Notes = {{{"/src/b.h", {ir::Range::NoFile, 1, 1, 0, 5, false}}, "started here", 2}};
  F.Fixes = {{"join", {{F.Where, "t.join();\n"}}, false}};
  F.Function = "f";
  F.Subject = "t";
  return F;
}

TEST(Finding, OrderIsByPlaceThenCheckThenMessage) {
  Finding A = sample(), B = sample();
  EXPECT_FALSE(before(A, B));
  B.Message = "`u` is lost";
  EXPECT_TRUE(before(A, B));
  B.Check = "invalid-join";
  EXPECT_TRUE(before(B, A));
  B.Where.At.Line = 9;
  EXPECT_TRUE(before(A, B));
  B.Where.File = "/src/Z.cpp";
  EXPECT_TRUE(before(B, A));
}

TEST(Finding, FingerprintSurvivesMovedLinesAndFolders) {
  Finding A = sample(), B = sample();
  B.Where.At.Line = 400;
  B.Where.At.Offset = 4000;
  B.Where.File = "/elsewhere/a.cpp";
  B.Message = "worded otherwise";
  EXPECT_EQ(fingerprint(A, 0), fingerprint(B, 0));
  EXPECT_EQ(fingerprint(A, 0).size(), 16u);
  EXPECT_NE(fingerprint(A, 0), fingerprint(A, 1));
  B.Subject = "u";
  EXPECT_NE(fingerprint(A, 0), fingerprint(B, 0));
  B = sample();
  B.Function = "ft";
  B.Subject = "";
  EXPECT_NE(fingerprint(A, 0), fingerprint(B, 0)) << "parts must not run together";
}

TEST(Finding, JsonAndBack) {
  Finding F = sample(), Back;
  llvm::json::Path::Root Root;
  ASSERT_TRUE(fromJSON(toJSON(F), Back, Root));
  EXPECT_EQ(F, Back);
}

TEST(Finding, OutcomeAsJsonAndBack) {
  driver::Outcome O, Back;
  O.File = "/src/a.cpp";
  O.Reports.emplace_back().What = sample();
  O.Reports[0].AsError = true;
  O.Problem = "why";
  O.Diagnostics = {"one", "two"};
  O.Count.NotAnalysed = {"f: too large"};
  O.Spent.Total = 1.5;
  llvm::json::Path::Root Root;
  ASSERT_TRUE(fromJSON(toJSON(O), Back, Root));
  EXPECT_EQ(toJSON(O), toJSON(Back));
  EXPECT_EQ(Back.Reports[0].What, O.Reports[0].What);
}

} // namespace
