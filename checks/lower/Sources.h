// From Clang's source locations to ranges in files as the user wrote them.
#pragma once

#include "checks/ir/Module.h"

#include "clang/Basic/SourceLocation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <string>

namespace clang {
class ASTContext;
class Decl;
class SourceManager;
class Stmt;
} // namespace clang

namespace latchkey::lower {

/// Absolute path of a file without dots; empty for what is no file.
std::string filePath(const clang::SourceManager &, clang::FileID);

/// Ranges of one translation unit. A file gets into Module::Files when a range in it is first asked for.
class Sources {
public:
  Sources(clang::ASTContext &, ir::Module &);

  /// From the first byte of the first token to the last byte of the last one. What a macro's body made stands at the
  /// macro's expansion; a macro's argument stands where the user wrote it (Macro is set for both). Invalid for an
  /// invalid range.
  ir::Range range(clang::SourceRange);
  /// The token at the location.
  ir::Range range(clang::SourceLocation Loc) { return range(clang::SourceRange(Loc, Loc)); }
  /// The whole statement including its semicolon, for fixes.
  ir::Range statement(const clang::Stmt &);
  /// The same for a declaration that is a statement or a member.
  ir::Range statement(clang::SourceRange);
  /// The same with its line and the line's end where nothing else stands in it: what to remove.
  ir::Range wholeStatement(const clang::Stmt &);
  /// An empty range behind the token at Loc: where something can be inserted.
  ir::Range after(clang::SourceLocation Loc);

  /// The token that follows the one at Loc; invalid in a macro.
  ir::Range behind(clang::SourceLocation Loc);
  /// From one offset of the file to another.
  ir::Range range(clang::FileID, unsigned Begin, unsigned End);

  /// In a system header (or nowhere): never reported on, and its bodies count as absent. What a system header's macro
  /// makes in user code is user code.
  bool isSystem(clang::SourceLocation) const;
  bool isSystem(const clang::Decl &) const;
  /// The user's text, of a macro the invocation; empty if there is none.
  std::string text(clang::SourceRange) const;
  /// text() without white space: identity of an opaque test.
  std::string compactText(clang::SourceRange) const;
  /// Index into Module::Files; NoFile for a location without a file.
  uint32_t file(clang::SourceLocation);
  /// Absolute and without dots; symbolic links stay, so that reports name files as the build does.
  std::string path(clang::SourceLocation) const;

private:
  /// The file characters of a token range: offset of the first, offset behind the last.
  struct Characters {
    clang::FileID File;
    unsigned Begin = 0, End = 0;
    bool Macro = false;
    bool Valid = false;
  };
  Characters characters(clang::SourceRange) const;
  /// Buffer is the text of the range's file.
  Characters withSemicolon(clang::SourceRange, llvm::StringRef &Buffer) const;
  ir::Range make(const Characters &);
  uint32_t file(clang::FileID);

  clang::ASTContext &Context;
  clang::SourceManager &Manager;
  ir::Module &Module;
  llvm::DenseMap<clang::FileID, uint32_t> Indices;
  llvm::StringMap<uint32_t> ByPath; ///< A header read twice has two FileIDs.
};

} // namespace latchkey::lower
