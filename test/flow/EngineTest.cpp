// Handles, guards and loops.
#include "test/flow/EngineRun.h"

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace latchkey::test {

TEST_F(Engine, HandleIsLostAtTheEarlyReturnOnly) {
  run(R"(function f(early: int) {
  var t: thread
  {
    spawn t = ? initial
    cleanup {
      destroy t
    }
    if early != 0 {
      return # early
    }
    join t
  }
}
)");
  ASSERT_THAT(at(Lost), ElementsAre("early"));
  EXPECT_TRUE(Lost[0].Always);
}

TEST_F(Engine, TheSameFlagTwiceCorrelates) {
  run(R"(function f(parallel: int) {
  var t: thread
  {
    declare t
    cleanup {
      destroy t
    }
    if parallel != 0 {
      spawn t = ?
    }
    if parallel != 0 {
      join t
    }
  }
}
)");
  EXPECT_THAT(at(Lost), IsEmpty());
  EXPECT_THAT(at(BadJoins), IsEmpty());
}

TEST_F(Engine, AFlagThatChangesInBetweenIsBelieved) {
  run(R"(function f(parallel: int) {
  var t: thread
  {
    declare t
    cleanup {
      destroy t
    }
    if parallel != 0 {
      spawn t = ?
    }
    write parallel
    if parallel != 0 {
      join t # join
    }
  } # end
}
)");
  EXPECT_THAT(Lost, IsEmpty());
  EXPECT_THAT(BadJoins, IsEmpty());
}

TEST_F(Engine, WhatACallAnswersSaysNothingAboutTheHandle) {
  run(R"(function f(c: int) {
  var t: thread
  {
    spawn t = ? initial
    cleanup {
      destroy t
    }
    if {
      call other() -> c
    } test c != 0 {
      join t
    }
  } # end
}
)");
  EXPECT_THAT(at(Lost), ElementsAre("end"));
}

TEST_F(Engine, JoinableTestDecides) {
  run(R"(function f(want: int) {
  var t: thread
  {
    declare t
    cleanup {
      destroy t
    }
    if want != 0 {
      spawn t = ?
    }
    if joinable t {
      join t
    }
  }
}
)");
  EXPECT_THAT(at(Lost), IsEmpty());
  EXPECT_THAT(at(BadJoins), IsEmpty());
}

TEST_F(Engine, MovedHandlesAreTheNewOwners) {
  run(R"(function f() -> thread {
  var t: thread
  {
    spawn t = ? initial
    cleanup {
      destroy t
    }
    return move t
  }
}
function g() {
  var u: thread
  {
    call f() -> u initial
    cleanup {
      destroy u
    }
  } # end
}
)");
  ASSERT_THAT(at(Lost), ElementsAre("end"));
  EXPECT_TRUE(Lost[0].Caller);
}

TEST_F(Engine, VectorOfThreadsJoinedByForeachIsClean) {
  run(R"(function f(n: int) {
  var v: threads
  var i: int
  var tmp: thread temporary
  var item: thread_ref
  {
    declare v
    cleanup {
      destroy v
    }
    {
      assign i = 0 initial
      for i < n trip n index i {
        spawn tmp#3 = ? initial
        push v = move tmp#3
      } step {
        assign i = i + 1
      }
    }
    foreach item in v {
      join item.*
    }
  }
}
)");
  EXPECT_THAT(at(Lost), IsEmpty());
  EXPECT_THAT(at(BadJoins), IsEmpty());
}

TEST_F(Engine, SecondJoinIsBad) {
  run(R"(function f() {
  var t: thread
  {
    spawn t = ? initial
    cleanup {
      destroy t
    }
    join t
    join t # second
  }
}
)");
  ASSERT_THAT(at(BadJoins), ElementsAre("second"));
  EXPECT_EQ(BadJoins[0].Why, flow::BadJoin::Reason::Joined);
}

TEST_F(Engine, GotoCleanupRunsBehindItsLabel) {
  run(R"(function f(bad: int) {
  var t: pthread
  {
    declare t
    cleanup {
      destroy t
    }
    spawn t = ?
    if bad != 0 {
      goto out
    }
    join t
    return
    label out
    join t
  }
}
)");
  EXPECT_THAT(at(Lost), IsEmpty());
  EXPECT_THAT(at(BadJoins), IsEmpty());
}

TEST_F(Engine, EscapedObjectsAreSilent) {
  run(R"(function f() {
  var t: thread
  {
    spawn t = ? initial
    cleanup {
      destroy t
    }
    call unknown(address t)
  }
}
)");
  EXPECT_THAT(at(Lost), IsEmpty());
}

TEST_F(Engine, GuardRunsItsCallableOnEveryWayOut) {
  run(R"(function joins[t: thread_ref byref]() lambda {
  join t.*
}
function f(early: int) {
  var t: thread
  var g: guard
  {
    spawn t = ? initial
    cleanup {
      destroy t
    }
    arm g = closure joins[address t] initial
    cleanup {
      destroy g
    }
    if early != 0 {
      return
    }
    call unknown()
  }
}
)");
  EXPECT_THAT(at(Lost), IsEmpty());
}

TEST_F(Engine, EachIterationLooksAtAnElementOfItsOwn) {
  run(R"(function f(n: int) {
  var ts: threads
  var i: int
  var tmp: thread
  {
    declare ts
    resize ts n
    cleanup {
      destroy ts
    }
    assign i = 0 initial
    for i < n trip n index i {
      spawn tmp = ? initial
      assign ts[i] = move tmp
    } step { assign i = i + 1 }
    assign i = 0
    for i < n trip n index i {
      join ts[i]
    } step { assign i = i + 1 }
  }
}
)");
  EXPECT_THAT(Lost, IsEmpty());
  EXPECT_THAT(BadJoins, IsEmpty());
}

TEST_F(Engine, ElementsThatTheLoopHasBeenAtAreLostAtItsEarlyExit) {
  run(R"(function f(n: int, stop: int) {
  var ts: threads
  var i: int
  var tmp: thread
  var item: thread_ref
  {
    declare ts
    resize ts n
    cleanup {
      destroy ts
    }
    assign i = 0 initial
    for i < n trip n index i {
      if stop == i {
        return # early
      }
      spawn tmp = ? initial
      assign ts[i] = move tmp
    } step { assign i = i + 1 }
    foreach item in ts {
      join item.*
    }
  }
}
)");
  EXPECT_THAT(at(Lost), ElementsAre("early"));
  EXPECT_THAT(BadJoins, IsEmpty());
}

TEST_F(Engine, ElementsJoinedBeforeOthersWerePushedAreJoinedTwice) {
  run(R"(function f(n: int) {
  var ts: threads
  var i: int
  var tmp: thread
  var item: thread_ref
  {
    declare ts
    cleanup {
      destroy ts
    }
    for i < n trip n index i {
      spawn tmp = ? initial
      push ts = move tmp
    } step { assign i = i + 1 }
    foreach item in ts {
      join item.*
    }
    spawn tmp = ? initial
    push ts = move tmp
    foreach item in ts {
      join item.* # again
    }
  }
}
)");
  EXPECT_THAT(Lost, IsEmpty());
  EXPECT_THAT(at(BadJoins), ElementsAre("again"));
}

TEST_F(Engine, WhichElementsALoopEndedUnderAConditionIsNotKnown) {
  run(R"(function f(n: int, some: int) {
  var ts: threads
  var i: int
  var tmp: thread
  var item: thread_ref
  {
    declare ts
    cleanup {
      destroy ts
    }
    for i < n trip n index i {
      spawn tmp = ? initial
      push ts = move tmp
    } step { assign i = i + 1 }
    foreach item in ts {
      call other() -> some
      if some != 0 {
        join item.*
      }
    }
  }
}
)");
  EXPECT_THAT(Lost, IsEmpty());
  EXPECT_THAT(BadJoins, IsEmpty());
}

TEST_F(Engine, ManyStatesBecomeOneThatKnowsWhatAllAgreeOn) {
  std::string Body = "function f(c: int) {\n  var last: thread\n";
  for (int I = 0; I < 8; ++I)
    Body += "  var t" + std::to_string(I) + ": thread\n";
  Body += "  {\n";
  for (int I = 0; I < 8; ++I) {
    std::string T = "t" + std::to_string(I);
    Body += "    declare " + T + "\n    cleanup { destroy " + T +
            " }\n    call other() -> c\n    if c != 0 {\n      spawn " + T + " = ?\n    }\n";
  }
  for (int I = 0; I < 8; ++I)
    Body += "    if (joinable t" + std::to_string(I) + ") {\n      join t" + std::to_string(I) + "\n    }\n";
  Body += "    spawn last = ? initial\n    cleanup { destroy last }\n  } # end\n}\n";
  run(Body);
  EXPECT_THAT(at(Lost), ElementsAre("end"));
}

TEST_F(Engine, NumbersThatAreFarApartAreNotAllBetween) {
  run(R"(function f(n: int, low: int) {
  var t: thread
  {
    declare t
    cleanup {
      destroy t
    }
    if low != 0 {
      if n >= 0 {
        return
      }
    } else {
      if n < 9223372036854775807 {
        return
      }
    }
    spawn t = ?
  } # end
}
)");
  EXPECT_THAT(at(Lost), ElementsAre("end"));
}

} // namespace latchkey::test
