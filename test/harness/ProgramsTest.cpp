// Fixtures of several files, linked: every such folder through every face. clang-tidy and the editor get what the
// driver leaves for them.

#include "test/harness/Faces.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

#include <gtest/gtest.h>

using namespace latchkey::test;

namespace {

struct Case {
  const Face *Through;
  std::string Check;
};

std::string nameOf(const testing::TestParamInfo<Case> &Info) {
  std::string Text = std::string(Info.param.Through->Name) + "_" + Info.param.Check;
  std::replace(Text.begin(), Text.end(), '-', '_');
  return Text;
}

/// GoogleTest shows a parameter of a failed test.
void PrintTo(const Case &C, std::ostream *Out) {
  *Out << C.Through->Name << " on " << C.Check;
}

std::vector<ProgramFixture> programsOf(const std::string &Check) {
  llvm::Expected<std::vector<ProgramFixture>> All = readPrograms(LATCHKEY_SOURCE_DIR, Check);
  if (All)
    return std::move(*All);
  ADD_FAILURE() << llvm::toString(All.takeError());
  return {};
}

std::vector<Case> allCases() {
  std::vector<Case> Cases;
  for (const std::string &Check : fixtureFolders(LATCHKEY_SOURCE_DIR))
    if (!programsOf(Check).empty())
      for (const Face &F : allFaces())
        Cases.push_back({&F, Check});
  return Cases;
}

/// What is wrong, by the file that it is wrong in.
std::vector<Mismatch> run(const Face &Through, const ProgramFixture &P) {
  std::vector<Unit> Units;
  for (const Fixture &F : P.Files)
    Units.push_back({&F, F.Standards.front(), F.Headers.front(), "", {}});
  auto W = Workspace::create(Units);
  if (!W)
    return {{"", 0, llvm::toString(W.takeError())}};
  Selection S = selectionFor(P.Files.front().Folder, P.Files.front());
  S.Linked = true;
  if (Through.Run == runClangTidy || Through.Run == runEditor)
    if (auto Before = runDriver(**W, S); !Before)
      return {{"", 0, llvm::toString(Before.takeError())}};
  llvm::Expected<Reports> All = Through.Run(**W, S);
  if (!All)
    return {{"", 0, llvm::toString(All.takeError())}};
  std::vector<Mismatch> Wrong;
  for (auto [Index, U] : llvm::enumerate((*W)->units())) {
    Fixture WithoutNotes = *U.F; // a path may lead from another file
    llvm::erase_if(WithoutNotes.Expectations, [](const Expectation &E) { return E.K == Expectation::Kind::Note; });
    llvm::append_range(Wrong, compare(WithoutNotes, (*All)[Index], Through.Headers));
  }
  return Wrong;
}

bool runsThrough(const ProgramFixture &P, const Face &Through) {
  return llvm::all_of(P.Files, [&](const Fixture &F) {
    return F.Faces.empty() || llvm::is_contained(F.Faces, std::string(Through.Name));
  });
}

class Programs : public testing::TestWithParam<Case> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Programs);

TEST_P(Programs, SayWhatIsReported) {
  const Case &C = GetParam();
  for (const ProgramFixture &P : programsOf(C.Check)) {
    EXPECT_GT(P.Files.size(), 1u) << P.Name << " is a fixture like any other: take it out of its folder";
    if (!runsThrough(P, *C.Through))
      continue;
    for (const Mismatch &M : run(*C.Through, P)) {
      std::string File = LATCHKEY_SOURCE_DIR "/test/fixtures/" + C.Check + "/" + P.Name + "/" + M.File;
      ADD_FAILURE_AT(File.c_str(), static_cast<int>(M.Line)) << M.What;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Programs, testing::ValuesIn(allCases()), nameOf);

/// What a program of several files is there for: no file alone shows it.
TEST(Programs, AreNeeded) {
  size_t Wanted = 0, Alone = 0;
  for (const std::string &Check : fixtureFolders(LATCHKEY_SOURCE_DIR))
    for (const ProgramFixture &P : programsOf(Check)) {
      for (const Fixture &F : P.Files)
        Wanted += llvm::count_if(F.Expectations, [](const Expectation &E) { return E.K == Expectation::Kind::Want; });
      std::vector<Unit> Units;
      for (const Fixture &F : P.Files)
        Units.push_back({&F, F.Standards.front(), F.Headers.front(), "", {}});
      auto W = Workspace::create(Units);
      ASSERT_TRUE(static_cast<bool>(W)) << llvm::toString(W.takeError());
      auto All = runInProcess(**W, selectionFor(Check, P.Files.front()));
      ASSERT_TRUE(static_cast<bool>(All)) << llvm::toString(All.takeError());
      for (const std::vector<Reported> &OfFile : *All)
        Alone += OfFile.size();
    }
  EXPECT_GT(Wanted, 0u) << "nothing was tested";
  EXPECT_LT(Alone * 4, Wanted) << "most of what these programs show is shown by single files";
}

} // namespace
