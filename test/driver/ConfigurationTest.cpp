// .clang-tidy files, the options over them, NOLINT comments, and headers.
#include "test/driver/Project.h"

#include "llvm/Support/FileSystem.h"

#include <gmock/gmock.h>

#include <unistd.h>

using namespace latchkey::test;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

int statusWith(Project &P, std::vector<std::string> Arguments) {
  return P.run(std::move(Arguments)).Status;
}

TEST(Configuration, ChecksOnTheCommandLine) {
  Project P;
  P.addLeak("a.cpp", "f");
  EXPECT_EQ(statusWith(P, {"--checks=-latchkey-leaked-thread"}), 0);
  EXPECT_EQ(statusWith(P, {"--checks=-*,latchkey-leaked-*"}), 1);
  EXPECT_EQ(statusWith(P, {"--checks=-*,latchkey-*"}), 1);
  EXPECT_EQ(statusWith(P, {"--checks=-*,latchkey-late-add"}), 0);
  EXPECT_EQ(statusWith(P, {"--config={Checks: '-latchkey-leaked-thread'}"}), 0);
}

TEST(Configuration, ClangTidyFileOfTheFolder) {
  Project P;
  P.addLeak("on/a.cpp", "f");
  P.addLeak("off/b.cpp", "g");
  P.write("off/.clang-tidy", "Checks: '-latchkey-*'\n");
  Ran R = P.run({});
  EXPECT_THAT(R.Out, HasSubstr("on/a.cpp"));
  EXPECT_THAT(R.Out, Not(HasSubstr("off/b.cpp")));
  // The command line has the last word.
  EXPECT_THAT(P.run({"--checks=latchkey-leaked-thread"}).Out, HasSubstr("off/b.cpp"));
  P.write("tidy.yaml", "Checks: '-latchkey-late-add'\n");
  EXPECT_THAT(P.run({"--config-file=tidy.yaml"}).Out, HasSubstr("off/b.cpp"));
}

TEST(Configuration, AFileThatDoesNotMeanUsChangesNothing) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write(".clang-tidy", "Checks: '-*,bugprone-*,-bugprone-easily-swappable-parameters'\n");
  EXPECT_EQ(statusWith(P, {}), 1);
  P.write(".clang-tidy", "Checks: '-*'\n");
  EXPECT_EQ(statusWith(P, {}), 0);
  P.write(".clang-tidy", "Checks: '-*,latchkey-late-add'\n");
  EXPECT_EQ(statusWith(P, {}), 0);
  P.write(".clang-tidy", "Checks: '-*,bugprone-*,-latchkey-late-add'\n");
  EXPECT_EQ(statusWith(P, {}), 1);
}

TEST(Configuration, UnreadableFileIsNamed) {
  if (geteuid() == 0)
    GTEST_SKIP() << "root may read everything";
  Project P;
  P.addLeak("a.cpp", "f");
  P.write(".clang-tidy", "Checks: '-*'\n");
  using llvm::sys::fs::perms;
  ASSERT_FALSE(llvm::sys::fs::setPermissions(P.path(".clang-tidy"), perms::no_perms));
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(".clang-tidy: cannot read this configuration: "));
  EXPECT_THAT(R.Out, HasSubstr("a.cpp")) << "what it would have said is not known";
}

TEST(Configuration, BrokenFileIsNamed) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addLeak("b.cpp", "g");
  P.write(".clang-tidy", "Checks: 'latchkey-*'\nNonsense: true\n");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(".clang-tidy:2:1: "));
  EXPECT_EQ(llvm::StringRef(R.Err).count("Nonsense"), 1u);
  EXPECT_THAT(R.Out, HasSubstr("2 findings"));
}

TEST(Configuration, OptionsThatNoCheckHasAreNamed) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R =
      P.run({"--config={CheckOptions: {latchkey-leaked-thread.Chekc: 1, latchkey-leaked-thread.CheckExceptionPaths: "
             "sometimes}}"});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Err, HasSubstr("--config: `latchkey-leaked-thread` has no option `Chekc`"));
  EXPECT_THAT(R.Err, HasSubstr("is not `sometimes` but one of: known, all, none"));
}

TEST(Configuration, NamesThatNothingHasAreNamedWithTheirPlace) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write(".clang-tidy",
          "Checks: latchkey-leaked-thred\nCheckOptions:\n  latchkey-leaked-thread.CheckExceptionPath: all\n");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Err, HasSubstr(".clang-tidy:1:9: no check is called `latchkey-leaked-thred`: did you mean "
                               "`latchkey-leaked-thread`?"));
  EXPECT_THAT(R.Err,
              HasSubstr(".clang-tidy:3:3: `latchkey-leaked-thread` has no option `CheckExceptionPath`: did you mean"));
  P.write(".clang-tidy", "HeaderFilterRegex: '['\n");
  R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(".clang-tidy:1:1: `[` is no regular expression for HeaderFilterRegex"));
  P.write(".clang-tidy", "Cheks: latchkey-*\n");
  R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(".clang-tidy:1:1: unknown key 'Cheks': did you mean `Checks`?"));
}

TEST(Configuration, ChecksOnTheCommandLineHaveToBeThere) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({"--checks=leaked-thread"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("the check `leaked-thread` is called `latchkey-leaked-thread` here"));
  R = P.run({"--checks=-latchkey-leaked-thred"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("no check is called `latchkey-leaked-thred`: did you mean `latchkey-leaked-thread`?"));
  EXPECT_EQ(P.run({"--checks=bugprone-*,-misc-unused-parameters"}).Status, 1); // Of other tools.
}

TEST(Configuration, WarningsAsErrors) {
  Project P;
  P.write("a.cpp",
          "#include \"thread.h\"\nbool maybe();\nvoid f() {\n  std::thread t(work);\n  if (maybe())\n    return;\n"
          "  t.join();\n}\n");
  P.addEntry("a.cpp");
  P.write(".clang-tidy", "WarningsAsErrors: 'latchkey-*'\n");
  Ran R = P.run({"--format=json"});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Out, HasSubstr("\"level\": \"error\""));
  EXPECT_THAT(R.Out, Not(HasSubstr("\"level\": \"warning\"")));
}

TEST(Configuration, ModelsOfAConfiguration) {
  Project P;
  P.addLeak("sub/a.cpp", "f");
  P.write("sub/.clang-tidy", "CheckOptions: { latchkey-leaked-thread.Models: none.yaml }\n");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(P.path("sub/none.yaml") + ": cannot read these models"));
}

TEST(Headers, FindingIsReportedOnce) {
  Project P;
  P.write("shared.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("f"));
  for (const char *File : {"a.cpp", "b.cpp", "c.cpp"}) {
    P.write(File, "#include \"shared.h\"\nvoid use() { f(true); }\n");
    P.addEntry(File);
  }
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Out, HasSubstr("shared.h:6:5: "));
  EXPECT_THAT(R.Out, ContainsRegex("1 finding .* in 3 files\n"));
}

TEST(Headers, Filter) {
  Project P;
  P.write("lib/shared.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("f"));
  P.write("a.cpp", "#include \"lib/shared.h\"\nvoid use() { f(true); }\n" + leak("g"));
  P.addEntry("a.cpp");
  EXPECT_THAT(P.run({}).Out, HasSubstr("2 findings"));
  EXPECT_THAT(P.run({"--header-filter=/other/"}).Out, HasSubstr("1 finding "));
  EXPECT_THAT(P.run({"--header-filter=/lib/"}).Out, HasSubstr("2 findings"));
  P.write(".clang-tidy", "HeaderFilterRegex: '.*'\nExcludeHeaderFilterRegex: 'lib/.*'\n");
  EXPECT_THAT(P.run({}).Out, HasSubstr("1 finding "));
}

TEST(Headers, SystemHeadersAreNeverReported) {
  Project P;
  P.write("system/shared.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("f"));
  P.write("a.cpp", "#include <shared.h>\nvoid use() { f(true); }\n");
  P.addEntry("a.cpp", {"-isystem", P.path("system")});
  Ran R = P.run({"--header-filter=.*"});
  EXPECT_EQ(R.Status, 0) << R.Out;
}

TEST(Nolint, AtThePrimaryPlaceAndAtTheObligation) {
  Project P;
  auto Function = [](std::string Name, std::string Above, std::string AtStart, std::string AtReturn) {
    return "void " + Name + "(bool early) {\n" + Above + "  std::thread t(work);" + AtStart +
           "\n  if (early)\n    return;" + AtReturn + "\n  t.join();\n}\n";
  };
  P.write("a.cpp", "#include \"thread.h\"\n" + Function("primary", "", "", " // NOLINT") +
                       Function("obligation", "", " // NOLINT(latchkey-leaked-thread)", "") +
                       Function("next", "  // NOLINTNEXTLINE(latchkey-*)\n", "", "") + "// NOLINTBEGIN\n" +
                       Function("block", "", "", "") + "// NOLINTEND\n" +
                       Function("other", "", "", " // NOLINT(bugprone-use-after-move)"));
  P.addEntry("a.cpp");
  Ran R = P.run({"--format=json"});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Out, HasSubstr("\"function\": \"other\""));
  EXPECT_THAT(R.Out, HasSubstr("\"suppressed\": 4"));
  EXPECT_THAT(P.run({}).Out, ContainsRegex("1 finding .* in 1 file, 4 silenced by NOLINT\n"));
}

TEST(Nolint, BlockWithoutEndIsNamed) {
  Project P;
  P.write("a.cpp", "#include \"thread.h\"\n// NOLINT"
                   "BEGIN\n" +
                       leak("f"));
  P.addEntry("a.cpp");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Err, HasSubstr("a.cpp:2: unmatched 'NOLINT"
                               "BEGIN'"));
}

} // namespace
