// Looks now and then whether the log files have changed.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

namespace logdex {

class Watcher {
public:
  using Changed = std::function<void()>;

  Watcher(std::filesystem::path Folder, Changed Notify);
  ~Watcher();

  void start(std::chrono::milliseconds Every);

  /// Ends the watching. Does not wait for a look that is under way unless told to.
  void stop(bool Wait);

private:
  void run(std::chrono::milliseconds Every);

  std::filesystem::path Folder;
  Changed Notify;
  std::atomic<bool> Stopping = false;
  std::thread Thread;
};

} // namespace logdex
