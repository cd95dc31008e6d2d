#include "checks/tidy/Diagnose.h"

#include "checks/lower/Sources.h"

#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

using namespace latchkey;
using namespace latchkey::tidy;
using llvm::StringRef;

clang::FileID Locations::file(StringRef Path) {
  auto [Entry, Fresh] = Known.try_emplace(Path);
  if (Fresh) {
    // The main file first: an editor's buffer need not be a file.
    clang::FileID Main = Sources.getMainFileID();
    if (lower::filePath(Sources, Main) == Path)
      Entry->second = Main;
    else if (auto File = Sources.getFileManager().getOptionalFileRef(Path))
      Entry->second = Sources.translateFile(*File);
  }
  return Entry->second;
}

clang::SourceLocation Locations::begin(const SourcePlace &Place) {
  clang::FileID File = file(Place.File);
  if (File.isInvalid() || Place.At.Offset > Sources.getFileIDSize(File))
    return {};
  return Sources.getComposedLoc(File, Place.At.Offset);
}

clang::SourceLocation Locations::beginAnywhere(const SourcePlace &Place) {
  clang::SourceLocation Here = begin(Place);
  if (Here.isValid() || file(Place.File).isValid())
    return Here;
  if (auto File = Sources.getFileManager().getOptionalFileRef(Place.File))
    Known[Place.File] = Sources.createFileID(*File, clang::SourceLocation(), clang::SrcMgr::C_User);
  return begin(Place);
}

clang::CharSourceRange Locations::range(const SourcePlace &Place) {
  SourcePlace End = Place;
  End.At.Offset += Place.At.Length;
  return clang::CharSourceRange::getCharRange(begin(Place), begin(End));
}

std::string tidy::noteText(const Finding &Whole, const Note &Step) {
  bool Tasks = llvm::any_of(Whole.Notes, [](const Note &N) { return N.Lane != 0; });
  return Tasks && Step.Lane != 0 ? fmt::format("task {}: {}", Step.Lane, Step.Message) : Step.Message;
}

/// The fix's edits as hints; empty if one of them is not in this translation unit.
static llvm::SmallVector<clang::FixItHint> hints(const Fix &F, Locations &Where) {
  llvm::SmallVector<clang::FixItHint> Hints;
  for (const Edit &E : F.Edits) {
    clang::CharSourceRange Range = Where.range(E.Where);
    if (Range.isInvalid())
      return {};
    Hints.push_back(E.Where.At.Length == 0 ? clang::FixItHint::CreateInsertion(Range.getBegin(), E.Text)
                                           : clang::FixItHint::CreateReplacement(Range, E.Text));
  }
  return Hints;
}

void tidy::diagnose(clang::tidy::ClangTidyCheck &Check, const Finding &F, Locations &Where, bool Editor) {
  clang::SourceLocation Primary = Where.begin(F.Where);
  if (Primary.isInvalid())
    return;
  const Fix *Own = nullptr;
  {
    // A message may hold what the engine would take for a placeholder, so it is an argument itself.
    clang::DiagnosticBuilder Diagnostic = Check.diag(Primary, "%0") << F.Message;
    if (F.Where.At.Length != 0)
      Diagnostic << Where.range(F.Where);
    if (!Editor && !F.Fixes.empty() && F.Fixes.front().Safe) {
      Own = &F.Fixes.front();
      for (const clang::FixItHint &Hint : hints(*Own, Where))
        Diagnostic << Hint;
    }
  }
  for (const Note &Step : F.Notes)
    if (clang::SourceLocation At = Where.beginAnywhere(Step.Where); At.isValid())
      Check.diag(At, "%0", clang::DiagnosticIDs::Note) << noteText(F, Step);
  for (const Fix &Other : F.Fixes) {
    llvm::SmallVector<clang::FixItHint> Hints = hints(Other, Where);
    if (&Other == Own || Hints.empty())
      continue;
    clang::DiagnosticBuilder Diagnostic = Check.diag(Primary, "%0", clang::DiagnosticIDs::Note) << Other.Title;
    for (const clang::FixItHint &Hint : Hints)
      Diagnostic << Hint;
  }
}
