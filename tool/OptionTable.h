// The options as data, read from the same registration as --help: what shell completions and the man page are made of.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace latchkey::driver {

struct OptionChoice {
  std::string Name, Help;
};

struct OptionHelp {
  std::string Name;  ///< Without dashes.
  std::string Value; ///< "FILE", "N"; empty for a switch.
  std::string Help;
  std::vector<OptionChoice> Choices;
  std::vector<std::string> Commands; ///< Where it may stand; the empty one is no subcommand.

  std::string dashed() const { return (Name.size() == 1 ? "-" : "--") + Name; }
};

struct OptionTable {
  std::string Overview; ///< The text above the options in --help.
  std::vector<OptionChoice> Commands;
  std::vector<OptionHelp> Options; ///< Sorted by name.
};

/// \param Shell bash, zsh or fish; false for another one.
bool writeCompletion(const OptionTable &, llvm::StringRef Shell, llvm::raw_ostream &);
/// roff, for man(7).
void writeManPage(const OptionTable &, llvm::raw_ostream &);

} // namespace latchkey::driver
