// A module written down in a test.
#pragma once

#include "checks/ir/Text.h"

#include <gtest/gtest.h>

namespace latchkey::ir {

inline Module parsed(llvm::StringRef Text, ParseRanges Ranges = ParseRanges::AsWritten) {
  llvm::Expected<Module> M = parse(Text, Ranges);
  if (!M) {
    ADD_FAILURE() << llvm::toString(M.takeError()) << "\nin\n" << Text.str();
    return {};
  }
  return std::move(*M);
}

inline std::string printed(const Module &M, PrintRanges Ranges = PrintRanges::All) {
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  print(M, Out, Ranges);
  return Text;
}

} // namespace latchkey::ir
