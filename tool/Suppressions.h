// NOLINT, NOLINTNEXTLINE and NOLINTBEGIN/END as clang-tidy reads them, with its own code.
#pragma once

#include "checks/rules/Finding.h"

#include <memory>
#include <string>
#include <vector>

namespace latchkey::driver {

class Suppressions {
public:
  Suppressions();
  ~Suppressions();

  /// A comment at the finding's place, or where the obligation was made (its first note), says that it is known.
  bool suppresses(const Finding &);

  /// NOLINTBEGIN without END and the like: "file:line: message". Each once.
  std::vector<std::string> takeMistakes();

private:
  struct Impl;
  std::unique_ptr<Impl> Own;
};

} // namespace latchkey::driver
