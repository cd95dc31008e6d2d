// Stand-in for co::wait_group; copies share the same count.
#pragma once

#include <cstdint>

namespace co {

class wait_group {
public:
  explicit wait_group(uint32_t N);
  wait_group();
  wait_group(const wait_group &);
  wait_group(wait_group &&) noexcept;
  ~wait_group();
  void operator=(const wait_group &) = delete;

  void add(uint32_t N = 1) const;
  void done() const;
  void wait() const;

private:
  void *Shared;
};

typedef wait_group WaitGroup;

} // namespace co
