// Stand-in for folly::Latch: single use, like std::latch.
#pragma once

#include <cstddef>

namespace folly {

class Latch {
public:
  constexpr explicit Latch(ptrdiff_t Expected) : Left(Expected) {}
  ~Latch();
  Latch(const Latch &) = delete;
  Latch &operator=(const Latch &) = delete;

  void count_down(ptrdiff_t N = 1);
  bool try_wait() const noexcept;
  void wait() const;
  void arrive_and_wait(ptrdiff_t N = 1);

private:
  ptrdiff_t Left;
};

} // namespace folly
