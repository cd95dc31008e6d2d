#include "checks/ir/Binary.h"

#include "Parsed.h"

#include "gmock/gmock.h"

using namespace latchkey::ir;

namespace {

// Every kind of node, value and quality at least once.
const char Everything[] = R"ir(module "/src/a.cpp" c++20
stats 3 2 1
file "/src/a.cpp" hash 00112233445566778899aabbccddeeff
file "/usr/include/std.h" system
type thread handle terminate joincode "{}.join();" ask "{}.joinable()" twin "std::jthread" 20
type latch counter singleuse
type Pool class
global done: latch @3:1+4~20

class Pool : Base userdestructor @1:1 {
  field workers: thread[] initialised
  method Pool::start
}

function Pool::start(this: Pool*, n: int) @4:6+5~40 begin @4:10 end @30:1 {
  var t: thread @5:3
  var l: latch
  init l n initial @5:3+4~50 in @5:3+12~50
  cleanup throw { destroy l }
  for n > 0 trip n index n {
    spawn t = closure work[address l](copy n) -> n when zero initial @#1:7:1+3~9!
    push this.*.workers = move t
    continue
  } step { assign n = n - 1 }
  if (joinable t && !(n * n == -3 || opaque "x<y" reads n)) {
    join t timed
  } else {
    call helper(address const l, ?) -> n nothrow virtual
    throw std::runtime_error, std::exception
  }
  foreach copy t in this.*.workers {
    detach t
    break
  }
  switch n exhaustive {
    case 1, 2 {
      goto out
    }
    default {
    }
  }
  try {
    invoke = closure at n
  } catch std::exception {
    arm t = closure op:unlock(address l)
  } catch {
  }
  label out
  suspend "co_await x"
  opaque "asm goto"
  return n + 1
}
)ir";

TEST(Binary, ReadsBackTheSame) {
  Module M = parsed(Everything);
  std::string Bytes = writeBinary(M);
  auto Again = readBinary(Bytes);
  ASSERT_TRUE(bool(Again)) << llvm::toString(Again.takeError());
  EXPECT_TRUE(*Again == M) << printed(*Again);
  EXPECT_EQ(writeBinary(*Again), Bytes);
}

TEST(Binary, IsSmallerThanTheText) {
  Module M = parsed(Everything);
  EXPECT_LT(writeBinary(M).size(), printed(M).size());
}

std::string problem(llvm::StringRef Bytes) {
  auto M = readBinary(Bytes);
  return M ? "" : llvm::toString(M.takeError());
}

TEST(Binary, RefusesWhatIsNotSound) {
  std::string Bytes = writeBinary(parsed(Everything));
  EXPECT_EQ(problem(""), "not an effect IR file");
  EXPECT_EQ(problem("LKIR"), "not an effect IR file");
  EXPECT_EQ(problem("\x7f"
                    "ELF" +
                    Bytes.substr(4)),
            "not an effect IR file");
  EXPECT_EQ(problem(llvm::StringRef(Bytes).drop_back()), "cut off, or longer than it says");
  EXPECT_EQ(problem(Bytes + "x"), "cut off, or longer than it says");
  std::string Newer = Bytes;
  ++Newer[4];
  EXPECT_THAT(problem(Newer), testing::HasSubstr("lower the file again"));
}

TEST(Binary, NoFlippedBitGoesUnseen) {
  const std::string Bytes = writeBinary(parsed(Everything));
  for (size_t Byte = 0; Byte != Bytes.size(); ++Byte) {
    std::string Flipped = Bytes;
    Flipped[Byte] = char(uint8_t(Flipped[Byte]) ^ uint8_t(1U << (Byte % 8)));
    EXPECT_NE(problem(Flipped), "") << Byte;
  }
}

} // namespace
