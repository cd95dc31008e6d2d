// Several files are one program: what only they show together, lowering and linking as steps of their own.
#include "test/driver/Project.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::HasSubstr;

namespace {

/// A thread that one file starts and another one is to join.
void addHelpers(Project &P, llvm::StringRef Finish) {
  P.write("helpers.h", "#include \"thread.h\"\nvoid finish(std::thread &t);\n");
  P.write("helpers.cpp", ("#include \"helpers.h\"\nvoid finish(std::thread &t) {" + Finish + "}\n").str());
  P.write("main.cpp", "#include \"helpers.h\"\n"
                      "void work();\n"
                      "int main() {\n"
                      "  std::thread worker(work);\n"
                      "  finish(worker);\n"
                      "}\n");
  P.addEntry("helpers.cpp");
  P.addEntry("main.cpp");
}

TEST(Program, WhatAnotherFileDoesIsSeen) {
  Project P;
  addHelpers(P, "");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("main.cpp:6:1: "));
  EXPECT_THAT(R.Out, HasSubstr("`worker` is still joinable"));

  Project Correct;
  addHelpers(Correct, " t.join(); ");
  EXPECT_EQ(Correct.run({}).Status, 0);
}

TEST(Program, AFileAloneLeavesTheOtherUnknown) {
  Project P;
  addHelpers(P, "");
  EXPECT_EQ(P.run({"main.cpp"}).Status, 0);
}

TEST(Program, OfTwoDefinitionsNeitherIsMeant) {
  Project P;
  addHelpers(P, "");
  P.write("other.cpp", "#include \"helpers.h\"\nvoid finish(std::thread &t) { t.join(); }\n");
  P.addEntry("other.cpp");
  Ran R = P.run({"--stats"});
  EXPECT_EQ(R.Status, 0) << R.Out;
  EXPECT_THAT(R.Err, HasSubstr("1 that differ between units"));
}

TEST(Program, LoweringAndLinkingAreStepsOfTheirOwn) {
  Project P;
  addHelpers(P, "");
  EXPECT_EQ(P.run({"lower", "helpers.cpp", "-o", "h.lkir"}).Status, 0);
  EXPECT_EQ(P.run({"lower", "main.cpp", "-o", "m.lkir"}).Status, 0);
  Ran Linked = P.run({"link", "h.lkir", "m.lkir"}), Whole = P.run({});
  EXPECT_EQ(Linked.Status, 1) << Linked.Err;
  EXPECT_EQ(Linked.Out, Whole.Out);
  EXPECT_EQ(P.run({"link", "m.lkir", "h.lkir"}).Out, Whole.Out);
}

TEST(Program, WhatIsNotLoweredCodeIsNamed) {
  Project P;
  P.write("a.lkir", "no such thing");
  Ran R = P.run({"link", "a.lkir"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("a.lkir: not an effect IR file"));
  EXPECT_THAT(P.run({"link", "none.lkir"}).Err, HasSubstr("none.lkir: cannot read it"));
  EXPECT_THAT(P.run({"link"}).Err, HasSubstr("latchkey lower FILE -o"));
}

TEST(Program, TwoFilesDoNotGoIntoOneOutput) {
  Project P;
  addHelpers(P, "");
  Ran R = P.run({"lower", "helpers.cpp", "main.cpp", "-o", "x.lkir"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("name one"));
}

} // namespace
