// A file system that remembers what was asked of it, and can tell later whether the answers would be the same: which
// files were read with what in them, which were looked for and not there, which folders were listed.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <map>

namespace latchkey::driver {

/// What the file system said about a path: "absent", "there", "folder", "list <hash>", "file <hash>". A later
/// question may replace "there" by "file".
using FileAnswers = std::map<std::string, std::string>;

class RecordingFileSystem : public llvm::vfs::ProxyFileSystem {
public:
  explicit RecordingFileSystem(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Real)
      : ProxyFileSystem(std::move(Real)) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &Path) override;
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &Path) override;
  llvm::vfs::directory_iterator dir_begin(const llvm::Twine &Folder, std::error_code &Wrong) override;
  bool exists(const llvm::Twine &Path) override { return bool(status(Path)); }

  /// By absolute path.
  const FileAnswers &answers() const { return Answers; }

private:
  friend class RecordedFile;
  std::string absolute(const llvm::Twine &Path) const;
  void record(const std::string &Path, std::string Answer);

  FileAnswers Answers;
};

/// What a file system says now. Each path is looked at once.
class PresentFiles {
public:
  explicit PresentFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> From) : From(std::move(From)) {}

  /// Whether it would give the recorded answers.
  bool agree(const FileAnswers &);

private:
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> From;
  llvm::StringMap<std::string> Now;
};

} // namespace latchkey::driver
