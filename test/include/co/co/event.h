// Stand-in for co::event; copies share the same event.
#pragma once

#include <cstdint>

namespace co {

class event {
public:
  explicit event(bool ManualReset = false, bool Signalled = false);
  event(const event &);
  ~event();

  void wait() const;
  bool wait(uint32_t Milliseconds) const;
  void signal() const;
  void reset() const;

private:
  void *Shared;
};

} // namespace co
