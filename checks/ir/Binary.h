// The binary form of a module, for caches and for the step between lowering and linking. Deterministic: equal modules
// have equal bytes. It is tied to Module::Version and not meant to outlive it.
#pragma once

#include "checks/ir/Module.h"

#include "llvm/Support/Error.h"

namespace latchkey::ir {

/// Usual ending of files that hold one.
inline constexpr llvm::StringLiteral BinaryEnding = ".lkir";

std::string writeBinary(const Module &);

/// The error says what is wrong with the bytes: not ours, of another version, cut off, damaged.
llvm::Expected<Module> readBinary(llvm::StringRef Bytes);

} // namespace latchkey::ir
