// What we promise about the project itself: every check has its page and its fixtures, layers include only downwards,
// knowledge of libraries stays in data, files stay small, and our own code is clean.

#include "checks/rules/Rule.h"
#include "test/harness/Faces.h"
#include "test/harness/Fixture.h"
#include "test/project/Tree.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <thread>

using namespace latchkey;
using namespace latchkey::test;
using llvm::StringRef;

namespace {

const std::string Root = LATCHKEY_SOURCE_DIR "/";

std::string readText(const std::string &Path) {
  auto Buffer = llvm::MemoryBuffer::getFile(Root + Path);
  return Buffer ? (*Buffer)->getBuffer().str() : "";
}

std::string page(const Rule &R) {
  return "docs/checks/" + R.Info.Name.str() + ".md";
}

TEST(Checks, AreThere) {
  EXPECT_FALSE(allRules().empty());
}

TEST(Checks, HaveAPage) {
  for (const Rule *R : allRules())
    EXPECT_TRUE(llvm::sys::fs::exists(Root + page(*R))) << page(*R);
}

TEST(Checks, HaveFixtures) {
  for (const Rule *R : allRules()) {
    llvm::Expected<std::vector<Fixture>> All = readFixtures(LATCHKEY_SOURCE_DIR, R->Info.Name);
    ASSERT_TRUE(static_cast<bool>(All)) << llvm::toString(All.takeError());
    EXPECT_FALSE(All->empty()) << R->Info.Name.str();
    EXPECT_TRUE(!R->Info.HasFix || llvm::any_of(*All, [](const Fixture &F) { return !F.Fixed.empty(); }))
        << R->Info.Name.str() << " has a fix and no fixture NAME.fixed.cpp that shows it";
  }
}

TEST(Checks, AreKnownToEveryPageAndFixture) {
  for (const std::string &Folder : fixtureFolders(LATCHKEY_SOURCE_DIR))
    EXPECT_NE(findRule(Folder), nullptr) << "test/fixtures/" << Folder << " is about no check";
  std::error_code Failed;
  for (llvm::sys::fs::directory_iterator It(Root + "docs/checks", Failed), End; It != End && !Failed;
       It.increment(Failed)) {
    StringRef Name = llvm::sys::path::stem(It->path());
    if (Name != "index" && Name != "README")
      EXPECT_NE(findRule(Name), nullptr) << It->path() << " is about no check";
  }
}

TEST(Checks, ExplainTheirOptions) {
  for (const Rule *R : allRules()) {
    std::string Text = readText(page(*R));
    for (const OptionInfo &Option : R->Info.Options)
      EXPECT_NE(Text.find(Option.Name.str()), std::string::npos)
          << page(*R) << " does not name the option " << Option.Name.str();
  }
}

TEST(Checks, HaveAllOptionsThatDocumentsName) {
  llvm::Regex Named("latchkey-([a-z-]+)\\.([A-Za-z]+)");
  std::error_code Failed;
  for (llvm::sys::fs::recursive_directory_iterator It(Root + "docs", Failed), End; It != End && !Failed;
       It.increment(Failed)) {
    if (llvm::sys::path::extension(It->path()) != ".md")
      continue;
    auto Buffer = llvm::MemoryBuffer::getFile(It->path());
    ASSERT_TRUE(static_cast<bool>(Buffer));
    llvm::SmallVector<StringRef> Found;
    for (StringRef Rest = (*Buffer)->getBuffer(); Named.match(Rest, &Found);
         Rest = Rest.drop_front(static_cast<size_t>(Found[0].end() - Rest.begin()))) {
      const Rule *R = findRule(Found[1]);
      // `latchkey-name.md` is a link, `latchkey-name.json` a file.
      if (Found[2] == "md" || Found[2] == "json" || Found[2] == "Models" || (!R && Found[1] == "tidy"))
        continue;
      ASSERT_NE(R, nullptr) << It->path() << ": " << Found[0].str();
      EXPECT_TRUE(llvm::any_of(R->Info.Options, [&](const OptionInfo &O) { return O.Name == Found[2]; }))
          << It->path() << ": " << Found[0].str();
    }
  }
}

TEST(Checks, HaveSoundMetadata) {
  for (const Rule *R : allRules()) {
    const Metadata &Info = R->Info;
    SCOPED_TRACE(Info.Name.str());
    EXPECT_TRUE(llvm::Regex("^[a-z]+(-[a-z]+)*$").match(Info.Name));
    EXPECT_TRUE(llvm::is_contained({"wait", "thread", "defer"}, Info.Family)) << Info.Family.str();
    EXPECT_FALSE(Info.Summary.empty());
    EXPECT_FALSE(Info.Summary.ends_with(".") || Info.Summary.contains('\n')) << Info.Summary.str();
    EXPECT_TRUE(Info.Summary.empty() || !llvm::isUpper(Info.Summary.front())) << Info.Summary.str();
    for (StringRef Other : Info.Subsumes)
      EXPECT_TRUE(findRule(Other) || llvm::Regex("^[a-z-]+$").match(Other)) << Other.str();
    for (const Reference &Link : Info.References)
      EXPECT_TRUE(Link.Url.starts_with("https://")) << Link.Url.str();
    for (const OptionInfo &Option : Info.Options)
      EXPECT_TRUE(Option.Choices.empty() || llvm::is_contained(Option.Choices, Option.Default)) << Option.Name.str();
  }
}

/// The layers from the bottom; each includes only what stands before it. Lowering and rules do not know each other.
TEST(Layers, IncludeOnlyDownwards) {
  const std::vector<std::pair<StringRef, std::vector<StringRef>>> MayInclude = {
      {"checks/ir/", {"checks/ir/"}},
      {"checks/model/", {"checks/ir/", "checks/model/"}},
      {"checks/flow/", {"checks/ir/", "checks/flow/"}},
      {"checks/rules/", {"checks/ir/", "checks/flow/", "checks/rules/"}},
      {"checks/lower/", {"checks/ir/", "checks/model/", "checks/lower/"}},
      {"checks/tidy/",
       {"checks/ir/", "checks/model/", "checks/flow/", "checks/rules/", "checks/lower/", "checks/tidy/"}},
  };
  llvm::Regex Include("^ *# *include +\"((checks|tool|test)/[^\"]+)\"");
  for (const SourceFile &File : ownSources()) {
    auto Layer = llvm::find_if(MayInclude, [&](const auto &L) { return StringRef(File.Path).starts_with(L.first); });
    if (Layer == MayInclude.end())
      continue;
    llvm::SmallVector<StringRef> Lines, Found;
    StringRef(File.Text).split(Lines, '\n');
    for (StringRef Line : Lines)
      if (Include.match(Line, &Found))
        EXPECT_TRUE(llvm::any_of(Layer->second, [&](StringRef Below) { return Found[1].starts_with(Below); }))
            << File.Path << " includes " << Found[1].str();
  }
}

TEST(Layers, KnowClangOnlyFromLoweringUpwards) {
  llvm::Regex Include("# *include +[\"<]clang(-tidy)?/");
  for (const SourceFile &File : ownSources()) {
    StringRef Path = File.Path;
    bool Below = llvm::any_of(std::array{"checks/ir/", "checks/model/", "checks/flow/", "checks/rules/"},
                              [&](StringRef Layer) { return Path.starts_with(Layer); });
    EXPECT_FALSE(Below && Include.match(File.Text)) << File.Path << " includes Clang";
  }
}

TEST(Layers, KnowLibrariesOnlyAsData) {
  llvm::Regex Library("(^|[^a-zA-Z])(marl|absl|abseil|boost|folly|gsl|tbb|brpc|bthread|photon|coost|thrd_|mtx_|cnd_|"
                      "pthread_|QThread|QMutex|dispatch_)([^a-z]|$)");
  for (const SourceFile &File : ownSources()) {
    if (!StringRef(File.Path).starts_with("checks/flow/") && !StringRef(File.Path).starts_with("checks/rules/"))
      continue;
    std::string Code = withoutComments(File.Text);
    llvm::SmallVector<StringRef> Found;
    EXPECT_FALSE(Library.match(Code, &Found)) << File.Path << " names " << Found[2].str();
  }
}

/// What judging one function looks at is asked for (flow/Questions.h), or the cache would not know of it. Only what is
/// made once of the whole program walks through it.
TEST(Layers, WalkThroughTheProgramOnlyOnce) {
  llvm::Regex Walk("(M|module\\(\\))\\.(Functions|Classes)[^a-zA-Z]");
  const std::array Whole{"Analyse",          "Answers",     "Awaits",           "Completions",
                         "FunctionPointers", "Link",        "LockUses",         "Objects",
                         "Program",          "Signals",     "StoppedReleasers", "StoredCallables",
                         "SummaryDb",        "TaskActions", "UnknownCallees",   "UseIndex"};
  for (const SourceFile &File : ownSources()) {
    StringRef Name = File.Path;
    bool May = !Name.consume_front("checks/flow/") || llvm::is_contained(Whole, Name.split('.').first);
    EXPECT_FALSE(!May && Walk.match(withoutComments(File.Text))) << File.Path << " walks through the whole program";
  }
}

/// Aims are reported; half as much again fails.
TEST(Files, StaySmall) {
  for (const SourceFile &File : ownSources()) {
    StringRef Path = File.Path;
    bool IsRule = Path.starts_with("checks/rules/") && Path.ends_with(".cpp");
    size_t Lines = StringRef(File.Text).count('\n');
    size_t Aim = IsRule ? 120 : 400;
    if (Lines > Aim)
      std::printf("%s has %zu lines, the aim is %zu\n", File.Path.c_str(), Lines, Aim);
    EXPECT_LE(Lines, Aim * 3 / 2) << File.Path;
  }
}

TEST(Files, BeginWithWhatTheyAreFor) {
  for (const SourceFile &File : ownSources())
    if (StringRef(File.Path).ends_with(".h"))
      EXPECT_TRUE(StringRef(File.Text).starts_with("// ")) << File.Path;
}

TEST(Files, HoldNoPlacesOfOneMachine) {
  for (const SourceFile &File : ownSources())
    for (StringRef Place : {"/work"
                            "/",
                            "/home"
                            "/",
                            "/root"
                            "/"})
      EXPECT_EQ(File.Text.find(Place.str()), std::string::npos) << File.Path << " names " << Place.str();
}

TEST(Files, AreFormatted) {
  std::vector<std::string> Command{"clang-format-22", "--dry-run", "-Werror"};
  for (const SourceFile &File : ownSources())
    Command.push_back(Root + File.Path);
  llvm::Expected<Ran> Result = runProgram(Command);
  ASSERT_TRUE(static_cast<bool>(Result)) << llvm::toString(Result.takeError());
  EXPECT_EQ(Result->Status, 0) << Result->Err;
}

/// The files that the build's database names below checks/, tool/ and test/, as run-clang-tidy's pattern.
std::string ownPattern() {
  return "^" + llvm::Regex::escape(Root) + "(checks|tool|test)/.*\\.cpp$";
}

TEST(Code, IsCleanForClangTidy) {
  unsigned Jobs = std::max(1U, std::thread::hardware_concurrency());
  llvm::Expected<Ran> Result = runProgram({"run-clang-tidy-22", "-quiet", "-p", LATCHKEY_BINARY_DIR, "-load",
                                           LATCHKEY_BINARY_DIR "/test/project/lint-own-code.so", "-j",
                                           std::to_string(Jobs), "-clang-tidy-binary", "clang-tidy-22", ownPattern()},
                                          3600);
  ASSERT_TRUE(static_cast<bool>(Result)) << llvm::toString(Result.takeError());
  EXPECT_EQ(Result->Status, 0) << Result->Out;
}

TEST(Code, IsCleanForLatchkey) {
  llvm::Expected<Ran> Result = runProgram(
      {LATCHKEY_BINARY_DIR "/tool/latchkey", "-p", LATCHKEY_BINARY_DIR, Root + "checks", Root + "tool"}, 3600);
  ASSERT_TRUE(static_cast<bool>(Result)) << llvm::toString(Result.takeError());
  EXPECT_EQ(Result->Status, 0) << Result->Out << Result->Err;
}

/// Guards the guards: they look at something, and see what is to be seen.
TEST(Guards, SeeOurSources) {
  EXPECT_GT(ownSources().size(), 50U);
  EXPECT_TRUE(llvm::any_of(ownSources(), [](const SourceFile &F) { return F.Path == "checks/rules/Rule.h"; }));
  EXPECT_EQ(withoutComments("a // marl\n\"// b\" /* c\n */ 'd' 1'000"), "a \n\"// b\" \n 'd' 1'000");
}

} // namespace
