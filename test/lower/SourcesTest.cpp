#include "test/lower/Snippet.h"

#include "checks/lower/Names.h"
#include "checks/lower/Throws.h"

#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/Expr.h"
#include "clang/AST/Stmt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::lower {
namespace {

using ::testing::ElementsAre;

TEST(Sources, rangesGoToTheEndOfTheToken) {
  Snippet S("int counter;\nvoid f() {\n  counter = 12;\n}\n");
  ir::Range R = S.Places.range(S.variable("counter").getSourceRange());
  EXPECT_EQ(R.Line, 1u);
  EXPECT_EQ(R.Column, 1u);
  EXPECT_EQ(R.Length, 11u);
  EXPECT_EQ(S.Module.Files[R.File].Path, "/src/input.cpp");
  EXPECT_FALSE(S.Module.Files[R.File].System);
  const clang::Stmt &First = **S.function("f").getBody()->child_begin();
  R = S.Places.statement(First);
  EXPECT_EQ(R.Line, 3u);
  EXPECT_EQ(R.Column, 3u);
  EXPECT_EQ(R.Length, 13u);
  EXPECT_EQ(S.Places.compactText(First.getSourceRange()), "counter=12");
}

TEST(Sources, macrosStandWhereTheUserWroteThem) {
  Snippet S("#define SET(v) value = (v)\nint value, other;\nvoid f() {\n  SET(1);\n  SET(other);\n}\n");
  auto Child = S.function("f").getBody()->child_begin();
  ir::Range R = S.Places.range((*Child)->getSourceRange());
  EXPECT_TRUE(R.Macro);
  EXPECT_EQ(R.Line, 4u);
  EXPECT_EQ(R.Length, 6u);
  EXPECT_EQ(S.Places.statement(**Child).Length, 7u);
  // The argument is where it is written.
  const auto *Assign = llvm::cast<clang::BinaryOperator>(*++Child);
  R = S.Places.range(Assign->getRHS()->IgnoreParenImpCasts()->getSourceRange());
  EXPECT_EQ(R.Line, 5u);
  EXPECT_EQ(R.Column, 7u);
  EXPECT_EQ(R.Length, 5u);
}

TEST(Names, modelsSpellThem) {
  Snippet S(
      "namespace a { inline namespace lts { template <typename T> struct Box { Box() {} void put() {} struct In {};"
      " }; } namespace { int hidden; } } void use() { a::Box<int>().put(); } template struct a::Box<int>;");
  EXPECT_EQ(qualifiedName(S.function("a::Box::put")), "a::Box::put");
  EXPECT_EQ(qualifiedName(S.variable("a::(anonymous)::hidden")), "a::(anonymous)::hidden");
  EXPECT_EQ(displayName(S.function("a::Box::put")), "Box::put");
  EXPECT_EQ(displayName(S.function("a::Box::Box")), "Box::Box");
}

TEST(Throws, typesWithTheirPublicBases) {
  Snippet S("namespace std { struct exception {}; struct runtime_error : exception {}; }"
            "struct Mine : std::runtime_error, private std::exception {}; struct L : std::exception {};"
            "struct R : std::exception {}; struct Both : L, R {}; Mine mine; Both both; const char *text; int n;");
  EXPECT_THAT(thrownTypes(S.variable("mine").getType()), ElementsAre("Mine", "std::runtime_error", "std::exception"));
  EXPECT_THAT(thrownTypes(S.variable("both").getType()), ElementsAre("Both", "L", "R"));
  EXPECT_THAT(thrownTypes(S.variable("text").getType()), ElementsAre("const char *", "void *"));
  EXPECT_THAT(thrownTypes(S.variable("n").getType()), ElementsAre("int"));
  EXPECT_TRUE(catches("std::exception", thrownTypes(S.variable("mine").getType())));
  EXPECT_TRUE(catches("", {"int"}));
  EXPECT_FALSE(catches("long", {"int"}));
}

} // namespace
} // namespace latchkey::lower
