// What the driver has found out of the other files of a program, in clang-tidy and in the editor; and that these go
// without it when there is nothing to be had or to be believed.

#include "test/harness/Editor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace latchkey::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

// The models know std::thread by its name; this one is read in no time.
constexpr llvm::StringLiteral Header = "#pragma once\n"
                                       "namespace std {\nclass thread {\npublic:\n  thread() noexcept;\n"
                                       "  template <class F> explicit thread(F &&);\n  thread(thread &&) noexcept;\n"
                                       "  thread &operator=(thread &&) noexcept;\n  ~thread();\n  void join();\n"
                                       "  bool joinable() const noexcept;\n};\n}\n"
                                       "void work();\n"
                                       "void finish(std::thread &t);\n"
                                       "struct Watcher {\n  void start();\n  void stop();\n  ~Watcher();\n"
                                       "  std::thread thread;\n};\n";
constexpr llvm::StringLiteral Helpers = "#include \"finish.h\"\n"
                                        "void finish(std::thread &) {}\n"
                                        "void Watcher::start() { thread = std::thread(work); }\n"
                                        "void Watcher::stop() {}\n";
/// Line 5: nobody joins, but only the other file shows that. Line 6: neither.
constexpr llvm::StringLiteral Main = "#include \"finish.h\"\n"
                                     "void run() {\n"
                                     "  std::thread worker(work);\n"
                                     "  finish(worker);\n"
                                     "}\n"
                                     "Watcher::~Watcher() { stop(); }\n";

class SummaryDb : public testing::Test {
protected:
  void SetUp() override {
    for (auto [Name, Text] : {std::pair{"main.cpp", Main}, std::pair{"helpers.cpp", Helpers}}) {
      llvm::Expected<Fixture> F = parseFixture("leaked-thread", Name, Text);
      ASSERT_TRUE(static_cast<bool>(F)) << llvm::toString(F.takeError());
      Sources.push_back(std::move(*F));
    }
    Sources.front().Included["finish.h"] = Header;
    auto Created = Workspace::create(batches(Sources, "clang-tidy").front());
    ASSERT_TRUE(static_cast<bool>(Created)) << llvm::toString(Created.takeError());
    Space = std::move(*Created);
  }

  std::string path(llvm::StringRef Name) const { return (Space->directory() + "/" + Name).str(); }
  std::string database() const { return path("latchkey.summaries"); }

  void write(llvm::StringRef Name, llvm::StringRef Text) const {
    std::error_code Wrong;
    llvm::raw_fd_ostream(path(Name), Wrong) << Text;
    ASSERT_FALSE(Wrong);
  }
  std::string read(const std::string &Path) const {
    auto Text = llvm::MemoryBuffer::getFile(Path);
    return Text ? (*Text)->getBuffer().str() : "";
  }

  void runDriver(std::vector<std::string> More = {}) const {
    std::vector<std::string> Command{LATCHKEY_BINARY_DIR "/tool/latchkey", "-p=" + Space->directory().str(), "--quiet",
                                     "--no-cache"};
    Command.insert(Command.end(), More.begin(), More.end());
    llvm::Expected<Ran> Result = runProgram(Command);
    ASSERT_TRUE(static_cast<bool>(Result)) << llvm::toString(Result.takeError());
    ASSERT_EQ(Result->Status, 1) << Result->Err;
    EXPECT_THAT(Result->Out, HasSubstr("[latchkey-leaked-thread]"));
    EXPECT_THAT(Result->Out, HasSubstr("[latchkey-unjoined-member]"));
  }

  /// What clang-tidy says of a file, with what it logs.
  Ran tidy(std::vector<std::string> More = {}, llvm::StringRef File = "main.cpp") const {
    std::vector<std::string> Command{
        "clang-tidy" LATCHKEY_LLVM,       "--load=" LATCHKEY_BINARY_DIR "/checks/liblatchkey-tidy.so",
        "--checks=-*,latchkey-*",         "--quiet",
        "-p=" + Space->directory().str(), path(File)};
    Command.insert(Command.end(), More.begin(), More.end());
    llvm::Expected<Ran> Result = runProgram(Command);
    if (Result)
      return *Result;
    ADD_FAILURE() << llvm::toString(Result.takeError());
    return {};
  }

  void startServer() {
    auto Started = startEditor(*Space, {});
    ASSERT_TRUE(static_cast<bool>(Started)) << llvm::toString(Started.takeError());
    Server = std::move(*Started);
    ASSERT_FALSE(static_cast<bool>(Server->open(path("main.cpp"), "cpp", Main)));
  }
  /// "check:line" of the editor.
  std::vector<std::string> shown() {
    llvm::Expected<llvm::json::Array> Array = Server->diagnostics(path("main.cpp"));
    if (!Array) {
      ADD_FAILURE() << llvm::toString(Array.takeError());
      return {};
    }
    std::vector<std::string> Texts;
    for (const Reported &R : fromDiagnostics(*Space, "main.cpp", *Array))
      Texts.push_back(R.Check + ":" + std::to_string(R.Line));
    llvm::sort(Texts);
    return Texts;
  }
  void TearDown() override {
    if (Server)
      if (llvm::Error Failed = Server->shutdown())
        ADD_FAILURE() << llvm::toString(std::move(Failed));
  }

  std::vector<Fixture> Sources;
  std::unique_ptr<Workspace> Space;
  std::unique_ptr<LanguageServer> Server;
};

TEST_F(SummaryDb, ClangTidySeesWhatOtherFilesDo) {
  EXPECT_THAT(tidy().Out, Not(HasSubstr("latchkey")));
  runDriver();
  Ran Seen = tidy();
  EXPECT_THAT(Seen.Out, HasSubstr("main.cpp:5:1: warning: "));
  EXPECT_THAT(Seen.Out, HasSubstr("[latchkey-leaked-thread]"));
  EXPECT_THAT(Seen.Out, HasSubstr("[latchkey-unjoined-member]"));
  EXPECT_THAT(Seen.Out, HasSubstr("helpers.cpp:3:")) << "a path leads through other files";
  EXPECT_THAT(Seen.Err, Not(HasSubstr("latchkey:")));
  EXPECT_THAT(tidy({}, "helpers.cpp").Out, Not(HasSubstr("main.cpp")));
}

TEST_F(SummaryDb, CorrectCodeElsewhereIsSilent) {
  write("helpers.cpp",
        "#include \"finish.h\"\nvoid finish(std::thread &t) { t.join(); }\n"
        "void Watcher::start() { thread = std::thread(work); }\nvoid Watcher::stop() { thread.join(); }\n");
  llvm::Expected<Ran> Result =
      runProgram({LATCHKEY_BINARY_DIR "/tool/latchkey", "-p=" + Space->directory().str(), "--no-cache"});
  ASSERT_TRUE(static_cast<bool>(Result));
  EXPECT_TRUE(llvm::sys::fs::exists(database()));
  EXPECT_THAT(tidy().Out, Not(HasSubstr("latchkey")));
}

TEST_F(SummaryDb, WhatHasChangedSinceIsNotBelieved) {
  runDriver();
  write("helpers.cpp", "#include \"finish.h\"\nvoid finish(std::thread &t) { t.join(); }\n");
  Ran Stale = tidy();
  EXPECT_THAT(Stale.Out, Not(HasSubstr("latchkey")));
  EXPECT_THAT(Stale.Err, HasSubstr("latchkey: files have changed since latchkey ran"));
  write("helpers.cpp", Helpers);
  EXPECT_THAT(tidy().Out, HasSubstr("[latchkey-leaked-thread]"));
}

TEST_F(SummaryDb, WhatIsDamagedOrOfAnotherVersionIsIgnored) {
  runDriver();
  const std::string Good = read(database());
  ASSERT_GT(Good.size(), 100u);
  std::string Version = Good, Index = Good, Part = Good;
  Version[5] ^= 1;
  Index[30] ^= 1;
  Part[Good.size() - 60] ^= 1; // behind it is the hash of the program only
  for (auto [Bytes, Message] : {std::pair{Version, "of another version of Latchkey"},
                                {Index, "damaged"},
                                {Good.substr(0, 40), "damaged"},
                                {std::string("text"), "not a summary database"}}) {
    write("latchkey.summaries", Bytes);
    Ran Seen = tidy();
    EXPECT_THAT(Seen.Out, Not(HasSubstr("latchkey")));
    EXPECT_THAT(Seen.Err, HasSubstr(database() + ": " + Message));
  }
  write("latchkey.summaries", Part);
  tidy(); // whatever it shows, it lives
}

TEST_F(SummaryDb, StandsWhereTheUserSays) {
  runDriver({"--summary-db=" + path("elsewhere.db")});
  EXPECT_FALSE(llvm::sys::fs::exists(database()));
  EXPECT_THAT(tidy().Out, Not(HasSubstr("latchkey")));
  EXPECT_THAT(tidy({"--config={CheckOptions: {SummaryDb: elsewhere.db}}"}).Out, HasSubstr("[latchkey-leaked-thread]"));
  Ran None = tidy({"--config={CheckOptions: {SummaryDb: missing.db}}"});
  EXPECT_THAT(None.Out, Not(HasSubstr("latchkey")));
  EXPECT_THAT(None.Err, HasSubstr("latchkey: missing.db: "));
  runDriver({"--config={CheckOptions: {SummaryDb: " + path("configured.db") + "}}"});
  EXPECT_TRUE(llvm::sys::fs::exists(path("configured.db")));
  runDriver();
  EXPECT_THAT(tidy({"--config={CheckOptions: {SummaryDb: none}}"}).Out, Not(HasSubstr("latchkey")));
}

TEST_F(SummaryDb, OfAPartOfTheProgramIsNotLeft) {
  runDriver({"--summary-db=none"});
  runDriver({"--header-filter=x", path("main.cpp"), path("helpers.cpp")});
  EXPECT_TRUE(llvm::sys::fs::exists(database())); // all there is
  (void)llvm::sys::fs::remove(database());
  llvm::Expected<Ran> Result = runProgram(
      {LATCHKEY_BINARY_DIR "/tool/latchkey", "-p=" + Space->directory().str(), "--no-cache", path("main.cpp")});
  ASSERT_TRUE(static_cast<bool>(Result));
  EXPECT_FALSE(llvm::sys::fs::exists(database()));
}

TEST_F(SummaryDb, TheEditorShowsWhatOtherFilesDo) {
  runDriver();
  startServer();
  EXPECT_THAT(shown(), ElementsAre("leaked-thread:5", "unjoined-member:6"));
  std::string Joined = Main.str();
  Joined.insert(Joined.find("  finish"), "  worker.join();\n");
  ASSERT_FALSE(static_cast<bool>(Server->change(path("main.cpp"), Joined)));
  EXPECT_THAT(shown(), ElementsAre("unjoined-member:7"));
  std::string Both = Joined;
  Both.replace(Both.find("{ stop(); }"), 11, "{ stop(); thread.join(); }");
  ASSERT_FALSE(static_cast<bool>(Server->change(path("main.cpp"), Both)));
  EXPECT_THAT(shown(), IsEmpty());
  ASSERT_FALSE(static_cast<bool>(Server->change(path("main.cpp"), "// first\n" + Main.str())));
  EXPECT_THAT(shown(), ElementsAre("leaked-thread:6", "unjoined-member:7"));
}

TEST_F(SummaryDb, TheEditorGoesWithout) {
  startServer();
  EXPECT_THAT(shown(), IsEmpty());
  runDriver();
  ASSERT_FALSE(static_cast<bool>(Server->change(path("main.cpp"), Main.str() + "// more\n")));
  EXPECT_THAT(shown(), ElementsAre("leaked-thread:5", "unjoined-member:6")) << "no restart is needed";
  write("latchkey.summaries", "nonsense");
  ASSERT_FALSE(static_cast<bool>(Server->change(path("main.cpp"), Main.str() + "// and more\n")));
  EXPECT_THAT(shown(), IsEmpty());
}

} // namespace
