#include "LogFile.h"

#include <algorithm>
#include <cctype>
#include <fstream>

namespace logdex {

std::optional<Lines> readLines(const std::filesystem::path &Path) {
  std::ifstream In(Path);
  if (!In)
    return std::nullopt;
  Lines Result;
  for (std::string Line; std::getline(In, Line);)
    Result.push_back(std::move(Line));
  return Result;
}

std::vector<std::string> words(std::string_view Line) {
  std::vector<std::string> Result;
  std::string Word;
  for (char C : Line) {
    if (std::isalnum(static_cast<unsigned char>(C))) {
      Word += static_cast<char>(std::tolower(static_cast<unsigned char>(C)));
    } else if (!Word.empty()) {
      Result.push_back(std::move(Word));
      Word.clear();
    }
  }
  if (!Word.empty())
    Result.push_back(std::move(Word));
  return Result;
}

std::vector<std::filesystem::path> findLogs(const std::filesystem::path &Folder) {
  std::vector<std::filesystem::path> Result;
  std::error_code Error;
  for (std::filesystem::recursive_directory_iterator It(Folder, Error), End; !Error && It != End; It.increment(Error))
    if (It->path().extension() == ".log")
      Result.push_back(It->path());
  std::sort(Result.begin(), Result.end());
  return Result;
}

} // namespace logdex
