#include "Parsed.h"

using namespace latchkey::ir;

namespace {

constexpr char Program[] = R"(
type thread handle terminate
type threads container of thread
type Base class
type Pool class
global pool: Pool
class Base {
  field owner: thread
}
class Pool : Base {
  field thread_: thread
  field all: threads
  field other: thread&
  field next: Pool*
}
function f[shared: thread byref, self: Pool* byref, this](this = self2: Pool*, r: Pool&, p: Pool*, n: int, m: int) {
  var t: thread
  var v: threads
}
)";

class Spelling : public ::testing::Test {
protected:
  /// The spelling of a place as the textual form writes it.
  std::string place(const std::string &Text) {
    return spelled("use " + Text, [&](const Function &F, const Effect &E) { return spelling(M, F, E.Subject); });
  }
  std::string term(const std::string &Text) {
    return spelled("add _ " + Text, [&](const Function &F, const Effect &E) { return spelling(M, F, E.Amount); });
  }

private:
  template <typename F> std::string spelled(const std::string &Statement, F Spell) {
    std::string Text = Program;
    Text.insert(Text.rfind('}'), "  " + Statement + "\n");
    M = parsed(Text);
    const Function *Fn = M.function("f");
    return Fn ? Spell(*Fn, *Fn->Body.Children.at(0).as<Effect>()) : "";
  }
  Module M;
};

TEST_F(Spelling, LeavesThisOut) {
  EXPECT_EQ(place("self2.*.thread_"), "thread_");
  EXPECT_EQ(place("this.*.thread_"), "thread_");
  EXPECT_EQ(place("self2.*.all[]"), "all[…]");
  EXPECT_EQ(place("self2.*"), "*self2");
  EXPECT_EQ(place("this.*"), "*this");
}

TEST_F(Spelling, LeavesReferencesOut) {
  EXPECT_EQ(place("r.*"), "r");
  EXPECT_EQ(place("r.*.thread_"), "r.thread_");
  EXPECT_EQ(place("shared.*"), "shared");
  EXPECT_EQ(place("self2.*.other.*"), "other");
}

TEST_F(Spelling, WritesPointersAsTheUserDoes) {
  EXPECT_EQ(place("p.*"), "*p");
  EXPECT_EQ(place("p.*.thread_"), "p->thread_");
  EXPECT_EQ(place("p.*.next.*.next"), "p->next->next");
  EXPECT_EQ(place("self.*.*.thread_"), "self->thread_");
  EXPECT_EQ(place("p.*[]"), "(*p)[…]");
}

TEST_F(Spelling, LeavesBaseClassesOut) {
  EXPECT_EQ(place("self2.*.(base Base).owner"), "owner");
  EXPECT_EQ(place("p.*.(base Base).owner"), "p->owner");
}

TEST_F(Spelling, WritesElementsAndGlobals) {
  EXPECT_EQ(place("v[]"), "v[…]");
  EXPECT_EQ(place("v[i + 1]"), "v[i + 1]");
  EXPECT_EQ(place("::pool.thread_"), "pool.thread_");
  EXPECT_EQ(place("t"), "t");
}

TEST_F(Spelling, WritesTermsInTheOrderPeopleDo) {
  EXPECT_EQ(term("1 + n"), "n + 1");
  EXPECT_EQ(term("0 - m + n"), "n - m");
  EXPECT_EQ(term("2*n*m - 3"), "2 * n * m - 3");
  EXPECT_EQ(term("size(v) - 1"), "v.size() - 1");
  EXPECT_EQ(term("size(p.*.all)"), "p->all.size()");
  EXPECT_EQ(term("-n"), "-n");
  EXPECT_EQ(term("0"), "0");
  EXPECT_EQ(term("?"), "an unknown number");
}

TEST(TypeOf, FollowsFieldsElementsAndBases) {
  Module M = parsed(std::string(Program) +
                    "function g(q: Pool*) {\n use q.*.(base Base).owner\n use q.*.all[]\n use q.x\n}\n");
  const Function *G = M.function("g");
  ASSERT_TRUE(G);
  auto Type = [&](size_t I) { return M.typeOf(*G, G->Body.Children.at(I).as<Effect>()->Subject); };
  EXPECT_EQ(Type(0).Name, "thread");
  EXPECT_EQ(Type(1).Name, "thread");
  EXPECT_EQ(Type(2).K, Type::Kind::Other);
}

} // namespace
