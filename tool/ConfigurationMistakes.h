// Mistakes in `.clang-tidy` files that clang-tidy's own reader takes without a word, because it does not know our
// checks.
#pragma once

#include "tool/Configuration.h"

namespace latchkey::driver {

/// Names that no check and no option has, values that an option does not take: each as "file:line:column: what is
/// wrong", with what was probably meant. The rest of the layer is as sound as without them.
std::vector<std::string> unknownNames(const ConfigurationLayer &);

/// Patterns that are no regular expressions, in the same form: nothing would match them.
std::vector<std::string> brokenPatterns(const ConfigurationLayer &);

/// Of globs on a command line, where somebody types names: the first that can mean no check of ours and is meant to.
llvm::Error checkGlobs(llvm::StringRef Option, llvm::StringRef Globs);

/// What clang-tidy's reader says of a key that it does not know, with the key that was probably meant.
std::string withKeyMeant(llvm::StringRef Message);

} // namespace latchkey::driver
