// Stand-in for bthread::CountdownEvent.
#pragma once

namespace bthread {

class CountdownEvent {
public:
  CountdownEvent(int Count = 1);
  ~CountdownEvent();
  CountdownEvent(const CountdownEvent &) = delete;

  void add_count(int N = 1);
  void reset(int N = 1);
  void signal(int N = 1, bool Flush = false);
  int wait();

private:
  int Left;
};

} // namespace bthread
