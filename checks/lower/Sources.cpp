#include "checks/lower/Sources.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Stmt.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace clang;

namespace latchkey::lower {
namespace {

/// Where the user wrote what stands at Loc: of a macro's argument the argument, of a macro's body the invocation's
/// first or last token.
SourceLocation written(const SourceManager &Manager, SourceLocation Loc, bool Last) {
  while (Loc.isMacroID()) {
    if (Manager.isMacroArgExpansion(Loc)) {
      Loc = Manager.getImmediateSpellingLoc(Loc);
      continue;
    }
    CharSourceRange Expansion = Manager.getImmediateExpansionRange(Loc);
    Loc = Last ? Expansion.getEnd() : Expansion.getBegin();
  }
  return Loc;
}

/// Offset of the semicolon that ends what stands before Offset, or nothing if something else comes first.
std::optional<unsigned> semicolonBehind(StringRef Buffer, unsigned Offset, const LangOptions &Options) {
  Lexer Raw(SourceLocation(), Options, Buffer.begin(), Buffer.begin() + Offset, Buffer.end());
  Token Next;
  Raw.LexFromRawLexer(Next);
  if (Next.isNot(tok::semi))
    return std::nullopt;
  return static_cast<unsigned>(Raw.getBufferLocation() - Buffer.begin()) - 1;
}

} // namespace

std::string filePath(const SourceManager &Manager, FileID File) {
  OptionalFileEntryRef Entry = Manager.getFileEntryRefForID(File);
  if (!Entry)
    return {};
  SmallString<256> Path(Entry->getName());
  Manager.getFileManager().makeAbsolutePath(Path);
  llvm::sys::path::remove_dots(Path, /*remove_dot_dot=*/true);
  return std::string(Path);
}

Sources::Sources(ASTContext &Context, ir::Module &Module)
    : Context(Context), Manager(Context.getSourceManager()), Module(Module) {}

Sources::Characters Sources::characters(SourceRange Range) const {
  if (Range.isInvalid())
    return {};
  SourceLocation First = written(Manager, Range.getBegin(), false), Last = written(Manager, Range.getEnd(), true);
  bool Macro = Range.getBegin().isMacroID() || Range.getEnd().isMacroID();
  auto [File, Begin] = Manager.getDecomposedLoc(First);
  auto [LastFile, End] = Manager.getDecomposedLoc(Last);
  if (LastFile != File || End < Begin) {
    // Begin in an argument, end in the body or the reverse: the whole invocation.
    CharSourceRange Whole = Manager.getExpansionRange(Range);
    std::tie(File, Begin) = Manager.getDecomposedLoc(Whole.getBegin());
    std::tie(LastFile, End) = Manager.getDecomposedLoc(Whole.getEnd());
    if (LastFile != File || End < Begin)
      std::tie(LastFile, End) = std::pair(File, Begin);
  }
  SourceLocation LastToken = Manager.getComposedLoc(File, End);
  End += Lexer::MeasureTokenLength(LastToken, Manager, Context.getLangOpts());
  return {File, Begin, End, Macro, true};
}

ir::Range Sources::make(const Characters &C) {
  ir::Range Result;
  if (!C.Valid || (Result.File = file(C.File)) == ir::Range::NoFile)
    return {};
  Result.Line = Manager.getLineNumber(C.File, C.Begin);
  Result.Column = Manager.getColumnNumber(C.File, C.Begin);
  Result.Offset = C.Begin;
  Result.Length = C.End - C.Begin;
  Result.Macro = C.Macro;
  return Result;
}

ir::Range Sources::range(SourceRange Range) {
  return make(characters(Range));
}

ir::Range Sources::statement(const Stmt &S) {
  return statement(S.getSourceRange());
}

Sources::Characters Sources::withSemicolon(SourceRange Range, StringRef &Buffer) const {
  Characters C = characters(Range);
  if (!C.Valid)
    return C;
  bool Invalid = false;
  Buffer = Manager.getBufferData(C.File, &Invalid);
  C.Valid = !Invalid;
  if (Invalid)
    return C;
  // A declaration's range may hold its semicolon already.
  if (C.End == C.Begin || Buffer.substr(C.Begin, C.End - C.Begin).back() != ';')
    if (auto Semicolon = semicolonBehind(Buffer, C.End, Context.getLangOpts()))
      C.End = *Semicolon + 1;
  return C;
}

ir::Range Sources::statement(SourceRange Range) {
  StringRef Buffer;
  return make(withSemicolon(Range, Buffer));
}

ir::Range Sources::wholeStatement(const Stmt &S) {
  StringRef Buffer;
  Characters C = withSemicolon(S.getSourceRange(), Buffer);
  if (!C.Valid)
    return {};
  // With the end of the line before: what is left is a line that ends as it did.
  size_t Line = Buffer.take_front(C.Begin).rfind('\n');
  size_t Next = Buffer.find('\n', C.End);
  bool Alone = Line != StringRef::npos && Next != StringRef::npos && Buffer.slice(Line, C.Begin).trim().empty() &&
               Buffer.slice(C.End, Next).trim().empty();
  if (Alone) {
    C.Begin = static_cast<unsigned>(Line);
    C.End = static_cast<unsigned>(Next);
  }
  return make(C);
}

ir::Range Sources::after(SourceLocation Loc) {
  Characters C = characters(SourceRange(Loc, Loc));
  C.Begin = C.End;
  return make(C);
}

ir::Range Sources::behind(SourceLocation Loc) {
  std::optional<Token> Next = Loc.isFileID() ? Lexer::findNextToken(Loc, Manager, Context.getLangOpts()) : std::nullopt;
  return Next ? range(Next->getLocation()) : ir::Range();
}

ir::Range Sources::range(FileID File, unsigned Begin, unsigned End) {
  return make({File, Begin, End, false, true});
}

bool Sources::isSystem(SourceLocation Loc) const {
  if (Loc.isInvalid())
    return true;
  Loc = Manager.getExpansionLoc(Loc);
  FileID File = Manager.getFileID(Loc);
  // The main file need not have an entry, and if it is preprocessed already, holds others.
  return (File != Manager.getMainFileID() && !Manager.getFileEntryRefForID(File)) || Manager.isInSystemHeader(Loc);
}

bool Sources::isSystem(const Decl &D) const {
  return isSystem(D.getLocation());
}

std::string Sources::text(SourceRange Range) const {
  Characters C = characters(Range);
  if (!C.Valid)
    return {};
  bool Invalid = false;
  StringRef Buffer = Manager.getBufferData(C.File, &Invalid);
  return Invalid ? std::string() : Buffer.slice(C.Begin, C.End).str();
}

std::string Sources::compactText(SourceRange Range) const {
  std::string Text = text(Range);
  llvm::erase_if(Text, llvm::isSpace);
  return Text;
}

uint32_t Sources::file(SourceLocation Loc) {
  return Loc.isInvalid() ? ir::Range::NoFile : file(Manager.getFileID(written(Manager, Loc, false)));
}

uint32_t Sources::file(FileID File) {
  auto [Known, New] = Indices.try_emplace(File, ir::Range::NoFile);
  if (!New)
    return Known->second;
  std::string Path = filePath(Manager, File);
  if (Path.empty())
    return ir::Range::NoFile;
  auto [Index, First] = ByPath.try_emplace(Path, Module.Files.size());
  if (First) {
    bool Invalid = false;
    StringRef Buffer = Manager.getBufferData(File, &Invalid);
    ir::File Entry{Path, isSystem(Manager.getLocForStartOfFile(File)), {}};
    if (!Invalid) {
      llvm::XXH128_hash_t Hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(Buffer));
      Entry.Hash = {Hash.low64, Hash.high64};
    }
    Module.Files.push_back(std::move(Entry));
  }
  return Indices[File] = Index->second;
}

std::string Sources::path(SourceLocation Loc) const {
  return Loc.isInvalid() ? std::string() : filePath(Manager, Manager.getFileID(written(Manager, Loc, false)));
}

} // namespace latchkey::lower
