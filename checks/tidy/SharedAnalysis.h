// One lowering and one run of the engine for all checks of a translation unit: clang-tidy knows no work shared between
// checks.
#pragma once

#include "checks/model/Model.h"
#include "checks/model/ProjectFile.h"
#include "checks/rules/Rule.h"

#include "llvm/ADT/StringRef.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace clang {
class ASTContext;
namespace tidy {
class ClangTidyContext;
}
} // namespace clang

namespace latchkey::lower {
struct Options;
}

namespace latchkey::tidy {

/// Made when a host makes the first check of a translation unit, dies with the last. A host uses one ClangTidyContext
/// for one translation unit at a time, and from one thread; several hosts' threads have one each (clangd).
class SharedAnalysis {
public:
  /// The one of that context; thread-safe.
  static std::shared_ptr<SharedAnalysis> of(const clang::tidy::ClangTidyContext &);

  /// A translation unit begins: forgets the one before.
  void begin();
  /// Check is on, with these options.
  void enable(llvm::StringRef Check, CheckOptions);
  /// True for the first who asks in a translation unit: it has to catch the context.
  bool claimCatcher();
  /// Where the host traverses; the first call counts.
  void setContext(clang::ASTContext &C) {
    if (!Context)
      Context = &C;
  }
  clang::ASTContext *context() const { return Context; }
  /// An editor hands us what the main file declares; the headers' declarations come from its preamble. Needs a context.
  bool inEditor() const;

  /// The user's model files, `;` between them. A relative one is looked for in the main file's folder and above, as
  /// `.clang-tidy` is.
  void setModelFiles(llvm::StringRef Files) { ModelFiles = Files.str(); }

  /// The driver's database of the program, as the user names it; see openSummaries.
  void setSummaryDb(llvm::StringRef File) { SummaryDb = File.str(); }

  /// All findings of all enabled checks; analyses at the first call.
  const std::vector<Finding> &findings();
  /// What was wrong with the user's models; told once.
  std::vector<std::string> takeErrors() { return std::exchange(Errors, {}); }

private:
  void run();
  std::vector<Finding> judge(const lower::Options &);
  /// Of `.latchkey.yaml`, then of the host's configuration.
  std::optional<model::Library> userModels(const model::ProjectSettings &, llvm::StringRef Folder);

  AnalysisOptions Options;
  llvm::StringMap<bool> Enabled;
  std::string ModelFiles, SummaryDb;
  clang::ASTContext *Context = nullptr;
  bool Claimed = false;
  std::optional<std::vector<Finding>> Findings;
  std::vector<std::string> Errors;
};

} // namespace latchkey::tidy
