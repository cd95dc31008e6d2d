#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const Reference References[] = {
    {"C++ Core Guidelines C.47", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rc-order"},
    {"C++ Core Guidelines C.82", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rc-ctor-virtual"},
};
static const Metadata About = {
    .Name = "thread-member-order",
    .Family = "thread",
    .Summary = "a member thread uses a part of its object that is not made yet or already gone",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .References = References,
};

static std::string message(const flow::MemberOrder &O) {
  using How = flow::MemberOrder::How;
  std::string Thread = code(O.Subject), Used = code(O.Used);
  switch (O.Why) {
  case How::NotYetMade:
    return fmt::format("{} starts before {}, which it uses, is made: declare the thread last", Thread, Used);
  case How::AlreadyGone:
    return fmt::format("{}, which the thread uses, is destroyed before the destructor of {} waits for the thread", Used,
                       Thread);
  case How::DerivedGone:
    return fmt::format("{} is still running when the derived part of the object, whose {} it calls, is already "
                       "destroyed",
                       Thread, Used);
  case How::DerivedNotYetMade:
    return fmt::format("{} starts in the constructor of a base, before the derived part of the object, whose {} it "
                       "calls, is made",
                       Thread, Used);
  }
  return {};
}

namespace {
class ThreadMemberOrder : public Rule {
public:
  ThreadMemberOrder() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::MemberOrder &O : Facts.Orders) {
      Finding F =
          finding(M, Facts, O, O.Why == flow::MemberOrder::How::NotYetMade ? Confidence::Certain : Confidence::Likely,
                  message(O));
      noteFirst(F, M, O.Thread, code(O.Subject) + " is declared here");
      noteLast(F, M, O.Declared, code(O.Used) + " is declared here");
      bool Order = O.Why == flow::MemberOrder::How::NotYetMade || O.Why == flow::MemberOrder::How::AlreadyGone;
      if (const ir::MovableCode *Member = Order ? movable(M, Facts, O.Thread) : nullptr)
        F.Fixes.push_back(move(M, *Member, Member->Slots.front().At, "declare the thread last"));
      Report(std::move(F));
    }
  }
};
} // namespace

const Rule &threadMemberOrder() {
  static const ThreadMemberOrder R;
  return R;
}

} // namespace latchkey::rules
