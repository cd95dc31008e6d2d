// Stand-in for marl::schedule(): a task runs some time on another thread.
#pragma once

#include <functional>
#include <utility>

namespace marl {

class Task {
public:
  Task(std::function<void()> Run);
};

class Scheduler {
public:
  void bind();
  static void unbind();
  void enqueue(Task &&T);
};

void schedule(Task &&T);

template <typename Function, typename... Args> void schedule(Function &&F, Args &&...A) {
  schedule(Task(std::bind(std::forward<Function>(F), std::forward<Args>(A)...)));
}

template <typename Function> void schedule(Function &&F) {
  schedule(Task(std::forward<Function>(F)));
}

} // namespace marl
