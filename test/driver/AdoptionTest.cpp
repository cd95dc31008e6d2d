// What is new: suppression by comments, baselines, revisions of git.
#include "test/driver/Project.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using llvm::StringRef;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
namespace json = llvm::json;

namespace {

// Written apart, so that no tool takes these lines for comments of the kind.
const std::string No = "NO";
const std::string Line = "// " + No + "LINT";

json::Object results(const Project &P, std::vector<std::string> Arguments, StringRef Format = "json") {
  Arguments.push_back(("--format=" + Format).str());
  Ran R = P.run(std::move(Arguments));
  auto Parsed = json::parse(R.Out);
  EXPECT_TRUE(bool(Parsed)) << R.Err;
  return Parsed && Parsed->getAsObject() ? std::move(*Parsed->getAsObject()) : json::Object();
}

std::string first(const json::Object &Results, StringRef List, StringRef Key) {
  const json::Array *All = Results.getArray(List);
  if (!All || All->empty())
    return "";
  return (*All)[0].getAsObject()->getString(Key).value_or("").str();
}

size_t count(const json::Object &Results, StringRef List) {
  const json::Array *All = Results.getArray(List);
  return All ? All->size() : 0;
}

std::string source(StringRef Above, StringRef Start = "", StringRef Return = "", StringRef Below = "") {
  return ("#include \"thread.h\"\n" + Above + "void f(bool early) {\n  std::thread t(work);" + Start +
          "\n  if (early)\n    return;" + Return + "\n  t.join();\n}\n" + Below)
      .str();
}

TEST(Silenced, StayInReportsWithTheirReason) {
  Project P;
  P.write("a.cpp", source("", "", " " + Line + "(latchkey-leaked-thread): ends with the process"));
  P.addEntry("a.cpp");
  json::Object All = results(P, {});
  EXPECT_EQ(first(All, "silenced", "justification"), "ends with the process");
  EXPECT_EQ(count(All, "findings"), 0u);
  Ran R = P.run({"--format=sarif"});
  EXPECT_EQ(R.Status, 0);
  EXPECT_THAT(R.Out, HasSubstr("\"justification\": \"ends with the process\""));
  EXPECT_THAT(R.Out, HasSubstr("\"kind\": \"inSource\""));
}

TEST(Silenced, ByEachForm) {
  for (const auto &[Text, Reason] : std::vector<std::pair<std::string, std::string>>{
           {source("", " " + Line), ""},
           {source("", " /* " + No + "LINT(latchkey-*) - why */"), "why"},
           {source("", "", " " + Line + "(bugprone-x, latchkey-leaked-*): why"), "why"},
           {source("", "\n  " + Line + "NEXTLINE: why\n  ;"), ""}, // of the `;`
           {source(Line + "BEGIN(latchkey-leaked-thread): why\n", "", "", Line + "END(latchkey-leaked-thread)\n"),
            "why"},
       }) {
    Project P;
    P.write("a.cpp", Text);
    P.addEntry("a.cpp");
    json::Object All = results(P, {});
    bool Meant = !StringRef(Text).contains("NEXTLINE");
    EXPECT_EQ(count(All, "silenced"), Meant ? 1u : 0u) << Text;
    EXPECT_EQ(first(All, "silenced", "justification"), Reason) << Text;
  }
}

TEST(Silenced, AsClangTidyDoes) {
  for (const std::string &Comment : {Line, Line + "()", Line + "(latchkey-leaked-thread)", Line + "(-latchkey-*)",
                                     Line + "(*,-latchkey-leaked-thread)", Line + "(latchkey-leaked)", Line + "X",
                                     Line + " (latchkey-late-add)", Line + "(latchkey-late-add"}) {
    Project P;
    std::string File = P.write("a.cpp", source("", "", " " + Comment));
    P.addEntry("a.cpp");
    bool Ours = count(results(P, {}), "silenced") == 1;
    std::string Out = P.path("tidy.txt");
    std::optional<StringRef> Redirects[] = {std::nullopt, StringRef(Out), StringRef("")};
    auto Tidy = llvm::sys::findProgramByName("clang-tidy" LATCHKEY_LLVM);
    ASSERT_TRUE(bool(Tidy));
    llvm::sys::ExecuteAndWait(*Tidy,
                              {*Tidy, "--load=" LATCHKEY_BINARY_DIR "/checks/liblatchkey-tidy.so",
                               "--checks=-*,latchkey-leaked-thread", File, "--", "-I" + P.path("")},
                              std::nullopt, Redirects);
    EXPECT_EQ(Ours, !StringRef(P.read("tidy.txt")).contains("latchkey-leaked-thread]")) << Comment;
  }
}

TEST(StaleNolint, NamesWhatSilencesNothingAndOffersToTakeItOut) {
  Project P;
  P.write("b.h", "#pragma once\n#include \"thread.h\"\ninline void g() { std::thread u(work); u.join(); } " + Line +
                     "(latchkey-leaked-thread)\n");
  P.write("a.cpp",
          "#include \"b.h\"\n" +
              source("", "", " " + Line + "(latchkey-leaked-thread)",
                     "void use() { g(); }\nint x; " + Line + "(latchkey-late-add,bugprone-y): why\n" + "  " + Line +
                         "NEXTLINE(latchkey-no-such-check)\nint y; " + Line + "\nint z; " + Line + "(bugprone-z)\n"));
  P.addEntry("a.cpp");
  Ran R = P.run({"--stale-nolint"});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:10:11: warning: this comment silences no finding of `latchkey-late-add` "
                               "[latchkey-stale-nolint]"));
  EXPECT_THAT(R.Out, HasSubstr("a.cpp:11:6: "));
  EXPECT_THAT(R.Out, HasSubstr("b.h:3:55: "));
  EXPECT_THAT(R.Out, HasSubstr("3 findings (3 style remarks) in 1 file, 1 silenced"));
  EXPECT_EQ(P.run({}).Status, 0);

  R = P.run({"--stale-nolint", "--fix"});
  EXPECT_EQ(R.Status, 0) << R.Out << R.Err;
  EXPECT_THAT(P.read("a.cpp"), HasSubstr("int x; " + Line + "(bugprone-y): why\nint y; " + Line + "\n"));
  EXPECT_THAT(P.read("b.h"), HasSubstr("u.join(); }\n"));
  EXPECT_EQ(P.run({"--stale-nolint"}).Status, 0);
}

TEST(StaleNolint, SeesHeadersThatNothingIsAnalysedOf) {
  Project P;
  P.write("unused.h", "#pragma once\ninline void g() {} " + Line + "(latchkey-leaked-thread)\n");
  P.write("system/far.h", "inline void h() {} " + Line + "(latchkey-leaked-thread)\n");
  P.write("a.cpp", "#include \"unused.h\"\n#include <far.h>\nint x;\n");
  P.addEntry("a.cpp", {"-isystem", P.path("system")});
  for (int Time : {1, 2}) { // The second time from the cache.
    Ran R = P.run({"--stale-nolint"});
    EXPECT_EQ(R.Status, 1) << Time << R.Err;
    EXPECT_THAT(R.Out, HasSubstr("unused.h:2:23: "));
    EXPECT_THAT(R.Out, HasSubstr("1 finding (1 style remark)"));
  }
}

TEST(StaleNolint, SaysNothingOfWhatItCannotKnow) {
  Project P;
  P.write("a.cpp", "int x; " + Line + "(latchkey-late-add)\n");
  P.addEntry("a.cpp");
  EXPECT_EQ(P.run({"--stale-nolint", "--checks=-latchkey-late-add"}).Status, 0);
  Ran R = P.run({"--stale-nolint", "a.cpp"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("--no-link"));
  EXPECT_EQ(P.run({"--stale-nolint", "--no-link", "a.cpp"}).Status, 1);
  P.addEntry("gone.cpp");
  R = P.run({"--stale-nolint"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("cannot be said which comments are stale"));
  EXPECT_THAT(R.Out, HasSubstr("no findings"));
}

const std::vector<std::string> Write{"--baseline=known.json", "--write-baseline"};
const std::vector<std::string> Use{"--baseline=known.json"};

TEST(Baseline, KnownFindingsAreQuiet) {
  Project P;
  P.addLeak("sub/a.cpp", "f");
  P.addLeak("b.cpp", "g");
  Ran R = P.run(Write);
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(R.Err, HasSubstr("2 findings written to known.json: 2 new, 0 gone"));
  EXPECT_THAT(R.Out, HasSubstr("no new findings, 2 known, 0 gone in 2 files"));
  std::string Text = P.read("known.json");
  EXPECT_THAT(Text,
              ContainsRegex("^\\{\n  \"version\": 1,\n  \"findings\": \\[\n    \\{\"check\":.*\"file\":\"b.cpp\""));
  EXPECT_THAT(Text, Not(HasSubstr(P.path(""))));
  EXPECT_EQ(StringRef(Text).count('\n'), 7u) << Text;
  R = P.run(Write);
  EXPECT_EQ(P.read("known.json"), Text);
  R = P.runIn("sub", {"--baseline=../known.json"});
  EXPECT_EQ(R.Status, 0) << R.Out;

  P.addLeak("c.cpp", "h");
  P.write("b.cpp", "int x;\n");
  json::Object All = results(P, Use);
  EXPECT_EQ(first(All, "findings", "function"), "h");
  EXPECT_EQ(first(All, "known", "function"), "f");
  EXPECT_EQ(first(All, "gone", "function"), "g");
  EXPECT_EQ(All.getInteger("exitStatus"), 1);
  R = P.run({"--baseline=known.json", "--format=sarif"});
  for (StringRef State : {"new", "unchanged", "absent"})
    EXPECT_THAT(R.Out, HasSubstr(("\"baselineState\": \"" + State + "\"").str()));
  R = P.run(Write);
  EXPECT_EQ(R.Status, 0);
  EXPECT_THAT(R.Err, HasSubstr("2 findings written to known.json: 1 new, 1 gone"));
}

TEST(Baseline, SurvivesMovedLinesRenamedOthersAndFormatting) {
  Project P;
  P.write("a.cpp",
          "#include \"thread.h\"\nbool ready(int);\nvoid f(bool early, int other) {\n  std::thread worker(work);\n"
          "  if (early && ready(other))\n    return;\n  worker.join();\n}\n");
  P.addEntry("a.cpp");
  EXPECT_EQ(P.run(Write).Status, 0);
  P.write(
      "moved/a.cpp",
      "#include \"thread.h\"\n\nbool ready(int); // more\nnamespace {int y;}\nvoid\nf( bool soon\n   , int renamed )\n"
      "{\n\n      std::thread worker\n      (\n  work );\n  if(soon\n  &&ready(renamed)){return;}\n  "
      "worker . join();}\n");
  P.write("a.cpp", "#include \"moved/a.cpp\"\n");
  json::Object All = results(P, Use);
  EXPECT_EQ(count(All, "findings"), 0u);
  EXPECT_EQ(count(All, "known"), 1u);
  EXPECT_EQ(count(All, "gone"), 0u);
}

TEST(Baseline, CountsWhatIsAlike) {
  Project P;
  P.addLeak("one/main.cpp", "f");
  P.addLeak("two/main.cpp", "f");
  P.run(Write);
  P.write("one/main.cpp", "int x;\n"); // The other one is not the first one now.
  json::Object All = results(P, Use);
  EXPECT_EQ(count(All, "findings"), 0u);
  EXPECT_THAT(first(All, "gone", "file"), testing::EndsWith("one/main.cpp"));
  P.addLeak("three/main.cpp", "f");
  P.addLeak("four/main.cpp", "f");
  EXPECT_EQ(count(results(P, Use), "findings"), 1u);
}

TEST(Baseline, APartOfTheFilesKnowsNothingOfTheRest) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addLeak("b.cpp", "g");
  P.run(Write);
  std::string Text = P.read("known.json");
  json::Object All = results(P, {"--baseline=known.json", "a.cpp"});
  EXPECT_EQ(count(All, "known"), 1u);
  EXPECT_EQ(count(All, "gone"), 0u);
  EXPECT_EQ(P.run({"--baseline=known.json", "--write-baseline", "a.cpp"}).Status, 0);
  EXPECT_EQ(P.read("known.json"), Text);
  EXPECT_EQ(P.run({"--baseline=known.json", "--write-baseline", "--checks=-latchkey-leaked-thread"}).Status, 0);
  EXPECT_EQ(P.read("known.json"), Text);
  P.write("b.cpp", "#error\n");
  EXPECT_EQ(P.run(Write).Status, 2);
  EXPECT_EQ(P.read("known.json"), Text);
}

TEST(Baseline, AShardKnowsNothingOfTheOthers) {
  Project P;
  for (const char *File : {"a.cpp", "b.cpp", "c.cpp"})
    P.addLeak(File, "f");
  P.run(Write);
  std::string Text = P.read("known.json");
  json::Object All = results(P, {"--baseline=known.json", "--shard=1/2"});
  EXPECT_EQ(count(All, "findings"), 0u);
  EXPECT_EQ(count(All, "gone"), 0u);
  EXPECT_EQ(P.run({"--baseline=known.json", "--write-baseline", "--shard=2/2"}).Status, 0);
  EXPECT_EQ(P.read("known.json"), Text);
  EXPECT_EQ(P.run({"--stale-nolint", "--shard=1/2"}).Status, 2);
}

TEST(Baseline, MistakesNameTheWayOut) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran R = P.run({"--write-baseline"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("add --baseline="));
  R = P.run(Use);
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("known.json: cannot use this baseline: No such file or directory; --write-baseline"));
  for (const char *Text : {"{", "[]", "{\"version\": 2, \"findings\": []}", "{\"version\": 1}",
                           "{\"version\": 1, \"findings\": [{\"check\": 1}]}"}) {
    P.write("known.json", Text);
    R = P.run(Use);
    EXPECT_EQ(R.Status, 2) << Text;
    EXPECT_THAT(R.Err, HasSubstr("known.json: cannot use this baseline: ")) << Text;
  }
  EXPECT_EQ(P.run(Write).Status, 0);
  EXPECT_EQ(P.run(Use).Status, 0);

  EXPECT_EQ(P.run({"--format=sarif", "--output=report.sarif"}).Status, 1);
  R = P.run({"--baseline=report.sarif"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("report.sarif: cannot use this baseline: it is a SARIF report"));
  const std::string Source = P.read("a.cpp");
  R = P.run({"--baseline=a.cpp", "--write-baseline"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("a.cpp: this is no baseline, and is not replaced"));
  EXPECT_EQ(P.read("a.cpp"), Source);
}

/// A project under git.
class NewFrom : public testing::Test {
protected:
  void SetUp() override {
    git({"init", "-q", "-b", "main"});
    P.write(".gitignore", "compile_commands.json\nstd*.txt\n.cache\n");
    P.write("task.h", "#pragma once\n#include \"thread.h\"\n");
    P.write("a.cpp", "#include \"task.h\"\n" + leak("f"));
    P.addEntry("a.cpp");
    P.write("b.cpp", "#include \"task.h\"\nvoid g() {\n  std::thread t(work);\n  t.join();\n}\n");
    P.addEntry("b.cpp");
    commit("begin");
  }

  void git(std::vector<StringRef> Arguments) {
    static const std::string Program = *llvm::sys::findProgramByName("git");
    const std::string Root = P.path("");
    std::vector<StringRef> Words{Program, "-C", Root, "-c", "user.name=me", "-c", "user.email=me@example.org"};
    Words.insert(Words.end(), Arguments.begin(), Arguments.end());
    EXPECT_EQ(llvm::sys::ExecuteAndWait(Program, Words), 0) << llvm::join(Arguments, " ");
  }
  void commit(StringRef Message) {
    git({"add", "-A"});
    git({"commit", "-q", "-m", Message});
  }
  void removeJoin() { P.write("b.cpp", "#include \"task.h\"\nvoid g() {\n  std::thread t(work);\n}\n"); }

  Project P;
};

TEST_F(NewFrom, IsNewByFindingNotByLine) {
  git({"checkout", "-q", "-b", "topic"});
  P.write("a.cpp", "#include \"task.h\"\n\n\n// All lines moved.\n" + leak("f"));
  EXPECT_EQ(P.run({"--new-from=main"}).Status, 0);
  removeJoin();
  Ran R = P.run({"--new-from=main"});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("b.cpp:4:1: ")); // not a changed line
  EXPECT_THAT(R.Out, HasSubstr("1 new finding (1 error), 1 known, 0 gone in 2 files"));
  commit("topic");
  EXPECT_EQ(P.run({"--new-from=main"}).Out, R.Out);
  EXPECT_EQ(P.run({"--new-from=main", "--no-cache", "-j1"}).Out, R.Out);
  P.write("a.cpp", "int x;\n");
  EXPECT_THAT(P.run({"--new-from=main"}).Out, HasSubstr("1 new finding (1 error), 0 known, 1 gone"));
}

TEST_F(NewFrom, ComparesWithWhereTheWorkBegan) {
  git({"checkout", "-q", "-b", "topic"});
  P.addLeak("c.cpp", "h");
  commit("topic");
  git({"checkout", "-q", "main"});
  P.write("a.cpp", "int fixed_on_main;\n");
  commit("main goes on");
  git({"checkout", "-q", "topic"});
  json::Object All = results(P, {"--new-from=main"});
  EXPECT_EQ(count(All, "findings"), 1u);
  EXPECT_EQ(first(All, "findings", "function"), "h");
  EXPECT_EQ(first(All, "known", "function"), "f");
}

TEST_F(NewFrom, ChangedHeadersNewAndRenamedFiles) {
  // The leak comes with a header, by a file that git does not know, and an old one lives on under another name.
  P.write("task.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("in_header"));
  P.write("b.cpp", "#include \"task.h\"\nvoid g() { in_header(true); }\n");
  P.addLeak("new.cpp", "n");
  git({"mv", "a.cpp", "renamed.cpp"});
  P.write("a.cpp", "int x;\n"); // The database still has it.
  P.addEntry("renamed.cpp");
  json::Object All = results(P, {"--new-from=HEAD"});
  EXPECT_EQ(count(All, "findings"), 2u);
  EXPECT_EQ(first(All, "known", "function"), "f");
}

TEST_F(NewFrom, OneFileWithFlagsAndABuildFolderInTheTree) {
  P.write("untracked.cpp", "#include \"thread.h\"\n" + leak("u"));
  EXPECT_EQ(P.run({"--new-from=HEAD", "untracked.cpp", "--", "-I."}).Status, 1);
  EXPECT_EQ(P.run({"--new-from=HEAD", "a.cpp", "--", "-I."}).Status, 0);
  // What a build generates is not new because git does not know it.
  P.write("build/generated.h", "#pragma once\n#include \"thread.h\"\n");
  P.write("b.cpp", "#include \"build/generated.h\"\n" + leak("g"));
  git({"add", "b.cpp"});
  git({"commit", "-q", "-m", "b"});
  P.write("build/compile_commands.json", "[{\"directory\": \"" + P.path("build") + "\", \"file\": \"../b.cpp\"," +
                                             "\"arguments\": [\"clang++\", \"-I..\", \"../b.cpp\"]}]");
  P.write("b.cpp", P.read("b.cpp") + "// changed\n");
  Ran R = P.run({"-p", "build", "--new-from=HEAD"});
  EXPECT_EQ(R.Status, 0) << R.Out << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("1 known"));
}

TEST_F(NewFrom, WhatWasThereIsReadFromItsOwnTime) {
  P.write("sub/gone.h", "#pragma once\n#include \"../thread.h\"\ninline " + leak("old"));
  P.write("b.cpp", "#include \"sub/gone.h\"\nvoid use() { old(true); }\n");
  commit("a header in a folder of its own");
  ASSERT_FALSE(llvm::sys::fs::remove_directories(P.path("sub")));
  P.write("b.cpp", "#include \"thread.h\"\n" + leak("old"));
  json::Object All = results(P, {"--new-from=HEAD"});
  EXPECT_EQ(All.getInteger("exitStatus"), 1);
  EXPECT_EQ(count(All, "known"), 1u); // f; the other one is in a file of another name
  EXPECT_EQ(count(All, "gone"), 1u);
}

TEST_F(NewFrom, UnchangedUnitsAreNotReadAgain) {
  removeJoin();
  P.run({"--new-from=HEAD"});
  Ran R = P.run({"--new-from=HEAD", "--stats"});
  EXPECT_THAT(R.Err, HasSubstr("cache: 2 of 2 files"));
  auto Units = [&] {
    unsigned N = 0;
    std::error_code Wrong;
    for (llvm::sys::fs::directory_iterator It(P.path(".cache/latchkey"), Wrong), End; !Wrong && It != End;
         It.increment(Wrong))
      N += StringRef(It->path()).ends_with(".unit");
    return N;
  };
  EXPECT_EQ(Units(), 3u); // a, b and b as it was
}

TEST_F(NewFrom, CommentsAndConfigurationOfToday) {
  P.write("a.cpp", "#include \"task.h\"\n" +
                       std::string("void f(bool early) {\n  std::thread t(work);\n  if (early)\n") + "    return; " +
                       Line + "\n  t.join();\n}\n");
  commit("known there");
  P.write("a.cpp", "#include \"task.h\"\n" + leak("f"));
  EXPECT_EQ(P.run({"--new-from=HEAD"}).Status, 1); // It had been silenced.
  P.write(".clang-tidy", "Checks: '-latchkey-leaked-thread'\n");
  EXPECT_EQ(P.run({"--new-from=HEAD"}).Status, 0);
}

TEST_F(NewFrom, InShards) {
  P.write("a.cpp", "#include \"task.h\"\n" + leak("f") + "// more\n");
  P.addLeak("0.cpp", "first"); // The parts are others now.
  std::vector<std::string> New;
  for (const char *Part : {"--shard=1/2", "--shard=2/2"}) {
    json::Object All = results(P, {"--new-from=HEAD", Part});
    EXPECT_EQ(count(All, "gone"), 0u);
    if (count(All, "findings"))
      New.push_back(first(All, "findings", "function"));
  }
  EXPECT_THAT(New, testing::ElementsAre("first"));
}

TEST_F(NewFrom, LeavesNothingBehind) {
  removeJoin();
  std::string Temporary = P.path("tmp");
  ASSERT_FALSE(llvm::sys::fs::create_directory(Temporary));
  auto Left = [&] {
    std::error_code Wrong;
    return llvm::sys::fs::directory_iterator(Temporary, Wrong) != llvm::sys::fs::directory_iterator();
  };
  ASSERT_EQ(setenv("TMPDIR", Temporary.c_str(), 1), 0);
  P.write(".git/index.before", P.read(".git/index"));
  EXPECT_EQ(P.run({"--new-from=HEAD"}).Status, 1);
  EXPECT_FALSE(Left());
  EXPECT_EQ(P.run({"--new-from=nowhere"}).Status, 2);
  EXPECT_FALSE(Left());
  EXPECT_EQ(P.read(".git/index"), P.read(".git/index.before"));
  EXPECT_FALSE(llvm::sys::fs::exists(P.path(".git/worktrees")));
  // Ended in the middle.
  std::string Program = LATCHKEY_BINARY_DIR "/tool/latchkey", Folder = P.path("");
  Ran R = P.run({"--new-from=HEAD", "--list-checks"}); // writes the database
  std::vector<StringRef> Words{"timeout",
                               "-s",
                               "TERM",
                               "3",
                               "env",
                               "-C",
                               Folder,
                               Program,
                               "--no-cache",
                               "--new-from=HEAD",
                               "--internal-worker-fault=hang:b.cpp"};
  llvm::sys::ExecuteAndWait("/usr/bin/timeout", Words);
  EXPECT_FALSE(Left());
  unsetenv("TMPDIR");
}

TEST_F(NewFrom, MistakesNameTheWayOut) {
  Ran R = P.run({"--new-from=nowhere"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("--new-from=nowhere: there is no such revision in "));
  EXPECT_THAT(R.Err, HasSubstr("git fetch"));
  git({"checkout", "-q", "--orphan", "alone"});
  commit("no parent");
  R = P.run({"--new-from=main"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("no commit in common with HEAD"));
  R = P.run({"--new-from=HEAD", "--baseline=x"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("exclude each other"));

  Project Bare;
  Bare.addLeak("a.cpp", "f");
  R = Bare.run({"--new-from=HEAD"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("is in no work tree of git"));
}

} // namespace
