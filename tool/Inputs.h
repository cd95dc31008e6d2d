// What every command that reads sources starts with: the files that are meant, and complete settings.
#pragma once

#include "tool/CommandLine.h"
#include "tool/Database.h"

namespace latchkey::driver {

struct Inputs {
  Selection Selected;    ///< Without what `.latchkey.yaml` excludes; perhaps nothing.
  unsigned Excluded = 0; ///< How many that were.
  Settings User;         ///< With a resource directory.
};

/// Makes Clang ready in this process, too.
llvm::Expected<Inputs> findInputs(const CommandLine &);

} // namespace latchkey::driver
