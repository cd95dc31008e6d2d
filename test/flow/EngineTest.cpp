// The engine on textual IR. A line that ends in `# name` can be asked for by that name.
#include "checks/flow/Facts.h"
#include "checks/ir/Text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

using namespace latchkey;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

const char Types[] = R"(type int number
type thread handle terminate
type pthread handle leak
type threads container of thread
type items container of int
type latch counter singleuse
type group counter shares
type guard guard
type closure callable
type int_ref pointer of int reference
type latch_ref pointer of latch reference
type items_ref pointer of items reference
type thread_ref pointer of thread reference
)";

class Engine : public ::testing::Test {
protected:
  /// Interprets Body with the types above; facts of all functions are put together.
  void run(const std::string &Body) {
    std::string Marked = std::string(Types) + Body, Text;
    unsigned Line = 1;
    for (size_t At = 0; At < Marked.size(); ++Line) {
      size_t End = Marked.find('\n', At);
      std::string Row = Marked.substr(At, End - At);
      if (size_t Mark = Row.find(" # "); Mark != std::string::npos) {
        Points[Line] = Row.substr(Mark + 3);
        Row.resize(Mark);
      }
      Text += Row + "\n";
      At = End + 1;
    }
    llvm::Expected<ir::Module> Parsed = ir::parse(Text, ir::ParseRanges::FromText);
    if (!Parsed) {
      FAIL() << llvm::toString(Parsed.takeError());
    }
    M = std::move(*Parsed);
    EXPECT_THAT(ir::verify(M), IsEmpty());
    for (flow::FunctionFacts &Facts : flow::analyse(M, {}, Stats)) {
      take(Lost, Facts.Lost);
      take(BadJoins, Facts.BadJoins);
      take(Mismatches, Facts.Mismatches);
      take(Missing, Facts.Missing);
      take(LateAdds, Facts.LateAdds);
    }
    EXPECT_THAT(Stats.NotAnalysed, IsEmpty());
  }

  template <typename T> std::vector<std::string> at(const std::vector<T> &Facts) {
    std::vector<std::string> Names;
    for (const T &F : Facts)
      Names.push_back(Points.contains(F.Where.Line) ? Points[F.Where.Line] : "line " + std::to_string(F.Where.Line));
    return Names;
  }

  std::vector<flow::LostHandle> Lost;
  std::vector<flow::BadJoin> BadJoins;
  std::vector<flow::CountMismatch> Mismatches;
  std::vector<flow::MissingCompletion> Missing;
  std::vector<flow::LateAdd> LateAdds;
  flow::Statistics Stats;

private:
  template <typename T> static void take(std::vector<T> &All, std::vector<T> &Some) {
    All.insert(All.end(), Some.begin(), Some.end());
  }

  ir::Module M;
  std::map<unsigned, std::string> Points;
};

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

std::string latchOf(const std::string &Count) {
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

} // namespace
