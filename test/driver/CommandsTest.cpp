// Real command lines: what is made of them, and that a file is read with them.
#include "tool/Commands.h"
#include "test/driver/Project.h"
#include "tool/Frontend.h"

#include <gmock/gmock.h>

using namespace latchkey;
using namespace latchkey::test;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {

driver::PreparedCommand prepare(std::vector<std::string> Command) {
  driver::TranslationUnit Unit{"/src/a.cpp", "/src", std::move(Command)};
  return driver::prepare(Unit, "/resources");
}

TEST(Commands, OutputsAndDependencyFilesGo) {
  auto C = prepare(
      {"clang++", "-MD", "-MT", "a.o", "-MF", "a.d", "-Wp,-MMD,a.d", "-save-temps", "-O2", "-o", "a.o", "-c", "a.cpp"});
  EXPECT_THAT(C.Arguments, Contains("-O2"));
  for (const char *Gone : {"-MD", "-MT", "a.o", "-MF", "a.d", "-Wp,-MMD,a.d", "-save-temps", "-o", "-c", "a.cpp"})
    EXPECT_THAT(C.Arguments, Not(Contains(Gone)));
  EXPECT_EQ(C.Arguments.back(), "/src/a.cpp");
  EXPECT_TRUE(C.Dropped.empty());
}

TEST(Commands, OptionsOfGccOnlyAreDroppedAndNamed) {
  auto C = prepare({"g++", "-fconcepts-ts", "-fipa-pta", "-mno-direct-extern-access", "-std=gnu++20", "-c", "a.cpp"});
  EXPECT_THAT(C.Dropped, ElementsAre("-fconcepts-ts", "-fipa-pta", "-mno-direct-extern-access"));
  EXPECT_THAT(C.Arguments, Contains("-std=gnu++20"));
}

TEST(Commands, Launchers) {
  auto Compiler = [](std::vector<std::string> Command) {
    auto Rest = driver::withoutLaunchers(Command);
    return Rest.empty() ? "" : Rest.front();
  };
  EXPECT_EQ(Compiler({"ccache", "g++", "-c"}), "g++");
  EXPECT_EQ(Compiler({"/usr/bin/distcc", "ccache", "/usr/bin/clang++-14", "-c"}), "/usr/bin/clang++-14");
  EXPECT_EQ(Compiler({"/usr/bin/cmake", "-E", "env", "CCACHE_DIR=x", "sccache", "c++", "-c"}), "c++");
  EXPECT_EQ(Compiler({"icecc", "arm-linux-gnueabihf-gcc-12", "-c"}), "arm-linux-gnueabihf-gcc-12");
  EXPECT_EQ(Compiler({"ccache", "oddly-named", "-c"}), "oddly-named");
  EXPECT_EQ(Compiler({"oddly-named", "gcc"}), "oddly-named");
}

TEST(Commands, TargetOfACrossCompiler) {
  driver::initialiseClang(); // Names of targets are known from here on.
  EXPECT_THAT(prepare({"aarch64-linux-gnu-g++-12", "-c", "a.cpp"}).Arguments,
              Contains(StartsWith("--target=aarch64-linux-gnu")));
  EXPECT_THAT(prepare({"g++", "-c", "a.cpp"}).Arguments, Not(Contains(StartsWith("--target"))));
  EXPECT_THAT(prepare({"g++", "-c", "a.cpp"}).Arguments.front(), EndsWith("/g++"));
}

TEST(Commands, PrecompiledHeadersAndPluginsGo) {
  auto C = prepare({"clang++", "-Xclang", "-include-pch", "-Xclang", "x.pch", "-Xclang", "-include", "-Xclang", "x.hxx",
                    "-include-pch", "y.pch", "-include", "gone.h.gch", "-fplugin=p.so", "-Xclang", "-load", "-Xclang",
                    "q.so", "-Winvalid-pch"});
  for (const char *Gone : {"-include-pch", "x.pch", "y.pch", "gone.h.gch", "gone.h", "-fplugin=p.so", "-load", "q.so"})
    EXPECT_THAT(C.Arguments, Not(Contains(Gone)));
  EXPECT_THAT(C.Arguments, Contains("x.hxx"));
}

TEST(Commands, ResourceDirectoryIsOurs) {
  auto C = prepare({"clang++-14", "-resource-dir=/usr/lib/clang/14", "-c", "a.cpp"});
  EXPECT_THAT(C.Arguments, Contains("-resource-dir=/resources"));
  EXPECT_THAT(C.Arguments, Not(Contains("-resource-dir=/usr/lib/clang/14")));
}

TEST(Commands, LanguageOfAnEntry) {
  auto Of = [](const char *File, std::vector<std::string> Command = {}) {
    return driver::languageOf({File, "/", std::move(Command)});
  };
  using driver::Language;
  EXPECT_EQ(Of("a.c"), Language::C);
  EXPECT_EQ(Of("a.cc"), Language::CPlusPlus);
  EXPECT_EQ(Of("a.cppm"), Language::CPlusPlus);
  EXPECT_EQ(Of("a.S"), Language::Other);
  EXPECT_EQ(Of("a.cu"), Language::Other);
  EXPECT_EQ(Of("a.inc", {"g++", "-x", "c++", "a.inc"}), Language::CPlusPlus);
  EXPECT_EQ(Of("a.c", {"g++", "-xc++", "a.c"}), Language::CPlusPlus);
  EXPECT_EQ(Of("a.cxx", {"g++", "-x", "c++-header", "a.cxx"}), Language::PrecompiledHeader);
}

TEST(CommandsRun, DroppedOptionsAreNamedOnce) {
  Project P;
  for (const char *File : {"a.cpp", "b.cpp", "c.cpp"}) {
    P.write(File, "int x;\n");
    P.addEntry(File, {"-fconcepts-ts", "-fipa-pta"}, "g++");
  }
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(R.Err, HasSubstr("does not know: -fconcepts-ts -fipa-pta\n"));
  EXPECT_EQ(llvm::StringRef(R.Err).count("-fipa-pta"), 1u);
}

TEST(CommandsRun, ValuesThatClangRefusesAreDropped) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("b.cpp", "#include \"thread.h\"\n" + leak("g"));
  P.addEntry("b.cpp", {"-march=of-tomorrow", "-fdiagnostics-format=json", "-fprofile-use=gone.profdata"}, "g++");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("b.cpp:5:"));
  EXPECT_THAT(R.Err, HasSubstr("-march=of-tomorrow"));
}

TEST(CommandsRun, WarningsAreNotOurs) {
  Project P;
  P.write("a.cpp", "int f() { int n{3.5}; }\n");
  P.addEntry("a.cpp", {"-Wall", "-Werror", "-pedantic-errors"});
  Ran R = P.run({"--verbose"});
  EXPECT_EQ(R.Status, 0) << R.Err;
}

TEST(CommandsRun, ResponseFile) {
  Project P;
  P.write("a.cpp", "#include \"thread.h\"\n#if LEAK == 2\n" + leak("f") + "#endif\n");
  P.write("flags.rsp", "-DLEAK=2 -I. @more.rsp\n");
  P.write("more.rsp", "-std=c++20\n");
  P.addCommand("a.cpp", {"ccache", "g++", "@flags.rsp", "-c", "a.cpp"});
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Err;
}

TEST(CommandsRun, StandardHeadersAreFound) {
  Project P;
  P.write("a.cpp", "#include <thread>\n#include <stddef.h>\n#include <immintrin.h>\nvoid work();\n" + leak("f"));
  P.addEntry("a.cpp", {"-std=c++20"}, "g++");
  P.write("b.c", "#include <pthread.h>\n#include <stdatomic.h>\nint main(void) { return 0; }\n");
  P.addEntry("b.c", {"-std=c17"}, "gcc");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:8:"));
}

} // namespace
