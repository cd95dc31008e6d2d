// The small language of a model's entry: `done this arg0 or 1; wait this`.
#pragma once

#include "checks/model/Model.h"

namespace latchkey::model {

/// Where something is wrong in a text, and what; Message is empty if nothing is.
struct TextError {
  size_t Where = 0;
  std::string Message;
};

/// Fills Model's actions and attributes.
TextError parseStatements(llvm::StringRef Text, FunctionModel &Model);
/// `(_, defer_lock_t, _?)`: fills Model's argument counts and types.
TextError parseSignature(llvm::StringRef Text, FunctionModel &Model);
/// `counter singleuse`: fills kind, ending and flags.
TextError parseTraits(llvm::StringRef Text, ir::Type &Traits);

/// The candidate that Word is probably meant to be, as ": did you mean `x`?", or nothing.
std::string suggestion(llvm::StringRef Word, llvm::ArrayRef<llvm::StringRef> Candidates);

} // namespace latchkey::model
