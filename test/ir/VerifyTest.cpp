#include "Parsed.h"

#include <gmock/gmock.h>

using namespace latchkey::ir;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::vector<std::string> problems(const std::string &Body) {
  return verify(parsed("type thread handle terminate\ntype int number\n"
                       "function lambda[x: int byref]() lambda {}\n"
                       "function f(n: int) {\n  var t: thread\n" +
                       Body + "\n}\n"));
}

TEST(Verify, AcceptsWhatIsSound) {
  EXPECT_THAT(problems(R"(
    spawn t = closure lambda[address n]
    cleanup { destroy t }
    for n < 3 trip n { if n == 0 { break } else { continue } }
    { if !joinable t { goto out } }
    label out
    switch n { case 1 { break } default {} }
    return
  )"),
              IsEmpty());
}

TEST(Verify, FindsValuesThatDoNotFit) {
  EXPECT_THAT(problems("spawn t = closure lambda"), Contains(HasSubstr("with 0 captures instead of 1")));
  EXPECT_THAT(problems("assign t = closure \"\""), Contains(HasSubstr("a closure of nothing")));
  EXPECT_THAT(problems("assign t = copy _"), Contains(HasSubstr("without its place")));
}

TEST(Verify, FindsEffectsWithoutSubject) {
  EXPECT_THAT(problems("join"), Contains("f: join without subject"));
  EXPECT_THAT(problems("trylock t when zero"), Contains(HasSubstr("nothing tells")));
  EXPECT_THAT(problems("call g()\n spawn = closure g\n exit"), IsEmpty());
}

TEST(Verify, FindsJumpsThatGoNowhere) {
  EXPECT_THAT(problems("break"), Contains("f: break outside of loop and switch"));
  EXPECT_THAT(problems("switch n { case 1 { continue } }"), Contains("f: continue outside of a loop"));
  EXPECT_THAT(problems("goto out\n { label out }"), Contains(HasSubstr("goto out")));
  EXPECT_THAT(problems("while n { cleanup { break } }"), Contains(HasSubstr("break outside")));
}

TEST(Verify, FindsBadIndices) {
  EXPECT_THAT(problems("use #7"), Contains("f: the variable of a place is number 7 of 2"));
  EXPECT_THAT(problems("use ::#1"), Contains("f: the global of a place is number 1 of 0"));
  EXPECT_THAT(problems("use n @#4:1:1"), Contains("f: a range in file number 4 of 0"));
}

TEST(Verify, FindsTreesThatAreNoTrees) {
  EXPECT_THAT(problems("if n nodes { join t; join t }"), Contains("f: the body of if is not one block"));
  EXPECT_THAT(problems("while n nodes { join t; join t }"), Contains("f: the body of a loop is not one block"));
  EXPECT_THAT(problems("while n none"), IsEmpty());
  EXPECT_THAT(problems("opaque \"asm goto\""), Contains(HasSubstr("in a function that is not")));
  EXPECT_THAT(problems("body {}"), Contains("f: a Body inside a body"));
}

TEST(Verify, FindsTermsThatAreNotCanonical) {
  Module M = parsed("function f(n: int, m: int) {\n add n n + m\n}\n");
  Term &T = M.Functions[0].Body.Children[0].as<Effect>()->Amount;
  std::swap(T.Sum[0], T.Sum[1]);
  EXPECT_THAT(verify(M), Contains("f: a term is not canonical"));
}

TEST(Verify, FindsTablesOutOfOrder) {
  Module M = parsed("function f() {}\nfunction g() {}\n");
  std::swap(M.Functions[0], M.Functions[1]);
  EXPECT_THAT(verify(M), Contains(HasSubstr("the functions are not sorted by id")));
  EXPECT_THAT(verify(Module()), Contains("the first type is not Other"));
}

TEST(Verify, FindsVariablesInNoList) {
  Module M = parsed("function f(n: int) {}\n");
  M.Functions[0].Parameters.clear();
  EXPECT_THAT(verify(M), Contains("f: variable n is in no list of its kind"));
}

} // namespace
