// `.latchkey.yaml`: models, code of others, what is not read; and what says so.
#include "test/driver/Project.h"

#include "checks/model/ProjectFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using latchkey::model::readProjectFile;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string mistakes(llvm::StringRef Yaml) {
  auto File = readProjectFile(Yaml, "/p/.latchkey.yaml");
  return File ? "" : llvm::toString(File.takeError());
}

TEST(ProjectFile, MistakesHaveLineColumnAndASuggestion) {
  EXPECT_EQ(mistakes("third-pary: [vendor]\nmodels: {a: b}\n"),
            "/p/.latchkey.yaml:1:1: unknown key `third-pary` in a project file: did you mean `third-party`?\n"
            "/p/.latchkey.yaml:2:9: expected a file of models");
  EXPECT_EQ(mistakes("exclude:\n  - '[a'\n  - ../other\n  - ''\n"),
            "/p/.latchkey.yaml:2:5: `[a` is no glob: invalid glob pattern, unmatched '['\n"
            "/p/.latchkey.yaml:3:5: paths outside of this file's folder are not for it to decide: put a file there\n"
            "/p/.latchkey.yaml:4:5: expected a glob of paths");
  EXPECT_EQ(mistakes("root: maybe\n"), "/p/.latchkey.yaml:1:7: expected `true` or `false`");
  EXPECT_THAT(mistakes("exclude: [a\n"), HasSubstr("/p/.latchkey.yaml:1:12: "));
}

TEST(ProjectFile, GlobsOfPaths) {
  auto File = readProjectFile(
      "third-party: [vendor, /gen, 'lib/*/src/', '*_generated.cc', '!vendor/ours', 'a/{x,y}.c']", "/p/.latchkey.yaml");
  ASSERT_TRUE(bool(File)) << llvm::toString(File.takeError());
  latchkey::model::ProjectSettings Project;
  Project.Files = {&*File};
  auto Theirs = [&](llvm::StringRef Path) { return Project.isThirdParty(("/p/" + Path).str()); };
  EXPECT_TRUE(Theirs("vendor/a.cc"));
  EXPECT_TRUE(Theirs("deep/vendor/below/a.cc"));
  EXPECT_FALSE(Theirs("vendors/a.cc"));
  EXPECT_FALSE(Theirs("vendor/ours/a.cc"));
  EXPECT_TRUE(Theirs("gen/a.cc"));
  EXPECT_FALSE(Theirs("deep/gen/a.cc"));
  EXPECT_TRUE(Theirs("lib/x/src/deep/a.cc"));
  EXPECT_FALSE(Theirs("lib/x/src"));
  EXPECT_TRUE(Theirs("x_generated.cc"));
  EXPECT_TRUE(Theirs("deep/x_generated.cc"));
  EXPECT_TRUE(Theirs("a/y.c"));
  EXPECT_FALSE(Theirs("a/z.c"));
}

TEST(ProjectFile, ThirdPartyIsReadAndNotReported) {
  Project P;
  P.addLeak("src/a.cpp", "f");
  P.addLeak("vendor/b.cpp", "g");
  P.write("vendor/lib.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("h"));
  P.write("src/c.cpp", "#include \"vendor/lib.h\"\nvoid use() { h(true); }\n");
  P.addEntry("src/c.cpp");
  EXPECT_THAT(P.run({}).Out, HasSubstr("3 findings"));
  P.write(".latchkey.yaml", "third-party: vendor\n");
  Ran R = P.run({"--stats"});
  EXPECT_THAT(R.Out, HasSubstr("1 finding "));
  EXPECT_THAT(R.Out, HasSubstr("src/a.cpp:5:5"));
  EXPECT_THAT(R.Err, HasSubstr("files: 3 analysed"));
  // An inner file has the last word.
  P.write("vendor/.latchkey.yaml", "third-party: '!b.cpp'\n");
  EXPECT_THAT(P.run({}).Out, HasSubstr("2 findings"));
  P.write("vendor/.latchkey.yaml", "root: true\n");
  EXPECT_THAT(P.run({}).Out, HasSubstr("3 findings"));
}

TEST(ProjectFile, ExcludedIsNotRead) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.write("gen/broken.cpp", "this is no C++\n");
  P.addEntry("gen/broken.cpp");
  EXPECT_EQ(P.run({}).Status, 2);
  P.write(".latchkey.yaml", "exclude: [gen/]\n");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("1 finding (1 error) in 1 file, 1 excluded\n"));
  EXPECT_THAT(P.run({"gen/broken.cpp"}).Out, HasSubstr("no findings in 0 files, 1 excluded"));
}

TEST(ProjectFile, Models) {
  Project P;
  P.write("src/a.cpp", "struct Handle { Handle(); ~Handle(); void finish(); };\nHandle begin();\n"
                       "void f(bool early) {\n  Handle h = begin();\n  if (early)\n    return;\n  h.finish();\n}\n");
  P.addEntry("src/a.cpp");
  EXPECT_EQ(P.run({}).Status, 0);
  P.write("models/own.yaml", "types:\n  Handle:\n    is: handle leak\n    methods:\n      finish: join this\n"
                             "functions:\n  begin: spawn result\n");
  P.write(".latchkey.yaml", "models: models/own.yaml\n");
  Ran R = P.run({});
  EXPECT_EQ(R.Status, 1) << R.Out << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("src/a.cpp:6:5"));
  P.write(".latchkey.yaml", "models: [models/own.yaml, none.yaml]\n");
  R = P.run({});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(P.path(".latchkey.yaml") + ":1:27: there is no file of models " + P.path("none.yaml")));
  EXPECT_THAT(R.Out, HasSubstr("1 finding "));
}

/// What the real clang-tidy with our plugin says of a file.
std::string clangTidy(const Project &P, const std::string &File) {
  auto Host = llvm::sys::findProgramByName("clang-tidy" LATCHKEY_LLVM);
  EXPECT_TRUE(bool(Host));
  if (!Host)
    return {};
  (void)llvm::sys::fs::remove(P.path("tidy.txt")); // What is written goes over what is there, not instead of it.
  const std::string Out = P.path("tidy.txt"), Include = "-I" + P.path("");
  std::optional<llvm::StringRef> Redirects[] = {llvm::StringRef(), llvm::StringRef(Out), llvm::StringRef(Out)};
  llvm::sys::ExecuteAndWait(*Host,
                            {*Host, "--load=" LATCHKEY_BINARY_DIR "/checks/liblatchkey-tidy.so",
                             "--checks=-*,latchkey-*", "--header-filter=.*", P.path(File), "--", Include},
                            std::nullopt, Redirects, 120);
  return P.read("tidy.txt");
}

TEST(ProjectFile, ThePluginReadsItToo) {
  Project P;
  P.write("vendor/lib.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("h"));
  P.write("src/a.cpp", "#include \"vendor/lib.h\"\nstruct Handle { Handle(); ~Handle(); void finish(); };\n"
                       "Handle begin();\nvoid f(bool early) {\n  Handle b = begin();\n  if (early)\n    return;\n"
                       "  b.finish();\n}\nvoid use() { h(true); }\n");
  EXPECT_THAT(clangTidy(P, "src/a.cpp"), HasSubstr("lib.h:6:5: warning"));
  P.write("own.yaml", "types:\n  Handle:\n    is: handle leak\n    methods:\n      finish: join this\n"
                      "functions:\n  begin: spawn result\n");
  P.write(".latchkey.yaml", "models: own.yaml\nthird-party: vendor\n");
  std::string Said = clangTidy(P, "src/a.cpp");
  EXPECT_THAT(Said, HasSubstr("a.cpp:7:5: warning"));
  EXPECT_THAT(Said, Not(HasSubstr("lib.h:6:5")));
  P.write(".latchkey.yaml", "modles: own.yaml\n");
  EXPECT_THAT(clangTidy(P, "src/a.cpp"), HasSubstr(".latchkey.yaml:1:1: unknown key `modles`"));
  P.write(".latchkey.yaml", "exclude: src\n");
  EXPECT_THAT(clangTidy(P, "src/a.cpp"), Not(HasSubstr("latchkey-leaked-thread")));
}

TEST(ExplainConfig, SaysWhichFileSetsWhat) {
  Project P;
  P.addLeak("src/a.cpp", "f");
  P.addLeak("vendor/b.cpp", "g");
  P.write("own.yaml", "functions:\n  nothing: exit\n");
  P.write(".latchkey.yaml", "models: own.yaml\nthird-party: vendor\n");
  P.write("src/.clang-tidy", "Checks: '-latchkey-late-add,latchkey-unbounded-spawn'\n"
                             "CheckOptions: { latchkey-leaked-thread.CheckExceptionPaths: all }\n");
  Ran R = P.run({"--explain-config", "--checks=-latchkey-late-defer"});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("src/a.cpp\n  defaults: HeaderFilterRegex: .*\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  src/.clang-tidy: latchkey-leaked-thread.CheckExceptionPaths: all\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  .latchkey.yaml:1:9: models: own.yaml\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  latchkey-late-add is off: src/.clang-tidy\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  latchkey-unbounded-spawn is on: src/.clang-tidy\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  latchkey-late-defer is off: --checks\n"));
  EXPECT_THAT(R.Out, HasSubstr("vendor/b.cpp\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  latchkey-unbounded-spawn is off: by default\n"));
  EXPECT_THAT(R.Out, HasSubstr("\n  .latchkey.yaml:2:14: third-party: vendor, so it is read, and nothing is reported"));
  EXPECT_THAT(P.run({"--explain-config", "src/a.cpp"}).Out, Not(HasSubstr("vendor/b.cpp")));
}

TEST(VerifyConfig, NamesEveryMistake) {
  Project P;
  P.addLeak("src/a.cpp", "f");
  Ran R = P.run({"--verify-config"});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_THAT(R.Out, HasSubstr("there is no configuration"));
  P.write("own.yaml", "functions:\n  stop: exitt\n");
  P.write(".latchkey.yaml", "models: own.yaml\nexlude: gen\n");
  P.write("src/.clang-tidy", "Checks: '-*,\n  latchkey-leakd-thread'\nCheckOptions:\n"
                             "  latchkey-leaked-thread.CheckExceptionPath: all\n"
                             "  latchkey-leaked-thread.CheckExceptionPaths: some\n");
  R = P.run({"--verify-config"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err,
              HasSubstr(P.path("src/.clang-tidy") + ":2:3: no check is called `latchkey-leakd-thread`: did you mean "
                                                    "`latchkey-leaked-thread`?"));
  EXPECT_THAT(R.Err, HasSubstr(":4:3: `latchkey-leaked-thread` has no option `CheckExceptionPath`: did you mean "
                               "`CheckExceptionPaths`?"));
  EXPECT_THAT(R.Err, HasSubstr("is not `some` but one of: known, all, none"));
  EXPECT_THAT(R.Err, HasSubstr(P.path(".latchkey.yaml") + ":2:1: unknown key `exlude` in a project file: did you mean "
                                                          "`exclude`?"));
  P.write(".latchkey.yaml", "models: own.yaml\n");
  R = P.run({"--verify-config", "src/a.cpp"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr(P.path("own.yaml") + ":2:9: `exitt` is no effect"));
  P.write("own.yaml", "functions:\n  stop: exit\n");
  P.write("more.yaml", "functions:\n  halt: exit\n");
  P.write("src/.clang-tidy", "Checks: 'latchkey-*'\nCheckOptions:\n  latchkey-leaked-thread.SummaryDb: none\n"
                             "  latchkey-leaked-thread.Models: ''\n  Models: '../more.yaml;../own.yaml'\n");
  R = P.run({"--verify-config"});
  EXPECT_EQ(R.Status, 0) << R.Err;
  EXPECT_EQ(R.Out, ".latchkey.yaml: sound\nmore.yaml: sound\nown.yaml: sound\nsrc/.clang-tidy: sound\n");
}

} // namespace
