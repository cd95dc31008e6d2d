#include "checks/tidy/Summaries.h"

#include "checks/lower/Sources.h"
#include "checks/tidy/Nearest.h"

#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <mutex>

using namespace latchkey;
using namespace latchkey::tidy;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// An editor asks again with every key that is pressed.
static void logOnce(const std::string &Message) {
  static std::mutex Mutex;
  static llvm::StringSet<> Said;
  std::lock_guard<std::mutex> Lock(Mutex);
  if (Said.insert(Message).second)
    llvm::errs() << "latchkey: " << Message << "\n";
}

/// In this folder, in the build folder in it, or where a link to the compile database leads.
static std::string databaseIn(StringRef Folder) {
  for (StringRef Below : {"", "build"}) {
    llvm::SmallString<256> Candidate(Folder), Commands(Folder), Real;
    path::append(Candidate, Below, flow::SummaryDb::FileName);
    if (fs::exists(Candidate))
      return Candidate.str().str();
    path::append(Commands, Below, "compile_commands.json");
    if (fs::real_path(Commands, Real))
      continue;
    path::remove_filename(Real);
    path::append(Real, flow::SummaryDb::FileName);
    if (fs::exists(Real))
      return Real.str().str();
  }
  return {};
}

static std::string findUpwards(StringRef Start) {
  for (StringRef Folder = Start; !Folder.empty(); Folder = path::parent_path(Folder))
    if (std::string Found = databaseIn(Folder); !Found.empty())
      return Found;
  return {};
}

static std::string find(StringRef Option, const clang::SourceManager &Sources) {
  const std::string MainFile = lower::filePath(Sources, Sources.getMainFileID());
  StringRef Start = path::parent_path(MainFile);
  if (!Option.empty()) {
    std::string Named = nearest(Option, Start, *llvm::vfs::getRealFileSystem());
    return Named.empty() ? Option.str() : Named;
  }
  llvm::SmallString<256> Here;
  (void)Sources.getFileManager().makeAbsolutePath(Here); // of nothing: where the compiler runs
  std::string Found = findUpwards(StringRef(Here).rtrim('/'));
  return Found.empty() ? findUpwards(Start) : Found;
}

std::optional<flow::SummaryDb> tidy::openSummaries(StringRef Option, const clang::SourceManager &Sources, bool Editor) {
  if (Option == "none")
    return std::nullopt;
  const std::string Path = find(Option, Sources);
  if (Path.empty()) {
    if (Editor)
      logOnce("no latchkey.summaries beside compile_commands.json: other files are unknown until latchkey has run");
    return std::nullopt;
  }
  auto Buffer = llvm::MemoryBuffer::getFile(Path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!Buffer) {
    logOnce(Path + ": " + Buffer.getError().message() + "; other files are unknown");
    return std::nullopt;
  }
  auto Db = flow::SummaryDb::open(std::move(*Buffer));
  if (Db)
    return std::move(*Db);
  logOnce(Path + ": " + llvm::toString(Db.takeError()) + "; other files are unknown until latchkey has run again");
  return std::nullopt;
}

flow::SummaryDb::Completed tidy::withSummaries(const flow::SummaryDb &Db, ir::Module Unit,
                                               const clang::SourceManager &Sources) {
  llvm::vfs::FileSystem &Files = Sources.getFileManager().getVirtualFileSystem();
  bool Stale = false;
  flow::SummaryDb::Completed All = Db.complete(std::move(Unit), [&](const ir::File &F) {
    auto Buffer = Files.getBufferForFile(F.Path);
    if (Buffer) {
      llvm::XXH128_hash_t Hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef((*Buffer)->getBuffer()));
      if (F.Hash == std::array<uint64_t, 2>{Hash.low64, Hash.high64})
        return true;
    }
    Stale = true;
    return false;
  });
  if (Stale)
    logOnce("files have changed since latchkey ran; what they say now is unknown to the files that use them");
  return All;
}
