// Stand-in for coost's coroutines: go() runs a callable as a task.
#pragma once

#include "co/co/event.h"
#include "co/co/wait_group.h"

#include <functional>
#include <utility>

namespace co {

void start(std::function<void()> Run);

} // namespace co

template <typename F> inline void go(F &&Run) {
  co::start(std::function<void()>(std::forward<F>(Run)));
}

template <typename F, typename P> inline void go(F &&Run, P &&Argument) {
  co::start(std::bind(std::forward<F>(Run), std::forward<P>(Argument)));
}
