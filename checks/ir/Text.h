// The textual form: what `latchkey lower` prints and engine tests are written in. print(parse(T)) == T for every T
// that print made. docs/ir.md describes it.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace latchkey::ir {

/// How much of the source ranges is printed. Only All parses back to the same module.
enum class PrintRanges : uint8_t { All, Lines, None };

void print(const Module &, llvm::raw_ostream &, PrintRanges = PrintRanges::All);
/// One effect as it stands in the body of F, without ranges: for messages and debugging.
std::string print(const Module &, const Function &F, const Effect &);

/// Where effects, nodes and functions stand that are written without a range.
enum class ParseRanges : uint8_t {
  AsWritten, ///< Nowhere.
  FromText,  ///< Where they stand in Text, so that a test can speak of its own lines.
};

/// The error names line and column of Text. Functions and classes come out sorted by id.
llvm::Expected<Module> parse(llvm::StringRef Text, ParseRanges = ParseRanges::AsWritten);

} // namespace latchkey::ir
