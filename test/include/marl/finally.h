// Stand-in for marl::make_finally, the guard behind defer().
#pragma once

#include <memory>
#include <utility>

namespace marl {

class Finally {
public:
  virtual ~Finally() = default;
};

template <typename F> class FinallyImpl : public Finally {
public:
  explicit FinallyImpl(F Run) : Run(std::move(Run)) {}
  FinallyImpl(FinallyImpl &&Other) : Run(std::move(Other.Run)), Armed(std::exchange(Other.Armed, false)) {}
  ~FinallyImpl() override {
    if (Armed)
      Run();
  }

private:
  F Run;
  bool Armed = true;
};

template <typename F> FinallyImpl<F> make_finally(F &&Run) {
  return FinallyImpl<F>(std::forward<F>(Run));
}

template <typename F> std::shared_ptr<Finally> make_shared_finally(F &&Run) {
  return std::make_shared<FinallyImpl<F>>(std::forward<F>(Run));
}

} // namespace marl
