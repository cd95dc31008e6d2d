#include "tool/Suppressions.h"

#include "tool/NolintComments.h"

#include "clang-tidy/GlobList.h"
#include "clang-tidy/NoLintDirectiveHandler.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/DiagnosticOptions.h"
#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Tooling/Core/Diagnostic.h"
#include "llvm/ADT/StringMap.h"

#include <fmt/format.h>

#include <set>

namespace latchkey::driver {

using llvm::StringRef;

namespace {
/// The comments of a file, with the checks that each has silenced.
struct CommentedFile {
  std::unique_ptr<llvm::MemoryBuffer> Text;
  std::vector<NolintComment> Comments;
  std::vector<std::set<std::string>> Silenced; ///< By comment.
};
} // namespace

/// Clang-tidy's reader asks a source manager for the text, so there is one with the files that findings stand in. It
/// needs no parse: what comes from a cache can be suppressed as well.
struct Suppressions::Impl {
  explicit Impl(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> From)
      : Files(clang::FileSystemOptions(), std::move(From)) {}

  clang::DiagnosticOptions Options;
  clang::DiagnosticsEngine Engine{clang::DiagnosticIDs::create(), Options, new clang::IgnoringDiagConsumer};
  clang::FileManager Files;
  clang::SourceManager Sources{Engine, Files};
  clang::tidy::NoLintDirectiveHandler Directives;
  std::set<std::string> Mistakes;
  llvm::StringMap<CommentedFile> Commented;

  clang::SourceLocation location(const SourcePlace &Place) {
    auto File = Files.getOptionalFileRef(Place.File);
    if (!File)
      return {};
    clang::FileID Id = Sources.getOrCreateFileID(*File, clang::SrcMgr::C_User);
    return Sources.translateLineCol(Id, Place.At.Line, Place.At.Column);
  }

  CommentedFile &comments(StringRef Path) {
    auto [Entry, New] = Commented.try_emplace(Path);
    CommentedFile &File = Entry->second;
    if (!New)
      return File;
    if (auto Text = Files.getBufferForFile(Path)) {
      File.Text = std::move(*Text);
      File.Comments = nolintComments(Path, File.Text->getBuffer());
      File.Silenced.resize(File.Comments.size());
    }
    return File;
  }

  /// Remembers all comments that do it, and adds the first one's reason.
  void attribute(const std::string &Check, const SourcePlace &Place, std::string &Reason) {
    CommentedFile &File = comments(Place.File);
    for (auto [Comment, Silenced] : llvm::zip(File.Comments, File.Silenced))
      if (Comment.silences(Check, Place.At.Offset)) {
        Silenced.insert(Check);
        if (Reason.empty())
          Reason = Comment.Reason;
      }
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

Suppressions::Suppressions(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files)
    : Own(std::make_unique<Impl>(std::move(Files))) {
  Own->Engine.setSourceManager(&Own->Sources);
}
Suppressions::~Suppressions() = default;

std::optional<std::string> Suppressions::silences(const Finding &F) {
  const std::string Check = "latchkey-" + F.Check;
  bool Here = Own->suppresses(Check, F.Where);
  bool There = !F.Notes.empty() && Own->suppresses(Check, F.Notes.front().Where);
  if (!Here && !There)
    return std::nullopt;
  std::string Reason;
  if (Here)
    Own->attribute(Check, F.Where, Reason);
  if (There)
    Own->attribute(Check, F.Notes.front().Where, Reason);
  return Reason;
}

std::vector<std::string> Suppressions::takeMistakes() {
  std::vector<std::string> Result(Own->Mistakes.begin(), Own->Mistakes.end());
  Own->Mistakes.clear();
  return Result;
}

static Finding staleFinding(const NolintComment &Comment, llvm::ArrayRef<std::string> Globs, StringRef Text) {
  Finding F;
  F.Check = "stale-nolint";
  F.Level = Confidence::Style;
  F.Where = Comment.Where;
  F.Message = fmt::format("this comment silences no finding of `{}`", llvm::join(Globs, "`, `"));
  F.Subject = llvm::join(Globs, ",");
  if (std::vector<Edit> Edits = withoutChecks(Comment, Globs, Text); !Edits.empty())
    F.Fixes.push_back({"take it out of the comment", std::move(Edits), /*Safe=*/true});
  return F;
}

std::vector<Finding> Suppressions::stale(const std::vector<std::string> &In,
                                         llvm::function_ref<bool(StringRef File, StringRef Glob)> Judged) {
  std::vector<Finding> Found;
  for (const std::string &Path : In) {
    CommentedFile &File = Own->comments(Path);
    for (auto [Comment, Silenced] : llvm::zip(File.Comments, File.Silenced)) {
      if (!Comment.Listed)
        continue; // For whatever tool.
      std::vector<std::string> Unused;
      for (const std::string &Glob : Comment.Checks) {
        clang::tidy::GlobList Means(Glob);
        bool Used = llvm::any_of(Silenced, [&](const std::string &Check) { return Means.contains(Check); });
        if (StringRef(Glob).starts_with("latchkey") && !Used && Judged(Path, Glob))
          Unused.push_back(Glob);
      }
      if (!Unused.empty())
        Found.push_back(staleFinding(Comment, Unused, File.Text->getBuffer()));
    }
  }
  return Found;
}

} // namespace latchkey::driver
