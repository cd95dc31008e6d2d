// Stand-in for PhotonLibOS's DEFER().
#pragma once

#include <utility>

namespace photon_standin {

template <typename F> class Deferred {
public:
  explicit Deferred(F Run) : Run(std::move(Run)) {}
  ~Deferred() { Run(); }

private:
  F Run;
};

template <typename F> Deferred<F> makeDeferred(F Run) {
  return Deferred<F>(std::move(Run));
}

} // namespace photon_standin

#define PHOTON_STANDIN_PASTE2(A, B) A##B
#define PHOTON_STANDIN_PASTE(A, B) PHOTON_STANDIN_PASTE2(A, B)
#define DEFER(...) auto PHOTON_STANDIN_PASTE(Deferred, __LINE__) = photon_standin::makeDeferred([&]() { __VA_ARGS__; })
