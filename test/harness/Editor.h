// latchkey-clangd on a workspace.
#pragma once

#include "test/harness/Faces.h"
#include "test/harness/LanguageServer.h"

namespace latchkey::test {

llvm::Expected<std::unique_ptr<LanguageServer>> startEditor(const Workspace &, const Selection &);

/// Our diagnostics for a file of the workspace, and the compiler's errors.
std::vector<Reported> fromDiagnostics(const Workspace &, llvm::StringRef File, const llvm::json::Array &);

} // namespace latchkey::test
