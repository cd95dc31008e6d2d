// The compile database: where it is, and which of its entries the user means.
#pragma once

#include "tool/TranslationUnit.h"

#include "llvm/Support/Error.h"

namespace latchkey::driver {

struct Selection {
  std::vector<TranslationUnit> Units; ///< Each file once, in the order of the database.
  unsigned PassedOver = 0;            ///< Entries that are not C or C++ (assembler, precompiled headers).
  bool Whole = true;                  ///< All C and C++ files of the database; or a command line of the user's.
  std::string Database;               ///< Path of the file; empty for a command line of the user's.
};

/// Finds compile_commands.json and takes the entries that one of Paths means: a file, a folder, or else a regular
/// expression found in the file's path; all without Paths. A source or header that has no entry gets the command of
/// the one most like it. Errors name the way out.
///
/// \param BuildPath folder or file that the user gave, or empty: look in the working directory and up.
llvm::Expected<Selection> selectUnits(llvm::StringRef BuildPath, llvm::ArrayRef<std::string> Paths);

/// The files with one command line, for `latchkey FILE -- FLAGS`.
llvm::Expected<Selection> unitsWithFlags(llvm::ArrayRef<std::string> Files, llvm::ArrayRef<std::string> Flags);

} // namespace latchkey::driver
