#include "tool/AdoptionOptions.h"

#include "tool/Paths.h"

namespace latchkey::driver {

namespace cl = llvm::cl;

AdoptionOptions::AdoptionOptions(cl::OptionCategory &Category, cl::SubCommand &Top, cl::SubCommand &Link)
    : Baseline("baseline", cl::desc("Report what this file does not know; see --write-baseline"),
               cl::value_desc("FILE"), cl::cat(Category), cl::sub(Top), cl::sub(Link)),
      WriteBaseline("write-baseline",
                    cl::desc("Write what is found to the file of --baseline: it is known from now on"),
                    cl::cat(Category), cl::sub(Top), cl::sub(Link)),
      NewFrom("new-from", cl::desc("Report what was not there when the work began that is based on this git revision"),
              cl::value_desc("REV"), cl::cat(Category), cl::sub(Top)),
      StaleComments("stale-nolint", cl::desc("Report NOLINT comments for our checks that silence nothing"),
                    cl::cat(Category), cl::sub(Top)),
      Fix("fix", cl::desc("Apply fixes that keep the meaning of correct runs"), cl::cat(Category), cl::sub(Top)),
      FixStyle("fix-style", cl::desc("What --fix does"), cl::init(Style::Apply), cl::cat(Category), cl::sub(Top),
               cl::values(clEnumValN(Style::Apply, "apply", "change the files (default)"),
                          clEnumValN(Style::Diff, "diff", "print the change in place of the report"))),
      UnsafeFixes("unsafe-fixes",
                  cl::desc("With --fix or --export-fixes: also fixes that may change what a program does"),
                  cl::cat(Category), cl::sub(Top)),
      ExportFixes("export-fixes", cl::desc("Write fixes as clang-tidy does, for clang-apply-replacements"),
                  cl::value_desc("FILE"), cl::cat(Category), cl::sub(Top)) {}

llvm::Expected<AdoptionSettings> AdoptionOptions::take() const {
  AdoptionSettings Result;
  if (!Baseline.empty())
    Result.Baseline = absolutePath(Baseline);
  Result.WriteBaseline = WriteBaseline;
  Result.NewFrom = NewFrom;
  Result.StaleComments = StaleComments;
  Result.FixAsDiff = FixStyle == Style::Diff;
  Result.Fix = Fix || Result.FixAsDiff;
  Result.UnsafeFixes = UnsafeFixes;
  Result.ExportFixes = ExportFixes;
  if (WriteBaseline && Baseline.empty())
    return llvm::createStringError(
        "--write-baseline writes the file of --baseline: add --baseline=latchkey-baseline.json");
  if (!Baseline.empty() && NewFrom.getNumOccurrences())
    return llvm::createStringError("--baseline and --new-from exclude each other: both say what is known");
  if (NewFrom.getNumOccurrences() && NewFrom.empty())
    return llvm::createStringError("--new-from needs a git revision, as in --new-from=origin/main");
  if (UnsafeFixes && !Result.Fix && ExportFixes.empty())
    return llvm::createStringError("--unsafe-fixes goes with --fix or --export-fixes");
  if (Result.Fix && WriteBaseline)
    return llvm::createStringError("--fix and --write-baseline exclude each other: fix first, then write what is left");
  return Result;
}

} // namespace latchkey::driver
