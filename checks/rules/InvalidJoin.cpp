#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"CERT CON39-C", "https://wiki.sei.cmu.edu/confluence/display/c/CON39-C.+Do+not+join+or+detach+a+thread+that+was+"
                     "previously+joined+or+detached"},
};
static const Metadata About = {
    .Name = "invalid-join",
    .Family = "thread",
    .Summary = "a join or detach of a handle that has no thread: joined, detached, moved or never started",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::BadJoin &B) {
  using Reason = flow::BadJoin::Reason;
  std::string Subject = code(B.Subject), Verb = B.Detach ? "detached" : "joined";
  switch (B.Why) {
  case Reason::Joined:
    return fmt::format("{} is {} after it was joined: there is no thread left", Subject, Verb);
  case Reason::Detached:
    return fmt::format("{} is {} after it was detached: nobody may {} it any more", Subject, Verb,
                       B.Detach ? "detach" : "join");
  case Reason::Moved:
    return fmt::format("{} is {} after its thread was moved away", Subject, Verb);
  case Reason::NotCreated:
    return fmt::format("{} is {} although its thread was never created on this path", Subject, Verb);
  case Reason::Own:
    return fmt::format("{} is joined by the thread that it stands for: it waits for itself", Subject);
  case Reason::Raced:
    return fmt::format("a thread of {} is detached here by one of them while {} may be joining it", Subject,
                       code(B.Joiner));
  case Reason::Empty:
    return fmt::format("{} is {} but holds no thread", Subject, Verb);
  }
  return {};
}

static llvm::StringRef earlier(flow::BadJoin::Reason Why) {
  using Reason = flow::BadJoin::Reason;
  switch (Why) {
  case Reason::Joined:
    return "joined here";
  case Reason::Detached:
    return "detached here";
  case Reason::Moved:
    return "moved away here";
  case Reason::Own:
  case Reason::Raced:
    return "started here";
  default:
    return "made without a thread here";
  }
}

namespace {
class InvalidJoin : public Rule {
public:
  InvalidJoin() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::BadJoin &B : Facts.BadJoins) {
      Finding F = finding(M, Facts, B, B.Always ? Confidence::Certain : Confidence::Likely, message(B));
      if (!(B.Before == B.Where))
        noteFirst(F, M, B.Before, code(B.Subject) + " is " + earlier(B.Why).str());
      bool Asks = !B.Always && B.Why != flow::BadJoin::Reason::NotCreated && !B.JoinableTest.empty();
      if (Asks && B.Statement.valid() && !B.Statement.Macro) {
        ir::Range At = B.Statement;
        At.Length = 0;
        F.Fixes.push_back({"ask whether it can be joined", {{place(M, At), "if (" + B.JoinableTest + ") "}}, true});
      }
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &invalidJoin() {
  static const InvalidJoin R;
  return R;
}

} // namespace latchkey::rules
