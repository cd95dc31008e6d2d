// What a user sees first: exit status, errors that name the way out, and the commands besides the analysis.
#include "test/driver/Project.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

TEST(Run, CleanIsZero) {
  Project P;
  P.write("a.cpp", "int main() {}\n");
  P.addEntry("a.cpp");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_EQ(R.Out, "no findings in 1 file\n");
  EXPECT_THAT(R.Err, IsEmpty());
}

TEST(Run, FindingsAreOne) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:5:5: "));
  EXPECT_THAT(R.Out, HasSubstr("[latchkey-leaked-thread]"));
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:3:15: note: 1. "));
}

TEST(Run, WhatCouldNotBeDoneIsTwoAndBeatsFindings) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addEntry("missing.cpp");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Out, HasSubstr("[latchkey-leaked-thread]"));
  EXPECT_THAT(R.Err, HasSubstr("missing.cpp: no such file"));
  EXPECT_THAT(R.Out, HasSubstr("1 file not wholly analysed"));
}

TEST(Run, FunctionsWithoutErrorsAreAnalysedInAFileWithErrors) {
  Project P;
  P.write("a.cpp",
          "#include \"thread.h\"\n" + leak("f") + "void g() { undeclared(); }\n#include \"none.h\"\n" + leak("h"));
  P.addEntry("a.cpp");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:5:5: "));
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:13:5: "));
  EXPECT_THAT(R.Err, HasSubstr("a.cpp: 2 compile errors"));
  EXPECT_THAT(R.Err, HasSubstr("undeclared identifier 'undeclared'"));
  EXPECT_THAT(R.Err, Not(HasSubstr("none.h")));
  EXPECT_THAT(P.run({"--verbose"}).Err, HasSubstr("'none.h' file not found"));
}

TEST(Run, FileWithFlags) {
  Project P;
  P.write("sub/a.cpp", "#include \"thread.h\"\n#ifdef LEAK\n" + leak("f") + "#endif\n");
  EXPECT_EQ(P.run({"sub/a.cpp", "--", "-I", ".", "-DLEAK"}).Status, 1);
  EXPECT_EQ(P.run({"sub/a.cpp", "--", "-I", "."}).Status, 0);
  EXPECT_EQ(P.runIn("sub", {"a.cpp", "--", "-I..", "-DLEAK"}).Status, 1);
}

TEST(Run, ErrorsNameTheWayOut) {
  Project P;
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("no compile_commands.json in"));
  EXPECT_THAT(R.Err, HasSubstr("-p DIR"));

  R = P.run({"none.cpp", "--"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("none.cpp: no such file"));

  R = P.run({"-p", "elsewhere"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("elsewhere"));
  EXPECT_THAT(R.Err, HasSubstr("CMAKE_EXPORT_COMPILE_COMMANDS"));

  P.write("compile_commands.json", "[{\"file\":");
  R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("compile_commands.json: "));
}

TEST(Run, WrongOptions) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({"--frobnicate"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("--frobnicate"));
  EXPECT_EQ(P.run({"--format=pdf"}).Status, 2);

  R = P.run({"--checks=-*,latchkey-nonsense"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("no check is called `latchkey-nonsense`; --list-checks"));

  R = P.run({"--models=none.yaml"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("none.yaml: cannot read"));

  P.write("wrong.yaml", "types: [{\n");
  R = P.run({"--models=wrong.yaml"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("wrong.yaml:"));

  R = P.run({"--config={Checks: [}"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("--config:"));

  R = P.run({"--header-filter=("});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("--header-filter"));

  R = P.run({"--output=none/report.txt"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("none/report.txt: cannot write"));
}

TEST(Run, ListAndExplain) {
  Project P;
  Ran R = P.run({"--list-checks"});
  EXPECT_EQ(R.Status, 0);
  EXPECT_THAT(R.Out, HasSubstr("latchkey-leaked-thread"));
  EXPECT_THAT(P.run({"--list-checks", "--checks=-*"}).Out, Not(testing::ContainsRegex("(certain|likely|style) +on ")));

  R = P.run({"--explain=leaked-thread"});
  EXPECT_EQ(R.Status, 0);
  EXPECT_THAT(R.Out, HasSubstr("# latchkey-leaked-thread"));
  EXPECT_EQ(P.run({"--explain", "latchkey-leaked-thread"}).Out, R.Out);

  R = P.run({"--explain=leaked-tread"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("did you mean 'leaked-thread'?"));
  EXPECT_THAT(P.run({"--version"}).Out, HasSubstr("latchkey "));
}

TEST(Run, Lower) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({"lower", "a.cpp"});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("spawn t"));
  EXPECT_EQ(P.run({"lower", "a.cpp", "--", "-I."}).Out, R.Out);
  EXPECT_EQ(P.run({"lower"}).Status, 2);
}

TEST(Run, QuietAndStatistics) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({"--quiet", "--no-cache"});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Out, Not(HasSubstr("1 finding")));
  EXPECT_THAT(R.Err, IsEmpty());
  EXPECT_THAT(P.run({"--stats"}).Err, HasSubstr("functions: "));
}

} // namespace
