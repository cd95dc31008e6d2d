#include "checks/ir/Place.h"

#include <gtest/gtest.h>

using namespace latchkey::ir;

namespace {

Term value(uint32_t Variable) {
  return Term::atom({Atom::Kind::Value, Place::variable(Variable)});
}
Term number(int64_t N) {
  return Term::constant(N);
}

TEST(Term, IsCanonicalHoweverItWasMade) {
  Term N = value(0), M = value(1);
  EXPECT_EQ(N + M, M + N);
  EXPECT_EQ(N * M + number(2), number(2) + M * N);
  EXPECT_EQ((N + number(1)) * (N - number(1)), N * N - number(1));
  EXPECT_EQ(N - N, number(0));
  EXPECT_EQ(number(0) * N, number(0));
}

TEST(Term, KnowsConstants) {
  EXPECT_TRUE(number(0).isConstant());
  EXPECT_EQ((number(2) * number(3) - number(7)).constantValue(), -1);
  EXPECT_FALSE(value(0).isConstant());
  EXPECT_FALSE(Term::unknown().isConstant());
}

TEST(Term, UnknownSpreads) {
  EXPECT_FALSE((Term::unknown() + number(1)).Known);
  EXPECT_FALSE((number(0) * Term::unknown()).Known);
}

TEST(Term, OverflowIsUnknown) {
  EXPECT_FALSE((number(INT64_MAX) + number(1)).Known);
  EXPECT_FALSE((number(INT64_MIN) * number(-1)).Known);
  EXPECT_EQ(number(INT64_MIN) + number(INT64_MAX), number(-1));
}

TEST(Term, GivesUpWhenItGrowsTooLarge) {
  Term Product = value(0);
  for (uint32_t I = 1; I != 8; ++I)
    Product = Product * value(I);
  EXPECT_FALSE(Product.Known);
  Term Sum;
  Sum.Known = true;
  for (uint32_t I = 0; I != 100; ++I)
    Sum = Sum + value(I);
  EXPECT_FALSE(Sum.Known);
}

TEST(Term, SizeAndValueAreDifferent) {
  EXPECT_NE(Term::atom({Atom::Kind::Size, Place::variable(0)}), value(0));
}

} // namespace
