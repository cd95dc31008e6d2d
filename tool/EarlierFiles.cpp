#include "tool/EarlierFiles.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

namespace latchkey::driver {

namespace vfs = llvm::vfs;
namespace path = llvm::sys::path;
using llvm::StringRef;
using llvm::Twine;

namespace {

class EarlierFileSystem : public vfs::ProxyFileSystem {
public:
  explicit EarlierFileSystem(const EarlierFiles &Files) : ProxyFileSystem(vfs::getRealFileSystem()), Files(Files) {
    for (const auto &[Path, Instead] : Files)
      Names.insert(path::filename(Path));
  }

  llvm::ErrorOr<vfs::Status> status(const Twine &Path) override {
    const std::string *Instead = find(Path);
    if (!Instead) {
      auto S = ProxyFileSystem::status(Path);
      return S || !hasDots(Path) ? S : renamed(ProxyFileSystem::status(withoutDots(Path)), Path);
    }
    if (Instead->empty())
      return nothing();
    return renamed(ProxyFileSystem::status(*Instead), Path);
  }

  llvm::ErrorOr<std::unique_ptr<vfs::File>> openFileForRead(const Twine &Path) override {
    const std::string *Instead = find(Path);
    if (!Instead) {
      auto File = ProxyFileSystem::openFileForRead(Path);
      if (File || !hasDots(Path))
        return File;
      return vfs::File::getWithPath(ProxyFileSystem::openFileForRead(withoutDots(Path)), Path);
    }
    if (Instead->empty())
      return nothing();
    return vfs::File::getWithPath(ProxyFileSystem::openFileForRead(*Instead), Path);
  }

  bool exists(const Twine &Path) override { return bool(status(Path)); }

  std::error_code getRealPath(const Twine &Path, llvm::SmallVectorImpl<char> &Output) override {
    if (!find(Path))
      return ProxyFileSystem::getRealPath(Path, Output);
    Output.clear();
    Path.toVector(Output);
    return makeAbsolute(Output);
  }

private:
  static std::error_code nothing() { return std::make_error_code(std::errc::no_such_file_or_directory); }

  static llvm::ErrorOr<vfs::Status> renamed(const llvm::ErrorOr<vfs::Status> &S, const Twine &Path) {
    return S ? vfs::Status::copyWithNewName(*S, Path) : S;
  }

  // The machine finds no way through `gone/../there.h`.
  static bool hasDots(const Twine &Path) { return StringRef(Path.str()).contains(".."); }
  std::string withoutDots(const Twine &Path) const {
    llvm::SmallString<256> Absolute;
    Path.toVector(Absolute);
    (void)makeAbsolute(Absolute);
    path::remove_dots(Absolute, /*remove_dot_dot=*/true);
    return Absolute.str().str();
  }

  /// Folders on the way may be links, which git does not see.
  const std::string *find(const Twine &Path) {
    llvm::SmallString<256> Absolute;
    Path.toVector(Absolute);
    if (!Names.contains(path::filename(Absolute)) || makeAbsolute(Absolute))
      return nullptr;
    auto [Real, New] = RealFolders.try_emplace(path::parent_path(Absolute));
    if (llvm::SmallString<256> Found; New && !ProxyFileSystem::getRealPath(Real->getKey(), Found)) {
      Real->second = Found.str().str();
    } else if (New) {
      Found = Real->getKey();
      path::remove_dots(Found, /*remove_dot_dot=*/true);
      Real->second = Found.str().str();
    }
    auto Known = Files.find(Real->second + "/" + path::filename(Absolute).str());
    return Known == Files.end() ? nullptr : &Known->second;
  }

  EarlierFiles Files;
  llvm::StringSet<> Names;                  ///< The last parts of their paths: for most questions that is enough.
  llvm::StringMap<std::string> RealFolders; ///< By how they were asked for.
};

} // namespace

llvm::IntrusiveRefCntPtr<vfs::FileSystem> filesAsOf(const EarlierFiles &Files) {
  if (Files.empty())
    return vfs::getRealFileSystem();
  return llvm::makeIntrusiveRefCnt<EarlierFileSystem>(Files);
}

} // namespace latchkey::driver
