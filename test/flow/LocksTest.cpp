// Locks on textual IR: what is held, who gives it back, what is entered.
#include "checks/flow/Facts.h"
#include "checks/flow/LockState.h"
#include "checks/flow/LockUses.h"
#include "checks/ir/Text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace latchkey;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

const char Types[] = R"(type int number
type mutex mutex
type mutex_ref pointer of mutex reference
type lock locker
type permits semaphore
global mu: mutex
global slots: permits
)";

class Locks : public ::testing::Test {
protected:
  void parse(const std::string &Body) {
    llvm::Expected<ir::Module> Parsed = ir::parse(Types + Body, ir::ParseRanges::FromText);
    if (!Parsed) {
      FAIL() << llvm::toString(Parsed.takeError());
    }
    M = std::move(*Parsed);
    EXPECT_THAT(ir::verify(M), IsEmpty());
  }
  void run(const std::string &Body) {
    parse(Body);
    for (flow::FunctionFacts &Facts : flow::analyse(M, {}, Stats)) {
      Kept.insert(Kept.end(), Facts.Kept.begin(), Facts.Kept.end());
      Bad.insert(Bad.end(), Facts.BadLocks.begin(), Facts.BadLocks.end());
    }
  }

  ir::Module M;
  flow::Statistics Stats;
  std::vector<flow::KeptLock> Kept;
  std::vector<flow::BadLock> Bad;
};

TEST_F(Locks, OneWayKeepsWhatAnotherGivesBack) {
  run(R"(function f(early: int) {
  lock ::mu
  if early != 0 {
    return
  }
  unlock ::mu
}
)");
  ASSERT_THAT(Kept, SizeIs(1));
  EXPECT_FALSE(Kept[0].AllWays);
  EXPECT_THAT(Bad, IsEmpty());
}

TEST_F(Locks, WhoeverLocksOnAllWaysDoesSoForTheCaller) {
  run(R"(function take(m: mutex_ref) {
  lock m.*
}
function give(m: mutex_ref) {
  unlock m.*
}
function f(early: int) {
  call take(address ::mu)
  if early != 0 {
    call give(address ::mu)
    return
  }
  call give(address ::mu)
}
)");
  EXPECT_THAT(Kept, IsEmpty());
  EXPECT_THAT(Bad, IsEmpty());
}

TEST_F(Locks, ALockerGivesBackWhatItWasArmedWith) {
  run(R"(function f(early: int) {
  var l: lock
  {
    lock ::mu
    arm l = closure op:unlock(address ::mu) initial
    cleanup {
      destroy l
    }
    if early != 0 {
      return
    }
    unlock l
    lock l
  }
  lock ::mu
  unlock ::mu
}
)");
  EXPECT_THAT(Kept, IsEmpty());
  EXPECT_THAT(Bad, IsEmpty());
}

TEST_F(Locks, PermitsAreCounted) {
  run(R"(function f(early: int) {
  acquire ::slots 2
  release ::slots
  if early != 0 {
    return
  }
  release ::slots
}
)");
  ASSERT_THAT(Kept, SizeIs(1));
  EXPECT_TRUE(Kept[0].Permit);
}

TEST_F(Locks, OnlyFunctionsThatCanBeWrongAreInterpreted) {
  parse(R"(function plain() {
  var l: lock
  lock ::mu
  arm l = closure op:unlock(address ::mu) initial
  cleanup {
    destroy l
  }
}
function calls() {
  var l: lock
  lock ::mu
  arm l = closure op:unlock(address ::mu) initial
  cleanup {
    destroy l
  }
  call plain()
}
)");
  flow::Program P(M);
  EXPECT_FALSE(P.locks().judged(*M.function("plain")));
  EXPECT_TRUE(P.locks().judged(*M.function("calls")));
}

TEST(LockMaps, OnlyWhatIsHeldTellsStatesApart) {
  flow::LockMap A, B;
  A[1].K = flow::LockState::Kind::Released;
  EXPECT_TRUE(flow::sameHeld(A, B));
  B[2].K = flow::LockState::Kind::Held;
  EXPECT_FALSE(flow::sameHeld(A, B));
  flow::agreeOnLocks(A, B);
  EXPECT_EQ(A[1].K, flow::LockState::Kind::Lost);
  EXPECT_EQ(A[2].K, flow::LockState::Kind::Lost);
}

} // namespace
