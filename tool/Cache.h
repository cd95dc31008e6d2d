// What earlier runs found out, by what they found it out from. An entry is there whole or not at all, whoever else
// writes; one that does not read as it was written is as good as none. What cannot be kept is not: a full disk or a
// read-only folder costs time, not results.
#pragma once

#include "checks/flow/Answers.h"
#include "tool/ReadFiles.h"
#include "tool/TranslationUnit.h"

namespace latchkey::driver {

class Cache {
public:
  /// With an empty folder nothing is ever found or kept.
  explicit Cache(std::string Folder) : Folder(std::move(Folder)) {}

  /// The default place: $XDG_CACHE_HOME/latchkey or ~/.cache/latchkey; empty if there is none.
  static std::string defaultFolder();

  /// What became of the unit, if all that was read for it is as it was then. Lowered is a file of the cache.
  std::optional<Outcome> findUnit(const std::string &Key, PresentFiles &Now) const;
  /// Takes over the unit's lowered code and returns the outcome that names it there.
  Outcome keepUnit(const std::string &Key, Outcome, const FileAnswers &Read, llvm::StringRef LoweredCode) const;

  std::optional<Outcome> findAnalysis(const std::string &Key) const;
  void keepAnalysis(const std::string &Key, const Outcome &) const;

  /// What came of judging a source in another program that answered all its questions as this one does.
  std::optional<Outcome> findAnswered(const std::string &Key, const flow::Answers &Now) const;
  void keepAnswered(const std::string &Key, Outcome, std::vector<uint64_t> Asked, const flow::Answers &Now) const;

  /// Removes what has not been used for longest until the rest takes less than this. Cheap if done a while ago.
  void prune(uint64_t MaxBytes) const;

private:
  std::string path(llvm::StringRef Name, llvm::StringRef Ending) const;
  bool write(const std::string &Path, llvm::StringRef Bytes) const;
  std::optional<llvm::json::Value> read(const std::string &Key, llvm::StringRef Ending) const;
  bool keep(const std::string &Key, llvm::StringRef Ending, llvm::json::Value) const;

  std::string Folder;
};

/// A key from all that a result depends on: 32 hexadecimal digits.
std::string cacheKey(llvm::ArrayRef<llvm::StringRef> Parts);

} // namespace latchkey::driver
