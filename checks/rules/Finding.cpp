#include "checks/rules/Finding.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <fmt/format.h>

#include <tuple>

namespace latchkey {

static constexpr llvm::StringLiteral StepNames[] = {"other", "start",  "join", "detach", "count", "done",   "wait",
                                                    "lock",  "unlock", "arm",  "move",   "call",  "branch", "leave"};

llvm::StringRef name(StepKind Kind) {
  return StepNames[static_cast<size_t>(Kind)];
}

bool before(const Finding &A, const Finding &B) {
  auto Key = [](const Finding &F) {
    return std::tie(F.Where.File, F.Where.At.Line, F.Where.At.Column, F.Check, F.Message);
  };
  return Key(A) < Key(B);
}

std::string fingerprint(const Finding &F, unsigned Ordinal) {
  // A zero byte cannot stand in any of the parts, so no two findings run together.
  std::string Key = llvm::join_items('\0', F.Check, llvm::sys::path::filename(F.Where.File), F.Function, F.Subject,
                                     std::to_string(Ordinal));
  return fmt::format("{:016x}", llvm::xxh3_64bits(Key));
}

} // namespace latchkey
