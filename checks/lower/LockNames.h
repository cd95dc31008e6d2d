// Functions that lock or unlock for whoever calls them, by their name or by an annotation.
#pragma once

#include <optional>
#include <string>

namespace clang {
class FunctionDecl;
} // namespace clang

namespace latchkey::lower {

/// `lock_table`, `Unlock`, `EnterLocked`, or a function that Clang's thread safety attributes say it of.
bool locksForCaller(const clang::FunctionDecl &);

/// What a function that nobody sees the body of locks or unlocks, if its name says so and nothing tells whether it
/// worked: `unlock_table(db)` unlocks the `table` of what it is given.
struct LockName {
  bool Unlocks = false;
  std::string What;
};
std::optional<LockName> lockName(const clang::FunctionDecl &);

} // namespace latchkey::lower
