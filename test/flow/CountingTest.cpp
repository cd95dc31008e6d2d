// Counters and the tasks that complete them.
#include "test/flow/EngineRun.h"

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace latchkey::test {

static std::string latchOf(const std::string &Count) {
  return R"(function task[done: latch_ref byref]() lambda {
  done done.*
}
function f(n: int, items: items_ref) {
  var d: latch
  var i: int
  {
    init d )" +
         Count + R"( initial
    cleanup {
      destroy d
    }
    {
      assign i = 0 initial
      for i < n trip n index i {
        spawn = closure task[address d]
      } step {
        assign i = i + 1
      }
    }
    wait d # wait
  }
}
)";
}

TEST_F(Engine, SymbolicCountsBalance) {
  run(latchOf("n"));
  EXPECT_THAT(at(Mismatches), IsEmpty());
}

TEST_F(Engine, OffByOneIsFoundAndSaysBothSides) {
  run(latchOf("n + 1"));
  ASSERT_THAT(at(Mismatches), ElementsAre("wait"));
  EXPECT_EQ(Mismatches[0].Expected, "n + 1");
  EXPECT_EQ(Mismatches[0].Completed, "n");
  EXPECT_TRUE(Mismatches[0].Always);
}

TEST_F(Engine, CountsThatCannotBeComparedAreSilent) {
  run(latchOf("size(items.*)"));
  EXPECT_THAT(at(Mismatches), IsEmpty());
}

TEST_F(Engine, EarlyReturnOfATaskMissesItsCompletion) {
  run(R"(function task[wg: group](bad: int) lambda {
  if bad != 0 {
    return # early
  }
  done wg
}
function f() {
  var wg: group
  {
    init wg 0 initial
    cleanup {
      destroy wg
    }
    add wg
    spawn = closure task[copy wg]
    wait wg
  }
}
)");
  EXPECT_THAT(at(Missing), ElementsAre("early"));
  EXPECT_THAT(at(Mismatches), IsEmpty());
}

TEST_F(Engine, AddInsideTheTaskIsLate) {
  run(R"(function task[wg: group]() lambda {
  add wg # add
  done wg
}
function f() {
  var wg: group
  {
    init wg 0 initial
    spawn = closure task[copy wg]
    wait wg
  }
}
)");
  EXPECT_THAT(at(LateAdds), ElementsAre("add"));
  EXPECT_THAT(at(Mismatches), IsEmpty());
}

TEST_F(Engine, ATaskThatIsCountedMayCountAnother) {
  run(R"(function inner[wg: group]() lambda {
  done wg
}
function task[wg: group]() lambda {
  add wg
  spawn = closure inner[copy wg]
  done wg
}
function f() {
  var wg: group
  {
    init wg 1 initial
    spawn = closure task[copy wg]
    wait wg
  }
}
)");
  EXPECT_THAT(at(LateAdds), IsEmpty());
  EXPECT_THAT(at(Mismatches), IsEmpty());
}

TEST_F(Engine, TooFewByTheLoopsTripIsAMismatch) {
  run(R"(function task[l: latch& byref]() lambda {
  done l.*
}
function f(n: int) {
  var l: latch
  var i: int
  {
    init l n + n initial
    cleanup {
      destroy l
    }
    for i < n trip n index i {
      spawn = closure task[address l]()
    } step { assign i = i + 1 }
    wait l # short
  }
}
)");
  EXPECT_THAT(at(Mismatches), ElementsAre("short"));
}

} // namespace latchkey::test
