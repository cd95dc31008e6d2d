#include "checks/ir/TextCursor.h"

#include "checks/ir/TextNames.h"

#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir::text {

Cursor::LineColumn Cursor::lineColumn(size_t Where) const {
  llvm::StringRef Before = Text.take_front(Where);
  return {uint32_t(Before.count('\n') + 1), uint32_t(Where - (Before.rfind('\n') + 1) + 1)};
}

void Cursor::fail(const llvm::Twine &What) {
  failAt(Pos, What);
}

void Cursor::failAt(size_t Where, const llvm::Twine &What) {
  if (!failed()) {
    LineColumn At = lineColumn(Where);
    ErrorAt = Where;
    Message = What.str();
    Error = (llvm::Twine(At.Line) + ":" + llvm::Twine(At.Column) + ": " + Message).str();
  }
  Pos = Text.size();
}

void Cursor::space() {
  while (Pos < Text.size()) {
    if (llvm::StringRef(" \t\r").contains(Text[Pos]))
      ++Pos;
    else if (rest().starts_with("//"))
      Pos = std::min(Text.find('\n', Pos), Text.size());
    else
      return;
  }
}

void Cursor::blank() {
  for (space(); takeTight('\n');)
    space();
}

void Cursor::separators() {
  for (space(); takeTight('\n') || takeTight(';');)
    space();
}

bool Cursor::atEnd() {
  blank();
  return Pos == Text.size();
}

bool Cursor::atEndOfStatement() {
  char C = peek();
  return C == '\0' || C == '\n' || C == ';' || C == '}';
}

char Cursor::peek() {
  space();
  return peekTight();
}

bool Cursor::takeTight(char C) {
  if (Pos == Text.size() || Text[Pos] != C)
    return false;
  ++Pos;
  return true;
}

bool Cursor::looksAt(llvm::StringRef Symbol) {
  space();
  return rest().starts_with(Symbol);
}

bool Cursor::take(llvm::StringRef Symbol) {
  if (!looksAt(Symbol))
    return false;
  Pos += Symbol.size();
  return true;
}

void Cursor::expect(llvm::StringRef Symbol) {
  if (!take(Symbol))
    fail("expected `" + Symbol + "`");
}

llvm::StringRef Cursor::peekWord() {
  space();
  size_t End = Pos;
  do {
    if (End == Text.size() || !isNameStart(Text[End]))
      break;
    for (++End; End != Text.size() && isNameChar(Text[End]);)
      ++End;
    if (!Text.substr(End).starts_with("::") || End + 2 >= Text.size() || !isNameStart(Text[End + 2]))
      break;
    End += 2;
  } while (true);
  return Text.slice(Pos, End);
}

bool Cursor::looksAtWord(llvm::StringRef Word) {
  if (Word.empty() || peekWord() != Word)
    return false;
  llvm::StringRef Next = Text.substr(Pos + Word.size());
  bool HasSteps = Next.starts_with("[") || (Next.starts_with(".") && !Next.starts_with(".."));
  return !HasSteps && !Next.starts_with("#");
}

bool Cursor::takeWord(llvm::StringRef Word) {
  if (!looksAtWord(Word))
    return false;
  Pos += Word.size();
  return true;
}

void Cursor::expectWord(llvm::StringRef Word) {
  if (!takeWord(Word))
    fail("expected `" + Word + "`");
}

std::string Cursor::quoted() {
  size_t Start = Pos;
  expect("\"");
  std::string Result;
  while (!failed()) {
    if (Pos == Text.size() || Text[Pos] == '\n') {
      failAt(Start, "the quoted text has no end");
      break;
    }
    char C = Text[Pos++];
    if (C == '"')
      break;
    if (C == '\\' && Pos != Text.size()) {
      C = Text[Pos++];
      C = C == 'n' ? '\n' : C;
    }
    Result += C;
  }
  return Result;
}

std::string Cursor::name(llvm::StringRef What) {
  if (peek() == '"')
    return quoted();
  llvm::StringRef Word = peekWord();
  if (Word.empty())
    fail("expected " + What);
  Pos += failed() ? 0 : Word.size();
  return Word.str();
}

uint64_t Cursor::number(unsigned Radix) {
  space();
  llvm::StringRef Digits =
      rest().take_while([&](char C) { return llvm::hexDigitValue(C) < Radix; }).take_front(Radix == 16 ? 16 : 20);
  uint64_t Value = 0;
  if (Digits.getAsInteger(Radix, Value))
    fail(Digits.empty() ? "expected a number" : "the number is too large");
  else
    Pos += Digits.size();
  return Value;
}

int64_t Cursor::signedNumber() {
  bool Negative = take("-");
  uint64_t Magnitude = number();
  if (Magnitude > uint64_t(INT64_MAX) + Negative)
    fail("the number is too large");
  return int64_t(Negative ? 0 - Magnitude : Magnitude);
}

std::string Cursor::rawUntil(char Close) {
  size_t End = Text.find(Close, Pos);
  if (End == llvm::StringRef::npos || Text.slice(Pos, End).contains('\n')) {
    fail(llvm::Twine("expected `") + llvm::Twine(Close) + "`");
    return "";
  }
  std::string Result = Text.slice(Pos, End).str();
  Pos = End + 1;
  return Result;
}

} // namespace latchkey::ir::text
