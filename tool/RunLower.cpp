#include "checks/ir/Binary.h"
#include "checks/ir/Text.h"
#include "tool/Analyser.h"
#include "tool/Inputs.h"
#include "tool/Paths.h"
#include "tool/Run.h"

#include "llvm/Support/WithColor.h"

namespace latchkey::driver {

static ir::PrintRanges ranges(Ranges R) {
  switch (R) {
  case Ranges::None:
    return ir::PrintRanges::None;
  case Ranges::Lines:
    return ir::PrintRanges::Lines;
  case Ranges::All:
    return ir::PrintRanges::All;
  }
  return ir::PrintRanges::Lines;
}

llvm::Expected<int> runLower(const CommandLine &How) {
  if (How.Paths.empty())
    return llvm::createStringError("name a file, as in `latchkey lower FILE` or `latchkey lower FILE -- -std=c++20`");
  auto Given = findInputs(How);
  if (!Given)
    return Given.takeError();
  auto Analysis = Analyser::create(Given->User);
  if (!Analysis)
    return Analysis.takeError();
  const std::string Output = absolutePath(How.Output); // The unit's folder is entered.
  if (!How.Output.empty() && Given->Selected.Units.size() != 1)
    return llvm::createStringError("-o holds one file's: name one");
  int Status = 0;
  for (const TranslationUnit &Unit : Given->Selected.Units) {
    std::string Unwritten;
    Outcome Result = Analysis->lower(Unit, [&](const ir::Module &M) {
      if (How.Output.empty())
        ir::print(M, llvm::outs(), ranges(How.Print));
      else
        Unwritten = llvm::toString(writeFile(Output, ir::writeBinary(M)));
    });
    if (!Unwritten.empty())
      return llvm::createStringError(Unwritten);
    if (Result.Problem.empty() && Result.Mistakes.empty())
      continue;
    Status = 2;
    for (const std::string &Mistake : Result.Mistakes)
      llvm::WithColor::error(llvm::errs(), "latchkey") << Mistake << "\n";
    llvm::WithColor::error(llvm::errs(), "latchkey") << Unit.File << ": " << Result.Problem << "\n";
    if (How.Verbose)
      for (const std::string &Diagnostic : Result.Diagnostics)
        llvm::errs() << "  " << Diagnostic << "\n";
  }
  return Status;
}

} // namespace latchkey::driver
