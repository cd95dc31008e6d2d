#include "tool/ReadFiles.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <set>

namespace latchkey::driver {

namespace vfs = llvm::vfs;
using llvm::StringRef;
using llvm::Twine;

static std::string hashed(StringRef Kind, StringRef Content) {
  llvm::XXH128_hash_t Hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(Content));
  return (Kind + " " + llvm::utohexstr(Hash.high64) + llvm::utohexstr(Hash.low64)).str();
}

static std::string listing(vfs::directory_iterator Entry, std::error_code &Wrong) {
  std::set<std::string> Names;
  for (vfs::directory_iterator End; !Wrong && Entry != End; Entry.increment(Wrong))
    Names.insert(Entry->path().str());
  return hashed("list", llvm::join(Names, "\n"));
}

static std::string kind(const llvm::ErrorOr<vfs::Status> &S) {
  return !S ? "absent" : S->isDirectory() ? "folder" : "there";
}

/// Remembers what was read, which may be something else a moment later.
class RecordedFile : public vfs::File {
public:
  RecordedFile(std::unique_ptr<vfs::File> Real, RecordingFileSystem &Of, std::string Path)
      : Real(std::move(Real)), Of(Of), Path(std::move(Path)) {}

  llvm::ErrorOr<vfs::Status> status() override { return Real->status(); }
  llvm::ErrorOr<std::string> getName() override { return Real->getName(); }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const Twine &Name, int64_t Size, bool Terminated,
                                                               bool Volatile) override {
    auto Buffer = Real->getBuffer(Name, Size, Terminated, Volatile);
    if (Buffer)
      Of.record(Path, hashed("file", (*Buffer)->getBuffer()));
    return Buffer;
  }
  std::error_code close() override { return Real->close(); }

private:
  std::unique_ptr<vfs::File> Real;
  RecordingFileSystem &Of;
  std::string Path;
};

std::string RecordingFileSystem::absolute(const Twine &Path) const {
  llvm::SmallString<256> Absolute;
  Path.toVector(Absolute);
  (void)makeAbsolute(Absolute); // Fails where there is no working directory: then nothing is.
  return Absolute.str().str();
}

void RecordingFileSystem::record(const std::string &Path, std::string Answer) {
  std::string &Known = Answers[Path];
  if (Known.empty() || Known == "there" || Known == "folder")
    Known = std::move(Answer);
}

llvm::ErrorOr<vfs::Status> RecordingFileSystem::status(const Twine &Path) {
  auto S = ProxyFileSystem::status(Path);
  std::string Answer = kind(S);
  std::string &Known = Answers[absolute(Path)];
  if (Known.empty())
    Known = std::move(Answer);
  return S;
}

llvm::ErrorOr<std::unique_ptr<vfs::File>> RecordingFileSystem::openFileForRead(const Twine &Path) {
  auto Opened = ProxyFileSystem::openFileForRead(Path);
  std::string Name = absolute(Path);
  if (!Opened) {
    record(Name, "absent");
    return Opened;
  }
  return std::unique_ptr<vfs::File>(new RecordedFile(std::move(*Opened), *this, std::move(Name)));
}

vfs::directory_iterator RecordingFileSystem::dir_begin(const Twine &Folder, std::error_code &Wrong) {
  std::error_code Ignored;
  vfs::directory_iterator Again = ProxyFileSystem::dir_begin(Folder, Ignored);
  record(absolute(Folder), Ignored ? "absent" : listing(std::move(Again), Ignored));
  return ProxyFileSystem::dir_begin(Folder, Wrong);
}

static std::string presentAnswer(vfs::FileSystem &From, const std::string &Path, StringRef Recorded) {
  if (Recorded.starts_with("file ")) {
    auto Buffer = From.getBufferForFile(Path, /*FileSize=*/-1, /*RequiresNullTerminator=*/false);
    return Buffer ? hashed("file", (*Buffer)->getBuffer()) : "absent";
  }
  if (Recorded.starts_with("list ")) {
    std::error_code Wrong;
    vfs::directory_iterator Begin = From.dir_begin(Path, Wrong);
    return Wrong ? "absent" : listing(std::move(Begin), Wrong);
  }
  return kind(From.status(Path));
}

bool PresentFiles::agree(const FileAnswers &Recorded) {
  for (const auto &[Path, Answer] : Recorded) {
    // By the kind of question, too: one that only asked whether it is there does not know what is in it.
    auto [Found, New] = Now.try_emplace(Path + "\n" + StringRef(Answer).split(' ').first.str());
    if (New)
      Found->second = presentAnswer(*From, Path, Answer);
    if (Found->second != Answer)
      return false;
  }
  return true;
}

} // namespace latchkey::driver
