#include "tool/SourceText.h"

namespace latchkey::driver {

using llvm::StringRef;

const SourceText::File &SourceText::open(StringRef Path) {
  auto [It, New] = Files.try_emplace(Path);
  File &F = It->second;
  if (!New)
    return F;
  auto Text = llvm::MemoryBuffer::getFile(Path);
  if (!Text)
    return F;
  F.Text = std::move(*Text);
  StringRef Buffer = F.Text->getBuffer();
  for (size_t At = 0; At < Buffer.size(); At = Buffer.find('\n', At) + 1) {
    F.LineStarts.push_back(At);
    if (Buffer.find('\n', At) == StringRef::npos)
      break;
  }
  return F;
}

StringRef SourceText::line(StringRef Path, unsigned Line) {
  const File &F = open(Path);
  if (!F.Text || Line == 0 || Line > F.LineStarts.size())
    return {};
  return F.Text->getBuffer().drop_front(F.LineStarts[Line - 1]).split('\n').first.rtrim('\r');
}

unsigned SourceText::lines(StringRef Path) {
  return static_cast<unsigned>(open(Path).LineStarts.size());
}

StringRef SourceText::text(const SourcePlace &P) {
  const File &F = open(P.File);
  return F.Text ? F.Text->getBuffer().substr(P.At.Offset, P.At.Length) : StringRef();
}

unsigned SourceText::codePoints(StringRef Bytes) {
  return llvm::count_if(Bytes, [](unsigned char Byte) { return (Byte & 0xC0) != 0x80; });
}

std::pair<SourceText::Position, SourceText::Position> SourceText::span(const SourcePlace &P) {
  auto At = [&](unsigned Line, unsigned ByteColumn) {
    StringRef Text = line(P.File, Line);
    unsigned Before = ByteColumn ? ByteColumn - 1 : 0;
    // Past the end of the line there are no bytes to count: the file changed, or the place is the line's end.
    unsigned Rest = Before > Text.size() ? Before - Text.size() : 0;
    return Position{Line, codePoints(Text.take_front(Before)) + Rest + 1};
  };
  Position Start = At(P.At.Line, P.At.Column);
  const File &F = open(P.File);
  size_t EndOffset = size_t(P.At.Offset) + P.At.Length;
  if (!F.Text || F.LineStarts.empty() || EndOffset > F.Text->getBufferSize())
    return {Start, Start};
  auto Next = llvm::upper_bound(F.LineStarts, EndOffset);
  unsigned Line = Next - F.LineStarts.begin();
  Position End = At(Line, EndOffset - F.LineStarts[Line - 1] + 1);
  return {Start, std::pair(End.Line, End.Column) < std::pair(Start.Line, Start.Column) ? Start : End};
}

} // namespace latchkey::driver
