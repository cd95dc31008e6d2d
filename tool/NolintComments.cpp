#include "tool/NolintComments.h"

#include "clang-tidy/GlobList.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::driver {

using llvm::StringRef;

bool NolintComment::silences(StringRef Check, unsigned Offset) const {
  if (Offset < Covers || Offset >= Through)
    return false;
  return clang::tidy::GlobList(llvm::join(Checks, ",")).contains(Check);
}

// Written apart, so that no tool takes these lines for comments of the kind.
static constexpr StringRef Word = "NO"
                                  "LINT";

namespace {

class Reader {
public:
  Reader(StringRef File, StringRef Text) : File(File), Text(Text) {}

  std::vector<NolintComment> read() {
    for (size_t At = Text.find(Word); At != StringRef::npos; At = Text.find(Word, At + 1)) {
      StringRef Kind = Text.substr(At + Word.size()).take_while([](char C) { return llvm::isAlpha(C); });
      NolintComment Comment = comment(At, Word.size() + Kind.size());
      if (Kind == "BEGIN")
        Open.push_back(std::move(Comment));
      else if (Kind == "END")
        close(Comment);
      else if (Kind.empty())
        add(std::move(Comment), lineStart(At), lineEnd(At));
      else if (size_t Next = lineEnd(At); Kind == "NEXTLINE")
        add(std::move(Comment), Next + 1, lineEnd(Next + 1));
    }
    llvm::sort(Found, [](const NolintComment &A, const NolintComment &B) { return A.Where < B.Where; });
    return std::move(Found);
  }

private:
  size_t lineStart(size_t At) const { return Text.take_front(At).rfind('\n') + 1; }
  size_t lineEnd(size_t At) const { return std::min(Text.find('\n', At), Text.size()); }

  NolintComment comment(size_t At, size_t Length) {
    NolintComment Comment;
    StringRef Rest = Text.slice(At + Length, lineEnd(At));
    if (size_t Close = Rest.find(')'); Rest.starts_with("(") && Close != StringRef::npos) {
      Comment.Listed = true;
      llvm::SmallVector<StringRef> Globs;
      Rest.slice(1, Close).split(Globs, ',');
      for (StringRef Glob : Globs)
        Comment.Checks.push_back(Glob.trim().str());
      Length += Close + 1;
      Rest = Rest.drop_front(Close + 1);
    } else {
      Comment.Checks = {"*"};
    }
    Comment.Reason = Rest.split("*/").first.trim(" \t\r:;,-").str();
    Line += static_cast<unsigned>(Text.slice(Counted, At).count('\n'));
    Counted = At;
    Comment.Where = {File.str(), {}};
    Comment.Where.At.Line = Line;
    Comment.Where.At.Column = static_cast<unsigned>(At - lineStart(At) + 1);
    Comment.Where.At.Offset = static_cast<unsigned>(At);
    Comment.Where.At.Length = static_cast<unsigned>(Length);
    return Comment;
  }

  void add(NolintComment Comment, size_t From, size_t To) {
    Comment.Covers = static_cast<unsigned>(From);
    Comment.Through = static_cast<unsigned>(To);
    Found.push_back(std::move(Comment));
  }

  /// A block ends with the list that it begins with.
  void close(const NolintComment &End) {
    if (Open.empty() || Open.back().Checks != End.Checks || Open.back().Listed != End.Listed)
      return;
    NolintComment Block = std::move(Open.back());
    Open.pop_back();
    Block.End = End.Where;
    unsigned From = Block.Where.At.Offset;
    add(std::move(Block), From, End.Where.At.Offset);
  }

  StringRef File, Text;
  std::vector<NolintComment> Found, Open;
  size_t Counted = 0;
  unsigned Line = 1;
};

} // namespace

std::vector<NolintComment> nolintComments(StringRef File, StringRef Text) {
  return Reader(File, Text).read();
}

bool mayNameOurs(StringRef Text) {
  return Text.contains(Word) && Text.contains("latchkey");
}

static Edit deletion(const SourcePlace &In, size_t From, size_t To) {
  Edit Result{In, ""};
  Result.Where.At.Offset = static_cast<unsigned>(From);
  Result.Where.At.Length = static_cast<unsigned>(To - From);
  Result.Where.At.Column -= In.At.Offset - static_cast<unsigned>(From);
  return Result;
}

/// The comment with what it says; the line, if there is nothing else on it.
static std::optional<Edit> withoutComment(const SourcePlace &Where, StringRef Text) {
  size_t Start = Text.take_front(Where.At.Offset).rfind('\n') + 1; // npos + 1 is 0
  StringRef Before = Text.slice(Start, Where.At.Offset).rtrim();
  if (!Before.consume_back("//"))
    return std::nullopt;
  size_t End = std::min(Text.find('\n', Where.At.Offset), Text.size());
  Before = Before.rtrim();
  return deletion(Where, Start + Before.size(), Before.empty() ? std::min(End + 1, Text.size()) : End);
}

static std::optional<Edit> withoutGlobs(const SourcePlace &Where, llvm::ArrayRef<std::string> Globs, StringRef Text) {
  StringRef Whole = Text.substr(Where.At.Offset, Where.At.Length);
  auto [Name, List] = Whole.drop_back().split('(');
  llvm::SmallVector<StringRef> All;
  List.split(All, ',');
  llvm::erase_if(All, [&](StringRef Glob) { return llvm::is_contained(Globs, Glob.trim()); });
  if (All.empty())
    return withoutComment(Where, Text);
  All.front() = All.front().ltrim();
  Edit Result{Where, (Name + "(" + llvm::join(All, ",") + ")").str()};
  return Result;
}

std::vector<Edit> withoutChecks(const NolintComment &Of, llvm::ArrayRef<std::string> Globs, StringRef Text) {
  std::vector<Edit> Edits;
  for (const std::optional<SourcePlace> &Where : {std::optional(Of.Where), Of.End}) {
    if (!Where)
      continue;
    std::optional<Edit> One = withoutGlobs(*Where, Globs, Text);
    if (!One)
      return {};
    Edits.push_back(std::move(*One));
  }
  return Edits;
}

} // namespace latchkey::driver
