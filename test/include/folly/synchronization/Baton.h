// Stand-in for folly::Baton: one post, one wait.
#pragma once

namespace folly {

template <bool MayBlock = true> class Baton {
public:
  constexpr Baton() noexcept {}
  Baton(const Baton &) = delete;
  ~Baton() noexcept;

  bool ready() const noexcept;
  void reset() noexcept;
  void post() noexcept;
  void wait() noexcept;
  bool try_wait() const noexcept;

private:
  bool Posted = false;
};

} // namespace folly
