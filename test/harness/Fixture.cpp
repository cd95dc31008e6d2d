#include "test/harness/Fixture.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>
#include <optional>
#include <set>

using namespace latchkey::test;
using llvm::StringRef;
namespace path = llvm::sys::path;

static llvm::Error problem(StringRef File, unsigned Line, const std::string &What) {
  return llvm::createStringError(fmt::format("{}:{}: {}", File.str(), Line, What));
}

/// What a line's comment says, without the comment's own signs; empty without a comment.
static StringRef commentOf(StringRef Line) {
  for (StringRef Opening : {"// ", "/* "})
    for (StringRef Keyword : {"want ", "note ", "miss ", "wrong "})
      if (size_t At = Line.find((Opening + Keyword).str()); At != StringRef::npos) {
        StringRef Comment = Line.substr(At + Opening.size()).rtrim();
        Comment.consume_back("*/");
        return Comment.rtrim();
      }
  return {};
}

static std::optional<Expectation::Kind> keyword(StringRef Word) {
  if (Word == "want")
    return Expectation::Kind::Want;
  if (Word == "note")
    return Expectation::Kind::Note;
  if (Word == "miss")
    return Expectation::Kind::Miss;
  if (Word == "wrong")
    return Expectation::Kind::Wrong;
  return std::nullopt;
}

/// Reads `want a "…" b "…" note "…"` into Into. False if it is nothing of the kind: prose may begin with these words.
static bool parseComment(StringRef Comment, StringRef File, unsigned Line, std::vector<Expectation> &Into) {
  std::optional<Expectation::Kind> Kind;
  std::string Check;
  std::vector<Expectation> Read;
  while (!(Comment = Comment.ltrim(" ,")).empty()) {
    if (Comment.consume_front("\"")) {
      // A regular expression may hold \" and other escapes, which are its own.
      size_t End = 0;
      while (End < Comment.size() && Comment[End] != '"')
        End += Comment[End] == '\\' ? 2 : 1;
      if (!Kind || End >= Comment.size() || (Check.empty() != (*Kind == Expectation::Kind::Note)))
        return false;
      Read.push_back({*Kind, Check, Comment.take_front(End).str(), File.str(), Line});
      Comment = Comment.drop_front(End + 1);
      continue;
    }
    StringRef Word = Comment.take_while([](char C) { return llvm::isAlnum(C) || C == '-'; });
    if (Word.empty())
      return false;
    Comment = Comment.drop_front(Word.size());
    if (auto Next = keyword(Word)) {
      Kind = Next;
      Check.clear();
    } else {
      Check = Word.str();
    }
  }
  if (Read.empty())
    return false;
  Into.insert(Into.end(), Read.begin(), Read.end());
  return true;
}

static llvm::Error readExpectations(StringRef Text, StringRef File, StringRef Origin, std::vector<Expectation> &Into) {
  llvm::SmallVector<StringRef> Lines;
  Text.split(Lines, '\n');
  for (auto [Index, Line] : llvm::enumerate(Lines)) {
    StringRef Comment = commentOf(Line);
    // With a quote in it, it was meant to be one.
    if (!Comment.empty() && !parseComment(Comment, File, Index + 1, Into) && Comment.contains('"'))
      return problem(Origin, Index + 1, "cannot read this expectation: " + Comment.str());
  }
  return llvm::Error::success();
}

static std::vector<std::string> words(StringRef Text) {
  llvm::SmallVector<StringRef> Parts;
  llvm::SplitString(Text, Parts, ", ");
  return {Parts.begin(), Parts.end()};
}

static llvm::Error setHeader(Fixture &F, StringRef Key, StringRef Value, unsigned Line) {
  if (Key == "std")
    F.Standards = words(Value);
  else if (Key == "faces")
    F.Faces = words(Value);
  else if (Key == "flags")
    F.Flags = words(Value);
  else if (Key == "headers") {
    for (std::string &Word : words(Value)) {
      if (Word == "mock")
        F.Mock = true;
      else if (Word == "libstdc++" || Word == "libc++")
        F.Headers.push_back(Word);
      else
        return problem(F.Origin, Line, "no such headers: " + Word);
    }
  } else {
    for (const std::string &Word : words(Value)) {
      auto [Name, Setting] = StringRef(Word).split('=');
      if (Setting.empty())
        return problem(F.Origin, Line, "an option is NAME=VALUE: " + Word);
      F.Options[Name.str()] = Setting.str();
    }
  }
  return llvm::Error::success();
}

/// `// std: c++20` and its kin, in the comment lines that the text begins with.
static llvm::Error readHeader(Fixture &F) {
  unsigned Number = 0;
  for (StringRef Rest = F.Text; !Rest.empty();) {
    StringRef Line;
    std::tie(Line, Rest) = Rest.split('\n');
    ++Number;
    Line = Line.trim();
    if (Line.empty())
      continue;
    if (!Line.consume_front("//") && !Line.consume_front("/*"))
      break;
    Line.consume_back("*/");
    auto [Key, Value] = Line.split(": ");
    Key = Key.trim();
    if (llvm::is_contained({"std", "options", "headers", "faces", "flags"}, Key))
      if (llvm::Error Wrong = setHeader(F, Key, Value.trim(), Number))
        return Wrong;
  }
  if (F.Standards.empty())
    F.Standards = {F.C ? "c17" : "c++20"};
  if (F.Headers.empty())
    F.Headers = {"libstdc++"};
  return llvm::Error::success();
}

llvm::Expected<Fixture> latchkey::test::parseFixture(StringRef Folder, StringRef File, StringRef Text) {
  Fixture F;
  F.Folder = Folder.str();
  F.File = File.str();
  F.Origin = F.name();
  F.Text = Text.str();
  F.C = File.ends_with(".c");
  if (llvm::Error Wrong = readHeader(F))
    return Wrong;
  if (llvm::Error Wrong = readExpectations(F.Text, F.File, F.Origin, F.Expectations))
    return Wrong;
  return F;
}

static llvm::Expected<std::string> readFile(StringRef Path) {
  auto Buffer = llvm::MemoryBuffer::getFile(Path);
  if (!Buffer)
    return llvm::createStringError(Buffer.getError(), Path.str());
  return (*Buffer)->getBuffer().str();
}

/// Headers of the fixture's own folder that Text includes, and theirs.
static llvm::Error readIncluded(Fixture &F, StringRef Directory, StringRef Text) {
  llvm::SmallVector<StringRef> Lines;
  Text.split(Lines, '\n');
  for (StringRef Line : Lines) {
    Line = Line.ltrim();
    if (!Line.consume_front("#include \""))
      continue;
    StringRef Name = Line.take_until([](char C) { return C == '"'; });
    std::string Path = (Directory + "/" + Name).str();
    if (F.Included.count(Name.str()) || !llvm::sys::fs::exists(Path))
      continue;
    llvm::Expected<std::string> Header = readFile(Path);
    if (!Header)
      return Header.takeError();
    std::string Owned = F.Included[Name.str()] = *Header;
    if (llvm::Error Wrong = readExpectations(Owned, Name, Path, F.Expectations))
      return Wrong;
    if (llvm::Error Wrong = readIncluded(F, Directory, Owned))
      return Wrong;
  }
  return llvm::Error::success();
}

static llvm::Expected<Fixture> readFixture(StringRef Check, StringRef Path) {
  llvm::Expected<std::string> Text = readFile(Path);
  if (!Text)
    return Text.takeError();
  llvm::Expected<Fixture> F = parseFixture(Check, path::filename(Path), *Text);
  if (!F)
    return F;
  F->Origin = Path.str();
  if (llvm::Error Wrong = readIncluded(*F, path::parent_path(Path), F->Text))
    return Wrong;
  std::string FixedPath = (Path.drop_back(path::extension(Path).size()) + ".fixed" + path::extension(Path)).str();
  if (llvm::sys::fs::exists(FixedPath)) {
    llvm::Expected<std::string> Fixed = readFile(FixedPath);
    if (!Fixed)
      return Fixed.takeError();
    F->Fixed = *Fixed;
  }
  return F;
}

llvm::Expected<std::vector<Fixture>> latchkey::test::parsePage(StringRef Check, StringRef Page, StringRef Text) {
  std::vector<Fixture> Blocks;
  llvm::SmallVector<StringRef> Lines;
  Text.split(Lines, '\n');
  for (unsigned I = 0; I < Lines.size(); ++I) {
    bool C = Lines[I].trim() == "```c";
    if (!C && Lines[I].trim() != "```cpp")
      continue;
    unsigned First = I + 1;
    // Lines before the block are empty, so that the block's lines are the page's.
    std::string Code(First, '\n');
    for (++I; I < Lines.size() && Lines[I].trim() != "```"; ++I)
      Code += Lines[I].str() + "\n";
    std::string File = fmt::format("page-{}.{}", First, C ? "c" : "cpp");
    llvm::Expected<Fixture> Block = parseFixture(Check, File, Code);
    if (!Block)
      return Block.takeError();
    Block->Origin = Page.str();
    Blocks.push_back(std::move(*Block));
  }
  return Blocks;
}

/// The sources that stand in Directory itself.
static llvm::Error readFolder(StringRef Check, const std::string &Directory, std::vector<Fixture> &All) {
  std::set<std::string> Paths;
  std::error_code Failed;
  for (llvm::sys::fs::directory_iterator It(Directory, Failed), End; It != End && !Failed; It.increment(Failed)) {
    StringRef Path = It->path();
    if (llvm::is_contained({".c", ".cpp", ".cc"}, path::extension(Path)) && !path::stem(Path).ends_with(".fixed"))
      Paths.insert(Path.str());
  }
  if (Failed)
    return llvm::createStringError(Failed, Directory);
  for (const std::string &Path : Paths) {
    llvm::Expected<Fixture> F = readFixture(Check, Path);
    if (!F)
      return F.takeError();
    All.push_back(std::move(*F));
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<Fixture>> latchkey::test::readFixtures(StringRef Root, StringRef Check) {
  std::vector<Fixture> All;
  if (llvm::Error Wrong = readFolder(Check, (Root + "/test/fixtures/" + Check).str(), All))
    return Wrong;
  std::string Page = (Root + "/docs/checks/" + Check + ".md").str();
  if (llvm::sys::fs::exists(Page)) {
    llvm::Expected<std::string> Text = readFile(Page);
    if (!Text)
      return Text.takeError();
    llvm::Expected<std::vector<Fixture>> Blocks = parsePage(Check, Page, *Text);
    if (!Blocks)
      return Blocks.takeError();
    llvm::move(*Blocks, std::back_inserter(All));
  }
  return All;
}

static std::vector<std::string> foldersIn(const std::string &Directory) {
  std::set<std::string> Names;
  std::error_code Failed;
  for (llvm::sys::fs::directory_iterator It(Directory, Failed), End; It != End && !Failed; It.increment(Failed))
    if (It->type() == llvm::sys::fs::file_type::directory_file)
      Names.insert(path::filename(It->path()).str());
  return {Names.begin(), Names.end()};
}

std::vector<std::string> latchkey::test::fixtureFolders(StringRef Root) {
  return foldersIn((Root + "/test/fixtures").str());
}

llvm::Expected<std::vector<ProgramFixture>> latchkey::test::readPrograms(StringRef Root, StringRef Check) {
  std::vector<ProgramFixture> All;
  std::string Directory = (Root + "/test/fixtures/" + Check).str();
  for (const std::string &Name : foldersIn(Directory)) {
    ProgramFixture &P = All.emplace_back();
    P.Name = Name;
    if (llvm::Error Wrong = readFolder(Check, Directory + "/" + Name, P.Files))
      return Wrong;
  }
  return All;
}

std::string latchkey::test::withoutExpectations(StringRef Text) {
  std::string Plain;
  for (StringRef Rest = Text; !Rest.empty();) {
    StringRef Line;
    std::tie(Line, Rest) = Rest.split('\n');
    StringRef Comment = commentOf(Line);
    std::vector<Expectation> Read;
    if (!Comment.empty() && parseComment(Comment, "", 0, Read))
      Line = Line.take_front(Comment.data() - Line.data() - 3);
    Plain += Line.rtrim();
    Plain += '\n';
  }
  return Plain;
}
