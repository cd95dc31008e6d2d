// One run, and the same work in other portions: what is reported does not depend on workers, on the cache, on the steps
// being taken apart or on how many machines share them.
#include "test/driver/Project.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

using namespace latchkey::test;
using testing::HasSubstr;
namespace fs = llvm::sys::fs;
namespace json = llvm::json;

namespace {

/// "file:line check message" of each finding of a JSON report, each once.
std::set<std::string> findings(const Ran &R) {
  std::set<std::string> Found;
  llvm::Expected<json::Value> Report = json::parse(R.Out);
  if (!Report) {
    ADD_FAILURE() << llvm::toString(Report.takeError()) << R.Err;
    return Found;
  }
  for (const json::Value &V : *Report->getAsObject()->getArray("findings")) {
    const json::Object &F = *V.getAsObject();
    Found.insert((F.getString("file").value_or("") + ":" + llvm::Twine(F.getInteger("line").value_or(0)) + " " +
                  F.getString("check").value_or("") + " " + F.getString("message").value_or("") + " " +
                  F.getString("fingerprint").value_or(""))
                     .str());
  }
  return Found;
}

class Portions : public testing::Test {
protected:
  /// Findings in sources and in a header, of one file alone and of several together.
  void SetUp() override {
    P.write("shared.h",
            "#pragma once\n#include \"thread.h\"\nvoid finish(std::thread &t);\ninline " + leak("fromHeader"));
    P.write("helpers.cpp", "#include \"shared.h\"\nvoid finish(std::thread &) {}\n");
    P.addEntry("helpers.cpp");
    for (const char *Name : {"a", "b", "c", "d", "e"}) {
      std::string File = std::string(Name) + ".cpp";
      P.write(File, "#include \"shared.h\"\nvoid start_" + std::string(Name) +
                        "() {\n  std::thread t(work);\n  finish(t);\n}\nvoid call_" + Name +
                        "(bool b) { fromHeader(b); }\n" + leak(std::string("alone_") + Name));
      P.addEntry(File);
    }
  }

  Ran report(std::vector<std::string> Arguments) const {
    Arguments.push_back("--format=json");
    return P.run(std::move(Arguments));
  }

  std::vector<std::string> filesIn(llvm::StringRef Folder) const {
    std::vector<std::string> Files;
    std::error_code Wrong;
    for (fs::directory_iterator It(P.path(Folder), Wrong), End; !Wrong && It != End; It.increment(Wrong))
      Files.push_back(It->path());
    llvm::sort(Files);
    return Files;
  }

  Project P;
};

TEST_F(Portions, WorkersAndCacheChangeNothing) {
  for (const char *Format : {"--format=json", "--format=sarif", "--format=text"}) {
    Ran Cold = P.run({Format, "--no-cache", "-j1"});
    EXPECT_EQ(Cold.Status, 1) << Cold.Err;
    EXPECT_THAT(Cold.Out, HasSubstr("shared.h"));
    EXPECT_EQ(P.run({Format, "--no-cache", "-j2"}).Out, Cold.Out);
    EXPECT_EQ(P.run({Format, "-j2"}).Out, Cold.Out);
    EXPECT_EQ(P.run({Format, "-j1"}).Out, Cold.Out) << "warm";
    EXPECT_EQ(P.run({Format, "-j2"}).Out, Cold.Out) << "warm";
  }
}

TEST_F(Portions, WhateverChangesTheCacheChangesNothing) {
  std::mt19937 Random(7); // the same each time
  const std::vector<std::string> Ends{"", " t.join(); ", " if (t.joinable()) t.join(); ", " /* later */ "};
  const std::vector<std::string> Sources{"a.cpp", "b.cpp", "c.cpp", "d.cpp", "e.cpp"};
  std::set<std::string> Seen;
  for (unsigned Step = 0; Step < 12; ++Step) {
    std::string Source = Sources[Random() % Sources.size()], Old = P.read(Source);
    switch (Random() % 4) {
    case 0:
      P.write("helpers.cpp",
              "#include \"shared.h\"\nvoid finish(std::thread &t) {" + Ends[Random() % Ends.size()] + "}\n");
      break;
    case 1:
      P.write(Source, "// one more line\n" + Old);
      break;
    case 2:
      P.write(Source, Old + leak("added" + std::to_string(Step)));
      break;
    default:
      P.write("shared.h", P.read("shared.h") + "// one more line\n");
    }
    Ran Kept = report({}), Cold = report({"--no-cache"});
    EXPECT_EQ(Kept.Out, Cold.Out) << "step " << Step;
    Seen.insert(Cold.Out);
  }
  EXPECT_GT(Seen.size(), 3u) << "the edits show nowhere";
}

TEST_F(Portions, ShardsTogetherReportWhatOneRunDoes) {
  std::set<std::string> Whole = findings(report({}));
  ASSERT_EQ(Whole.size(), 11u); // two in each of five sources, one in the header
  for (unsigned Count : {1, 2, 3, 7, 20}) {
    std::set<std::string> Union;
    size_t Sum = 0;
    for (unsigned Index = 1; Index <= Count; ++Index) {
      std::string Shard = "--shard=" + std::to_string(Index) + "/" + std::to_string(Count);
      std::set<std::string> Part = findings(report({Shard}));
      EXPECT_EQ(findings(report({Shard, "--no-cache", "-j1"})), Part);
      Sum += Part.size();
      Union.insert(Part.begin(), Part.end());
    }
    EXPECT_EQ(Union, Whole) << Count << " parts";
    EXPECT_EQ(Sum, Whole.size()) << Count << " parts";
  }
}

TEST_F(Portions, ShardsOfUnlinkedFilesReadOnlyTheirOwn) {
  std::set<std::string> Whole = findings(report({"--no-link", "--no-cache"})), Union;
  for (const char *Shard : {"--shard=1/3", "--shard=2/3", "--shard=3/3"}) {
    Ran Part = report({"--no-link", "--no-cache", Shard, "--stats"});
    EXPECT_THAT(Part.Err, HasSubstr("files: 2 analysed"));
    std::set<std::string> Found = findings(Part);
    Union.insert(Found.begin(), Found.end());
  }
  EXPECT_EQ(Union, Whole);
}

TEST_F(Portions, LoweringIsSharedOutAndLinkedAgain) {
  Ran Whole = P.run({});
  for (const char *Shard : {"--shard=1/2", "--shard=2/2"})
    EXPECT_EQ(P.run({"lower", "-p", ".", "-o", "lowered/", Shard}).Status, 0);
  std::vector<std::string> Files = filesIn("lowered");
  ASSERT_EQ(Files.size(), 6u);
  P.run({"lower", "-p", ".", "-o", "first/", "--shard=1/2", "-j1"});
  EXPECT_EQ(filesIn("first").size(), 3u);
  std::vector<std::string> Link{"link"};
  Link.insert(Link.end(), Files.begin(), Files.end());
  EXPECT_EQ(P.run(Link).Out, Whole.Out);
  std::set<std::string> Union;
  for (const char *Shard : {"--shard=1/2", "--shard=2/2"}) {
    std::vector<std::string> Part = Link;
    Part.insert(Part.end(), {Shard, "--format=json", "--no-cache"});
    std::set<std::string> Found = findings(P.run(Part));
    Union.insert(Found.begin(), Found.end());
  }
  EXPECT_EQ(Union, findings(report({})));
}

TEST_F(Portions, ManyFilesAreNamedInAFile) {
  P.run({"lower", "-p", ".", "-o", "lowered/"});
  std::string List;
  for (const std::string &File : filesIn("lowered"))
    List += File + "\n";
  P.write("files.rsp", List);
  EXPECT_EQ(P.run({"link", "@files.rsp"}).Out, P.run({}).Out);
}

TEST_F(Portions, WhatIsNoPartIsRefused) {
  for (const char *Wrong : {"0/2", "3/2", "1", "a/b", "1/", "-1/2"}) {
    Ran R = P.run({std::string("--shard=") + Wrong});
    EXPECT_EQ(R.Status, 2) << Wrong;
    EXPECT_THAT(R.Err, HasSubstr("as in --shard=2/8"));
  }
  EXPECT_THAT(P.run({"lower", "-p", ".", "a.cpp", "--shard=1/2"}).Err, HasSubstr("-o FOLDER/"));
}

TEST_F(Portions, APartOfTheProgramIsNotTakenForTheWhole) {
  Project Q;
  Q.write("signal.h", "#pragma once\nnamespace std {\nstruct mutex { void lock(); void unlock(); };\n"
                      "template <class M> struct unique_lock { explicit unique_lock(M &); ~unique_lock(); };\n"
                      "struct condition_variable { void wait(unique_lock<mutex> &); void notify_one(); };\n}\n"
                      "extern std::mutex m;\nextern std::condition_variable ready;\n");
  Q.write("main.cpp", "#include \"signal.h\"\nstd::mutex m;\nvoid listen();\nint main() {\n"
                      "  std::unique_lock<std::mutex> lock(m);\n  ready.wait(lock);\n}\n");
  Q.write("other.cpp", "#include \"signal.h\"\nstd::condition_variable ready;\nvoid wake() { ready.notify_one(); }\n");
  Q.addEntry("main.cpp");
  Q.addEntry("other.cpp");
  const std::string Check = "--checks=-*,latchkey-never-notified";
  EXPECT_EQ(Q.run({Check}).Out, "no findings in 2 files\n");
  EXPECT_EQ(Q.run({Check, "main.cpp"}).Out, "no findings in 1 file\n");
  Q.write("other.cpp", "#include \"signal.h\"\nstd::condition_variable ready;\n");
  EXPECT_THAT(Q.run({Check}).Out, HasSubstr("main.cpp:6:"));
  EXPECT_EQ(Q.run({Check, "main.cpp"}).Out, "no findings in 1 file\n");
}

} // namespace
