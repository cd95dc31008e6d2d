// What the program does, one function for each thing a user can ask for. Each returns the exit status; errors that
// keep it from being done at all come back as such.
#pragma once

#include "tool/CommandLine.h"

namespace latchkey::driver {

llvm::Expected<int> runAnalyse(const CommandLine &);
llvm::Expected<int> runLower(const CommandLine &);
llvm::Expected<int> runLink(const CommandLine &);
llvm::Expected<int> runNinja(const CommandLine &);
llvm::Expected<int> runListChecks(const CommandLine &);
llvm::Expected<int> runCompletion(const CommandLine &);
llvm::Expected<int> runDoctor(const CommandLine &);
llvm::Expected<int> runExplainConfig(const CommandLine &);
llvm::Expected<int> runVerifyConfig(const CommandLine &);
llvm::Expected<int> runExplain(const CommandLine &);

} // namespace latchkey::driver
