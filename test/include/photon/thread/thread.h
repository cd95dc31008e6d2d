// Stand-in for PhotonLibOS threads.
#pragma once

#include <cstdint>

namespace photon {

struct thread;
struct join_handle;
typedef void *(*thread_entry)(void *);

thread *thread_create(thread_entry Run, void *Argument, uint64_t StackSize = 8 * 1024 * 1024);
join_handle *thread_enable_join(thread *T, bool Enable = true);
void *thread_join(join_handle *J);
void thread_interrupt(thread *T, int Error = 4);
int thread_usleep(uint64_t Microseconds);

class semaphore {
public:
  explicit semaphore(uint64_t Count = 0);
  int wait(uint64_t N = 1, uint64_t Timeout = UINT64_MAX);
  int signal(uint64_t N = 1);
};

} // namespace photon
