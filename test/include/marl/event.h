// Stand-in for marl::Event; copies share the same event.
#pragma once

#include <memory>

namespace marl {

class Event {
public:
  enum class Mode : unsigned char { Auto, Manual };

  explicit Event(Mode M = Mode::Auto, bool Signalled = false);
  void signal() const;
  void clear() const;
  void wait() const;
  bool test() const;
  bool isSignalled() const;

private:
  struct Shared;
  std::shared_ptr<Shared> State;
};

} // namespace marl
