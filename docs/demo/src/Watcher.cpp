#include "Watcher.h"
#include "LogFile.h"

#include <utility>

namespace logdex {

Watcher::Watcher(std::filesystem::path Folder, Changed Notify) : Folder(std::move(Folder)), Notify(std::move(Notify)) {}

Watcher::~Watcher() {
  if (Thread.joinable())
    stop(true);
}

void Watcher::start(std::chrono::milliseconds Every) {
  Stopping = false;
  Thread = std::thread(&Watcher::run, this, Every);
}

void Watcher::stop(bool Wait) {
  Stopping = true;
  if (!Wait)
    Thread.detach();
  Thread.join();
}

void Watcher::run(std::chrono::milliseconds Every) {
  auto Known = findLogs(Folder);
  while (!Stopping) {
    std::this_thread::sleep_for(Every);
    auto Now = findLogs(Folder);
    if (Now != Known) {
      Known = std::move(Now);
      Notify();
    }
  }
}

} // namespace logdex
