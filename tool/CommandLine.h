// The command line, read with LLVM's library and checked.
#pragma once

#include "tool/Adoption.h"
#include "tool/OptionTable.h"
#include "tool/Shard.h"
#include "tool/TranslationUnit.h"

#include "llvm/Support/Error.h"

#include <optional>

namespace latchkey::driver {

enum class Format : uint8_t { Text, Sarif, Json, JsonLines, Github, Gitlab, Checkstyle, JUnit };
enum class Ranges : uint8_t { None, Lines, All };

struct CommandLine {
  enum class Command : uint8_t {
    Analyse,
    Lower,
    Link,
    Ninja,
    ListChecks,
    Explain,
    ExplainConfig,
    VerifyConfig,
    Doctor,
    Completion,
    Man,
    Worker
  };
  Command Do = Command::Analyse;

  std::string BuildPath;                         ///< -p
  std::vector<std::string> Paths;                ///< Positional.
  std::optional<std::vector<std::string>> Flags; ///< After `--`.
  Settings User;                                 ///< Without the resource directory, if none was given.
  Format As = Format::Text;
  std::string Output;    ///< --output, or -o of lower and ninja; empty for standard output.
  std::string Html;      ///< --html
  std::string Depfile;   ///< lower --depfile
  std::string SummaryDb; ///< --summary-db: a file, `none`, or empty: the usual place.
  Shard Part;            ///< --shard
  unsigned Jobs = 1;
  uint64_t CacheSize = 0; ///< --cache-size, in bytes.
  unsigned Timeout = 300; ///< Seconds; 0 is none.
  bool Linked = true;     ///< Without --no-link.
  bool Stats = false, Quiet = false, Verbose = false;
  AdoptionSettings Adopt;
  std::string Check;            ///< --explain
  Ranges Print = Ranges::Lines; ///< lower --ranges
  OptionTable Table;            ///< For completion and man only.
};

/// Prints help or version and leaves the program if they are asked for. The error is one line.
llvm::Expected<CommandLine> readCommandLine(int Argc, const char *const *Argv);

} // namespace latchkey::driver
