// Clang's own headers (stddef.h, intrinsics) are found beside its binary; ours is elsewhere.
#pragma once

#include "llvm/Support/Error.h"

#include <string>

namespace latchkey::driver {

/// The resource directory of the Clang that we are linked with: where it was at build time, beside our own binary, or
/// where the compiler of that version says.
llvm::Expected<std::string> findResourceDirectory();

} // namespace latchkey::driver
