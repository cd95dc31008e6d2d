// A rule as a clang-tidy check. There is one class for all rules: what differs is in their metadata.
#pragma once

#include "checks/rules/Rule.h"
#include "checks/tidy/SharedAnalysis.h"

#include "clang-tidy/ClangTidyCheck.h"

namespace latchkey::tidy {

class RuleCheck : public clang::tidy::ClangTidyCheck {
public:
  RuleCheck(llvm::StringRef Name, clang::tidy::ClangTidyContext *Host, const Rule &R);

  void registerMatchers(clang::ast_matchers::MatchFinder *Finder) override;
  void check(const clang::ast_matchers::MatchFinder::MatchResult &Result) override;
  void onStartOfTranslationUnit() override;
  void onEndOfTranslationUnit() override;
  void storeOptions(clang::tidy::ClangTidyOptions::OptionMap &Stored) override;

private:
  CheckOptions options();
  bool silenced(const Finding &, clang::SourceLocation Obligation);

  clang::tidy::ClangTidyContext &Host;
  const Rule &R;
  std::shared_ptr<SharedAnalysis> Shared;
  std::string ModelFiles, SummaryDb;
};

} // namespace latchkey::tidy
