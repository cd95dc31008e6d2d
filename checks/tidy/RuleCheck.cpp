#include "checks/tidy/RuleCheck.h"

#include "checks/tidy/Diagnose.h"
#include "checks/tidy/Selection.h"

#include "clang/AST/ASTContext.h"
#include "clang/ASTMatchers/ASTMatchFinder.h"
#include "clang/ASTMatchers/ASTMatchers.h"
#include "clang/Tooling/Core/Diagnostic.h"
#include "llvm/ADT/STLExtras.h"

using namespace latchkey;
using namespace latchkey::tidy;
using llvm::StringRef;

namespace {

/// Matches nothing, and tells which context is being traversed: the host tells a check no other way when only a part
/// of the translation unit is (clangd), where no translation unit declaration comes by.
class ContextCatcher : public clang::ast_matchers::internal::MatcherInterface<clang::Decl> {
public:
  explicit ContextCatcher(SharedAnalysis &Shared) : Shared(Shared) {}

  bool matches(const clang::Decl &, clang::ast_matchers::internal::ASTMatchFinder *Finder,
               clang::ast_matchers::internal::BoundNodesTreeBuilder *) const override {
    Shared.setContext(Finder->getASTContext());
    return false;
  }

private:
  SharedAnalysis &Shared; ///< Lives as long as the check that registers this.
};

} // namespace

RuleCheck::RuleCheck(StringRef Name, clang::tidy::ClangTidyContext *Host, const Rule &R)
    : ClangTidyCheck(Name, Host), Host(*Host), R(R), Shared(SharedAnalysis::of(*Host)),
      ModelFiles(Options.getLocalOrGlobal("Models", "")), SummaryDb(Options.getLocalOrGlobal("SummaryDb", "")) {}

CheckOptions RuleCheck::options() {
  CheckOptions Given;
  for (const OptionInfo &Option : R.Info.Options) {
    StringRef Value = Options.get(Option.Name, Option.Default);
    if (!Option.Choices.empty() && !llvm::is_contained(Option.Choices, Value)) {
      configurationDiag("'%0' is no value of %1%2.%3; using '%4'")
          << Value << Prefix << R.Info.Name << Option.Name << Option.Default;
      Value = Option.Default;
    }
    Given[Option.Name] = Value.str();
  }
  return Given;
}

void RuleCheck::registerMatchers(clang::ast_matchers::MatchFinder *Finder) {
  Shared->enable(R.Info.Name, options());
  if (!ModelFiles.empty())
    Shared->setModelFiles(ModelFiles);
  if (!SummaryDb.empty())
    Shared->setSummaryDb(SummaryDb);
  // Without a matcher a check is not told of the translation unit's end. This one costs nothing.
  Finder->addMatcher(clang::ast_matchers::translationUnitDecl(), this);
  if (Shared->claimCatcher())
    Finder->addMatcher(clang::ast_matchers::DeclarationMatcher(new ContextCatcher(*Shared)), this);
}

void RuleCheck::check(const clang::ast_matchers::MatchFinder::MatchResult &Result) {
  Shared->setContext(*Result.Context);
}

void RuleCheck::onStartOfTranslationUnit() {
  Shared->begin();
}

void RuleCheck::onEndOfTranslationUnit() {
  const std::vector<Finding> &Findings = Shared->findings();
  for (const std::string &Error : Shared->takeErrors())
    configurationDiag("Models: %0") << Error;
  clang::ASTContext *Context = Shared->context();
  if (!Context)
    return;
  Locations Where(Context->getSourceManager());
  for (const Finding &F : Findings)
    if (F.Check == R.Info.Name && (F.Notes.empty() || !silenced(F, Where.begin(F.Notes.front().Where))))
      diagnose(*this, F, Where, Shared->inEditor());
}

/// The host honours NOLINT where a diagnostic stands; ours may also be silenced where the obligation was made.
bool RuleCheck::silenced(const Finding &F, clang::SourceLocation Obligation) {
  if (Obligation.isInvalid())
    return false;
  clang::DiagnosticsEngine &Engine = Shared->context()->getDiagnostics();
  // An ignored diagnostic is shown nowhere, but has the number by which the host knows the check.
  clang::DiagnosticBuilder Probe = diag(Obligation, "%0", clang::DiagnosticIDs::Ignored) << F.Message;
  clang::Diagnostic Info(&Engine, Probe);
  llvm::SmallVector<clang::tooling::Diagnostic, 0> Unused;
  return Host.shouldSuppressDiagnostic(clang::DiagnosticsEngine::Warning, Info, Unused);
}

void RuleCheck::storeOptions(clang::tidy::ClangTidyOptions::OptionMap &Stored) {
  for (const OptionInfo &Option : R.Info.Options)
    Options.store(Stored, Option.Name, Options.get(Option.Name, Option.Default));
  Options.store(Stored, "Models", ModelFiles);
  Options.store(Stored, "SummaryDb", SummaryDb);
}
