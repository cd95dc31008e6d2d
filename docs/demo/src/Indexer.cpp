#include "Indexer.h"
#include "Defer.h"
#include "WaitGroup.h"

#include <atomic>
#include <latch>

namespace logdex {

void Indexer::addAll(const std::vector<std::filesystem::path> &Files) {
  WaitGroup Pending;
  for (const std::filesystem::path &File : Files) {
    Pending.add();
    Workers.submit([this, &File, &Pending] {
      auto Content = readLines(File);
      if (!Content)
        return;
      Into.add(File.string(), *Content);
      Pending.done();
    });
  }
  Pending.wait();
}

std::vector<std::vector<Hit>> Indexer::findAll(const std::vector<std::string> &Words) {
  std::vector<std::vector<Hit>> Result(Words.size());
  WaitGroup Pending;
  for (std::size_t I = 0; I < Words.size(); ++I) {
    Workers.submit([this, I, &Words, &Result, &Pending] {
      Pending.add();
      Defer Complete([&Pending] { Pending.done(); });
      Result[I] = Into.find(Words[I]);
    });
  }
  Pending.wait();
  return Result;
}

std::size_t Indexer::countLines(const std::vector<std::filesystem::path> &Files) {
  std::atomic<std::size_t> Count = 0;
  std::latch Done(static_cast<std::ptrdiff_t>(Files.size()));
  for (const std::filesystem::path &File : Files) {
    Workers.submit([&File, &Count, &Done] {
      Defer Complete([&Done] { Done.count_down(); });
      if (auto Content = readLines(File))
        Count += Content->size();
    });
  }
  Done.wait();
  return Count;
}

} // namespace logdex
