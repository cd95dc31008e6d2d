#include "tool/Suppressions.h"

#include "clang-tidy/NoLintDirectiveHandler.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/DiagnosticOptions.h"
#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Tooling/Core/Diagnostic.h"

#include <fmt/format.h>

#include <set>

namespace latchkey::driver {

/// Clang-tidy's reader asks a source manager for the text, so there is one with the files that findings stand in. It
/// needs no parse: what comes from a cache can be suppressed as well.
struct Suppressions::Impl {
  clang::DiagnosticOptions Options;
  clang::DiagnosticsEngine Engine{clang::DiagnosticIDs::create(), Options, new clang::IgnoringDiagConsumer};
  clang::FileManager Files{clang::FileSystemOptions()};
  clang::SourceManager Sources{Engine, Files};
  clang::tidy::NoLintDirectiveHandler Directives;
  std::set<std::string> Mistakes;

  clang::SourceLocation location(const SourcePlace &Place) {
    auto File = Files.getOptionalFileRef(Place.File);
    if (!File)
      return {};
    clang::FileID Id = Sources.getOrCreateFileID(*File, clang::SrcMgr::C_User);
    return Sources.translateLineCol(Id, Place.At.Line, Place.At.Column);
  }

  bool suppresses(const std::string &Check, const SourcePlace &Place) {
    clang::SourceLocation Where = location(Place);
    if (Where.isInvalid())
      return false;
    clang::DiagnosticStorage Nothing;
    clang::Diagnostic Info(&Engine, Where, /*DiagID=*/0, Nothing, /*StoredDiagMessage=*/"");
    llvm::SmallVector<clang::tooling::Diagnostic, 1> Wrong;
    bool Result = Directives.shouldSuppress(clang::DiagnosticsEngine::Warning, Info, Check, Wrong, /*AllowIO=*/true,
                                            /*EnableNoLintBlocks=*/true);
    for (const clang::tooling::Diagnostic &D : Wrong)
      Mistakes.insert(mistake(D.Message));
    return Result;
  }

  std::string mistake(const clang::tooling::DiagnosticMessage &Message) {
    unsigned Line = 1;
    if (auto File = Files.getOptionalFileRef(Message.FilePath)) {
      clang::FileID Id = Sources.getOrCreateFileID(*File, clang::SrcMgr::C_User);
      Line = Sources.getLineNumber(Id, Message.FileOffset);
    }
    return fmt::format("{}:{}: {}", Message.FilePath, Line, Message.Message);
  }
};

Suppressions::Suppressions() : Own(std::make_unique<Impl>()) {
  Own->Engine.setSourceManager(&Own->Sources);
}
Suppressions::~Suppressions() = default;

bool Suppressions::suppresses(const Finding &F) {
  const std::string Check = "latchkey-" + F.Check;
  if (Own->suppresses(Check, F.Where))
    return true;
  return !F.Notes.empty() && Own->suppresses(Check, F.Notes.front().Where);
}

std::vector<std::string> Suppressions::takeMistakes() {
  std::vector<std::string> Result(Own->Mistakes.begin(), Own->Mistakes.end());
  Own->Mistakes.clear();
  return Result;
}

} // namespace latchkey::driver
