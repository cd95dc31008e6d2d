// What a worker does to one file: configure, parse and lower it, or analyse what the linked program has of it.
#pragma once

#include "checks/model/Model.h"
#include "tool/Cache.h"
#include "tool/Commands.h"
#include "tool/Configuration.h"
#include "tool/EarlierFiles.h"
#include "tool/LinkedProgram.h"
#include "tool/TranslationUnit.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace latchkey::driver {

class Analyser {
public:
  /// The error says which setting is wrong.
  static llvm::Expected<Analyser> create(Settings);

  /// Lowers a unit to a file, if the cache has none. Changes the process's working directory.
  Outcome lower(const TranslationUnit &);
  /// Parses and lowers only. Read is told what was asked of the file system on the way.
  Outcome lower(const TranslationUnit &, llvm::function_ref<void(const ir::Module &)> Visit,
                FileAnswers *Read = nullptr);

  /// The findings in a program's functions of one file.
  Outcome analyse(const Job &);

private:
  Analyser(Settings Given, Configuration Config)
      : User(std::move(Given)), Config(std::move(Config)), Sources(filesAsOf(User.Earlier)), Kept(User.CacheFolder),
        Present(Sources) {}

  using FileSystem = llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>;
  /// A unit and what it is read with.
  struct Request {
    const TranslationUnit &Unit;
    const FileConfiguration &File;
    const model::Library &Models;
    PreparedCommand Command;
  };
  llvm::Expected<Request> request(const TranslationUnit &, const FileConfiguration &);
  std::optional<Outcome> known(const std::string &Key);
  Outcome lowerAnew(const Request &, const std::string &Key);
  Outcome read(const Request &, const FileSystem &, llvm::function_ref<void(const ir::Module &)> Visit);
  llvm::Expected<const model::Library *> models(const FileConfiguration &);
  std::vector<Report> filter(const FileConfiguration &, std::vector<Finding>);

  Settings User;
  Configuration Config;
  FileSystem Sources; ///< Where they are read, as of now or earlier.
  Cache Kept;
  PresentFiles Present;
  std::map<std::vector<std::string>, model::Library> Libraries; ///< By the files that they were made from.
  std::unique_ptr<LinkedProgram> Linked;                        ///< The program that was asked for last,
  std::string LinkedPath;                                       ///< and where it stands.
  llvm::StringMap<const ir::File *> Files;                      ///< Of the program.
};

} // namespace latchkey::driver
