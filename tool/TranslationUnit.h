// What goes into a worker process and what comes back: a unit to lower or a file of the linked program to analyse, and
// what became of it. Both travel as JSON, one line each.
#pragma once

#include "checks/rules/Finding.h"

#include "llvm/Support/JSON.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace latchkey::driver {

struct TranslationUnit {
  std::string File;                 ///< Absolute, without dots.
  std::string Directory;            ///< Where the command is run.
  std::vector<std::string> Command; ///< As in the database.
};

/// What the user asked for, as far as it changes what a worker does.
struct Settings {
  std::optional<std::string> Checks;          ///< --checks
  std::optional<std::string> Config;          ///< --config, or the content of --config-file
  std::optional<std::string> HeaderFilter;    ///< --header-filter
  std::vector<std::string> Models;            ///< --models; absolute
  std::string ResourceDirectory;              ///< Of the Clang that we are built from.
  uint64_t MemoryLimit = 0;                   ///< In bytes of address space; 0 is none.
  std::string Fault;                          ///< For tests: see Worker.h.
  std::string LoweredFolder;                  ///< Where lowered units go that no cache keeps.
  std::string CacheFolder;                    ///< Empty: no cache.
  std::map<std::string, std::string> Earlier; ///< See EarlierFiles.h.
};

/// A finding with what its file's configuration makes of it.
struct Report {
  Finding What;
  bool AsError = false; ///< WarningsAsErrors.
  std::string Fingerprint;
  std::string Justification; ///< Of one silenced by a comment: what stands behind the comment's list of checks.
  bool Known = false;        ///< What it was compared to has it, too.
};

/// Counts for --stats; they add up over files.
struct Counts {
  unsigned FunctionsSeen = 0;
  unsigned FunctionsLowered = 0;
  unsigned FunctionsAnalysed = 0;
  unsigned Opaque = 0;
  unsigned OverBudget = 0;
  std::vector<std::string> NotAnalysed; ///< "name: reason"

  Counts &operator+=(const Counts &);
};

/// Processor time in seconds.
struct Times {
  double Total = 0, Lowering = 0, Analysis = 0;

  Times &operator+=(const Times &);
};

/// What to do with a file: lower it with a command, or analyse what the linked program has of it.
struct Job {
  std::string File; ///< Absolute, without dots.
  std::optional<TranslationUnit> Unit;
  std::string Program; ///< The file that is analysed.
};

struct Outcome {
  std::string File;
  std::string Lowered; ///< The unit's effect IR, a file; empty if there is none.
  bool FromCache = false;
  std::vector<Report> Reports;
  std::string Problem;                  ///< Why the file is not (wholly) analysed; empty if it is.
  std::vector<std::string> Diagnostics; ///< Compile errors as the compiler words them.
  std::vector<std::string> Dropped;     ///< Compiler options that Clang does not know.
  std::vector<std::string> Notices;     ///< Harmless mistakes in the configuration, each with its file.
  std::vector<std::string> Mistakes;    ///< Mistakes in the configuration that make the result wrong.
  std::vector<std::string> Commented; ///< Files read that have NOLINT comments of ours, also if nothing else is of use.
  std::vector<uint64_t> Asked;        ///< Of the program when it was judged, sorted: see flow/Questions.h.
  Counts Count;
  Times Spent;
};

llvm::json::Value toJSON(const TranslationUnit &);
bool fromJSON(const llvm::json::Value &, TranslationUnit &, llvm::json::Path);
llvm::json::Value toJSON(const Job &);
bool fromJSON(const llvm::json::Value &, Job &, llvm::json::Path);
llvm::json::Value toJSON(const Settings &);
bool fromJSON(const llvm::json::Value &, Settings &, llvm::json::Path);
llvm::json::Value toJSON(const Counts &);
llvm::json::Value toJSON(const Outcome &);
bool fromJSON(const llvm::json::Value &, Outcome &, llvm::json::Path);

/// "certain", "likely", "style".
llvm::StringRef name(Confidence);

} // namespace latchkey::driver

// Findings are found by argument-dependent lookup, so their conversions stand in their own namespace.
namespace latchkey {
llvm::json::Value toJSON(const Finding &);
bool fromJSON(const llvm::json::Value &, Finding &, llvm::json::Path);
} // namespace latchkey
