// The textual form: what `latchkey lower` prints and engine tests are written in. print(parse(T)) == T for every T
// that print made.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace latchkey::ir {

void print(const Module &, llvm::raw_ostream &);

/// The error names line and column of Text.
llvm::Expected<Module> parse(llvm::StringRef Text);

} // namespace latchkey::ir
