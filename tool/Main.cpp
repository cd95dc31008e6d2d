// latchkey: the driver. See Run.h.
#include "tool/Frontend.h"
#include "tool/Run.h"
#include "tool/Worker.h"

#include "llvm/Support/WithColor.h"

using namespace latchkey::driver;

static llvm::Expected<int> run(int Argc, const char *const *Argv) {
  auto Line = readCommandLine(Argc, Argv);
  if (!Line)
    return Line.takeError();
  using Command = CommandLine::Command;
  switch (Line->Do) {
  case Command::Analyse:
    return runAnalyse(*Line);
  case Command::Lower:
    return runLower(*Line);
  case Command::Link:
    return runLink(*Line);
  case Command::Ninja:
    return runNinja(*Line);
  case Command::ListChecks:
    return runListChecks(*Line);
  case Command::Explain:
    return runExplain(*Line);
  case Command::ExplainConfig:
    return runExplainConfig(*Line);
  case Command::VerifyConfig:
    return runVerifyConfig(*Line);
  case Command::Doctor:
    return runDoctor(*Line);
  case Command::Completion:
    return runCompletion(*Line);
  case Command::Man:
    writeManPage(Line->Table, llvm::outs());
    return 0;
  case Command::Worker:
    initialiseClang();
    return runWorker();
  }
  return 2;
}

int main(int Argc, char **Argv) {
  auto Status = run(Argc, Argv);
  if (Status)
    return *Status;
  llvm::WithColor::error(llvm::errs(), "latchkey") << llvm::toString(Status.takeError()) << "\n";
  return 2;
}
