#include "checks/model/Model.h"

#include <gtest/gtest.h>

using namespace latchkey;
using namespace latchkey::model;

namespace {

TEST(CounterByName, KnowsTheUsualNamesInEverySpelling) {
  for (const char *Name : {"WaitGroup", "wait_group", "acme::WaitGroup", "waitGroup", "SimpleWaitGroup",
                           "CountDownLatch", "count_down_latch", "CountdownLatch", "CountdownEvent", "BlockingCounter",
                           "TaskCounter", "rpc::wait_group_t", "WaitGroupImpl"})
    EXPECT_TRUE(counterByName(Name, {"done", "wait"})) << Name;
  for (const char *Name : {"Counter", "Group", "WaitGroupFactory", "Thread", "SpinLock", "Event", ""})
    EXPECT_FALSE(counterByName(Name, {"done", "wait"})) << Name;
}

TEST(CounterByName, NeedsToCompleteAndToWait) {
  EXPECT_FALSE(counterByName("WaitGroup", {"add", "wait"}));
  EXPECT_FALSE(counterByName("WaitGroup", {"add", "done"}));
  EXPECT_FALSE(counterByName("WaitGroup", {}));
  EXPECT_TRUE(counterByName("WaitGroup", {"arrive_and_wait"}));
}

TEST(CounterByName, UnderstandsMethodsInEverySpelling) {
  for (const char *Done : {"done", "Done", "count_down", "countDown", "CountDown", "DecrementCount", "decrement",
                           "signal", "Finish", "Complete", "leave", "task_done"})
    for (const char *Wait : {"wait", "Wait", "await", "Await", "WaitAll", "wait_for_completion", "join"}) {
      std::optional<TypeModel> T = counterByName("Latch", {Done, Wait});
      ASSERT_TRUE(T) << Done << ' ' << Wait;
      EXPECT_EQ(T->Traits.K, ir::Type::Kind::Counter);
      EXPECT_EQ(select(T->Methods, Done, {})->Actions[0].O, ir::Op::Done);
      EXPECT_EQ(select(T->Methods, Wait, {})->Actions[0].O, ir::Op::Wait);
    }
}

TEST(CounterByName, AWaitWithArgumentsHasALimit) {
  std::optional<TypeModel> T = counterByName("WaitGroup", {"Add", "Done", "Wait", "WaitFor", "Reset"});
  ASSERT_TRUE(T);
  EXPECT_FALSE(select(T->Methods, "Wait", {})->Actions[0].Timed);
  EXPECT_TRUE(select(T->Methods, "Wait", {"int"})->Actions[0].Timed);
  EXPECT_TRUE(select(T->Methods, "WaitFor", {"int"})->Actions[0].Timed);
  EXPECT_EQ(select(T->Methods, "Add", {"int"})->Actions[0].Amount.K, Operand::Kind::Argument);
  EXPECT_EQ(select(T->Methods, "Reset", {})->Actions[0].O, ir::Op::Write);
  EXPECT_FALSE(select(T->Methods, "Size", {}));
}

TEST(CounterByName, StartsAtItsOnlyArgument) {
  std::optional<TypeModel> T = counterByName("CountDownLatch", {"countDown", "await"});
  ASSERT_TRUE(T);
  EXPECT_EQ(select(T->Constructors, "", {"int"})->Actions[0].Amount.K, Operand::Kind::Argument);
  EXPECT_EQ(select(T->Constructors, "", {})->Actions[0].Amount.Constant, 0);
  EXPECT_FALSE(select(T->Constructors, "", {"int", "int"}));
}

} // namespace
