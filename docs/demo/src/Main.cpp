// logdex FOLDER WORD…: where do these words stand in the log files below a folder?
#include "Index.h"
#include "Indexer.h"
#include "LogFile.h"
#include "Pool.h"
#include "Snapshot.h"
#include "Watcher.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace logdex;

void print(const std::vector<std::string> &Words, const std::vector<std::vector<Hit>> &Hits) {
  for (std::size_t I = 0; I < Words.size(); ++I)
    for (const Hit &H : Hits[I])
      std::cout << Words[I] << ": " << H.File << ":" << H.Line << "\n";
}

void showProgress(const std::atomic<bool> &Finished, const Index &Progress) {
  while (!Finished) {
    std::cerr << "\r" << Progress.size() << " words";
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  std::cerr << "\n";
}

int run(const std::filesystem::path &Folder, const std::vector<std::string> &Words) {
  Index All(true);
  std::atomic<bool> Finished = false;
  std::thread Progress([&] { showProgress(Finished, All); });

  const auto Files = findLogs(Folder);
  if (Files.empty()) {
    std::cerr << "no log files in " << Folder << "\n";
    return 2;
  }

  Pool Workers(std::max(2u, std::thread::hardware_concurrency()));
  Indexer Fill(Workers, All);
  Fill.addAll(Files);
  Finished = true;
  Progress.join();

  std::cout << Fill.countLines(Files) << " lines\n";
  print(Words, Fill.findAll(Words));
  return writeSnapshot(All, Words, Folder / "logdex.tsv") ? 0 : 1;
}

} // namespace

int main(int Count, char **Arguments) {
  if (Count < 2) {
    std::cerr << "usage: logdex FOLDER WORD...\n";
    return 2;
  }
  logdex::Watcher Watch(Arguments[1], [] { std::cerr << "the folder has changed, results may be old\n"; });
  Watch.start(std::chrono::seconds(1));
  int Status = run(Arguments[1], std::vector<std::string>(Arguments + 2, Arguments + Count));
  Watch.stop(true);
  return Status;
}
