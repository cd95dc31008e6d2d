// `latchkey doctor`, --stats, and progress on a terminal.
#include "test/driver/Project.h"
#include "tool/Progress.h"

#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Doctor, AllIsWell) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({"doctor"});
  EXPECT_EQ(R.Status, 0) << R.Out << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("ok     database: " + P.path("compile_commands.json") + ", 1 file\n"));
  EXPECT_THAT(R.Out, HasSubstr("ok     headers of Clang: "));
  EXPECT_THAT(R.Out, HasSubstr("ok     sources: 1 file, all can be read\nall is well\n"));
  EXPECT_THAT(R.Out, Not(HasSubstr("leaked-thread"))); // It judges nothing.
}

TEST(Doctor, NamesWhatWillFailAndWhatToDo) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("b.cpp", "#include \"generated.h\"\n");
  P.addEntry("b.cpp");
  P.addEntry("gone.cpp", {}, "no-such-compiler-g++");
  P.write(".latchkey.yaml", "exlude: x\n");
  Ran R = P.run({"doctor"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Out, HasSubstr("wrong  configuration: " + P.path(".latchkey.yaml") + ":1:1: unknown key `exlude`"));
  EXPECT_THAT(R.Out, HasSubstr("wrong  sources: 1 file is not wholly analysed\n       do: build once if the header is "
                               "generated, else install the package that has it\n       b.cpp: "));
  EXPECT_THAT(R.Out, HasSubstr("       do: build once if the file is generated, else configure the build again\n"
                               "       gone.cpp: no such file"));
  EXPECT_THAT(R.Out, HasSubstr("note   compiler: no-such-compiler-g++, of 1 file, is not here"));
  EXPECT_THAT(R.Out, HasSubstr("\n3 things are wrong\n"));
}

TEST(Doctor, WithoutADatabase) {
  Project P;
  Ran R = P.run({"doctor", "-p", "none"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Out, HasSubstr("wrong  database: " + P.path("none") + ": no such file"));
  EXPECT_THAT(R.Out, HasSubstr("       do: "));
}

TEST(Stats, NameTheModelToWriteFirst) {
  Project P;
  P.write("a.cpp", "#include \"thread.h\"\nnamespace acme {\nvoid adopt(std::thread);\n"
                   "template <class T> struct Pool { void post(std::thread &); };\n}\n"
                   "void nothing(int);\nvoid f(acme::Pool<int> &p) {\n  std::thread t(work), u(work);\n"
                   "  acme::adopt(static_cast<std::thread &&>(t));\n  p.post(u);\n  acme::adopt(std::thread(work));\n"
                   "  nothing(3);\n  u.join();\n}\n");
  P.addEntry("a.cpp");
  Ran R = P.run({"--stats"});
  EXPECT_THAT(R.Err, HasSubstr("files: 1 analysed, 0 with problems, 0 excluded, 0 entries passed over"));
  EXPECT_THAT(R.Err, ContainsRegex("which nothing is known of from there on.*\n     2  acme::adopt\n     1  "
                                   "acme::Pool::post\n"));
  EXPECT_THAT(R.Err, Not(HasSubstr("nothing\n")));
  auto Models = [](const Ran &Of) { return Of.Err.substr(Of.Err.find("unknown")); };
  EXPECT_EQ(Models(P.run({"--stats", "-j3"})), Models(R)) << "depends on the cache";
}

TEST(Progress, SaysRateAndRest) {
  using latchkey::driver::progressText;
  EXPECT_EQ(progressText("reading", 1, 98, 0.5), "[1/98] reading");
  EXPECT_EQ(progressText("reading", 12, 98, 4), "[12/98] reading, 3.0/s, 29 s left");
  EXPECT_EQ(progressText("judging", 100, 5000, 4), "[100/5000] judging, 25/s, 4 min left");
  EXPECT_EQ(progressText("reading", 10, 10000, 100), "[10/10000] reading, 0.1/s, 27 h 45 min left");
  EXPECT_EQ(progressText("judging", 98, 98, 4), "[98/98] judging, 24/s");
}

/// What the program writes when its standard error is a terminal, as util-linux' `script` makes one.
std::string onTerminal(const Project &P, const std::string &Options) {
  auto Script = llvm::sys::findProgramByName("script");
  if (!Script)
    return {};
  const std::string Command = "env -C " + P.path("") + " XDG_CACHE_HOME=" + P.path(".cache") +
                              " " LATCHKEY_BINARY_DIR "/tool/latchkey " + Options + " >/dev/null";
  const std::string Typed = P.path("typescript");
  std::optional<llvm::StringRef> Redirects[] = {llvm::StringRef(), llvm::StringRef(), llvm::StringRef()};
  llvm::sys::ExecuteAndWait(*Script, {*Script, "-q", "-c", Command, Typed}, std::nullopt, Redirects, 120);
  return P.read("typescript");
}

TEST(Progress, OnATerminalOnly) {
  Project P;
  for (const char *Name : {"a", "b", "c"})
    P.addLeak(std::string(Name) + ".cpp", Name);
  Ran Piped = P.run({});
  EXPECT_EQ(Piped.Err, "");
  std::string Shown = onTerminal(P, "");
  if (Shown.empty())
    GTEST_SKIP() << "there is no `script`";
  EXPECT_THAT(Shown, ContainsRegex("\r\033\\[K\\[3/3\\] reading.*\r\033\\[K"));
  EXPECT_THAT(onTerminal(P, "--quiet"), Not(HasSubstr("reading")));
}

} // namespace
