#include "tool/Cache.h"

#include "checks/ir/Binary.h"
#include "tool/LinkedProgram.h"
#include "tool/Program.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

namespace latchkey::driver {

namespace json = llvm::json;
using llvm::StringRef;

static std::string hexHash(StringRef Bytes) {
  llvm::XXH128_hash_t Hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(Bytes));
  return llvm::utohexstr(Hash.high64, /*LowerCase=*/true, 16) + llvm::utohexstr(Hash.low64, /*LowerCase=*/true, 16);
}

/// Of the program itself: between two releases its version line says nothing.
static const std::string &programHash() {
  static const std::string Hash = [] {
    auto Program = llvm::MemoryBuffer::getFile(ownProgram(), /*IsText=*/false,
                                               /*RequiresNullTerminator=*/false);
    return Program ? hexHash((*Program)->getBuffer()) : std::string();
  }();
  return Hash;
}

std::string cacheKey(llvm::ArrayRef<StringRef> Parts) {
  std::string All = versionLine() + "/" + std::to_string(ir::Module::Version) + "/" + programHash();
  for (StringRef Part : Parts) { // lengths keep `ab`, `c` apart from `a`, `bc`
    All += "\n" + std::to_string(Part.size()) + ":";
    All += Part;
  }
  return hexHash(All);
}

std::string Cache::defaultFolder() {
  llvm::SmallString<128> Path;
  if (!llvm::sys::path::cache_directory(Path))
    return {};
  llvm::sys::path::append(Path, "latchkey");
  return Path.str().str();
}

/// LLVM's pruning looks at files of this name only.
std::string Cache::path(StringRef Name, StringRef Ending) const {
  llvm::SmallString<128> Path(Folder);
  llvm::sys::path::append(Path, "llvmcache-" + Name + Ending);
  return Path.str().str();
}

bool Cache::write(const std::string &Path, StringRef Bytes) const {
  if (llvm::sys::fs::create_directories(Folder))
    return false;
  return !llvm::errorToBool(writeFile(Path, Bytes));
}

// The first line is the checksum of the second.
bool Cache::keep(const std::string &Key, StringRef Ending, json::Value Value) const {
  std::string Text = llvm::formatv("{0}", Value).str();
  return write(path(Key, Ending), hexHash(Text) + "\n" + Text);
}

std::optional<json::Value> Cache::read(const std::string &Key, StringRef Ending) const {
  if (Folder.empty())
    return std::nullopt;
  auto Bytes = llvm::MemoryBuffer::getFile(path(Key, Ending), /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!Bytes)
    return std::nullopt;
  auto [Sum, Text] = (*Bytes)->getBuffer().split('\n');
  if (hexHash(Text) != Sum)
    return std::nullopt;
  auto Value = json::parse(Text);
  if (!Value) {
    llvm::consumeError(Value.takeError());
    return std::nullopt;
  }
  return std::move(*Value);
}

std::optional<Outcome> Cache::findUnit(const std::string &Key, PresentFiles &Now) const {
  auto Value = read(Key, ".unit");
  if (!Value)
    return std::nullopt;
  json::Path::Root Root;
  json::ObjectMapper O(*Value, Root);
  FileAnswers Read;
  Outcome Result;
  std::string LoweredHash;
  if (!O || !O.map("read", Read) || !O.map("outcome", Result) || !O.map("lowered", LoweredHash) || !Now.agree(Read))
    return std::nullopt;
  Result.Lowered = LoweredHash.empty() ? "" : path(LoweredHash, ir::BinaryEnding);
  if (!Result.Lowered.empty()) {
    auto Code = llvm::MemoryBuffer::getFile(Result.Lowered, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!Code || hexHash((*Code)->getBuffer()) != LoweredHash)
      return std::nullopt;
  }
  Result.Spent = {};
  return Result;
}

Outcome Cache::keepUnit(const std::string &Key, Outcome Result, const FileAnswers &Read, StringRef LoweredCode) const {
  if (Folder.empty())
    return Result;
  std::string Hash = LoweredCode.empty() ? "" : hexHash(LoweredCode);
  std::string Path = Hash.empty() ? "" : path(Hash, ir::BinaryEnding);
  if (!Path.empty() && !write(Path, LoweredCode))
    return Result;
  Outcome Kept = Result;
  Kept.Lowered.clear();
  json::Object Answers;
  for (const auto &[File, Answer] : Read)
    Answers[File] = Answer;
  if (!keep(Key, ".unit", json::Object{{"read", std::move(Answers)}, {"outcome", toJSON(Kept)}, {"lowered", Hash}}))
    return Result;
  Result.Lowered = Path;
  return Result;
}

std::optional<Outcome> Cache::findAnalysis(const std::string &Key) const {
  auto Value = read(Key, ".found");
  Outcome Result;
  json::Path::Root Root;
  if (!Value || !fromJSON(*Value, Result, Root))
    return std::nullopt;
  Result.Spent = {};
  return Result;
}

void Cache::keepAnalysis(const std::string &Key, const Outcome &Result) const {
  if (!Folder.empty())
    keep(Key, ".found", toJSON(Result));
}

std::optional<Outcome> Cache::findAnswered(const std::string &Key, const flow::Answers &Now) const {
  auto Value = read(Key, ".asked");
  if (!Value)
    return std::nullopt;
  json::Path::Root Root;
  json::ObjectMapper O(*Value, Root);
  Outcome Result;
  std::string Answered;
  if (!O || !O.map("outcome", Result) || !O.map("answers", Answered) || Now.to(Result.Asked) != Answered)
    return std::nullopt;
  Result.Asked.clear();
  Result.Spent = {};
  return Result;
}

void Cache::keepAnswered(const std::string &Key, Outcome Result, std::vector<uint64_t> Asked,
                         const flow::Answers &Now) const {
  if (Folder.empty())
    return;
  std::string Answered = Now.to(Asked);
  Result.Asked = std::move(Asked);
  keep(Key, ".asked", json::Object{{"outcome", toJSON(Result)}, {"answers", Answered}});
}

void Cache::prune(uint64_t MaxBytes) const {
  if (Folder.empty())
    return;
  llvm::CachePruningPolicy Policy;
  Policy.Expiration = std::chrono::hours(30 * 24);
  Policy.MaxSizeBytes = MaxBytes;
  llvm::pruneCache(Folder, Policy);
}

} // namespace latchkey::driver
