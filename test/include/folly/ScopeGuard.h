// Stand-in for folly's scope guards.
#pragma once

#include <exception>
#include <utility>

namespace folly {

template <typename F> class [[nodiscard]] StandInGuard {
public:
  explicit StandInGuard(F Run) noexcept : Run(std::move(Run)) {}
  StandInGuard(StandInGuard &&Other) noexcept
      : Run(std::move(Other.Run)), Dismissed(std::exchange(Other.Dismissed, true)) {}
  ~StandInGuard() {
    if (!Dismissed)
      Run();
  }
  void dismiss() noexcept { Dismissed = true; }
  void rehire() noexcept { Dismissed = false; }

private:
  F Run;
  bool Dismissed = false;
};

template <typename F> [[nodiscard]] StandInGuard<std::decay_t<F>> makeGuard(F &&Run) noexcept {
  return StandInGuard<std::decay_t<F>>(std::forward<F>(Run));
}

template <typename F> [[nodiscard]] StandInGuard<std::decay_t<F>> makeDismissedGuard(F &&Run) noexcept {
  StandInGuard<std::decay_t<F>> G(std::forward<F>(Run));
  G.dismiss();
  return G;
}

namespace detail {

template <typename F, bool OnThrow> class ExceptionGuard {
public:
  explicit ExceptionGuard(F Run) : Run(std::move(Run)), Before(std::uncaught_exceptions()) {}
  ~ExceptionGuard() noexcept(OnThrow) {
    if ((std::uncaught_exceptions() > Before) == OnThrow)
      Run();
  }

private:
  F Run;
  int Before;
};

enum class OnExit {};
enum class OnFail {};
enum class OnSuccess {};
template <typename F> StandInGuard<std::decay_t<F>> operator+(OnExit, F &&Run) {
  return StandInGuard<std::decay_t<F>>(std::forward<F>(Run));
}
template <typename F> ExceptionGuard<std::decay_t<F>, true> operator+(OnFail, F &&Run) {
  return ExceptionGuard<std::decay_t<F>, true>(std::forward<F>(Run));
}
template <typename F> ExceptionGuard<std::decay_t<F>, false> operator+(OnSuccess, F &&Run) {
  return ExceptionGuard<std::decay_t<F>, false>(std::forward<F>(Run));
}

} // namespace detail
} // namespace folly

#define FOLLY_STANDIN_PASTE2(A, B) A##B
#define FOLLY_STANDIN_PASTE(A, B) FOLLY_STANDIN_PASTE2(A, B)
#define SCOPE_EXIT auto FOLLY_STANDIN_PASTE(ScopeExit, __LINE__) = ::folly::detail::OnExit() + [&]() noexcept
#define SCOPE_FAIL auto FOLLY_STANDIN_PASTE(ScopeFail, __LINE__) = ::folly::detail::OnFail() + [&]() noexcept
#define SCOPE_SUCCESS auto FOLLY_STANDIN_PASTE(ScopeSuccess, __LINE__) = ::folly::detail::OnSuccess() + [&]()
