// Counts tasks that are still running; wait() returns when none is left.
#pragma once

#include <condition_variable>
#include <mutex>

namespace logdex {

class WaitGroup {
public:
  void add(int N = 1) {
    std::lock_guard<std::mutex> Lock(Mutex);
    Running += N;
  }

  void done() {
    std::lock_guard<std::mutex> Lock(Mutex);
    if (--Running == 0)
      Idle.notify_all();
  }

  void wait() {
    std::unique_lock<std::mutex> Lock(Mutex);
    Idle.wait(Lock, [this] { return Running == 0; });
  }

private:
  std::mutex Mutex;
  std::condition_variable Idle;
  int Running = 0;
};

} // namespace logdex
