// Iterations of a loop that complete less than the others do, or break off before they complete: those of a task's
// loop, and those of the launcher's, which start no task for what was counted.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

/// Where the launcher's iteration decides not to start a task: where the start failed, else where it leaves, else at
/// its last test.
void Engine::notStarted(UnevenTask &U, const Trail &End, const Trail &Since) {
  ir::Range Tested;
  for (const TrailStep *T = End.get(); T && T != Since.get(); T = T->Before.get()) {
    if (T->Step.K == PathStep::Kind::Refused) {
      U.Fact.Rejected = true;
      U.Fact.Where = T->Step.Where;
      return;
    }
    if (T->Step.K == PathStep::Kind::Branch && !Tested.valid())
      Tested = T->Step.Where;
  }
  U.Fact.Launcher = true;
  if (!U.Fact.Where.valid())
    U.Fact.Where = Tested;
}

void Engine::passedOver(Iteration &I, const State &Head, Frame &F) {
  for (const auto &[C, At] : Head.Counters) {
    auto DoneIn = [&, C = C, &At = At](const State &E) {
      auto It = E.Counters.find(C);
      return (It == E.Counters.end() ? At : It->second).High - At.High;
    };
    const State *Most = nullptr;
    for (const State &E : I.Ends)
      if (ir::Term D = DoneIn(E); D.isConstant() && D.constantValue() > (Most ? DoneIn(*Most).constantValue() : 0))
        Most = &E;
    if (!Most || (TaskDepth == 0 && !Most->Counters.at(C).ByTask))
      continue;
    for (States *Ways : {&I.Ends, &I.Broken})
      for (State &E : *Ways) {
        ir::Term D = DoneIn(E);
        if (!D.isConstant() || D.constantValue() >= DoneIn(*Most).constantValue())
          continue;
        UnevenTask U;
        U.InLoop = true;
        U.Fact.Subject = spell(C);
        U.Fact.Where = lastExit(E.Path, Head.Path);
        U.Fact.Task = F.F->Name;
        U.MoreAt = U.Fact.Completion = Most->Counters.at(C).Completion;
        U.Fact.Path = path(E, C);
        if (TaskDepth == 0)
          notStarted(U, E.Path, Head.Path);
        if (U.Fact.Where.valid())
          counterAt(C, E).Uneven.push_back(std::move(U));
      }
  }
}

/// What the launcher's iteration left out is judged where that was the last one, which still knows the flags that it
/// set.
void Engine::forgetPassedOver(const State &Head, State &Next) const {
  if (TaskDepth > 0)
    return;
  for (auto &[C, K] : Next.Counters)
    if (auto At = Head.Counters.find(C); At != Head.Counters.end())
      llvm::erase_if(K.Uneven, [&](const UnevenTask &U) {
        bool LeftOut = U.InLoop && (U.Fact.Launcher || U.Fact.Rejected);
        return LeftOut && !llvm::is_contained(At->second.Uneven, U);
      });
}

/// The launcher's loop breaks off: B lacks what the iterations to come would have completed.
void Engine::cutShort(State &B, const State &Entry, const State &Head, const Growth &G, const ir::Term &Trip) {
  if (TaskDepth > 0)
    return;
  for (auto &[C, K] : B.Counters) {
    auto Step = G.Counters.find(C);
    auto Before = Entry.Counters.find(C), At = Head.Counters.find(C);
    if (Step == G.Counters.end() || Before == Entry.Counters.end() || At == Head.Counters.end())
      continue;
    for (UnevenTask &U : K.Uneven)
      if (U.InLoop && !llvm::is_contained(At->second.Uneven, U))
        U.Lacking = Before->second.High + Step->second.High * Trip - K.High;
  }
}

} // namespace latchkey::flow
