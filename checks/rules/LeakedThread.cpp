#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"
#include "checks/rules/Rule.h"
#include "checks/rules/Rules.h"

#include <fmt/format.h>

namespace latchkey::rules {

static const llvm::StringRef ExceptionPaths[] = {"known", "all", "none"};
static const OptionInfo Options[] = {{"CheckExceptionPaths", "known",
                                      "which calls are taken to throw: known throwers, all that may, or none",
                                      ExceptionPaths}};
static const Reference References[] = {
    {"C++ Core Guidelines CP.25", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-joining_thread"},
    {"C++ Core Guidelines CP.23", "https://isocpp.github.io/CppCoreGuidelines/CppCoreGuidelines#Rconc-join"},
    {"CWE-772", "https://cwe.mitre.org/data/definitions/772.html"},
    {"Go: goleak", "https://pkg.go.dev/go.uber.org/goleak"},
};
static const Metadata About = {
    .Name = "leaked-thread",
    .Family = "thread",
    .Summary = "a thread handle is destroyed, overwritten or lost while it must still be joined",
    .Highest = Confidence::Certain,
    .HasFix = true,
    .Options = Options,
    .References = References,
};

flow::Limits::Exceptions exceptionPaths(const CheckOptions &Options) {
  using Exceptions = flow::Limits::Exceptions;
  std::string Choice = Options.lookup("CheckExceptionPaths");
  return Choice == "all" ? Exceptions::All : Choice == "none" ? Exceptions::None : Exceptions::Known;
}

static std::string event(const flow::LostHandle &L) {
  using How = flow::LostHandle::How;
  switch (L.Loss) {
  case How::Overwritten:
    return "when it is assigned a new one";
  case How::Erased:
    return "when it is removed";
  case How::Thrown:
    return "when the exception destroys it";
  default:
    return "when it is destroyed";
  }
}

static std::string message(const flow::LostHandle &L) {
  using How = flow::LostHandle::How;
  if (L.Loss == How::PassedOver)
    return fmt::format("{} is not joined where {} is {}, which says nothing about its thread: {}", code(L.Subject),
                       code(L.Condition), L.Holds,
                       L.Ending == ir::Type::Ending::Terminate ? "if that is joinable, std::terminate ends the program"
                                                               : "nobody can join it any more");
  if (L.Loss == How::Forgotten && L.Ending == ir::Type::Ending::Terminate)
    return fmt::format("{} is still joinable when the last pointer to it is gone: nobody can join it any more",
                       code(L.Subject));
  std::string Who = L.Temporary ? "the thread started here" : code(L.Subject);
  if (L.Element)
    Who = "a thread in " + code(L.Subject);
  if (L.Ending == ir::Type::Ending::Terminate)
    return fmt::format("{} is still joinable {}: std::terminate ends the program", Who, event(L));
  if (L.Loss == How::Overwritten)
    return fmt::format("{} is neither joined nor detached {}: nobody can join the old thread any more", Who, event(L));
  return fmt::format("{} is neither joined nor detached: nobody can join its thread any more", Who);
}

namespace {
class LeakedThread : public Rule {
public:
  LeakedThread() : Rule(About) {}

  void check(const ir::Module &M, const flow::FunctionFacts &Facts, const CheckOptions &,
             Report Report) const override {
    for (const flow::LostHandle &L : Facts.Lost) {
      Finding F = finding(M, Facts, L, L.Always ? Confidence::Certain : Confidence::Likely, message(L));
      if (L.Started.valid())
        noteFirst(F, M, L.Started,
                  L.Caller ? code(L.Subject) + " gets its thread here" : code(L.Subject) + " is started here", 0,
                  StepKind::Start);
      fix(M, L, F);
      Report(std::move(F));
    }
  }

private:
  static void fix(const ir::Module &M, const flow::LostHandle &L, Finding &F) {
    if (L.Element || L.Temporary || L.Declaration.Macro || !L.Declaration.valid())
      return;
    if (!L.Joining.Type.empty() && L.Joining.Where.valid() && M.hasCPlusPlus(L.Joining.Where, L.Joining.Since) &&
        !L.Joining.Where.Macro)
      F.Fixes.push_back(
          {"let the destructor join: " + L.Joining.Type, {{place(M, L.Joining.Where), L.Joining.Type}}, true});
    ir::Range Before = L.AtEnd ? L.Where : L.Exit.Statement;
    if (L.JoinCode.empty() || !Before.valid() || Before.Macro || L.Loss != flow::LostHandle::How::Destroyed)
      return;
    F.Fixes.push_back(L.AtEnd ? insertAtEnd(M, Before, L.JoinCode, "join before leaving", L.Always)
                              : insertBefore(M, L.Exit, L.JoinCode, "join before leaving", L.Always));
  }
};
} // namespace

const Rule &leakedThread() {
  static const LeakedThread R;
  return R;
}

} // namespace latchkey::rules
