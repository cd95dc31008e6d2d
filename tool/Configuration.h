// Which checks are on for a file and with which options: `.clang-tidy` files read with clang-tidy's own code, and the
// command line over them.
#pragma once

#include "checks/model/Model.h"
#include "checks/model/ProjectFile.h"
#include "checks/rules/Rule.h"
#include "tool/TranslationUnit.h"

#include "llvm/ADT/StringSet.h"

#include <memory>

namespace latchkey::driver {

/// What the configuration says about one file. The names in it are without the prefix `latchkey-`.
struct FileConfiguration {
  AnalysisOptions Analysis;
  std::vector<std::string> Models; ///< Files, absolute.
  std::string SummaryDb;           ///< A file, absolute, or `none`; empty if nothing is said.
  std::vector<std::string> ExtraArguments, ExtraArgumentsBefore;
  bool AnyEnabled = false;
  bool ThirdParty = false; ///< Read, but nothing is reported in it.
  std::string Identity;    ///< Equal for configurations that judge alike.

  /// A finding in this file, which is not the main one, is wanted.
  std::function<bool(llvm::StringRef Header)> ReportsHeader;
  std::function<bool(llvm::StringRef Check)> AsError;

  std::vector<std::string> Notices;  ///< Options that no check has, values that none takes.
  std::vector<std::string> Mistakes; ///< Files that could not be read.
};

/// What one file or the command line says of what `.clang-tidy` files may say, as far as it is about us.
struct ConfigurationLayer {
  std::string Source;                                      ///< A file, absolute, or words: "defaults".
  std::vector<std::pair<std::string, std::string>> Values; ///< "Checks", "HeaderFilterRegex", "latchkey-x.Option" …
  std::vector<std::string> CheckGlobs;                     ///< All of `Checks`, without their `-`.
  std::string Enabled; ///< A `+` or `-` for each rule: what is on with this layer and those before it.
};

class Configuration {
public:
  /// The error names the option and what is wrong with it.
  static llvm::Expected<Configuration> create(const Settings &);
  Configuration(Configuration &&);
  ~Configuration();

  FileConfiguration forFile(llvm::StringRef AbsolutePath);
  /// The same by where it comes from, least important first.
  std::vector<ConfigurationLayer> layersFor(llvm::StringRef AbsolutePath);
  const model::ProjectSettings &projectFor(llvm::StringRef AbsolutePath);

private:
  struct Impl;
  explicit Configuration(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> Own;
};

/// Options that every check has besides its own: `Models`, `SummaryDb`.
llvm::ArrayRef<llvm::StringRef> commonOptions();

/// Adds the models of a file. The error says what is wrong with it.
llvm::Error addModels(model::Library &, const std::string &Path);

/// The checks that are on by default or, of style, known at least: "latchkey-a,latchkey-b".
std::string defaultChecks();

} // namespace latchkey::driver
