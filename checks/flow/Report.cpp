// The trail of a path and the facts that end it.
#include "checks/flow/Engine.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

TrailStep &Engine::note(State &S, PathStep::Kind K, Loc Object, ir::Range Where, const Frame &F, std::string Text,
                        bool Flag) {
  auto Step = std::make_shared<TrailStep>();
  Step->Step = {K, Object == NoLoc ? std::string() : spell(Object), std::move(Text), Flag, F.Lane, Where};
  Step->Object = Object;
  Step->In = F.F;
  Step->Before = S.Path;
  TrailStep &Made = *Step;
  S.Path = std::move(Step);
  return Made;
}

/// The steps about Object and the decisions and exits since the first of them.
std::vector<PathStep> Engine::path(const State &S, Loc Object) const {
  std::vector<PathStep> Steps;
  size_t Keep = 0;
  for (const TrailStep *T = S.Path.get(); T; T = T->Before.get()) {
    bool Mine = T->Object == Object;
    bool Way = T->Object == NoLoc && T->Step.K != PathStep::Kind::LoopSkipped;
    if (!Mine && !Way)
      continue;
    Steps.push_back(T->Step);
    if (Mine)
      Keep = Steps.size();
  }
  Steps.resize(Keep);
  std::reverse(Steps.begin(), Steps.end());
  return Steps;
}

void Engine::judged(Loc L, ir::Range Where, bool Bad) {
  if (Quiet)
    return;
  auto &[Good, Wrong] = Verdicts[{L, Where}];
  ++(Bad ? Wrong : Good);
}

bool Engine::always(Loc L, ir::Range Where) const {
  auto It = Verdicts.find({L, Where});
  return It != Verdicts.end() && It->second.first == 0;
}

/// Objects that a callee makes and keeps to itself are judged when the callee is entered on its own.
bool Engine::visible(Loc L, const Frame &F) const {
  const Locations::Entry &E = Places[L];
  bool Given = E.Root == Locations::RootKind::Variable && E.Owner &&
               E.Owner->Variables[E.Index].K == ir::Variable::Kind::Parameter; // by the caller, and known only here
  return Given || E.Root == Locations::RootKind::Global || E.Frame == 1 || F.Number == 1;
}

std::vector<size_t> FunctionFacts::extent() {
  std::vector<size_t> Extent;
  forEachList([&](auto &List) { Extent.push_back(List.size()); });
  return Extent;
}

void FunctionFacts::truncate(llvm::ArrayRef<size_t> Extent) {
  forEachList([&](auto &List) {
    List.erase(List.begin() + ptrdiff_t(Extent.front()), List.end());
    Extent = Extent.drop_front();
  });
}

template <typename T> void Engine::report(std::vector<T> &Into, T Fact, Loc L) {
  if (Quiet || !Fact.Where.valid() || M.Files[Fact.Where.File].System)
    return;
  Judged.insert({{Fact.Where, Fact.Subject}, L});
  auto Same = llvm::find_if(Into, [&](const T &O) { return O.Where == Fact.Where && O.Subject == Fact.Subject; });
  if (Same == Into.end())
    Into.push_back(std::move(Fact));
}

/// With all ways seen: which facts hold on each of them.
void Engine::concludeAlways() {
  auto Conclude = [&](auto &Found) {
    for (auto &Fact : Found)
      Fact.Always = always(Judged.at({Fact.Where, Fact.Subject}), Fact.Where);
  };
  Conclude(Facts.Lost);
  Conclude(Facts.BadJoins);
  Conclude(Facts.Mismatches);
  Conclude(Facts.Missing);
  Conclude(Facts.LateAdds);
  Conclude(Facts.Dangling);
  Conclude(Facts.Kept);
  Conclude(Facts.BadLocks);
  Conclude(Facts.LockedWaits);
  Conclude(Facts.LockedBlocks);
  Conclude(Facts.LockedSuspends);
  Conclude(Facts.Unwaited);
  Conclude(Facts.OwnWaits);
  Conclude(Facts.Reused);
  Conclude(Facts.Promises);
  concludeWaits();
  llvm::erase_if(Facts.BadJoins, [](const BadJoin &B) { return B.Doubtful && !B.Always; });
}

template void Engine::report(std::vector<LostHandle> &, LostHandle, Loc);
template void Engine::report(std::vector<BadJoin> &, BadJoin, Loc);
template void Engine::report(std::vector<CountMismatch> &, CountMismatch, Loc);
template void Engine::report(std::vector<MissingCompletion> &, MissingCompletion, Loc);
template void Engine::report(std::vector<LateAdd> &, LateAdd, Loc);
template void Engine::report(std::vector<DanglingCapture> &, DanglingCapture, Loc);
template void Engine::report(std::vector<LoopCapture> &, LoopCapture, Loc);
template void Engine::report(std::vector<DiscardedTask> &, DiscardedTask, Loc);
template void Engine::report(std::vector<EscapingThrow> &, EscapingThrow, Loc);
template void Engine::report(std::vector<KeptLock> &, KeptLock, Loc);
template void Engine::report(std::vector<BadLock> &, BadLock, Loc);
template void Engine::report(std::vector<LockedWait> &, LockedWait, Loc);
template void Engine::report(std::vector<LockedBlock> &, LockedBlock, Loc);
template void Engine::report(std::vector<LockedSuspend> &, LockedSuspend, Loc);
template void Engine::report(std::vector<MissingWait> &, MissingWait, Loc);
template void Engine::report(std::vector<WaitBeforeDone> &, WaitBeforeDone, Loc);
template void Engine::report(std::vector<AddAfterWait> &, AddAfterWait, Loc);
template void Engine::report(std::vector<UnfulfilledPromise> &, UnfulfilledPromise, Loc);

} // namespace latchkey::flow
