#include "Pool.h"

#include <latch>

namespace logdex {

Pool::Pool(unsigned Size) {
  std::latch Up(Size + 1);
  Threads.reserve(Size);
  for (unsigned I = 0; I < Size; ++I)
    Threads.emplace_back([this, &Up] {
      Up.count_down();
      run();
    });
  Up.wait();
}

Pool::~Pool() {
  {
    std::lock_guard<std::mutex> Lock(Mutex);
    Stopping = true;
  }
  Ready.notify_all();
  for (std::thread &Thread : Threads)
    Thread.join();
}

void Pool::submit(std::function<void()> Task) {
  {
    std::lock_guard<std::mutex> Lock(Mutex);
    Queue.push_back(std::move(Task));
  }
  Ready.notify_one();
}

void Pool::run() {
  for (;;) {
    std::function<void()> Task;
    {
      std::unique_lock<std::mutex> Lock(Mutex);
      Ready.wait(Lock, [this] { return Stopping || !Queue.empty(); });
      if (Queue.empty())
        return;
      Task = std::move(Queue.front());
      Queue.pop_front();
    }
    Task();
  }
}

} // namespace logdex
