// Fills an index from log files with a pool of threads.
#pragma once

#include "Index.h"
#include "Pool.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace logdex {

class Indexer {
public:
  Indexer(Pool &Workers, Index &Into) : Workers(Workers), Into(Into) {}

  /// Reads all files; returns when all are in the index.
  void addAll(const std::vector<std::filesystem::path> &Files);

  /// Looks all words up at once; one list of hits for each word.
  std::vector<std::vector<Hit>> findAll(const std::vector<std::string> &Words);

  /// The number of lines in all files.
  std::size_t countLines(const std::vector<std::filesystem::path> &Files);

private:
  Pool &Workers;
  Index &Into;
};

} // namespace logdex
