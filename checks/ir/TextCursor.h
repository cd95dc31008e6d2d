// A position in the textual form, and the small pieces that everything in it is made of. The first error sticks:
// after it the cursor stands at the end, so loops stop and callers need not look.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

#include <cstdint>
#include <string>

namespace latchkey::ir::text {

class Cursor {
public:
  explicit Cursor(llvm::StringRef Text) : Text(Text) {}

  /// Records `line:column: What` for the current position.
  void fail(const llvm::Twine &What);
  void failAt(size_t Where, const llvm::Twine &What);
  bool failed() const { return !Error.empty(); }
  /// With line and column, and without.
  const std::string &error() const { return Error; }
  const std::string &message() const { return Message; }
  size_t errorPosition() const { return ErrorAt; }

  size_t position() const { return Pos; }
  struct LineColumn {
    uint32_t Line, Column;
  };
  LineColumn lineColumn(size_t Where) const;

  /// Skips spaces and comments, not newlines.
  void space();
  /// Skips newlines too.
  void blank();
  /// Skips what separates statements: newlines and semicolons.
  void separators();
  bool atEnd();
  /// Nothing more on this line of the enclosing block.
  bool atEndOfStatement();

  char peek();
  bool looksAt(llvm::StringRef Symbol);
  bool take(llvm::StringRef Symbol);
  void expect(llvm::StringRef Symbol);
  /// The plain name here, or empty.
  llvm::StringRef peekWord();
  /// `Word` here, and not a variable of that name: one with steps, or with its index.
  bool looksAtWord(llvm::StringRef Word);
  bool takeWord(llvm::StringRef Word);
  void expectWord(llvm::StringRef Word);

  std::string quoted();
  /// A plain or quoted name.
  std::string name(llvm::StringRef What);
  uint64_t number(unsigned Radix = 10);
  int64_t signedNumber();
  /// Raw text up to Close, which is consumed.
  std::string rawUntil(char Close);
  /// Whether the next character, without skipping, is C; consumes it.
  bool takeTight(char C);
  char peekTight() const { return Pos < Text.size() ? Text[Pos] : '\0'; }

private:
  llvm::StringRef rest() const { return Text.drop_front(Pos); }

  llvm::StringRef Text;
  size_t Pos = 0;
  std::string Error, Message;
  size_t ErrorAt = 0;
};

} // namespace latchkey::ir::text
