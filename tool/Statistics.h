// What --stats says.
#pragma once

#include "tool/Results.h"

#include "llvm/Support/raw_ostream.h"

namespace latchkey::driver {

/// What was analysed, what was not and why, what it took, and which models would tell most.
void printStatistics(const Results &, llvm::raw_ostream &);

} // namespace latchkey::driver
