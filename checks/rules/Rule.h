// A check: its metadata, said once, and the property it looks for in the engine's facts.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/ir/Module.h"
#include "checks/rules/Finding.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/FunctionExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <string>
#include <vector>

namespace latchkey {

struct OptionInfo {
  llvm::StringRef Name; ///< As in CheckOptions, after `latchkey-<check>.`.
  llvm::StringRef Default;
  llvm::StringRef Help;
  llvm::ArrayRef<llvm::StringRef> Choices; ///< Empty: free text.
};

struct Reference {
  llvm::StringRef Title; ///< "CWE-667", "C++ Core Guidelines CP.25", "Go: vet lostcancel".
  llvm::StringRef Url;
};

/// Everything about a check that registration, --list-checks, --explain, SARIF rules and the docs say.
struct Metadata {
  llvm::StringRef Name;    ///< "leaked-thread".
  llvm::StringRef Family;  ///< "wait", "thread", "defer".
  llvm::StringRef Summary; ///< One line.
  Confidence Highest = Confidence::Likely;
  bool OnByDefault = true;
  bool HasFix = false;
  llvm::ArrayRef<OptionInfo> Options = {};
  llvm::ArrayRef<Reference> References = {};
  llvm::ArrayRef<llvm::StringRef> Subsumes = {}; ///< Checks whose finding about the same obligation this one replaces.
};

/// Options of one check as the user gave them: name without the check's prefix.
using CheckOptions = llvm::StringMap<std::string>;

class Rule {
public:
  using Report = llvm::function_ref<void(Finding)>;

  explicit Rule(const Metadata &Info) : Info(Info) {}
  virtual ~Rule() = default;
  /// Looks at one function's facts. Stateless: several modules are analysed at once.
  virtual void check(const ir::Module &, const flow::FunctionFacts &, const CheckOptions &, Report) const = 0;

  const Metadata &Info;
};

/// What leaked-thread's option CheckExceptionPaths says; the engine follows it for all checks.
namespace rules {
flow::Limits::Exceptions exceptionPaths(const CheckOptions &);
}

/// All rules, sorted by name.
llvm::ArrayRef<const Rule *> allRules();
const Rule *findRule(llvm::StringRef Name);

/// What to analyse and how; the faces fill this from their own configuration.
struct AnalysisOptions {
  /// Whether a check is on, asked with its name without prefix.
  std::function<bool(llvm::StringRef)> Enabled;
  /// By check name.
  llvm::StringMap<CheckOptions> Options;
};

struct AnalysisResult {
  std::vector<Finding> Findings; ///< Sorted, without duplicates, one for each defect.
  flow::Statistics Stats;
};

/// The whole analysis of a lowered module: engine, rules, subsumption. Pure; thread-safe.
AnalysisResult analyse(const ir::Module &, const AnalysisOptions &);
/// Of a part of its functions.
AnalysisResult analyse(const flow::Program &, llvm::ArrayRef<const ir::Function *>, const AnalysisOptions &);

} // namespace latchkey
