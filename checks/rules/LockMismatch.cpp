#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CWE-764", "https://cwe.mitre.org/data/definitions/764.html"},
    {"CWE-832", "https://cwe.mitre.org/data/definitions/832.html"},
    {"CWE-765", "https://cwe.mitre.org/data/definitions/765.html"},
    {"Go: SA2003", "https://staticcheck.dev/docs/checks#SA2003"},
};
static const Metadata About = {
    .Name = "lock-mismatch",
    .Family = "wait",
    .Summary = "a mutex is locked while it is held, or unlocked while it is not",
    .Highest = Confidence::Certain,
    .References = References,
};

using Reason = flow::BadLock::Reason;

static std::string message(const flow::BadLock &B) {
  std::string Subject = code(B.Subject);
  switch (B.Why) {
  case Reason::Twice:
    return B.Callee.empty()
               ? fmt::format("{} is locked while this thread already holds it: it waits for itself", Subject)
               : fmt::format("{} is locked in {} while this thread already holds it: it waits for itself", Subject,
                             code(B.Callee));
  case Reason::Upgrade:
    return fmt::format("{} is locked for writing while this thread reads under it: it waits for itself", Subject);
  case Reason::Returned:
    return fmt::format("{} is unlocked a second time: it is not held any more, or by another thread", Subject);
  case Reason::Never:
    return fmt::format("{} is unlocked without having been locked", Subject);
  case Reason::OtherWays:
    return fmt::format("{} is unlocked here although it is not held: the other path locks it first", Subject);
  case Reason::OtherSide:
    return fmt::format("{} is unlocked in another mode than it was locked in, shared or exclusive", Subject);
  case Reason::UnderGuard:
    return fmt::format("{} is unlocked by hand and then once more by {}", Subject,
                       B.Locker.empty() ? "its guard" : code(B.Locker));
  case Reason::Deferred:
    return fmt::format("{} is unlocked although it does not hold {}", B.Locker.empty() ? "the guard" : code(B.Locker),
                       Subject);
  }
  return {};
}

static std::string before(const flow::BadLock &B) {
  bool Unlocked = B.Why == Reason::Returned || B.Why == Reason::Deferred;
  return fmt::format("{} is {} here", code(B.Subject), Unlocked ? "unlocked" : "locked");
}

namespace {
class LockMismatch : public Rule {
public:
  LockMismatch() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::BadLock &B : Facts.BadLocks) {
      Finding F = finding(M, Facts, B, B.Always ? Confidence::Certain : Confidence::Likely, message(B));
      if (B.Before.valid())
        noteFirst(F, M, B.Before, before(B));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &lockMismatch() {
  static const LockMismatch R;
  return R;
}

} // namespace latchkey::rules
