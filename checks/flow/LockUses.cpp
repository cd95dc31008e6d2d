#include "checks/flow/LockUses.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace latchkey::flow {

using TypeKind = ir::Type::Kind;

std::string LockUses::key(const ir::Function &In, const ir::Place &At) const {
  std::string Key = sharedName(M, In, At);
  if (!Key.empty() || At.R != ir::Place::Root::Variable)
    return Key;
  const ir::Variable &V = In.Variables[At.Index];
  if (V.K == ir::Variable::Kind::This || V.K == ir::Variable::Kind::Parameter || V.K == ir::Variable::Kind::Capture)
    return "?";
  Key = In.Id;
  Key += ":";
  Key += std::to_string(At.Index);
  return Key;
}

static void forEachCallable(const ir::Value &V, llvm::function_ref<void(llvm::StringRef)> Visit) {
  if (V.K == ir::Value::Kind::Closure && !V.Callee.empty())
    Visit(V.Callee);
  for (const ir::Value &Inner : V.Captures)
    forEachCallable(Inner, Visit);
  for (const ir::Value &Inner : V.Args)
    forEachCallable(Inner, Visit);
}

void LockUses::effect(const ir::Function &F, const ir::Effect &E, Summary &S) {
  const ir::Type &T = M.typeOf(F, E.Subject);
  auto Calls = [&](const ir::Value &V) {
    forEachCallable(V, [&](llvm::StringRef Id) {
      if (const ir::Function *Callee = P.function(Id))
        S.Callees.insert(Callee);
    });
  };
  switch (E.O) {
  case ir::Op::Lock:
  case ir::Op::TryLock:
    if (T.K == TypeKind::Locker) {
      S.ByGuard.insert("?");
      return;
    }
    if (E.O == ir::Op::Lock)
      S.Locks.try_emplace(key(F, E.Subject), Taken{E.Where, E.Shared});
    S.Twice |= S.ByGuard.contains(key(F, E.Subject));
    S.HandLocked.insert(key(F, E.Subject));
    return;
  case ir::Op::Unlock:
    if (T.K == TypeKind::Locker)
      S.Waits = true; // followed by a lock, or by nothing
    else
      S.HandUnlocked.insert(key(F, E.Subject));
    return;
  case ir::Op::Acquire:
  case ir::Op::TryAcquire:
  case ir::Op::Release:
    S.Permits = true;
    return;
  case ir::Op::Arm:
    if (!E.Input.Args.empty() && E.Input.Callee.starts_with("op:")) {
      std::string Key = key(F, E.Input.Args[0].P);
      S.Twice |= !S.ByGuard.insert(Key).second;
      S.HandLocked.erase(Key); // it was this guard that locked it
      return;
    }
    Calls(E.Input);
    return;
  case ir::Op::Spawn: {
    std::set<const ir::Function *> Bodies;
    forEachCallable(E.Input, [&](llvm::StringRef Id) {
      if (const ir::Function *Body = P.function(Id))
        Bodies.insert(Body);
    });
    if (E.Subject.valid())
      Tasks[key(F, E.Subject)].insert(Bodies.begin(), Bodies.end());
    return;
  }
  case ir::Op::Get:
  case ir::Op::Join:
  case ir::Op::Wait:
    S.Waits = true;
    return;
  case ir::Op::Await:
    S.Waits |= E.Args.empty();
    Calls(E.Input);
    return;
  case ir::Op::Init:
    made(F, E);
    return;
  case ir::Op::Block:
    S.Blocks = true;
    return;
  case ir::Op::Dismiss:
    S.Waits |= T.K == TypeKind::Locker;
    return;
  case ir::Op::Call:
    if (const ir::Function *Callee = P.callee(E))
      S.Callees.insert(Callee);
    if (E.Result.valid() && M.typeOf(F, E.Result).K == TypeKind::Locker)
      S.ByGuard.insert("?"); // it may have been armed there
    return;
  case ir::Op::Invoke:
    if (E.Input.Callee.empty() && E.Input.P.valid())
      S.Invoked.insert(P.callables().at(F, E.Input.P).begin(), P.callables().at(F, E.Input.P).end());
    Calls(E.Input);
    return;
  case ir::Op::Assign: // of a closure that may be called later
    Calls(E.Input);
    return;
  case ir::Op::Destroy:
    if (const ir::Class *C = P.classById(T.Class))
      if (const ir::Function *D = P.function(C->Destructor))
        S.Callees.insert(D);
    return;
  default:
    return;
  }
}

/// A mutex is made with more than a null pointer to attributes.
void LockUses::made(const ir::Function &F, const ir::Effect &E) {
  if (M.typeOf(F, E.Subject).K != TypeKind::Mutex || E.Amount == ir::Term::constant(0))
    return;
  if (std::string Key = key(F, E.Subject); Key != "?")
    WithAttributes.insert(std::move(Key));
  size_t First = F.hasThis() ? 1 : 0;
  for (size_t I = 0; I < F.Parameters.size(); ++I)
    if (E.Subject == ir::Place::variable(F.Parameters[I]).deref())
      Makes.insert({&F, I + First});
}

/// The mutexes that are given to functions which make them.
void LockUses::madeThroughParameters() {
  if (Makes.empty())
    return;
  for (const ir::Function &F : M.Functions)
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      const ir::Function *Callee = E && E->O == ir::Op::Call ? P.function(E->Callee) : nullptr;
      for (size_t I = 0; Callee && I < E->Args.size(); ++I)
        if (Makes.contains({Callee, I}) && E->Args[I].P.valid())
          WithAttributes.insert(key(F, E->Args[I].P));
    });
}

void LockUses::scan(const ir::Function &F) {
  Summary S;
  // `t = std::thread(f)`: a temporary is started and moved.
  std::map<std::string, std::set<std::string>> Moves;
  forEachNode(F.Body, [&](const ir::Node &N) {
    S.Suspends |= N.as<ir::Suspend>() != nullptr;
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    effect(F, *E, S);
    bool Moved = (E->O == ir::Op::Assign || E->O == ir::Op::Push) && E->Input.P.valid();
    if (Moved) {
      std::string From = key(F, E->Input.P), To = key(F, E->Subject);
      if (auto It = Tasks.find(From); It != Tasks.end() && From != "?") {
        std::set<const ir::Function *> Bodies = It->second;
        Tasks[To].insert(Bodies.begin(), Bodies.end());
      }
    }
  });
  bool Any = !S.Locks.empty() || !S.ByGuard.empty() || !S.HandLocked.empty() || !S.HandUnlocked.empty() ||
             !S.Callees.empty() || !S.Invoked.empty() || S.Permits || S.Blocks;
  if (Any)
    Of.emplace(&F, std::move(S));
}

/// From callees to callers, until nothing changes.
void LockUses::spread() {
  std::map<const ir::Function *, std::vector<const ir::Function *>> Callers;
  llvm::SmallVector<const ir::Function *> Work;
  for (const auto &[F, S] : Of) {
    for (const ir::Function *Callee : S.Callees)
      Callers[Callee].push_back(F);
    if (!S.Locks.empty() || S.Blocks || !S.HandUnlocked.empty())
      Work.push_back(F);
  }
  while (!Work.empty()) {
    const ir::Function *F = Work.pop_back_val();
    const Summary From = Of.at(F);
    for (const ir::Function *Caller : Callers[F]) {
      Summary &To = Of.at(Caller);
      size_t Before = To.Locks.size() + To.HandLocked.size() + To.HandUnlocked.size() + To.Blocks;
      for (const auto &[Key, Taken] : From.Locks)
        To.Locks.try_emplace(Key, Taken);
      To.Blocks |= From.Blocks;
      // What a function only locks, or only unlocks, it does for its caller.
      for (const std::string &Key : From.HandLocked)
        if (!From.HandUnlocked.contains(Key))
          To.HandLocked.insert(Key);
      for (const std::string &Key : From.HandUnlocked)
        if (!From.HandLocked.contains(Key) && !From.ByGuard.contains(Key))
          To.HandUnlocked.insert(Key);
      if (To.Locks.size() + To.HandLocked.size() + To.HandUnlocked.size() + To.Blocks != Before)
        Work.push_back(Caller);
    }
  }
}

/// What callables take that are kept somewhere, to those that invoke them and to their callers.
void LockUses::spreadInvoked() {
  std::map<const ir::Function *, std::vector<const ir::Function *>> Callers;
  llvm::SmallVector<const ir::Function *> Work;
  for (auto &[F, S] : Of) {
    for (const ir::Function *Callee : S.Callees)
      Callers[Callee].push_back(F);
    for (const StoredCallables::Stored &Callable : S.Invoked)
      if (auto Its = Of.find(Callable.F); Its != Of.end())
        for (const auto &[Mutex, Taken] : Its->second.Locks)
          S.InvokedLocks.try_emplace({Callable.Owner, Mutex}, Taken);
    if (!S.InvokedLocks.empty())
      Work.push_back(F);
  }
  while (!Work.empty()) {
    const ir::Function *F = Work.pop_back_val();
    const auto From = Of.at(F).InvokedLocks;
    for (const ir::Function *Caller : Callers[F]) {
      auto &To = Of.at(Caller).InvokedLocks;
      size_t Before = To.size();
      To.insert(From.begin(), From.end());
      if (To.size() != Before)
        Work.push_back(Caller);
    }
  }
}

bool LockUses::worthwhile(const Summary &S) const {
  if (!S.HandLocked.empty() || !S.HandUnlocked.empty() || S.Permits)
    return true;
  if (S.ByGuard.empty())
    return false;
  if (S.Twice || S.Waits || S.Blocks || S.Suspends || S.ByGuard.size() > 1)
    return true;
  // A guard is held, and something that is called takes the same mutex, perhaps of another object.
  return llvm::any_of(S.Callees, [&](const ir::Function *Callee) {
    auto It = Of.find(Callee);
    return It != Of.end() && llvm::any_of(It->second.Locks, [&](const auto &Taken) {
             return Taken.first == "?" || S.ByGuard.contains(Taken.first) || S.ByGuard.contains("?");
           });
  });
}

LockUses::LockUses(const Program &P) : P(P), M(P.module()) {
  for (const ir::Function &F : M.Functions)
    scan(F);
  madeThroughParameters();
  spread();
  spreadInvoked();
  for (const auto &[F, S] : Of) {
    if (worthwhile(S))
      Judged.insert(F);
    for (const std::string &Key : S.HandUnlocked)
      if (!S.HandLocked.contains(Key) && !S.ByGuard.contains(Key))
        Unlocking[Key].push_back(F);
  }
}

bool LockUses::mayBeReentrant(const ir::Function &In, const ir::Place &Mutex) const {
  std::string Key = key(In, Mutex);
  P.ask(QuestionKind::Attributes, Key);
  return WithAttributes.contains(Key);
}

bool LockUses::givenBackElsewhere(const ir::Function &In, const ir::Place &Mutex, const ir::Function &F,
                                  bool Helpers) const {
  std::string Key = key(In, Mutex);
  auto Inside = [&](const ir::Function &Other) {
    return Other.Lambda && Other.Where.File == F.Begin.File && Other.Where.Offset >= F.Begin.Offset &&
           Other.Where.Offset <= F.End.Offset;
  };
  P.ask(QuestionKind::Unlocking, Key);
  auto Known = Unlocking.find(Key);
  return Known != Unlocking.end() && llvm::any_of(Known->second, [&](const ir::Function *Other) {
           return Other != &F && !Inside(*Other) && (Helpers || !Other->LocksForCaller);
         });
}

bool LockUses::knownOnlyHere(const ir::Function &In, const ir::Place &Mutex) const {
  if (Mutex.R == ir::Place::Root::Global && Mutex.Path.empty())
    return P.isWhole() || M.Globals[Mutex.Index].Internal || isSource(M, M.Globals[Mutex.Index].Where);
  ir::Place Prefix;
  Prefix.R = Mutex.R;
  Prefix.Index = Mutex.Index;
  const ir::Class *Holder = nullptr;
  for (const ir::Step &S : Mutex.Path) {
    if (S.K == ir::Step::Kind::Field)
      if (const ir::Class *C = P.classById(M.typeOf(In, Prefix).Class))
        Holder = C;
    Prefix.Path.push_back(S);
  }
  return Holder && (P.isWhole() || isSource(M, Holder->Where));
}

ir::Range LockUses::neededByTask(const ir::Function &In, const ir::Place &Handle, const ir::Function &MutexIn,
                                 const ir::Place &Mutex, bool Shared) const {
  std::string HandleKey = key(In, Handle), MutexKey = key(MutexIn, Mutex);
  P.ask(QuestionKind::Tasks, HandleKey);
  auto Bodies = Tasks.find(HandleKey);
  if (Bodies == Tasks.end() || HandleKey == "?" || MutexKey == "?" || HandleKey.empty() || MutexKey.empty())
    return {};
  std::string Owner = P.callables().ownerOf(In, Handle);
  auto Fits = [&](const Taken &T) { return !(T.Shared && Shared); };
  for (const ir::Function *Body : Bodies->second) {
    P.ask(QuestionKind::Locking, Body->Id);
    auto S = Of.find(Body);
    if (S == Of.end())
      continue;
    if (auto Own = S->second.Locks.find(MutexKey); Own != S->second.Locks.end() && Fits(Own->second))
      return Own->second.Where;
    // What the object was given to call, not what others of its class were.
    for (const std::string &Given : {Owner, std::string()})
      if (auto Invoked = S->second.InvokedLocks.find({Given, MutexKey});
          Invoked != S->second.InvokedLocks.end() && Fits(Invoked->second))
        return Invoked->second.Where;
  }
  return {};
}

} // namespace latchkey::flow
