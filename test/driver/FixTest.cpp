// Fixes applied, shown and exported by the real program.
#include "test/driver/Project.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using llvm::StringRef;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

namespace {

int runProgram(StringRef Name, std::vector<std::string> Arguments) {
  auto Program = llvm::sys::findProgramByName(Name);
  EXPECT_TRUE(bool(Program)) << Name.str();
  if (!Program)
    return -1;
  std::vector<StringRef> Words{*Program};
  Words.insert(Words.end(), Arguments.begin(), Arguments.end());
  return llvm::sys::ExecuteAndWait(*Program, Words);
}

/// Leaves at one place with a thread that may run and one that does.
const char *const Maybe =
    "#include \"thread.h\"\nvoid f(bool both, bool early) {\n  std::thread t;\n  if (both)\n"
    "    t = std::thread(work);\n  if (early) {\n    return;\n  }\n  if (both)\n    t.join();\n}\n";

class Fixing : public testing::Test {
protected:
  /// A leak in a header that two files have, and one of a file's own.
  void SetUp() override {
    P.write("shared.h", "#pragma once\n#include \"thread.h\"\ninline " + braces("f"));
    P.write("a.cpp", "#include \"shared.h\"\n" + braces("g"));
    P.write("b.cpp", "#include \"shared.h\"\nvoid h() { f(true); }\n");
    P.addEntry("a.cpp");
    P.addEntry("b.cpp");
  }
  static std::string braces(StringRef Function, StringRef Join = "") {
    return ("void " + Function + "(bool early) {\n  std::thread t(work);\n  if (early) {\n    " + Join +
            "return;\n  }\n  t.join();\n}\n")
        .str();
  }
  void expectFixed() const {
    EXPECT_EQ(P.read("shared.h"), "#pragma once\n#include \"thread.h\"\ninline " + braces("f", "t.join();\n    "));
    EXPECT_EQ(P.read("a.cpp"), "#include \"shared.h\"\n" + braces("g", "t.join();\n    "));
  }
  Project P;
};

TEST_F(Fixing, ChangesFilesOnceHoweverManyUnitsHaveThem) {
  Ran R = P.run({"--fix"});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("no findings in 2 files, 2 fixed"));
  expectFixed();
  EXPECT_EQ(P.run({}).Status, 0);
}

TEST_F(Fixing, DiffChangesNothingAndCanBeApplied) {
  std::string Before = P.read("a.cpp");
  Ran R = P.run({"--fix-style=diff"});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, StartsWith("--- a/a.cpp\n+++ b/a.cpp\n@@ "));
  EXPECT_EQ(StringRef(R.Out).count("\n+    t.join();\n"), 2u) << R.Out;
  EXPECT_EQ(P.read("a.cpp"), Before);
  EXPECT_EQ(P.run({"--fix", "--fix-style=diff", "--output=fix.diff"}).Status, 1);
  EXPECT_EQ(runProgram("git", {"-C", P.path(""), "apply", "fix.diff"}), 0);
  expectFixed();
}

TEST_F(Fixing, ExportIsAppliedByClangApplyReplacements) {
  ASSERT_FALSE(llvm::sys::fs::create_directory(P.path("fixes")));
  Ran R = P.run({"--export-fixes=fixes/latchkey.yaml"});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("2 findings"));
  EXPECT_THAT(P.read("fixes/latchkey.yaml"), HasSubstr("DiagnosticName:  latchkey-leaked-thread"));
  EXPECT_EQ(runProgram("clang-apply-replacements" LATCHKEY_LLVM, {P.path("fixes")}), 0);
  expectFixed();
}

TEST_F(Fixing, LeavesKnownAndSilencedFindingsAlone) {
  P.run({"--baseline=known.json", "--write-baseline"});
  std::string Before = P.read("a.cpp");
  P.write("c.cpp", "#include \"thread.h\"\n" + braces("k"));
  P.addEntry("c.cpp");
  EXPECT_EQ(P.run({"--baseline=known.json", "--fix"}).Status, 0);
  EXPECT_EQ(P.read("a.cpp"), Before);
  EXPECT_EQ(P.read("c.cpp"), "#include \"thread.h\"\n" + braces("k", "t.join();\n    "));
}

TEST_F(Fixing, KeepsLinksAndPermissionsAndNamesWhatItCannotWrite) {
  ASSERT_FALSE(llvm::sys::fs::rename(P.path("shared.h"), P.path("real.h")));
  ASSERT_FALSE(llvm::sys::fs::create_link(P.path("real.h"), P.path("shared.h")));
  ASSERT_FALSE(llvm::sys::fs::setPermissions(P.path("real.h"), llvm::sys::fs::perms(0640)));
  EXPECT_EQ(P.run({"--fix"}).Status, 0);
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(P.path("shared.h")));
  EXPECT_EQ(*llvm::sys::fs::getPermissions(P.path("real.h")), llvm::sys::fs::perms(0640));
  expectFixed();
}

TEST(Fixes, UnsafeOnesAreAskedForByName) {
  Project P;
  P.write("a.cpp", Maybe);
  P.addEntry("a.cpp");
  EXPECT_THAT(P.run({}).Out, HasSubstr("    fix (unsafe): join before leaving\n"));
  EXPECT_THAT(P.run({"--format=sarif"}).Out, HasSubstr("\"safe\": false"));
  Ran R = P.run({"--fix"});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Err, HasSubstr("1 more could be fixed with --unsafe-fixes"));
  EXPECT_EQ(P.read("a.cpp"), Maybe);
  P.run({"--export-fixes=x.yaml"});
  EXPECT_THAT(P.read("x.yaml"), Not(HasSubstr("ReplacementText")));
  R = P.run({"--fix", "--unsafe-fixes"});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(P.read("a.cpp"), HasSubstr("{\n    t.join();\n    return;\n"));
  R = P.run({"--unsafe-fixes"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("--unsafe-fixes goes with --fix"));
}

TEST(Fixes, ThatMeetAreLeftOutAndNamed) {
  Project P;
  P.write("a.cpp", "#include \"thread.h\"\nvoid f(bool early) {\n  std::thread t(work), u(work);\n  if (early) {\n"
                   "    return;\n  }\n  t.join();\n  u.join();\n}\n");
  P.addEntry("a.cpp");
  P.run({"--export-fixes=x.yaml"});
  EXPECT_EQ(StringRef(P.read("x.yaml")).count("ReplacementText"), 1u);
  Ran R = P.run({"--fix"});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Err, HasSubstr("a.cpp:5:5: fix left out, it meets another one: join before leaving "
                               "[latchkey-leaked-thread]"));
  EXPECT_THAT(R.Out, HasSubstr("1 finding (1 error) in 1 file, 1 fixed"));
  EXPECT_EQ(P.run({"--fix"}).Status, 0); // The other one, now that there is room.
  EXPECT_THAT(P.read("a.cpp"), HasSubstr("t.join();\n    u.join();\n    return;"));
}

TEST(Fixes, NothingToFix) {
  Project P;
  P.write("a.cpp", "int x;\n");
  P.addEntry("a.cpp");
  Ran R = P.run({"--fix-style=diff"});
  EXPECT_EQ(R.Status, 0);
  EXPECT_THAT(R.Out, IsEmpty());
  EXPECT_EQ(P.run({"--fix"}).Out, "no findings in 1 file\n");
}

} // namespace
