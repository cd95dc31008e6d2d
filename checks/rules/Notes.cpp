#include "checks/rules/Notes.h"

#include <fmt/format.h>

namespace latchkey::rules {

using Kind = flow::PathStep::Kind;

SourcePlace place(const ir::Module &M, ir::Range R) {
  return {R.valid() ? M.Files[R.File].Path : std::string(), R};
}

std::string code(llvm::StringRef Name) {
  return "`" + Name.str() + "`";
}

static std::string wording(const flow::PathStep &S) {
  std::string Subject = code(S.Subject);
  switch (S.K) {
  case Kind::Started:
    return Subject + " is started here";
  case Kind::Joined:
    return Subject + " is joined here";
  case Kind::Detached:
    return Subject + " is detached here";
  case Kind::MovedAway:
    return Subject + " is moved away here";
  case Kind::Created:
    return Subject + " is made here";
  case Kind::Registered:
    return S.Text == "0" ? Subject + " starts at 0 here" : fmt::format("{} is raised by {} here", Subject, S.Text);
  case Kind::Completed:
    return fmt::format("{} is completed {} here", Subject, S.Text == "1" ? "once" : S.Text + " times");
  case Kind::Waited:
    return Subject + " is waited for here";
  case Kind::Spawned:
    return "a task is started here";
  case Kind::Refused:
    return "the task cannot be started here";
  case Kind::Branch:
    return fmt::format("{} is {} here", code(S.Text), S.Flag ? "true" : "false");
  case Kind::LoopEntered:
    return "the loop runs";
  case Kind::LoopSkipped:
    return "the loop does not run";
  case Kind::Exit:
    return fmt::format("{} leaves here", code(S.Text));
  case Kind::Called:
    return fmt::format("{} is called here", code(S.Text));
  case Kind::Locked:
    return Subject + " is taken here";
  case Kind::Unlocked:
    return Subject + " is given back here";
  case Kind::Caught:
    return S.Text.empty() ? "the exception is caught here" : fmt::format("{} is caught here", code(S.Text));
  }
  return {};
}

static StepKind kind(const flow::PathStep &S) {
  switch (S.K) {
  case Kind::Started:
  case Kind::Spawned:
    return StepKind::Start;
  case Kind::Joined:
    return StepKind::Join;
  case Kind::Detached:
    return StepKind::Detach;
  case Kind::MovedAway:
    return StepKind::Move;
  case Kind::Registered:
    return StepKind::Count;
  case Kind::Completed:
    return StepKind::Done;
  case Kind::Waited:
    return StepKind::Wait;
  case Kind::Branch:
  case Kind::LoopEntered:
  case Kind::LoopSkipped:
    return StepKind::Branch;
  case Kind::Exit:
    return StepKind::Leave;
  case Kind::Called:
    return StepKind::Call;
  case Kind::Locked:
    return StepKind::Lock;
  case Kind::Unlocked:
    return StepKind::Unlock;
  case Kind::Created:
  case Kind::Refused:
  case Kind::Caught:
    return StepKind::Other;
  }
  return StepKind::Other;
}

/// The first step made the obligation and the last ones break it; what lies between is shortened.
static constexpr size_t MostSteps = 8;

Finding finding(const ir::Module &M, const flow::FunctionFacts &In, const flow::Fact &F, Confidence Level,
                std::string Message) {
  Finding Result;
  Result.Level = Level;
  Result.Where = place(M, F.Where);
  Result.Message = std::move(Message);
  Result.Function = In.Function->Name;
  Result.Subject = F.Subject;
  for (size_t I = 0; I < F.Path.size(); ++I) {
    const flow::PathStep &S = F.Path[I];
    bool Middle = I > 0 && F.Path.size() - I >= MostSteps;
    bool Here = S.K == Kind::Exit && S.Where == F.Where; // the finding itself says it
    if (S.Where == F.Where)
      Result.Lane = S.Lane;
    if (!Middle && !Here && S.Where.valid())
      Result.Notes.push_back({place(M, S.Where), wording(S), S.Lane, kind(S)});
  }
  return Result;
}

/// What the path said about a place goes, but for what it does there.
static void takePlace(Finding &F, const SourcePlace &Where, StepKind &Kind) {
  std::erase_if(F.Notes, [&](const Note &N) {
    if (N.Where != Where)
      return false;
    if (Kind == StepKind::Other)
      Kind = N.Kind;
    return true;
  });
}

void noteFirst(Finding &F, const ir::Module &M, ir::Range R, std::string Message, unsigned Lane, StepKind Kind) {
  takePlace(F, place(M, R), Kind);
  if (R.valid())
    F.Notes.insert(F.Notes.begin(), {place(M, R), std::move(Message), Lane, Kind});
}

void noteLast(Finding &F, const ir::Module &M, ir::Range R, std::string Message, unsigned Lane, StepKind Kind) {
  takePlace(F, place(M, R), Kind);
  if (R.valid())
    F.Notes.push_back({place(M, R), std::move(Message), Lane, Kind});
}

} // namespace latchkey::rules
