// Fixtures with a fixed version beside them: applying the fixes makes that version of them, it compiles with every
// standard the fixture names, and the check has nothing to say about it any more but what it wants itself: that is
// where no fix is offered.

#include "test/harness/Compare.h"
#include "test/harness/Editor.h"
#include "test/harness/Lowered.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <gtest/gtest.h>

using namespace latchkey;
using namespace latchkey::test;
using llvm::StringRef;
namespace json = llvm::json;

namespace {

/// All fixtures that have a fixed version, by `check/file`.
const std::vector<Fixture> &fixable() {
  static const std::vector<Fixture> All = [] {
    std::vector<Fixture> Found;
    for (const std::string &Check : fixtureFolders(LATCHKEY_SOURCE_DIR)) {
      llvm::Expected<std::vector<Fixture>> Read = readFixtures(LATCHKEY_SOURCE_DIR, Check);
      if (!Read) {
        llvm::consumeError(Read.takeError()); // The fixtures' own tests say so.
        continue;
      }
      for (Fixture &F : *Read)
        if (!F.Fixed.empty()) {
          F.Text = withoutExpectations(F.Text); // a comment would keep a line that is otherwise removed
          Found.push_back(std::move(F));
        }
    }
    return Found;
  }();
  return All;
}

std::string nameOf(const testing::TestParamInfo<const Fixture *> &Info) {
  std::string Name = Info.param->Folder + "_" + llvm::StringRef(Info.param->File).split('.').first.str();
  std::replace(Name.begin(), Name.end(), '-', '_');
  return Name;
}

std::vector<const Fixture *> pointers() {
  std::vector<const Fixture *> All;
  for (const Fixture &F : fixable())
    All.push_back(&F);
  return All;
}

struct TextEdit {
  size_t Offset, Length;
  std::string Text;
  auto operator<=>(const TextEdit &) const = default;
};

/// Two findings may want the same edit. From the end, so that offsets stay.
std::string apply(std::string Text, std::set<TextEdit> Edits) {
  for (const TextEdit &E : llvm::reverse(Edits))
    Text.replace(E.Offset, E.Length, E.Text);
  return Text;
}

class Fixes : public testing::TestWithParam<const Fixture *> {
protected:
  void SetUp() override {
    auto Created = Workspace::create(batches(*GetParam(), "process").front());
    ASSERT_TRUE(static_cast<bool>(Created)) << llvm::toString(Created.takeError());
    Space = std::move(*Created);
  }

  const Fixture &fixture() const { return *GetParam(); }
  Selection selection() const { return selectionFor(fixture().Folder, fixture()); }
  void expectFixed(StringRef Text) const {
    EXPECT_EQ(withoutExpectations(Text), withoutExpectations(fixture().Fixed)) << fixture().Origin;
  }

  std::unique_ptr<Workspace> Space;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Fixes);

TEST_P(Fixes, AreWhatIsExpected) {
  Lowered L = lowerUnit(*Space, Space->units().front());
  ASSERT_TRUE(L.Module) << fixture().Origin;
  std::set<TextEdit> Edits;
  Selection S = selection();
  for (const Finding &F : analyse(*L.Module, analysisOptions(S)).Findings)
    if (F.Check == fixture().Folder && !F.Fixes.empty())
      for (const Edit &E : F.Fixes.front().Edits)
        if (Space->nameOf(E.Where.File) == fixture().File)
          Edits.insert({E.Where.At.Offset, E.Where.At.Length, E.Text});
  EXPECT_FALSE(Edits.empty()) << "no finding of " << fixture().Origin << " has a fix";
  expectFixed(apply(fixture().Text, std::move(Edits)));
}

TEST_P(Fixes, LeaveNothingToReport) {
  Fixture Fixed = fixture();
  llvm::Expected<Fixture> Read = parseFixture(fixture().Folder, fixture().File, fixture().Fixed);
  ASSERT_TRUE(static_cast<bool>(Read)) << llvm::toString(Read.takeError());
  Fixed.Text = fixture().Fixed;
  Fixed.Expectations = Read->Expectations;
  llvm::erase_if(Fixed.Expectations, [](const Expectation &E) { return E.K == Expectation::Kind::Note; });
  for (const std::vector<Unit> &Batch : batches(Fixed, "process")) {
    auto W = Workspace::create(Batch);
    ASSERT_TRUE(static_cast<bool>(W)) << llvm::toString(W.takeError());
    for (const Unit &U : (*W)->units()) {
      std::vector<std::string> Compile = U.Command;
      Compile.insert(Compile.begin() + 1, {"-fsyntax-only", "-w"});
      llvm::Expected<Ran> Compiled = runProgram(Compile);
      ASSERT_TRUE(static_cast<bool>(Compiled)) << llvm::toString(Compiled.takeError());
      EXPECT_EQ(Compiled->Status, 0) << U.Standard << "\n" << Compiled->Err;
      Selection S = selection();
      llvm::Expected<Reports> Left = runInProcess(**W, S);
      ASSERT_TRUE(static_cast<bool>(Left));
      llvm::erase_if(Left->front(), [&](const Reported &R) { return R.Check != fixture().Folder; });
      for (const Mismatch &Wrong : compare(Fixed, Left->front(), true))
        ADD_FAILURE() << U.Standard << ": line " << Wrong.Line << ": " << Wrong.What;
    }
  }
}

TEST_P(Fixes, AreAppliedByClangTidy) {
  Selection S = selection();
  S.Checks = {fixture().Folder};
  std::vector<std::string> Command = clangTidyCommand(*Space, S);
  const std::string &Path = Space->units().front().Path;
  Command.insert(Command.end(), {"--fix-notes", Path});
  llvm::Expected<Ran> Result = runProgram(Command);
  ASSERT_TRUE(static_cast<bool>(Result)) << llvm::toString(Result.takeError());
  auto Buffer = llvm::MemoryBuffer::getFile(Path);
  ASSERT_TRUE(static_cast<bool>(Buffer));
  expectFixed((*Buffer)->getBuffer());
}

size_t offsetOf(StringRef Text, const json::Object &Position) {
  size_t Offset = 0;
  for (int64_t Line = Position.getInteger("line").value_or(0); Line > 0; --Line)
    Offset = Text.find('\n', Offset) + 1;
  // Fixtures are ASCII, so UTF-16's units are bytes.
  return Offset + static_cast<size_t>(Position.getInteger("character").value_or(0));
}

/// The edits to the file of the first quick fix among the actions.
std::set<TextEdit> editsOf(const json::Value &Actions, StringRef Path, StringRef Text) {
  std::set<TextEdit> Edits;
  const json::Array *List = Actions.getAsArray();
  for (size_t I = 0; List && I < List->size() && Edits.empty(); ++I) {
    const json::Object *Action = (*List)[I].getAsObject();
    const json::Object *Edit = Action && Action->getString("kind") == "quickfix" ? Action->getObject("edit") : nullptr;
    const json::Object *Changes = Edit ? Edit->getObject("changes") : nullptr;
    const json::Array *Here = Changes ? Changes->getArray(fileUri(Path)) : nullptr;
    for (size_t J = 0; Here && J < Here->size(); ++J) {
      const json::Object &E = *(*Here)[J].getAsObject();
      size_t Begin = offsetOf(Text, *E.getObject("range")->getObject("start"));
      size_t End = offsetOf(Text, *E.getObject("range")->getObject("end"));
      Edits.insert({Begin, End - Begin, E.getString("newText").value_or("").str()});
    }
  }
  return Edits;
}

TEST_P(Fixes, AreOfferedToTheEditor) {
  auto Server = startEditor(*Space, selection());
  ASSERT_TRUE(static_cast<bool>(Server)) << llvm::toString(Server.takeError());
  const std::string &Path = Space->units().front().Path;
  ASSERT_FALSE(static_cast<bool>((*Server)->open(Path, fixture().C ? "c" : "cpp", fixture().Text)));
  llvm::Expected<json::Array> Diagnostics = (*Server)->diagnostics(Path);
  ASSERT_TRUE(static_cast<bool>(Diagnostics)) << llvm::toString(Diagnostics.takeError());
  std::set<TextEdit> Edits;
  for (const json::Value &D : *Diagnostics) {
    if (D.getAsObject()->getString("code") != "latchkey-" + fixture().Folder)
      continue;
    llvm::Expected<json::Value> Actions = (*Server)->request(
        "textDocument/codeAction", json::Object{{"textDocument", json::Object{{"uri", fileUri(Path)}}},
                                                {"range", *D.getAsObject()->get("range")},
                                                {"context", json::Object{{"diagnostics", json::Array{D}}}}});
    ASSERT_TRUE(static_cast<bool>(Actions)) << llvm::toString(Actions.takeError());
    Edits.merge(editsOf(*Actions, Path, fixture().Text));
  }
  EXPECT_FALSE(static_cast<bool>((*Server)->shutdown()));
  expectFixed(apply(fixture().Text, std::move(Edits)));
}

INSTANTIATE_TEST_SUITE_P(All, Fixes, testing::ValuesIn(pointers()), nameOf);

TEST(FixFixtures, AreThere) {
  EXPECT_FALSE(fixable().empty());
}

} // namespace
