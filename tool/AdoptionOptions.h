// The options of AdoptionSettings.
#pragma once

#include "tool/Adoption.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

namespace latchkey::driver {

/// Registered as long as it lives, like the other options.
class AdoptionOptions {
public:
  AdoptionOptions(llvm::cl::OptionCategory &, llvm::cl::SubCommand &Top, llvm::cl::SubCommand &Link);

  /// The error says which options do not go together.
  llvm::Expected<AdoptionSettings> take() const;

  enum class Style { Apply, Diff };
  llvm::cl::opt<Style> &fixStyle() { return FixStyle; }

private:
  llvm::cl::opt<std::string> Baseline;
  llvm::cl::opt<bool> WriteBaseline;
  llvm::cl::opt<std::string> NewFrom;
  llvm::cl::opt<bool> StaleComments;
  llvm::cl::opt<bool> Fix;
  llvm::cl::opt<Style> FixStyle;
  llvm::cl::opt<bool> UnsafeFixes;
  llvm::cl::opt<std::string> ExportFixes;
};

} // namespace latchkey::driver
