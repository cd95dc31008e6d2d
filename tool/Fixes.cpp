#include "tool/Fixes.h"

#include "tool/LinkedProgram.h"
#include "tool/Paths.h"

#include "clang/Tooling/DiagnosticsYaml.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <fmt/format.h>

namespace latchkey::driver {

namespace fs = llvm::sys::fs;
namespace tooling = clang::tooling;
using llvm::StringRef;

static tooling::Replacement replacement(const Edit &E) {
  return {E.Where.File, E.Where.At.Offset, E.Where.At.Length, E.Text};
}

/// Adds all edits, or none. Insertions that are alike would be made twice.
static bool add(const Fix &F, std::map<std::string, tooling::Replacements> &ByFile) {
  std::map<std::string, tooling::Replacements> Changed;
  for (const Edit &E : F.Edits) {
    const std::string &File = E.Where.File;
    auto [Known, New] = Changed.try_emplace(File);
    if (auto Before = ByFile.find(File); New && Before != ByFile.end())
      Known->second = Before->second;
    tooling::Replacement One = replacement(E);
    if (!llvm::is_contained(Known->second, One) && llvm::errorToBool(Known->second.add(One)))
      return false;
  }
  for (auto &[File, All] : Changed)
    ByFile[File] = std::move(All);
  return true;
}

PlannedFixes planFixes(llvm::ArrayRef<Report> Reports, bool Unsafe, StringRef Directory) {
  PlannedFixes Plan;
  for (const Report &R : Reports) {
    Plan.Of.push_back(nullptr);
    const Finding &F = R.What;
    auto Chosen = llvm::find_if(F.Fixes, [&](const Fix &One) { return One.Safe || Unsafe; });
    if (Chosen == F.Fixes.end()) {
      Plan.Unsafe += !F.Fixes.empty();
      continue;
    }
    if (add(*Chosen, Plan.ByFile))
      Plan.Of.back() = &*Chosen;
    else
      Plan.LeftOut.push_back(fmt::format("{}:{}:{}: fix left out, it meets another one: {} [latchkey-{}]",
                                         shortPath(F.Where.File, Directory), F.Where.At.Line, F.Where.At.Column,
                                         Chosen->Title, F.Check));
  }
  return Plan;
}

static llvm::Expected<std::string> fixed(const std::string &File, const tooling::Replacements &Changes) {
  auto Text = llvm::MemoryBuffer::getFile(File);
  if (!Text)
    return llvm::createStringError(File + ": cannot read it to fix it: " + Text.getError().message());
  return tooling::applyAllReplacements((*Text)->getBuffer(), Changes);
}

/// A link stays one, and who may read or run the file may do so still.
static llvm::Error rewrite(const std::string &File, StringRef Text) {
  llvm::SmallString<256> Real;
  if (std::error_code Wrong = fs::real_path(File, Real))
    return llvm::createStringError(File + ": cannot write it: " + Wrong.message());
  auto Permissions = fs::getPermissions(Real);
  if (!fs::can_write(Real)) // Its folder may be written, so that it could be replaced; that is not what is meant.
    return llvm::createStringError(File + ": cannot write it: it is read-only");
  if (llvm::Error Failed = writeFile(Real.str().str(), Text))
    return Failed;
  if (Permissions)
    (void)fs::setPermissions(Real, *Permissions);
  return llvm::Error::success();
}

llvm::Error applyFixes(const PlannedFixes &Plan) {
  llvm::Error All = llvm::Error::success();
  for (const auto &[File, Changes] : Plan.ByFile) {
    auto Text = fixed(File, Changes);
    All = llvm::joinErrors(std::move(All), Text ? rewrite(File, *Text) : Text.takeError());
  }
  return All;
}

llvm::Expected<std::string> diffOf(const PlannedFixes &Plan, StringRef Directory, const ScratchFolder &Scratch) {
  auto Program = llvm::sys::findProgramByName("diff");
  if (!Program)
    return llvm::createStringError("--fix-style=diff needs the program diff: it is not in PATH");
  const std::string After = Scratch.file("fixed"), Out = Scratch.file("diff.out");
  std::string All;
  for (const auto &[File, Changes] : Plan.ByFile) {
    auto Text = fixed(File, Changes);
    if (!Text)
      return Text.takeError();
    if (llvm::Error Failed = writeFile(After, *Text))
      return Failed;
    (void)fs::remove(Out);
    std::string Name = shortPath(File, Directory), Old = "--label=a/" + Name, New = "--label=b/" + Name, Wrong;
    std::optional<StringRef> Redirects[] = {StringRef(), StringRef(Out), std::nullopt};
    int Status = llvm::sys::ExecuteAndWait(*Program, {*Program, "-u", Old, New, File, After}, std::nullopt, Redirects,
                                           /*SecondsToWait=*/0, /*MemoryLimit=*/0, &Wrong);
    auto Lines = llvm::MemoryBuffer::getFile(Out);
    if (Status < 0 || Status > 1 || !Lines)
      return llvm::createStringError(fmt::format("{}: diff failed: {}", File, Wrong));
    All += (*Lines)->getBuffer();
  }
  return All;
}

static tooling::DiagnosticMessage message(StringRef Text, const SourcePlace &Where) {
  tooling::DiagnosticMessage Message(Text);
  Message.FilePath = Where.File;
  Message.FileOffset = Where.At.Offset;
  return Message;
}

static tooling::Diagnostic diagnostic(const Report &R, const Fix *Chosen, StringRef Directory) {
  const Finding &F = R.What;
  bool IsError = R.AsError || F.Level == Confidence::Certain;
  tooling::Diagnostic D("latchkey-" + F.Check, IsError ? tooling::Diagnostic::Error : tooling::Diagnostic::Warning,
                        Directory);
  D.Message = message(F.Message, F.Where);
  for (const Note &N : F.Notes)
    D.Notes.push_back(message(N.Message, N.Where));
  if (Chosen)
    for (const Edit &E : Chosen->Edits)
      llvm::cantFail(D.Message.Fix[E.Where.File].add(replacement(E))); // The plan has added it.
  return D;
}

llvm::Error exportFixes(llvm::ArrayRef<Report> Reports, const PlannedFixes &Plan, const std::string &Path,
                        StringRef Directory) {
  tooling::TranslationUnitDiagnostics All;
  for (auto [R, Chosen] : llvm::zip(Reports, Plan.Of))
    All.Diagnostics.push_back(diagnostic(R, Chosen, Directory));
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  llvm::yaml::Output Yaml(Out);
  Yaml << All;
  return writeFile(Path, Text);
}

} // namespace latchkey::driver
