#include "checks/flow/SummaryDb.h"

#include "checks/flow/Link.h"
#include "checks/ir/Binary.h"
#include "checks/ir/Text.h"

#include "gmock/gmock.h"
#include <gtest/gtest.h>

using namespace latchkey;
using testing::ElementsAre;

namespace {

ir::Module unit(llvm::StringRef Text) {
  llvm::Expected<ir::Module> M = ir::parse(Text);
  EXPECT_TRUE(bool(M)) << llvm::toString(M.takeError());
  return M ? std::move(*M) : ir::Module();
}

const char Open[] = R"(module "/p/open.cpp" c++17
file "/p/open.cpp"
type latch counter
global ready: latch
function open(l: latch&) @1:1 {
  call near(address l)
  wait ::ready
}
)";

const char Near[] = R"(module "/p/near.cpp" c++17
file "/p/near.cpp"
type pad mutex
type latch counter
global ready: latch
function near(l: latch&) @1:1 {
  call far(address l)
}
function stranger() @9:1 { block "sleep" }
function wake() @12:1 {
  done ::ready
}
)";

const char Far[] = R"(module "/p/far.cpp" c++17
file "/p/far.cpp"
type latch counter
function far(l: latch&) @1:1 {
  done l.*
}
function main() @5:1 {
  call far()
}
)";

flow::SummaryDb database(const std::string &Bytes) {
  auto Db = flow::SummaryDb::open(llvm::MemoryBuffer::getMemBufferCopy(Bytes));
  EXPECT_TRUE(bool(Db)) << llvm::toString(Db.takeError());
  return std::move(*Db);
}

std::string program() {
  flow::LinkStatistics Stats;
  return flow::SummaryDb::write(flow::link({unit(Open), unit(Near), unit(Far)}, Stats));
}

std::vector<std::string> ids(const ir::Module &M) {
  EXPECT_THAT(ir::verify(M), testing::IsEmpty());
  std::vector<std::string> Ids;
  for (const ir::Function &F : M.Functions)
    Ids.push_back(F.Id);
  return Ids;
}

bool always(const ir::File &) {
  return true;
}

TEST(SummaryDb, GivesAUnitWhatItCalls) {
  ir::Module M = database(program()).complete(unit(Open), always).Linked;
  EXPECT_THAT(ids(M), ElementsAre("far", "near", "open", "wake"));
  EXPECT_EQ(M.MainFile, "/p/open.cpp");
  const ir::Function *Far = M.function("far");
  ASSERT_TRUE(Far);
  EXPECT_EQ(M.Types[M.Types[Far->Variables[0].Type].Element].K, ir::Type::Kind::Counter);
  EXPECT_EQ(M.Files[Far->Where.File].Path, "/p/far.cpp");
  EXPECT_FALSE(M.isMain(M.Files[Far->Where.File]));
}

TEST(SummaryDb, GivesAUnitWhoCallsIt) {
  std::string Changed = Near;
  Changed += "function \"/p/near.cpp!own\"() @20:1 { block \"sleep\" }\n";
  flow::SummaryDb::Completed All = database(program()).complete(unit(Changed), always);
  EXPECT_THAT(ids(All.Linked), ElementsAre("/p/near.cpp!own", "far", "near", "open", "stranger", "wake"));
  EXPECT_THAT(All.Judged, testing::UnorderedElementsAre("/p/near.cpp!own", "near", "open", "stranger", "wake"));
}

TEST(SummaryDb, TheUnitItselfIsBelieved) {
  std::string Changed = Open;
  Changed.replace(Changed.find("call near"), 9, "call far ");
  EXPECT_THAT(ids(database(program()).complete(unit(Changed), always).Linked), ElementsAre("far", "open", "wake"));
  // What calls it now may show something about it.
  Changed += "function far(l: latch&) @9:1 { block \"sleep\" }\n";
  EXPECT_THAT(ids(database(program()).complete(unit(Changed), always).Linked),
              ElementsAre("far", "near", "open", "wake"));
}

TEST(SummaryDb, FilesThatHaveChangedAreUnknown) {
  auto IsFar = [](const ir::File &F) { return F.Path != "/p/far.cpp"; };
  EXPECT_THAT(ids(database(program()).complete(unit(Open), IsFar).Linked), ElementsAre("near", "open", "wake"));
}

TEST(SummaryDb, IsTheSameForTheSameProgram) {
  EXPECT_EQ(program(), program());
}

TEST(SummaryDb, WhatIsNotOneIsRefused) {
  std::string Good = program();
  auto Message = [](const std::string &Bytes) {
    auto Db = flow::SummaryDb::open(llvm::MemoryBuffer::getMemBufferCopy(Bytes));
    return Db ? "" : llvm::toString(Db.takeError());
  };
  EXPECT_EQ(Message(Good), "");
  EXPECT_EQ(Message(""), "not a summary database");
  EXPECT_EQ(Message("LKIR and more than a few bytes of something"), "not a summary database");
  EXPECT_EQ(Message(Good.substr(0, 40)), "damaged");
  for (size_t At = 0; At < 60; ++At) {
    std::string Bad = Good;
    Bad[At] ^= 4;
    EXPECT_NE(Message(Bad), "") << At;
  }
}

TEST(SummaryDb, ADamagedPartIsUnknown) {
  std::string Good = program();
  for (size_t At = Good.size() / 3; At < Good.size(); At += 7) {
    std::string Bad = Good;
    Bad[At] ^= 4;
    auto Db = flow::SummaryDb::open(llvm::MemoryBuffer::getMemBufferCopy(Bad));
    if (!Db) {
      llvm::consumeError(Db.takeError());
      continue;
    }
    EXPECT_THAT(ids(Db->complete(unit(Open), always).Linked), testing::Contains("open"));
  }
}

} // namespace
