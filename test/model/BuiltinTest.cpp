// The shipped tables: every entry loads, and the facts that checks rely on.
#include "checks/model/Builtin.h"
#include "checks/model/Model.h"

#include <gtest/gtest.h>

using namespace latchkey;
using namespace latchkey::model;
using Kind = ir::Type::Kind;
using Ending = ir::Type::Ending;

namespace {

const Library &library() {
  return Library::builtin();
}

ir::Type traits(llvm::StringRef Name) {
  const TypeModel *T = library().type(Name);
  EXPECT_TRUE(T) << Name.str();
  return T ? T->Traits : ir::Type();
}

/// The model of a call of `Type::Method` with these argument types; `Type::` alone is the constructor.
const FunctionModel &method(llvm::StringRef Type, llvm::StringRef Method, std::vector<std::string> Args = {}) {
  static const FunctionModel None;
  const TypeModel *T = library().type(Type);
  const FunctionModel *F = T ? select(Method.empty() ? T->Constructors : T->Methods, Method, Args) : nullptr;
  EXPECT_TRUE(F) << (Type + "::" + Method).str();
  return F ? *F : None;
}

const FunctionModel &function(llvm::StringRef Name, std::vector<std::string> Args) {
  static const FunctionModel None;
  const FunctionModel *F = select(library().functions(Name), Name, Args);
  EXPECT_TRUE(F) << Name.str();
  return F ? *F : None;
}

std::vector<ir::Op> ops(const FunctionModel &F) {
  std::vector<ir::Op> Ops;
  for (const Action &A : F.Actions)
    Ops.push_back(A.O);
  return Ops;
}

using Ops = std::vector<ir::Op>;

TEST(Builtin, EveryTableLoads) {
  EXPECT_GE(builtinTables().size(), 10u);
  Library L;
  for (const BuiltinTable &Table : builtinTables()) {
    llvm::Error E = L.add(Table.Text, Table.Name);
    EXPECT_FALSE(bool(E)) << llvm::toString(std::move(E));
  }
  EXPECT_EQ(L.fingerprint(), library().fingerprint());
}

TEST(Builtin, HandlesEndAsTheirLibrarySays) {
  EXPECT_EQ(traits("std::thread").End, Ending::Terminate);
  EXPECT_EQ(traits("std::jthread").End, Ending::Join);
  EXPECT_EQ(traits("boost::thread").End, Ending::Leak);
  EXPECT_EQ(traits("boost::scoped_thread").End, Ending::Join);
  EXPECT_EQ(traits("gsl::joining_thread").End, Ending::Join);
  EXPECT_EQ(traits("pthread_t").End, Ending::Leak);
  EXPECT_EQ(traits("thrd_t").End, Ending::Leak);
  EXPECT_EQ(traits("bthread_t").End, Ending::Nothing);
  EXPECT_EQ(traits("std::future").End, Ending::Join);
  for (const char *Name : {"std::thread", "std::jthread", "boost::thread", "pthread_t", "thrd_t", "QThread"}) {
    EXPECT_EQ(traits(Name).K, Kind::Handle) << Name;
    EXPECT_NE(traits(Name).JoinCode, "") << Name;
  }
  EXPECT_EQ(traits("std::thread").JoiningTwin, "std::jthread");
  EXPECT_EQ(traits("std::thread").JoiningSince, 20u);
}

TEST(Builtin, CountersSayWhetherTheyCanBeUsedAgainAndShared) {
  for (const char *Name : {"std::latch", "absl::BlockingCounter", "folly::Latch", "boost::latch"}) {
    EXPECT_EQ(traits(Name).K, Kind::Counter) << Name;
    EXPECT_TRUE(traits(Name).SingleUse) << Name;
    EXPECT_FALSE(traits(Name).SharedCopies) << Name;
  }
  for (const char *Name : {"marl::WaitGroup", "co::wait_group"}) {
    EXPECT_FALSE(traits(Name).SingleUse) << Name;
    EXPECT_TRUE(traits(Name).SharedCopies) << Name;
  }
  for (const char *Name : {"std::barrier", "boost::barrier", "pthread_barrier_t"})
    EXPECT_TRUE(traits(Name).Barrier) << Name;
  EXPECT_TRUE(traits("marl::Event").SharedCopies);
}

TEST(Builtin, CountersCount) {
  EXPECT_EQ(ops(method("std::latch", "", {"long"})), Ops{ir::Op::Init});
  EXPECT_EQ(ops(method("std::latch", "arrive_and_wait")), (Ops{ir::Op::Done, ir::Op::Wait}));
  EXPECT_EQ(method("std::latch", "count_down").Actions[0].Amount.Constant, 1);
  EXPECT_EQ(ops(method("std::barrier", "arrive_and_drop")), Ops{ir::Op::Drop});
  EXPECT_EQ(method("marl::WaitGroup", "").Actions[0].Amount.Constant, 0);
  EXPECT_EQ(method("bthread::CountdownEvent", "").Actions[0].Amount.Constant, 1);
  EXPECT_EQ(ops(function("pthread_barrier_wait", {"pthread_barrier_t *"})), (Ops{ir::Op::Done, ir::Op::Wait}));
}

TEST(Builtin, SpawnsSayHowTheyFail) {
  const Action &Create = function("pthread_create", {"", "", "", ""}).Actions.at(0);
  EXPECT_EQ(Create.When, ir::Success::WhenZero);
  EXPECT_EQ(Create.Subject.K, Operand::Kind::Pointee);
  EXPECT_EQ(Create.Callable, 2u);
  EXPECT_EQ(Create.CallableArgs, 3u);
  EXPECT_EQ(function("thrd_create", {"", "", ""}).Actions.at(0).When, ir::Success::WhenZero);
  EXPECT_EQ(function("pthread_mutex_trylock", {""}).Actions.at(0).When, ir::Success::WhenZero);
  EXPECT_EQ(method("std::mutex", "try_lock").Actions.at(0).When, ir::Success::WhenNonZero);
  EXPECT_EQ(function("sem_trywait", {""}).Actions.at(0).When, ir::Success::WhenZero);
  EXPECT_EQ(method("std::thread", "", {"F", "int"}).Actions.at(0).When, ir::Success::Always);
  EXPECT_EQ(function("std::async", {"std::launch", "F"}).Actions.at(0).Callable, 1u);
  EXPECT_EQ(function("std::async", {"F", "int"}).Actions.at(0).Callable, 0u);
  EXPECT_EQ(function("photon::thread_create", {"", "", ""}).Actions.at(0).LastCallableArg, 1u);
}

TEST(Builtin, LockersKnowTheirTags) {
  EXPECT_EQ(ops(method("std::lock_guard", "", {"std::mutex"})), (Ops{ir::Op::Lock, ir::Op::Arm}));
  EXPECT_EQ(ops(method("std::lock_guard", "", {"std::mutex", "std::adopt_lock_t"})), Ops{ir::Op::Arm});
  EXPECT_EQ(ops(method("std::unique_lock", "", {"std::mutex", "std::defer_lock_t"})),
            (Ops{ir::Op::Arm, ir::Op::Dismiss}));
  EXPECT_EQ(ops(method("std::unique_lock", "", {"std::mutex", "std::try_to_lock_t"})),
            (Ops{ir::Op::TryLock, ir::Op::Arm}));
  EXPECT_TRUE(method("std::unique_lock", "", {"std::mutex", "duration"}).Actions[0].Timed);
  EXPECT_TRUE(ops(method("std::unique_lock", "")).empty());
  EXPECT_EQ(method("std::scoped_lock", "", {"std::adopt_lock_t", "std::mutex"}).Actions[0].Mutex, 1u);
  EXPECT_TRUE(method("std::shared_lock", "", {"std::shared_mutex"}).Actions[0].Shared);
  EXPECT_TRUE(traits("std::recursive_mutex").Reentrant);
  EXPECT_TRUE(traits("QRecursiveMutex").Reentrant);
}

TEST(Builtin, WaitingLockersAreMeantAsTemporaries) {
  EXPECT_TRUE(method("absl::MutexLock", "", {"absl::Mutex *", "absl::Condition"}).Blocks);
  EXPECT_FALSE(method("absl::MutexLock", "", {"absl::Mutex *"}).Blocks);
  EXPECT_TRUE(method("absl::ReaderMutexLock", "", {"absl::Mutex *", "absl::Condition"}).Blocks);
}

TEST(Builtin, ConditionVariablesTellPredicatesFromTimes) {
  EXPECT_FALSE(method("std::condition_variable", "wait", {"L"}).Actions[0].Predicate);
  EXPECT_EQ(method("std::condition_variable", "wait", {"L", "P"}).Actions[0].Predicate, 1u);
  const Action &For = method("std::condition_variable", "wait_for", {"L", "D", "P"}).Actions[0];
  EXPECT_TRUE(For.Timed);
  EXPECT_EQ(For.Predicate, 2u);
  EXPECT_EQ(function("pthread_cond_wait", {"", ""}).Actions[0].Mutex, 1u);
}

TEST(Builtin, GuardsKnowWhenTheyAct) {
  for (const char *Name : {"gsl::finally", "absl::MakeCleanup", "marl::make_finally", "folly::makeGuard",
                           "llvm::make_scope_exit", "qScopeGuard", "boost::scope::make_scope_exit"}) {
    const FunctionModel &F = function(Name, {"F"});
    EXPECT_EQ(ops(F), Ops{ir::Op::Arm}) << Name;
    EXPECT_EQ(F.Actions.at(0).Subject.K, Operand::Kind::Result) << Name;
    EXPECT_EQ(F.Actions.at(0).On, ir::Cleanup::Mask::Both) << Name;
  }
  llvm::StringRef Plus = "folly::detail::operator+";
  EXPECT_EQ(function(Plus, {"folly::detail::ScopeGuardOnExit", "F"}).Actions[0].On, ir::Cleanup::Mask::Both);
  EXPECT_EQ(function(Plus, {"folly::detail::ScopeGuardOnFail", "F"}).Actions[0].On, ir::Cleanup::Mask::Throw);
  EXPECT_EQ(function(Plus, {"folly::detail::ScopeGuardOnSuccess", "F"}).Actions[0].On, ir::Cleanup::Mask::Normal);
  EXPECT_TRUE(traits("absl::Cleanup").Dismissable);
}

TEST(Builtin, ExitsDoNotReturn) {
  for (const char *Name :
       {"exit", "abort", "_exit", "quick_exit", "longjmp", "pthread_exit", "thrd_exit", "std::terminate"}) {
    EXPECT_TRUE(function(Name, {"int"}).NoReturn) << Name;
    EXPECT_EQ(ops(function(Name, {"int"})), Ops{ir::Op::Exit}) << Name;
  }
}

TEST(Builtin, NamesThatAnybodyMayUseAreTiedToAHeader) {
  for (const FunctionModel &F : library().functions("go"))
    EXPECT_FALSE(F.DeclaredIn.empty());
}

} // namespace
