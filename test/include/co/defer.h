// Stand-in for coost's defer(): runs an expression when the enclosing scope ends.
#pragma once

#include <type_traits>
#include <utility>

namespace co {
namespace standin {

template <typename F> class Defer {
public:
  explicit Defer(F &&Run) noexcept : Run(std::forward<F>(Run)) {}
  ~Defer() { Run(); }

private:
  std::remove_reference_t<F> Run;
};

template <typename F> Defer<F> makeDefer(F &&Run) noexcept {
  return Defer<F>(std::forward<F>(Run));
}

} // namespace standin
} // namespace co

#define CO_STANDIN_PASTE2(A, B) A##B
#define CO_STANDIN_PASTE(A, B) CO_STANDIN_PASTE2(A, B)
#define defer(e) auto CO_STANDIN_PASTE(Defer, __LINE__) = co::standin::makeDefer([&]() { e; })
