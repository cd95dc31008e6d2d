#include "Snapshot.h"
#include "Defer.h"

#include <cstdio>
#include <system_error>

namespace logdex {

static bool writeHits(std::FILE *Out, const Index &From, const std::vector<std::string> &Words) {
  for (const std::string &Word : Words)
    for (const Hit &H : From.find(Word))
      if (std::fprintf(Out, "%s\t%s\t%zu\n", Word.c_str(), H.File.c_str(), H.Line) < 0)
        return false;
  return true;
}

bool writeSnapshot(const Index &From, const std::vector<std::string> &Words, const std::filesystem::path &Path) {
  std::filesystem::path Temporary = Path;
  Temporary += ".part";
  std::FILE *Out = std::fopen(Temporary.c_str(), "w");
  if (!Out)
    return false;
  bool Written = false;
  {
    Defer Close([Out] { std::fclose(Out); });
    Written = writeHits(Out, From, Words);
  }
  std::error_code Error;
  if (Written)
    std::filesystem::rename(Temporary, Path, Error);
  else
    std::filesystem::remove(Temporary, Error);
  return Written && !Error;
}

} // namespace logdex
