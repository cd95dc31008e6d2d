// A fixed number of threads that run what is submitted, in order of submission.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace logdex {

class Pool {
public:
  /// Returns when all threads are up.
  explicit Pool(unsigned Size);
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  void submit(std::function<void()> Task);

private:
  void run();

  std::mutex Mutex;
  std::condition_variable Ready;
  std::deque<std::function<void()>> Queue;
  bool Stopping = false;
  std::vector<std::thread> Threads;
};

} // namespace logdex
