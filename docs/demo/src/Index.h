// Which word stands in which lines. Written by many threads, read by many.
#pragma once

#include "LogFile.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace logdex {

struct Hit {
  std::string File;
  std::size_t Line = 0;
};

class Index {
public:
  explicit Index(bool Concurrent) : Concurrent(Concurrent) {}

  void add(const std::string &File, const Lines &Content);
  std::vector<Hit> find(const std::string &Word) const;
  std::size_t size() const;

  /// Drops the hits in a file that has changed or gone.
  void forget(const std::string &File);

private:
  bool Concurrent; ///< More than one thread uses it, so it has to lock.
  mutable std::mutex Mutex;
  std::map<std::string, std::vector<Hit>> Words;
};

} // namespace logdex
