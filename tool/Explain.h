// What the program can say about its checks, from their metadata and their pages under docs/checks.
#pragma once

#include "checks/rules/Rule.h"

#include "llvm/Support/raw_ostream.h"

namespace latchkey::driver {

/// The documentation page of a check as it was at build time, in Markdown; empty if there is none.
llvm::StringRef documentationPage(llvm::StringRef Check);

/// One line for each check: name, confidence, whether it is on.
void listChecks(llvm::raw_ostream &, llvm::function_ref<bool(llvm::StringRef)> IsOn);

/// Metadata and page, in Markdown.
std::string explain(const Metadata &);

} // namespace latchkey::driver
