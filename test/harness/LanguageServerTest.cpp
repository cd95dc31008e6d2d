// What is particular to the language server: it runs our checks without any configuration, does as the user's
// configuration says, sees the bodies in the user's headers, and offers fixes.

#include "test/harness/Editor.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace latchkey::test;
using testing::ElementsAre;
using testing::IsEmpty;
namespace json = llvm::json;

namespace {

class LanguageServerTest : public testing::Test {
protected:
  /// A workspace of one file, and a server on it.
  void start(llvm::StringRef Text, std::map<std::string, std::string> Included = {}, llvm::StringRef Tidy = "",
             llvm::StringRef Clangd = "") {
    llvm::Expected<Fixture> F = parseFixture("leaked-thread", "main.cpp", Text);
    ASSERT_TRUE(static_cast<bool>(F)) << llvm::toString(F.takeError());
    Source = std::move(*F);
    Source.Included = std::move(Included);
    if (!Tidy.empty())
      Source.Included[".clang-tidy"] = Tidy.str();
    if (!Clangd.empty())
      Source.Included[".clangd"] = Clangd.str();
    auto Created = Workspace::create(batches(Source, "clangd").front());
    ASSERT_TRUE(static_cast<bool>(Created)) << llvm::toString(Created.takeError());
    Space = std::move(*Created);
    auto Started = startEditor(*Space, {});
    ASSERT_TRUE(static_cast<bool>(Started)) << llvm::toString(Started.takeError());
    Server = std::move(*Started);
    ASSERT_FALSE(static_cast<bool>(Server->open(path(), "cpp", Text)));
  }

  std::string path() const { return Space->units().front().Path; }

  json::Array diagnostics() {
    llvm::Expected<json::Array> Array = Server->diagnostics(path());
    if (Array)
      return std::move(*Array);
    ADD_FAILURE() << llvm::toString(Array.takeError());
    return {};
  }

  /// "check:line" of ours.
  std::vector<std::string> findings() {
    std::vector<std::string> Texts;
    for (const Reported &R : fromDiagnostics(*Space, "main.cpp", diagnostics()))
      Texts.push_back((R.Check.empty() ? R.Message : R.Check) + ":" + std::to_string(R.Line));
    return Texts;
  }

  void TearDown() override {
    if (Server)
      if (llvm::Error Failed = Server->shutdown())
        ADD_FAILURE() << llvm::toString(std::move(Failed));
  }

  Fixture Source;
  std::unique_ptr<Workspace> Space;
  std::unique_ptr<LanguageServer> Server;
};

constexpr llvm::StringLiteral Leak = "#include <thread>\n"
                                     "void work();\n"
                                     "void run() {\n"
                                     "  std::thread thread(work);\n"
                                     "}\n";

TEST_F(LanguageServerTest, ReportsWithoutConfiguration) {
  start(Leak);
  EXPECT_THAT(findings(), ElementsAre("leaked-thread:5"));
}

TEST_F(LanguageServerTest, ReportsInAProjectWhoseConfigurationDoesNotKnowUs) {
  start(Leak, {}, "Checks: '-*,bugprone-*'\n");
  EXPECT_THAT(findings(), ElementsAre("leaked-thread:5"));
}

TEST_F(LanguageServerTest, IsSilencedByClangTidysFile) {
  start(Leak, {}, "Checks: '-latchkey-leaked-thread'\n");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(LanguageServerTest, IsSilencedByClangTidysFileThatWantsNothing) {
  start(Leak, {}, "Checks: '-*'\n");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(LanguageServerTest, IsSilencedByClangdsFile) {
  start(Leak, {}, "", "Diagnostics:\n  ClangTidy:\n    Remove: ['latchkey-*']\n");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(LanguageServerTest, IsSilencedByAComment) {
  start("#include <thread>\nvoid work();\nvoid run() {\n"
        "  std::thread thread(work); // NOLINT(latchkey-leaked-thread)\n}\n"
        "void again() {\n  std::thread thread(work);\n} // NOLINT\n");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(LanguageServerTest, KeepsClangdsOwnChecks) {
  start("double half(int n) { return n / 2; }\n");
  bool Found = false;
  for (const json::Value &D : diagnostics())
    Found |= D.getAsObject()->getString("code") == "bugprone-integer-division";
  EXPECT_TRUE(Found);
}

TEST_F(LanguageServerTest, SeesBodiesInTheUsersHeaders) {
  start("#include \"joining.h\"\nvoid work();\nvoid run() {\n  Joining task(work);\n  Leaking other(work);\n}\n",
        {{"joining.h", "#include <thread>\n"
                       "void finish(std::thread &t);\n"
                       "struct Joining {\n  template <class F> explicit Joining(F f) : thread(f) {}\n"
                       "  ~Joining() { stop(); }\n  void stop() { thread.join(); }\n  std::thread thread;\n};\n"
                       "struct Leaking {\n  template <class F> explicit Leaking(F f) : thread(f) {}\n"
                       "  ~Leaking() {}\n  std::thread thread;\n};\n"
                       "inline void joinIt(std::thread &t) { t.join(); }\n"}});
  EXPECT_THAT(findings(), testing::Not(testing::Contains(testing::EndsWith(":4"))));
}

TEST_F(LanguageServerTest, SeesHelpersInTheUsersHeaders) {
  start("#include \"helper.h\"\nvoid work();\nvoid run() {\n  std::thread thread(work);\n  joinIt(thread);\n"
        "  thread.join();\n}\n",
        {{"helper.h", "#include <thread>\ninline void joinIt(std::thread &t) { t.join(); }\n"}});
  EXPECT_THAT(findings(), ElementsAre("invalid-join:6"));
}

TEST_F(LanguageServerTest, FollowsEdits) {
  start(Leak);
  EXPECT_THAT(findings(), ElementsAre("leaked-thread:5"));
  std::string Joined = Leak.str();
  Joined.insert(Joined.rfind('}'), "  thread.join();\n");
  ASSERT_FALSE(static_cast<bool>(Server->change(path(), Joined)));
  EXPECT_THAT(findings(), IsEmpty());
  ASSERT_FALSE(static_cast<bool>(Server->change(path(), Leak)));
  EXPECT_THAT(findings(), ElementsAre("leaked-thread:5"));
}

TEST_F(LanguageServerTest, TellsThePathAsRelatedInformation) {
  start(Leak);
  std::vector<Reported> All = fromDiagnostics(*Space, "main.cpp", diagnostics());
  ASSERT_EQ(All.size(), 1U);
  EXPECT_THAT(All.front().Notes, testing::Contains(testing::Field(&ReportedNote::Line, 4)));
}

TEST_F(LanguageServerTest, LinksTheCheckToItsPage) {
  start(Leak);
  json::Array All = diagnostics();
  ASSERT_EQ(All.size(), 1U);
  const json::Object *Link = All.front().getAsObject()->getObject("codeDescription");
  ASSERT_NE(Link, nullptr);
  llvm::StringRef Page = Link->getString("href").value_or("");
  EXPECT_TRUE(Page.consume_front("file://") && llvm::sys::fs::exists(Page)) << Page.str();
}

TEST_F(LanguageServerTest, OffersFixesUnderTheirTitles) {
  start("#include <thread>\nvoid work();\nbool ready();\nvoid run() {\n  std::thread thread;\n  if (ready())\n"
        "    thread = std::thread(work);\n  thread.join();\n}\n");
  json::Array All = diagnostics();
  ASSERT_EQ(All.size(), 1U);
  json::Object &D = *All.front().getAsObject();
  llvm::Expected<json::Value> Actions =
      Server->request("textDocument/codeAction",
                      json::Object{{"textDocument", json::Object{{"uri", fileUri(path())}}},
                                   {"range", *D.get("range")},
                                   {"context", json::Object{{"diagnostics", json::Array{json::Value(std::move(D))}}}}});
  ASSERT_TRUE(static_cast<bool>(Actions)) << llvm::toString(Actions.takeError());
  std::string Text = llvm::formatv("{0}", *Actions).str();
  EXPECT_NE(Text.find("joinable()"), std::string::npos) << Text;
  EXPECT_NE(Text.find("\"kind\":\"quickfix\""), std::string::npos) << Text;
}

} // namespace
