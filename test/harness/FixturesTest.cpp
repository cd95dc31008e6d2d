// Every fixture through every face. One test is one face on one check's folder.

#include "checks/rules/Rule.h"
#include "test/harness/Faces.h"

#include "llvm/ADT/STLExtras.h"

#include <gtest/gtest.h>

using namespace latchkey;
using namespace latchkey::test;

namespace {

struct Case {
  const Face *Through;
  std::string Check;
};

std::string identifier(llvm::StringRef Name) {
  std::string Text = Name.str();
  std::replace(Text.begin(), Text.end(), '-', '_');
  return Text;
}

std::string nameOf(const testing::TestParamInfo<Case> &Info) {
  return identifier(Info.param.Through->Name) + "_" + identifier(Info.param.Check);
}

/// GoogleTest shows a parameter of a failed test.
void PrintTo(const Case &C, std::ostream *Out) {
  *Out << C.Through->Name << " on " << C.Check;
}

std::vector<Case> allCases() {
  std::vector<Case> Cases;
  for (const std::string &Check : fixtureFolders(LATCHKEY_SOURCE_DIR))
    for (const Face &F : allFaces())
      Cases.push_back({&F, Check});
  return Cases;
}

std::vector<Case> allPlanted() {
  std::vector<Case> Cases;
  for (const Face &F : allFaces())
    Cases.push_back({&F, "leaked-thread"});
  return Cases;
}

/// What is wrong with the batch; of the whole run if there is no unit to blame.
std::vector<std::pair<const Fixture *, Mismatch>> runBatch(const Face &Through, llvm::ArrayRef<Unit> Units) {
  auto W = Workspace::create(Units);
  if (!W)
    return {{Units.front().F, {"", 0, llvm::toString(W.takeError())}}};
  const Fixture &First = *Units.front().F;
  llvm::Expected<Reports> All = Through.Run(**W, selectionFor(First.Folder, First));
  if (!All)
    return {{&First, {"", 0, llvm::toString(All.takeError())}}};
  std::vector<std::pair<const Fixture *, Mismatch>> Wrong;
  for (auto [Index, U] : llvm::enumerate((*W)->units()))
    for (Mismatch &M : compare(*U.F, (*All)[Index], Through.Headers)) {
      if (U.F->Standards.size() > 1 || U.F->Headers.size() > 1)
        M.What += " (" + U.Standard + ", " + U.Headers + ")";
      Wrong.emplace_back(U.F, std::move(M));
    }
  return Wrong;
}

class Fixtures : public testing::TestWithParam<Case> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Fixtures);

TEST_P(Fixtures, SayWhatIsReported) {
  const Case &C = GetParam();
  llvm::Expected<std::vector<Fixture>> All = readFixtures(LATCHKEY_SOURCE_DIR, C.Check);
  ASSERT_TRUE(static_cast<bool>(All)) << llvm::toString(All.takeError());
  unsigned Wanted = 0;
  for (const std::vector<Unit> &Batch : batches(*All, C.Through->Name)) {
    for (const Unit &U : Batch)
      Wanted += llvm::count_if(U.F->Expectations, [&](const Expectation &E) {
        return E.K == Expectation::Kind::Want && E.Check == C.Check;
      });
    for (auto &[F, M] : runBatch(*C.Through, Batch)) {
      // The origin of a header is beside its fixture's.
      std::string File = M.File.empty() || M.File == F->File
                             ? F->Origin
                             : LATCHKEY_SOURCE_DIR "/test/fixtures/" + F->Folder + "/" + M.File;
      ADD_FAILURE_AT(File.c_str(), static_cast<int>(M.Line)) << M.What;
    }
  }
  EXPECT_GT(Wanted, 0U) << "no fixture of " << C.Check << " expects a finding of it: nothing was tested";
}

INSTANTIATE_TEST_SUITE_P(All, Fixtures, testing::ValuesIn(allCases()), nameOf);

/// Guards the suite above against passing for the wrong reason.
class PlantedBug : public testing::TestWithParam<Case> {};

constexpr llvm::StringLiteral Leaks = "#include <thread>\n"
                                      "void work();\n"
                                      "void run() {\n"
                                      "  std::thread thread(work);\n"
                                      "}\n";

TEST_P(PlantedBug, IsUnexpected) {
  llvm::Expected<Fixture> F = parseFixture("leaked-thread", "planted.cpp", Leaks);
  ASSERT_TRUE(static_cast<bool>(F)) << llvm::toString(F.takeError());
  auto Wrong = runBatch(*GetParam().Through, batches(*F, GetParam().Through->Name).front());
  ASSERT_EQ(Wrong.size(), 1U) << (Wrong.empty() ? "nothing is wrong" : Wrong.front().second.What);
  EXPECT_EQ(Wrong.front().second.What.find("not expected: leaked-thread: "), 0U) << Wrong.front().second.What;
}

TEST_P(PlantedBug, IsMissedWhereThereIsNone) {
  llvm::Expected<Fixture> F =
      parseFixture("leaked-thread", "planted.cpp", "void run() {} // want leaked-thread \"`thread`\"\n");
  ASSERT_TRUE(static_cast<bool>(F)) << llvm::toString(F.takeError());
  auto Wrong = runBatch(*GetParam().Through, batches(*F, GetParam().Through->Name).front());
  ASSERT_EQ(Wrong.size(), 1U);
  EXPECT_EQ(Wrong.front().second.What.find("not reported: leaked-thread"), 0U) << Wrong.front().second.What;
}

TEST_P(PlantedBug, IsNoFixtureIfItDoesNotCompile) {
  llvm::Expected<Fixture> F = parseFixture("leaked-thread", "planted.cpp", "void run() { undeclared(); }\n");
  ASSERT_TRUE(static_cast<bool>(F)) << llvm::toString(F.takeError());
  EXPECT_FALSE(runBatch(*GetParam().Through, batches(*F, GetParam().Through->Name).front()).empty());
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug, testing::ValuesIn(allPlanted()),
                         [](const auto &Info) { return identifier(Info.param.Through->Name); });

} // namespace
