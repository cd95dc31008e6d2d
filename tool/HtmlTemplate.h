// The HTML report's page, style and script, as they stand in tool/html.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace latchkey::driver::html {

extern const llvm::StringRef Page; ///< With @NAMES@ for what is filled in.
extern const llvm::StringRef Style;
extern const llvm::StringRef Script;

} // namespace latchkey::driver::html
