// Stand-in for marl::WaitGroup; copies share the same count.
#pragma once

#include <memory>

namespace marl {

class WaitGroup {
public:
  WaitGroup(unsigned int Count = 0);
  void add(unsigned int Count = 1) const;
  bool done() const;
  void wait() const;

private:
  struct Shared;
  const std::shared_ptr<Shared> State;
};

} // namespace marl
