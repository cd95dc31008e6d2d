// Pieces of text that several reports and commands share.
#pragma once

#include "checks/rules/Finding.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace latchkey::driver {

/// "3 findings", "1 file".
std::string counted(size_t N, llvm::StringRef What);

/// One word for a shell, in single quotes.
std::string shellWord(llvm::StringRef);

/// The path to a finding, a line for each step: "1. [task 1] a.cpp:3:15: `t` is started here". Paths below Directory
/// are relative to it.
std::string stepsText(const Finding &, llvm::StringRef Directory);

} // namespace latchkey::driver
