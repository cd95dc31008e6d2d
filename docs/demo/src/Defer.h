// Runs a callable when the enclosing block ends.
#pragma once

#include <utility>

namespace logdex {

template <typename F> class Defer {
public:
  explicit Defer(F Run) : Run(std::move(Run)) {}
  Defer(const Defer &) = delete;
  Defer &operator=(const Defer &) = delete;
  ~Defer() { Run(); }

private:
  F Run;
};

} // namespace logdex
