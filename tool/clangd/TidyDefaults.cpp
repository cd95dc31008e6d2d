// clangd runs only checks that it knows to be fast, and by default only a list of its own. This lets ours run without
// any configuration; what the user's .clang-tidy and .clangd say about them counts.

#include "checks/tidy/Selection.h"

#include "clang-tidy/ClangTidyOptions.h"
#include "llvm/ADT/FunctionExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

using llvm::StringRef;

// Declared in headers of clangd that are not shipped.
using TidyProvider = llvm::unique_function<void(clang::tidy::ClangTidyOptions &, StringRef File) const>;

std::optional<bool> realIsFast(StringRef Check) __asm__("__real__ZN5clang6clangd15isFastTidyCheckEN4llvm9StringRefE");
std::optional<bool>
wrappedIsFast(StringRef Check) __asm__("__wrap__ZN5clang6clangd15isFastTidyCheckEN4llvm9StringRefE");
TidyProvider realDefaults() __asm__("__real__ZN5clang6clangd20provideDefaultChecksEv");
TidyProvider wrappedDefaults() __asm__("__wrap__ZN5clang6clangd20provideDefaultChecksEv");

std::optional<bool> wrappedIsFast(StringRef Check) {
  return Check.starts_with(latchkey::tidy::Prefix) ? true : realIsFast(Check);
}

/// The last provider but one of clangd's: what the user has chosen is known by now, or nothing is.
TidyProvider wrappedDefaults() {
  return [Defaults = realDefaults()](clang::tidy::ClangTidyOptions &Options, StringRef File) {
    Defaults(Options, File);
    Options.Checks = latchkey::tidy::withDefaultChecks(Options.Checks.value_or(""));
  };
}
