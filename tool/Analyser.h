// What a worker does to one file: configure, parse and lower it, or analyse what the linked program has of it.
#pragma once

#include "checks/model/Model.h"
#include "tool/Configuration.h"
#include "tool/LinkedProgram.h"
#include "tool/TranslationUnit.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace latchkey::driver {

class Analyser {
public:
  /// The error says which setting is wrong.
  static llvm::Expected<Analyser> create(Settings);

  /// Lowers a unit to a file in Settings::LoweredFolder. Changes the process's working directory.
  Outcome lower(const TranslationUnit &);
  /// Parses and lowers only.
  Outcome lower(const TranslationUnit &, llvm::function_ref<void(const ir::Module &)> Visit);

  /// The findings in functions of a file, in Settings::LinkedProgram.
  Outcome analyse(const std::string &File);

private:
  Analyser(Settings User, Configuration Config) : User(std::move(User)), Config(std::move(Config)) {}

  Outcome read(const TranslationUnit &, const FileConfiguration &, llvm::function_ref<void(const ir::Module &)> Visit);
  llvm::Expected<const model::Library *> models(const FileConfiguration &);
  std::vector<Report> filter(const FileConfiguration &, std::vector<Finding>);

  Settings User;
  Configuration Config;
  std::map<std::vector<std::string>, model::Library> Libraries; ///< By the files that they were made from.
  std::unique_ptr<LinkedProgram> Linked;                        ///< Once it is needed.
  llvm::StringMap<const ir::File *> Files;                      ///< Of the program.
};

} // namespace latchkey::driver
