// Which entries of a compile database are analysed.
#include "test/driver/Project.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Database, AFileListedTwiceIsAnalysedOnce) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addEntry("a.cpp", {"-DSHARED", "-fPIC"});
  P.addEntry("sub/../a.cpp");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1);
  EXPECT_THAT(R.Out, ContainsRegex("1 finding .* in 1 file\n"));
}

TEST(Database, OtherLanguagesArePassedOver) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("b.S", "nop\n");
  P.addEntry("b.S", {}, "gcc");
  P.write("c.f90", "end\n");
  P.addEntry("c.f90", {}, "gfortran");
  P.write("pch.hxx", "int x;\n");
  P.addEntry("pch.hxx", {"-x", "c++-header"});
  Ran R = P.run({"--stats"});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("in 1 file\n"));
  EXPECT_THAT(R.Err, HasSubstr("3 entries passed over"));
}

TEST(Database, IsFoundUpwardsAndInBuild) {
  Project P;
  P.addLeak("src/deep/a.cpp", "f");
  P.run({});
  EXPECT_EQ(P.runIn("src/deep", {}).Status, 1);

  Project InBuild;
  InBuild.write("a.cpp", "int main() {}\n");
  InBuild.write("build/compile_commands.json",
                R"([{"directory": "..", "file": "a.cpp", "command": "g++ -c a.cpp -o a.o"}])");
  Ran R = InBuild.run({}); // "directory" is relative to the database's folder.
  EXPECT_EQ(R.Status, 0) << R.Err;
}

TEST(Database, PathsSelect) {
  Project P;
  P.addLeak("one/a.cpp", "f");
  P.addLeak("one/b.cpp", "g");
  P.addLeak("oneself/c.cpp", "h");
  EXPECT_THAT(P.run({}).Out, HasSubstr("3 findings"));
  EXPECT_THAT(P.run({"one"}).Out, HasSubstr("2 findings"));
  EXPECT_THAT(P.run({"one/a.cpp", "oneself/"}).Out, HasSubstr("2 findings"));
  EXPECT_THAT(P.run({"/[ac]\\.cpp$"}).Out, HasSubstr("2 findings"));
  EXPECT_THAT(P.runIn("one", {"b.cpp"}).Out, HasSubstr("1 finding "));
  Ran R = P.run({"two"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("'two' is no file or folder, and as a regular expression it matches no C or C++"));
}

TEST(Database, MistakesNameTheWayOut) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("b/compile_commands.json", "[{\"directory\":");
  Ran R = P.run({"-p", "b"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("b/compile_commands.json: this is no compile database: "));
  EXPECT_THAT(R.Err, HasSubstr("; configure the build again"));
  R = P.run({"b", "--", "-std=c++20"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("b: this is no file; name the sources before `--`"));
  R = P.run({"@arguments"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("arguments: there is no such file of arguments"));
}

TEST(Database, AHeaderWithFlagsIsCPlusPlusUnlessTheySayC) {
  Project P;
  P.write("a.h", "#include \"thread.h\"\n" + leak("f"));
  P.write("b.h", "int class;\n");
  EXPECT_EQ(P.run({"a.h", "--", "-std=c++20"}).Status, 1);
  EXPECT_EQ(P.run({"b.h", "--", "-std=c11"}).Status, 0);
  EXPECT_EQ(P.run({"b.h", "--", "-xc"}).Status, 0);
}

TEST(Database, AFileWithoutEntryGetsTheMostLikelyCommand) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("b.cpp", "#include \"thread.h\"\n" + leak("g"));
  Ran R = P.run({"b.cpp"});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("b.cpp:5:"));
  EXPECT_THAT(R.Out, Not(HasSubstr("a.cpp")));
}

TEST(Database, NamesWithAllThatNamesMayHave) {
  Project P;
  const std::string Folder = "we ird%2F'b\"c#&<x>";
  P.addLeak(Folder + "/\xC3\xBC a.cpp", "f");
  EXPECT_THAT(P.run({}).Out, HasSubstr("1 finding "));
  EXPECT_EQ(P.runIn(Folder, {"--html=r.html", "--baseline=k.json", "--write-baseline"}).Status, 0);
  EXPECT_THAT(P.read(Folder + "/r.html"), HasSubstr("1 known"));
  EXPECT_EQ(P.runIn(Folder, {"--baseline=k.json"}).Status, 0);
}

TEST(Database, FolderThatIsGone) {
  Project P;
  P.write("a.cpp", "int main() {}\n");
  P.write("compile_commands.json", "[{\"directory\": \"" + P.path("gone") + "\", \"file\": \"" + P.path("a.cpp") +
                                       "\", \"command\": \"g++ -c a.cpp\"}]");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("gone' cannot be entered"));
}

} // namespace
