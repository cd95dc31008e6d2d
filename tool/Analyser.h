// Everything that is done to one translation unit: configure, parse, lower, analyse, filter.
#pragma once

#include "checks/ir/Module.h"
#include "checks/model/Model.h"
#include "tool/Configuration.h"
#include "tool/TranslationUnit.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace latchkey::driver {

class Analyser {
public:
  /// The error says which setting is wrong.
  static llvm::Expected<Analyser> create(Settings);

  /// Changes the process's working directory.
  Outcome analyse(const TranslationUnit &);

  /// Parses and lowers only. The Outcome has no findings.
  Outcome lower(const TranslationUnit &, llvm::function_ref<void(const ir::Module &)> Visit);

private:
  Analyser(Settings User, Configuration Config) : User(std::move(User)), Config(std::move(Config)) {}

  Outcome read(const TranslationUnit &, const FileConfiguration &, llvm::function_ref<void(const ir::Module &)> Visit);
  llvm::Expected<const model::Library *> models(const FileConfiguration &);

  Settings User;
  Configuration Config;
  std::map<std::vector<std::string>, model::Library> Libraries; ///< By the files that they were made from.
};

} // namespace latchkey::driver
