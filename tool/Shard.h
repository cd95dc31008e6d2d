// A part of a run that several machines share.
#pragma once

#include "llvm/Support/Error.h"

#include <cstddef>

namespace latchkey::driver {

/// The Index-th of Count parts. All parts together are the whole, and none has what another one has.
struct Shard {
  unsigned Index = 1, Count = 1;

  /// Whether the Ordinal-th of a list that is the same on all machines falls to this part.
  bool takes(size_t Ordinal) const { return Ordinal % Count == Index - 1; }
};

/// Reads "I/N". The error says what is wanted.
llvm::Expected<Shard> parseShard(llvm::StringRef Text);

} // namespace latchkey::driver
