// `.latchkey.yaml`: what a project's libraries mean, and which of its code is somebody else's. What is checked and how
// stands in `.clang-tidy`.
//
//     models: [acme.yaml]          files of models, relative to this one
//     third-party: [vendor/]       read, because the program needs it, but nothing is reported there
//     exclude: ['*_generated.cc']  not even read
//     root: true                   folders above are not looked at
//
// Paths are globs, relative to the file's folder. `*` also stands for slashes; what names a folder means all below it;
// a glob without a slash means files and folders of that name anywhere below; `!` takes back. The last one that fits
// counts, and files of inner folders count after those of outer ones.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <memory>
#include <string>
#include <vector>

namespace latchkey::model {

inline constexpr llvm::StringRef ProjectFileName = ".latchkey.yaml";

/// A glob with its text, which LLVM's only refers to.
struct PathGlob {
  std::unique_ptr<const std::string> Text;
  llvm::GlobPattern Glob;
};

/// One entry of a list of paths.
struct PathPattern {
  std::string Text;  ///< As written, without `!`.
  std::string Place; ///< "/p/.latchkey.yaml:3:16"
  bool TakesBack = false;
  std::vector<PathGlob> Globs; ///< It fits if one does.
};

struct ModelFile {
  std::string Path;  ///< Absolute.
  std::string Place; ///< Where it is named.
};

struct ProjectFile {
  std::string Path; ///< Absolute.
  std::vector<ModelFile> Models;
  std::vector<PathPattern> ThirdParty, Excluded;
  bool Root = false;
};

/// The error has one mistake per line, as `Path:line:column: message`.
llvm::Expected<ProjectFile> readProjectFile(llvm::StringRef Yaml, llvm::StringRef Path);

/// All files that are about one source, the outermost first.
struct ProjectSettings {
  std::vector<const ProjectFile *> Files;
  std::vector<std::string> Mistakes; ///< `Path:line:column: message`

  std::vector<ModelFile> models() const;
  /// The pattern that decides, if one fits; it may be one that takes back.
  const PathPattern *thirdParty(llvm::StringRef AbsolutePath) const;
  const PathPattern *excluded(llvm::StringRef AbsolutePath) const;

  bool isThirdParty(llvm::StringRef AbsolutePath) const { return decides(thirdParty(AbsolutePath)); }
  bool isExcluded(llvm::StringRef AbsolutePath) const { return decides(excluded(AbsolutePath)); }

private:
  static bool decides(const PathPattern *P) { return P && !P->TakesBack; }
};

/// Looks for project files from a source's folder upwards and keeps what it read. Not for several threads at once.
class ProjectFiles {
public:
  explicit ProjectFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files) : Files(std::move(Files)) {}

  /// Valid as long as this lives.
  const ProjectSettings &of(llvm::StringRef AbsolutePath);

private:
  const ProjectSettings &ofFolder(llvm::StringRef Folder);

  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files;
  llvm::StringMap<std::unique_ptr<ProjectFile>> Read;
  llvm::StringMap<std::unique_ptr<ProjectSettings>> ByFolder;
};

} // namespace latchkey::model
