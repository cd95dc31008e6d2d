#include "tool/PlainText.h"

#include "tool/Paths.h"

#include <fmt/format.h>

namespace latchkey::driver {

std::string counted(size_t N, llvm::StringRef What) {
  return fmt::format("{} {}{}", N, What.str(), N == 1 ? "" : "s");
}

std::string shellWord(llvm::StringRef Text) {
  std::string Quoted = "'";
  for (char C : Text)
    if (C == '\'')
      Quoted += "'\\''";
    else
      Quoted += C;
  return Quoted + "'";
}

std::string stepsText(const Finding &F, llvm::StringRef Directory) {
  std::string Text;
  unsigned Number = 0;
  for (const Note &N : F.Notes)
    Text += fmt::format("{}. {}{}:{}:{}: {}\n", ++Number, N.Lane ? fmt::format("[task {}] ", N.Lane) : "",
                        shortPath(N.Where.File, Directory), N.Where.At.Line, N.Where.At.Column, N.Message);
  return Text;
}

} // namespace latchkey::driver
