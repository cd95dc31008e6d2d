// Real command lines, as GCC, cross compilers, compiler launchers and build systems write them, made into one that
// Clang's driver takes to read a single file.
#pragma once

#include "tool/TranslationUnit.h"

#include <string>
#include <vector>

namespace latchkey::driver {

struct PreparedCommand {
  std::vector<std::string> Arguments; ///< For Clang's driver; [0] is the compiler's path.
  std::vector<std::string> Dropped;   ///< Options left out because Clang does not know them.
};

enum class Language : uint8_t { C, CPlusPlus, PrecompiledHeader, Other };

/// What an entry of the database compiles, by `-x` or else by the file's extension.
Language languageOf(const TranslationUnit &);

/// The compiler with its arguments, without the launchers before it (ccache, distcc, `env A=b`, …).
llvm::ArrayRef<std::string> withoutLaunchers(llvm::ArrayRef<std::string> Command);

/// Response files are read, launchers, outputs, dependency files, plugins and precompiled headers left out, options
/// that Clang does not know dropped, and the target taken from the compiler's name.
PreparedCommand prepare(const TranslationUnit &, llvm::StringRef ResourceDirectory);

} // namespace latchkey::driver
