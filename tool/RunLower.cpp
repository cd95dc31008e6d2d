#include "checks/ir/Binary.h"
#include "checks/ir/Text.h"
#include "tool/Analyser.h"
#include "tool/Inputs.h"
#include "tool/Jobs.h"
#include "tool/Paths.h"
#include "tool/Reports.h"
#include "tool/Run.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

namespace latchkey::driver {

using llvm::StringRef;

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

static void printProblem(const Outcome &Result, bool Verbose) {
  for (const std::string &Mistake : Result.Mistakes)
    llvm::WithColor::error(llvm::errs(), "latchkey") << Mistake << "\n";
  if (!Result.Problem.empty())
    llvm::WithColor::error(llvm::errs(), "latchkey") << Result.File << ": " << Result.Problem << "\n";
  if (Verbose)
    for (const std::string &Diagnostic : Result.Diagnostics)
      llvm::errs() << "  " << Diagnostic << "\n";
}

/// A path as make and ninja read it in a rule.
static std::string inRule(StringRef Path) {
  std::string Text;
  for (char C : Path) {
    if (C == ' ' || C == '#' || C == '\\')
      Text += '\\';
    if (C == '$')
      Text += '$';
    Text += C;
  }
  return Text;
}

/// The files that were read, as a rule. Files that were looked for and not found cannot be said in one.
static llvm::Error writeDepfile(const CommandLine &How, const std::string &Source, const std::string &Path,
                                const FileAnswers &Read) {
  std::string Rule = inRule(How.Output) + ": " + inRule(Source);
  auto Add = [&](StringRef File) { Rule += " \\\n  " + inRule(File); };
  for (const auto &[File, Answer] : Read)
    if (StringRef(Answer).starts_with("file ") && File != Source)
      Add(File);
  for (const std::string &Models : How.User.Models)
    Add(Models);
  return writeFile(Path, Rule + "\n");
}

/// One file, to a file.
static llvm::Expected<int> lowerOne(const CommandLine &How, Analyser &Analysis, const TranslationUnit &Unit) {
  const std::string Output = absolutePath(How.Output),
                    Depfile = absolutePath(How.Depfile); // The unit's folder is entered.
  FileAnswers Read;
  std::string Code;
  Outcome Result = Analysis.lower(Unit, [&](const ir::Module &M) { Code = ir::writeBinary(M); }, &Read);
  if (!Code.empty())
    if (llvm::Error Failed = writeIfOther(Output, Code))
      return Failed;
  if (!How.Depfile.empty())
    if (llvm::Error Failed = writeDepfile(How, Unit.File, Depfile, Read))
      return Failed;
  printProblem(Result, How.Verbose);
  return Result.Problem.empty() && Result.Mistakes.empty() ? 0 : 2;
}

/// Any number of files, each to one of its own in a folder.
static llvm::Expected<int> lowerToFolder(const CommandLine &How, Inputs &Given) {
  const std::string Folder = absolutePath(How.Output);
  if (std::error_code Wrong = llvm::sys::fs::create_directories(Folder))
    return llvm::createStringError(How.Output + ": cannot make this folder: " + Wrong.message());
  takeShard(Given.Selected.Units, How.Part);
  Given.User.LoweredFolder = Folder;
  Given.User.CacheFolder.clear();
  auto Done = runJobs(jobsOf(Given.Selected.Units), Given.User, How, "reading");
  if (!Done)
    return Done.takeError();
  Suppressions Comments;
  Results All = merge(std::move(*Done), {}, Comments);
  printProblems(All, workingDirectory(), How.Verbose, How.Quiet);
  return All.exitStatus();
}

static int print(const CommandLine &How, Analyser &Analysis, llvm::ArrayRef<TranslationUnit> Units) {
  int Status = 0;
  for (const TranslationUnit &Unit : Units) {
    Outcome Result = Analysis.lower(Unit, [&](const ir::Module &M) { ir::print(M, llvm::outs(), ranges(How.Print)); });
    printProblem(Result, How.Verbose);
    if (!Result.Problem.empty() || !Result.Mistakes.empty())
      Status = 2;
  }
  return Status;
}

llvm::Expected<int> runLower(const CommandLine &How) {
  bool ToFolder = StringRef(How.Output).ends_with("/") || llvm::sys::fs::is_directory(How.Output);
  if (How.Paths.empty() && !ToFolder)
    return llvm::createStringError("name a file, as in `latchkey lower FILE` or `latchkey lower FILE -- -std=c++20`, "
                                   "or for all of them a folder: -o FOLDER/");
  if (How.Part.Count > 1 && !ToFolder)
    return llvm::createStringError("--shard lowers many files: name the folder that they go to with -o FOLDER/");
  auto Given = findInputs(How);
  if (!Given)
    return Given.takeError();
  auto Analysis = Analyser::create(Given->User);
  if (!Analysis)
    return Analysis.takeError();
  if (ToFolder)
    return lowerToFolder(How, *Given);
  if (How.Output.empty())
    return print(How, *Analysis, Given->Selected.Units);
  if (Given->Selected.Units.size() != 1)
    return llvm::createStringError("-o holds one file's: name one, or a folder: -o FOLDER/");
  return lowerOne(How, *Analysis, Given->Selected.Units.front());
}

} // namespace latchkey::driver
