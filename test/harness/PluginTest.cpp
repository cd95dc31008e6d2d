// What is particular to the plugin: its registration, its options, and how it runs in clang-tidy's own scripts.

#include "checks/rules/Rule.h"
#include "checks/tidy/Selection.h"
#include "test/harness/Faces.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace latchkey;
using namespace latchkey::test;
using testing::HasSubstr;
using testing::Not;

namespace {

const std::string Load = "--load=" LATCHKEY_BINARY_DIR "/checks/liblatchkey-tidy.so";

constexpr llvm::StringLiteral Leak = "#include <thread>\n"
                                     "void work();\n"
                                     "void run() {\n"
                                     "  std::thread thread(work);\n"
                                     "}\n";

class Plugin : public testing::Test {
protected:
  void write(llvm::StringRef Text, std::map<std::string, std::string> Beside = {}) {
    llvm::Expected<Fixture> F = parseFixture("leaked-thread", "main.cpp", Text);
    ASSERT_TRUE(static_cast<bool>(F)) << llvm::toString(F.takeError());
    Source = std::move(*F);
    Source.Included = std::move(Beside);
    auto Created = Workspace::create(batches(Source, "clang-tidy").front());
    ASSERT_TRUE(static_cast<bool>(Created)) << llvm::toString(Created.takeError());
    Space = std::move(*Created);
  }

  /// Both outputs.
  std::string run(std::vector<std::string> Command) {
    llvm::Expected<Ran> Result = runProgram(Command);
    if (Result)
      return Result->Out + Result->Err;
    ADD_FAILURE() << llvm::toString(Result.takeError());
    return "";
  }

  std::string tidy(std::vector<std::string> More = {}) {
    std::vector<std::string> Command{"clang-tidy" LATCHKEY_LLVM, Load, "-p=" + Space->directory().str(), "--quiet"};
    Command.insert(Command.end(), More.begin(), More.end());
    Command.push_back(Space->units().front().Path);
    return run(Command);
  }

  Fixture Source;
  std::unique_ptr<Workspace> Space;
};

TEST_F(Plugin, ListsAllChecks) {
  std::string Listed = run({"clang-tidy" LATCHKEY_LLVM, Load, "--checks=-*,latchkey-*", "--list-checks"});
  ASSERT_FALSE(allRules().empty());
  for (const Rule *R : allRules())
    EXPECT_THAT(Listed, HasSubstr("latchkey-" + R->Info.Name.str() + "\n"));
}

TEST_F(Plugin, ListsAllOptions) {
  std::string Dumped = run({"clang-tidy" LATCHKEY_LLVM, Load, "--checks=-*,latchkey-*", "--dump-config"});
  for (const Rule *R : allRules())
    for (const OptionInfo &Option : R->Info.Options)
      EXPECT_THAT(Dumped, HasSubstr("latchkey-" + R->Info.Name.str() + "." + Option.Name.str() + ":"));
}

TEST_F(Plugin, RunsFromClangTidysFile) {
  write(Leak, {{".clang-tidy", "Checks: '-*,latchkey-*'\n"}});
  EXPECT_THAT(tidy(), HasSubstr("main.cpp:5:1: warning: "));
}

TEST_F(Plugin, RunsInRunClangTidy) {
  write(Leak);
  std::string Out = run({"run-clang-tidy" LATCHKEY_LLVM, "-clang-tidy-binary", "clang-tidy" LATCHKEY_LLVM, "-p",
                         Space->directory().str(), "-quiet", "-load", LATCHKEY_BINARY_DIR "/checks/liblatchkey-tidy.so",
                         "-checks=-*,latchkey-*"});
  EXPECT_THAT(Out, HasSubstr("[latchkey-leaked-thread]"));
}

TEST_F(Plugin, IsSilencedByAComment) {
  write("#include <thread>\nvoid work();\n"
        "void atTheEnd() {\n  std::thread thread(work);\n} // NOLINT(latchkey-leaked-thread)\n"
        "void atTheStart() {\n  std::thread thread(work); // NOLINT(latchkey-leaked-thread)\n}\n"
        "void before() {\n  // NOLINTNEXTLINE\n  std::thread thread(work);\n}\n"
        "void another() {\n  std::thread thread(work); // NOLINT(latchkey-late-add)\n}\n");
  std::string Out = tidy({"--checks=-*,latchkey-*"});
  EXPECT_THAT(Out, HasSubstr("main.cpp:15:1: warning: "));
  for (const char *Line : {":5:", ":8:", ":12:"})
    EXPECT_THAT(Out, Not(HasSubstr("main.cpp" + std::string(Line) + "1: warning: ")));
}

TEST_F(Plugin, TakesModelsOfTheUsers) {
  constexpr llvm::StringLiteral Text = "struct Task { explicit Task(void (*)()); void finish(); };\n"
                                       "void work();\n"
                                       "void run() {\n  Task task(work);\n}\n";
  write(Text, {{".clang-tidy", "Checks: '-*,latchkey-*'\n"}});
  EXPECT_THAT(tidy(), Not(HasSubstr("latchkey-leaked-thread")));
  write(Text, {{".clang-tidy", "Checks: '-*,latchkey-*'\nCheckOptions:\n  Models: tasks.yaml\n"},
               {"tasks.yaml", "types:\n  Task:\n    is: handle leak\n    constructors: spawn this runs arg0\n"
                              "    methods:\n      finish: join this\n"}});
  EXPECT_THAT(tidy(), HasSubstr("[latchkey-leaked-thread]"));
}

TEST_F(Plugin, SaysWhatIsWrongWithModels) {
  write(Leak, {{".clang-tidy", "Checks: '-*,latchkey-*'\nCheckOptions:\n  Models: wrong.yaml\n"},
               {"wrong.yaml", "types:\n  Task:\n    is: nonsense\n"}});
  std::string Out = tidy();
  EXPECT_THAT(Out, HasSubstr("wrong.yaml:3:"));
  EXPECT_THAT(Out, HasSubstr("[latchkey-leaked-thread]"));
}

TEST_F(Plugin, AnalysesFilesOneAfterAnother) {
  llvm::Expected<Fixture> A = parseFixture("leaked-thread", "a.cpp", Leak);
  llvm::Expected<Fixture> B = parseFixture("leaked-thread", "b.cpp", "void run() {}\n");
  llvm::Expected<Fixture> C = parseFixture("leaked-thread", "c.cpp", Leak);
  ASSERT_TRUE(A && B && C);
  auto W = Workspace::create(batches({*A, *B, *C}, "clang-tidy").front());
  ASSERT_TRUE(static_cast<bool>(W));
  llvm::Expected<Reports> All = runClangTidy(**W, selectionFor("leaked-thread", *A));
  ASSERT_TRUE(static_cast<bool>(All)) << llvm::toString(All.takeError());
  EXPECT_EQ((*All)[0].size(), 1U);
  EXPECT_EQ((*All)[1].size(), 0U);
  EXPECT_EQ((*All)[2].size(), 1U);
}

std::string defaults() {
  return tidy::withDefaultChecks("");
}

TEST(Selection, HasTheDefaultChecks) {
  EXPECT_THAT(defaults(), HasSubstr("latchkey-leaked-thread"));
  EXPECT_EQ(tidy::withDefaultChecks("-*,bugprone-*"), "-*,bugprone-*," + defaults());
}

TEST(Selection, DoesAsTheUserSays) {
  EXPECT_EQ(tidy::withDefaultChecks("*,\n-latchkey-late-add"),
            "*,-latchkey-late-add," + defaults() + ",-latchkey-late-add");
  EXPECT_EQ(tidy::withDefaultChecks("-*, latchkey-late-add"), defaults() + ",-*,latchkey-late-add");
  EXPECT_EQ(tidy::withDefaultChecks("-*"), defaults() + ",-*");
}

} // namespace
