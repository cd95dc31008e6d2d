#include "tool/StaleComments.h"

#include "tool/Configuration.h"

#include "clang-tidy/GlobList.h"

namespace latchkey::driver {

using llvm::StringRef;

const Metadata &staleNolint() {
  static constexpr Metadata About{
      .Name = "stale-nolint",
      .Family = "suppression",
      .Summary = "a comment that names one of our checks and silences none of its findings",
      .Highest = Confidence::Style,
      .OnByDefault = false,
      .HasFix = true,
      .Options = {},
      .References = {},
      .Subsumes = {},
  };
  return About;
}

/// Whether a finding of a check that the glob means would have been reported. A name that no check has never is.
static bool couldSilence(const FileConfiguration &In, StringRef File, StringRef Glob) {
  clang::tidy::GlobList Means(Glob);
  bool Known = false;
  for (const Rule *R : allRules()) {
    if (!Means.contains(("latchkey-" + R->Info.Name).str()))
      continue;
    if (In.Analysis.Enabled(R->Info.Name) && In.ReportsHeader(File))
      return true;
    Known = true;
  }
  return !Known;
}

llvm::Error addStaleComments(Results &All, Suppressions &Comments, const std::set<std::string> &Files,
                             const Settings &User) {
  if (!All.Problems.empty()) {
    All.Notices.push_back("--stale-nolint: not all files were analysed, so it cannot be said which comments are stale");
    return llvm::Error::success();
  }
  auto Config = Configuration::create(User);
  if (!Config)
    return Config.takeError();
  auto Judged = [&](StringRef File, StringRef Glob) {
    return !Config->projectFor(File).isThirdParty(File) && couldSilence(Config->forFile(File), File, Glob);
  };
  std::vector<Report> Stale;
  for (Finding &F : Comments.stale({Files.begin(), Files.end()}, Judged)) {
    Report &R = Stale.emplace_back();
    R.AsError = Config->forFile(F.Where.File).AsError(F.Check);
    R.What = std::move(F);
  }
  addReports(All, std::move(Stale));
  return llvm::Error::success();
}

} // namespace latchkey::driver
