// `latchkey ninja`, with the real ninja, and with other programs that run its jobs.
#include "test/driver/Project.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::HasSubstr;
using testing::Not;

namespace {

class Ninja : public testing::Test {
protected:
  void SetUp() override {
    if (!llvm::sys::findProgramByName("ninja"))
      GTEST_SKIP() << "there is no ninja";
    P.write("finish.h", "#include \"thread.h\"\nvoid finish(std::thread &t);\n");
    P.write("it is here/finish $1.cpp", "#include \"finish.h\"\nvoid finish(std::thread &t) {}\n");
    P.write("main.cpp", "#include \"finish.h\"\nint main() {\n  std::thread t(work);\n  finish(t);\n}\n");
    P.addEntry("it is here/finish $1.cpp");
    P.addEntry("main.cpp");
    P.addLeak("alone.cpp", "alone");
    Made = P.run({"ninja", "-p", "."});
    ASSERT_EQ(Made.Status, 0) << Made.Err;
  }

  /// A shell command in the project's folder.
  Ran shell(const std::string &Line) const {
    const std::string Out = P.path("shell.txt");
    (void)llvm::sys::fs::remove(Out);
    std::string Whole = "cd '" + P.path("") + "' && export XDG_CACHE_HOME='" + P.path(".cache") + "' && " + Line;
    std::optional<llvm::StringRef> Redirects[] = {llvm::StringRef(), Out, Out};
    Ran R;
    R.Status = llvm::sys::ExecuteAndWait("/bin/sh", {"sh", "-c", Whole}, std::nullopt, Redirects, 120);
    R.Out = P.read("shell.txt");
    return R;
  }

  static size_t lowered(const Ran &R) { return llvm::StringRef(R.Out).count("] lower "); }

  Project P;
  Ran Made;
};

TEST_F(Ninja, LowersLinksAndJudges) {
  EXPECT_THAT(Made.Out, HasSubstr("3 files; now run: ninja -C 'latchkey'"));
  Ran R = shell("ninja -C latchkey");
  EXPECT_EQ(lowered(R), 3u) << R.Out;
  EXPECT_NE(R.Status, 0) << "findings fail the build";
  EXPECT_THAT(R.Out, HasSubstr(P.run({}).Out));
  EXPECT_THAT(R.Out, HasSubstr("main.cpp:5:1: "));
}

TEST_F(Ninja, InAFolderWithBlanksAndQuotes) {
  P.addLeak("it's here/b.cpp", "g");
  EXPECT_EQ(P.run({"ninja", "-p", ".", "-o", "it's here/the build/build.ninja"}).Status, 0);
  Ran R = shell("ninja -C \"it's here/the build\"");
  EXPECT_THAT(R.Out, HasSubstr("3 findings ")) << R.Out;
}

TEST_F(Ninja, LowersAgainWhatHasChanged) {
  shell("ninja -C latchkey");
  EXPECT_EQ(lowered(shell("ninja -C latchkey")), 0u);
  P.write("finish.h", P.read("finish.h") + "// changed\n");
  Ran Users = shell("ninja -C latchkey");
  EXPECT_EQ(lowered(Users), 2u) << Users.Out;
  EXPECT_THAT(Users.Out, Not(HasSubstr("lower " + P.path("alone.cpp"))));
  P.write("it is here/finish $1.cpp", "#include \"finish.h\"\nvoid finish(std::thread &t) { t.join(); }\n");
  P.write("alone.cpp", "");
  Ran Fixed = shell("ninja -C latchkey");
  EXPECT_EQ(lowered(Fixed), 2u) << Fixed.Out;
  EXPECT_EQ(Fixed.Status, 0) << Fixed.Out;
  EXPECT_THAT(Fixed.Out, HasSubstr("no findings in 3 files"));
}

TEST_F(Ninja, ADatabaseThatChangesIsReadAgain) {
  shell("ninja -C latchkey");
  P.addLeak("late.cpp", "late");
  P.run({"--list-checks"}); // writes the database
  Ran R = shell("ninja -C latchkey");
  EXPECT_EQ(lowered(R), 1u) << R.Out;
  EXPECT_THAT(R.Out, HasSubstr("late.cpp:5:5: "));
}

TEST_F(Ninja, ItsJobsRunAnywhere) {
  // As on a cluster: lines of shell, in any order; here by xargs and, where it is installed, GNU parallel.
  const std::string Jobs = "ninja -C latchkey -t commands lowered";
  EXPECT_EQ(shell(Jobs + " | xargs -d '\\n' -P2 -n1 sh -c").Status, 0);
  EXPECT_EQ(shell("test $(ls latchkey/lowered/*.lkir | wc -l) = 3").Status, 0);
  Ran Linked = shell("'" LATCHKEY_BINARY_DIR "/tool/latchkey' link latchkey/lowered/*.lkir");
  EXPECT_EQ(Linked.Out, P.run({}).Out);
  if (!llvm::sys::findProgramByName("parallel"))
    return;
  EXPECT_EQ(shell("rm latchkey/lowered/*.lkir; " + Jobs + " | parallel -j2").Status, 0);
  EXPECT_EQ(shell("test $(ls latchkey/lowered/*.lkir | wc -l) = 3").Status, 0);
}

TEST_F(Ninja, OptionsOfTheLinkStandBehindTwoDashes) {
  ASSERT_EQ(P.run({"ninja", "-p", ".", "-o", "other/steps.ninja", "--", "--checks=-*,latchkey-late-add"}).Status, 0);
  Ran R = shell("ninja -C other -f steps.ninja");
  EXPECT_EQ(R.Status, 0) << R.Out;
  EXPECT_THAT(R.Out, HasSubstr("no findings in 3 files"));
}

TEST_F(Ninja, DoesNotReplaceTheBuild) {
  P.write("build.ninja", "# CMAKE generated file\n");
  Ran R = P.run({"ninja", "-p", ".", "-o", "build.ninja"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("this file is not ours"));
  EXPECT_EQ(P.read("build.ninja"), "# CMAKE generated file\n");
}

} // namespace
