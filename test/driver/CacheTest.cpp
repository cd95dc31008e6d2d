// The second run: what is read again, and what happens to a cache that others write, damage or withhold.
#include "test/driver/Project.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

using namespace latchkey::test;
using testing::HasSubstr;
using testing::Not;
namespace fs = llvm::sys::fs;

namespace {

class Cache : public testing::Test {
protected:
  void SetUp() override {
    P.write("shared.h", "#include \"thread.h\"\n");
    P.write("a.cpp", "#include \"shared.h\"\n" + leak("f"));
    P.addEntry("a.cpp");
    P.addLeak("b.cpp", "g");
    P.write("c.c", "int main(void) { return 0; }\n");
    P.addEntry("c.c", {}, "clang");
    First = P.run({"--stats"});
    ASSERT_EQ(First.Status, 1) << First.Err;
    EXPECT_THAT(First.Err, Not(HasSubstr("cache:")));
  }

  /// Runs again and expects the same findings, and so many files not read again.
  void expectKept(unsigned Kept, std::vector<std::string> Arguments = {}) {
    Arguments.push_back("--stats");
    Ran Again = P.run(Arguments);
    EXPECT_EQ(Again.Out, First.Out);
    EXPECT_EQ(Again.Status, 1);
    std::string Line = "cache: " + std::to_string(Kept) + " of 3 files";
    if (Kept)
      EXPECT_THAT(Again.Err, HasSubstr(Line));
    else
      EXPECT_THAT(Again.Err, Not(HasSubstr("cache:")));
  }

  std::vector<std::string> cacheFiles() const {
    std::vector<std::string> Files;
    std::error_code Wrong;
    for (fs::directory_iterator It(P.path(".cache/latchkey"), Wrong), End; !Wrong && It != End; It.increment(Wrong))
      Files.push_back(It->path());
    llvm::sort(Files);
    return Files;
  }

  Project P;
  Ran First;
};

TEST_F(Cache, NothingChangedNothingIsRead) {
  expectKept(3);
}

TEST_F(Cache, NoCacheReadsEverything) {
  expectKept(0, {"--no-cache"});
}

TEST_F(Cache, AFolderOfItsOwn) {
  expectKept(0, {"--cache-dir=elsewhere"});
  expectKept(3, {"--cache-dir=elsewhere"});
}

TEST_F(Cache, AChangedSourceIsReadAgainAlone) {
  P.write("b.cpp", P.read("b.cpp") + "// changed\n");
  expectKept(2);
}

TEST_F(Cache, AChangedHeaderIsReadAgainByItsUsers) {
  P.write("shared.h", P.read("shared.h") + "// changed\n");
  expectKept(2);
}

TEST_F(Cache, ATouchedFileIsTheSame) {
  P.write("a.cpp", P.read("a.cpp"));
  expectKept(3);
}

TEST_F(Cache, ANewHeaderMayStandBeforeTheOldOne) {
  P.write("first/thread.h", P.read("thread.h") + "// another\n");
  Ran Before = P.run({"--stats"});
  EXPECT_THAT(Before.Err, HasSubstr("cache: 3 of 3 files")); // nobody looks there
  Project Q;
  Q.write("near/thread.h", P.read("thread.h"));
  Q.write("a.cpp", "#include <thread.h>\n" + leak("f"));
  Q.addEntry("a.cpp", {"-I" + Q.path("far"), "-I" + Q.path("near")});
  EXPECT_EQ(Q.run({}).Status, 1);
  Q.write("far/thread.h",
          "namespace std { struct thread { template <typename F> thread(F); ~thread() {} void join(); }; }\n"
          "#define LEAK 1\n");
  Ran After = Q.run({"--stats"});
  EXPECT_THAT(After.Err, Not(HasSubstr("cache:")));
}

TEST_F(Cache, OtherFlagsAreAnotherUnit) {
  Project Q;
  Q.write("a.cpp", "#include \"thread.h\"\n#ifdef LEAK\n" + leak("f") + "#endif\n");
  Q.addEntry("a.cpp");
  Q.addLeak("unused.cpp", "unused"); // writes thread.h
  EXPECT_THAT(Q.run({"a.cpp"}).Out, HasSubstr("no findings"));
  EXPECT_EQ(Q.run({"a.cpp", "--", "-DLEAK"}).Status, 1);
}

TEST_F(Cache, OtherChecksJudgeTheSameCode) {
  EXPECT_EQ(P.run({"--checks=-*,latchkey-late-add"}).Status, 0);
  Ran Again = P.run({"--checks=-*,latchkey-late-add", "--stats"});
  EXPECT_THAT(Again.Err, HasSubstr("cache: 3 of 3 files"));
  expectKept(3);
}

TEST_F(Cache, ACompileErrorIsRemembered) {
  P.write("b.cpp", "#include \"none.h\"\n" + P.read("b.cpp"));
  Ran Broken = P.run({}), Again = P.run({"--stats"});
  EXPECT_EQ(Broken.Status, 2);
  EXPECT_EQ(Again.Status, 2);
  EXPECT_THAT(Again.Err, HasSubstr("'none.h' file not found"));
  EXPECT_THAT(Again.Err, HasSubstr("cache: 3 of 3"));
  P.write("none.h", "");
  EXPECT_EQ(P.run({}).Status, 1);
}

TEST_F(Cache, NoFlippedBitChangesWhatIsReported) {
  for (const std::string &File : cacheFiles()) {
    std::string Bytes;
    {
      std::ifstream In(File, std::ios::binary);
      Bytes.assign(std::istreambuf_iterator<char>(In), {});
    }
    if (Bytes.empty())
      continue;
    for (size_t At : {size_t(0), Bytes.size() / 2, Bytes.size() - 1}) {
      std::string Flipped = Bytes;
      Flipped[At] ^= 4;
      std::ofstream(File, std::ios::binary) << Flipped;
      Ran Again = P.run({});
      EXPECT_EQ(Again.Out, First.Out) << File << " at " << At;
      EXPECT_EQ(Again.Status, 1);
    }
    std::ofstream(File, std::ios::binary) << Bytes.substr(0, Bytes.size() / 2);
    EXPECT_EQ(P.run({}).Out, First.Out) << File << " cut off";
    (void)fs::remove(File);
    EXPECT_EQ(P.run({}).Out, First.Out) << File << " removed";
  }
  expectKept(3);
}

TEST_F(Cache, AFolderThatCannotBeWrittenCostsTimeOnly) {
  P.write("file", "");
  expectKept(0, {"--cache-dir=file/below"});
  expectKept(0, {"--cache-dir=/proc/latchkey"});
}

TEST_F(Cache, ADiskWithoutSpaceCostsTimeOnly) {
  // No file may grow beyond 0.5 KiB: less than any entry, more than the report.
  std::string Line = "cd '" + P.path("") +
                     "' && ulimit -f 1 && trap '' XFSZ && exec '" LATCHKEY_BINARY_DIR
                     "/tool/latchkey' --quiet --cache-dir=full --output=full.txt";
  std::optional<llvm::StringRef> Nowhere[] = {"", "", ""};
  llvm::sys::ExecuteAndWait("/bin/sh", {"sh", "-c", Line}, std::nullopt, Nowhere);
  expectKept(0, {"--cache-dir=full"});
}

TEST_F(Cache, TwoDriversAtOnce) {
  std::vector<std::thread> Both;
  std::vector<Ran> Results(2);
  for (int I : {0, 1})
    Both.emplace_back([&, I] {
      Project Q; // the same cache, sources of its own
      Q.addLeak("a.cpp", "f");
      Q.addLeak("b.cpp", "g");
      Results[I] = Q.run({"--cache-dir=" + P.path("both")});
    });
  for (std::thread &T : Both)
    T.join();
  for (const Ran &R : Results)
    EXPECT_EQ(R.Status, 1) << R.Err;
}

TEST_F(Cache, TwoDriversOnTheSameFiles) {
  const std::string Driver = "'" LATCHKEY_BINARY_DIR "/tool/latchkey' --cache-dir=same";
  std::string Line = "cd '" + P.path("") + "' && for i in 1 2 3; do rm -rf same; " + Driver + " > one.txt & " + Driver +
                     " > two.txt; wait; cat one.txt >> ones.txt; cat two.txt >> twos.txt; done";
  std::optional<llvm::StringRef> Nowhere[] = {"", "", ""};
  llvm::sys::ExecuteAndWait("/bin/sh", {"sh", "-c", Line}, std::nullopt, Nowhere);
  EXPECT_EQ(P.read("ones.txt"), First.Out + First.Out + First.Out);
  EXPECT_EQ(P.read("twos.txt"), First.Out + First.Out + First.Out);
  expectKept(3, {"--cache-dir=same"});
}

TEST_F(Cache, SurvivesBeingKilledAtAnyMoment) {
  const std::string Folder = "--cache-dir=" + P.path("killed");
  for (unsigned Milliseconds : {20, 60, 120, 250, 500}) {
    std::string Line =
        "cd '" + P.path("") + "' && exec '" LATCHKEY_BINARY_DIR "/tool/latchkey' '" + Folder + "' >/dev/null";
    std::optional<llvm::StringRef> Nowhere[] = {"", "", ""};
    llvm::sys::ProcessInfo Driver = llvm::sys::ExecuteNoWait("/bin/sh", {"sh", "-c", Line}, std::nullopt, Nowhere);
    std::this_thread::sleep_for(std::chrono::milliseconds(Milliseconds));
    kill(Driver.Pid, SIGKILL);
    llvm::sys::Wait(Driver, std::nullopt);
    EXPECT_EQ(P.run({Folder}).Out, First.Out) << "killed after " << Milliseconds << " ms";
  }
}

TEST_F(Cache, LinesMovedByACommentAreSeenByNolint) {
  P.write("a.cpp", "#include \"shared.h\"\n" + leak("f"));
  std::string Text = P.read("b.cpp");
  size_t Start = Text.find("std::thread");
  ASSERT_NE(Start, std::string::npos);
  P.write("b.cpp", Text.insert(Text.find('\n', Start), " // NOLINT"));
  Ran Again = P.run({});
  EXPECT_THAT(Again.Out, HasSubstr("a.cpp"));
  EXPECT_THAT(Again.Out, Not(HasSubstr("b.cpp:")));
}

} // namespace
