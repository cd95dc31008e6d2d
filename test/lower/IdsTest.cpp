#include "test/lower/Snippet.h"

#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::lower {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

using ::testing::Not;

std::string operatorId(Snippet &S, unsigned Lambda) {
  return S.Identity.function(*S.lambda(Lambda).getLambdaCallOperator());
}

TEST(Ids, externalFunctionsHaveTheirUsr) {
  Snippet S("namespace n { inline namespace v1 { void f(int); } } void n::f(int) {}");
  EXPECT_EQ(S.Identity.function(S.function("n::f")), "c:@N@n@N@v1@F@f#I#");
}

TEST(Ids, overloadsAndInstancesDiffer) {
  Snippet S(
      "template <typename T> struct Box { void put(T) {} }; template <typename T> void g(T t) { Box<T>().put(t); }"
      "void h() { g(1); g(2.0); }");
  auto *G = cast<clang::FunctionTemplateDecl>(S.function("g").getPrimaryTemplate());
  std::vector<std::string> Seen;
  for (const clang::FunctionDecl *F : const_cast<clang::FunctionTemplateDecl *>(G)->specializations())
    Seen.push_back(S.Identity.function(*F));
  ASSERT_EQ(Seen.size(), 2u);
  EXPECT_NE(Seen[0], Seen[1]);
}

TEST(Ids, internalOnesHoldTheFile) {
  Snippet S("static void f() {} namespace { struct Local { void m() {} }; } void use() { f(); Local().m(); }");
  EXPECT_THAT(S.Identity.function(S.function("f")), EndsWith("@/src/input.cpp"));
  EXPECT_THAT(S.Identity.function(S.function("(anonymous)::Local::m")), EndsWith("@/src/input.cpp"));
  EXPECT_TRUE(Ids::isInternal(S.function("f")));
  EXPECT_FALSE(Ids::isInternal(S.function("use")));
}

TEST(Ids, twoLambdasInOneInstanceDiffer) {
  Snippet S(
      "template <typename T> void run(T a, T b) { auto f = [=] { return a; }; auto g = [=] { return b; }; f(); g(); }"
      "void user() { run(1, 2); }");
  // 0 and 1 are the template's own.
  EXPECT_NE(operatorId(S, 2), operatorId(S, 3));
  EXPECT_THAT(operatorId(S, 2), EndsWith("/lambda1/()"));
  EXPECT_THAT(operatorId(S, 3), EndsWith("/lambda2/()"));
}

TEST(Ids, movingCodeChangesNothing) {
  const char *Code =
      "void f() { auto a = [] { return [] { return 1; }(); }; struct S { int m() { return a1; } int a1; };"
      " a(); S().m(); static int count; ++count; }";
  Snippet Before(Code), After(std::string("\n\nint other;\n") + Code);
  EXPECT_EQ(operatorId(Before, 0), operatorId(After, 0));
  EXPECT_EQ(operatorId(Before, 1), operatorId(After, 1));
  EXPECT_EQ(operatorId(Before, 1), operatorId(Before, 0) + "/lambda1/()");
  EXPECT_EQ(Before.Identity.function(Before.function("f::S::m")), After.Identity.function(After.function("f::S::m")));
  EXPECT_EQ(Before.Identity.variable(Before.variable("f::count")), After.Identity.variable(After.variable("f::count")));
}

TEST(Ids, argumentsThatAreLambdasNameThem) {
  Snippet S("template <typename F> void call(F f) { f(); }\n"
            "void one() { call([] {}); }\n"
            "void two() { call([] {}); }");
  auto *Call = cast<clang::FunctionTemplateDecl>(S.function("call").getPrimaryTemplate());
  std::vector<std::string> Seen;
  for (const clang::FunctionDecl *F : const_cast<clang::FunctionTemplateDecl *>(Call)->specializations())
    Seen.push_back(S.Identity.function(*F));
  ASSERT_EQ(Seen.size(), 2u);
  EXPECT_NE(Seen[0], Seen[1]);
  EXPECT_THAT(Seen[0] + Seen[1], HasSubstr("F@one#/lambda1"));
  EXPECT_THAT(Seen[0], Not(HasSubstr("input.cpp@")));
}

TEST(Ids, lambdasOfGlobalsAndFields) {
  Snippet S("auto g = [] { return 1; }; struct C { int (*f)() = [] { return 2; }; }; inline auto h = [] { return 3; };"
            "int use() { return g() + C().f() + h(); }");
  EXPECT_THAT(operatorId(S, 0), HasSubstr("@g"));
  EXPECT_THAT(operatorId(S, 1), HasSubstr("@f"));
  EXPECT_THAT(operatorId(S, 2), HasSubstr("@h"));
}

TEST(Ids, destructorsBeforeTheyAreDeclared) {
  Snippet S("struct A { int x; }; struct B { ~B(); }; B::~B() {}");
  EXPECT_EQ(S.Identity.destructor(S.record("A")), "c:@S@A/~");
  EXPECT_EQ(S.Identity.function(*S.record("B").getDestructor()), "c:@S@B/~");
}

TEST(Ids, genericLambdaSpecialisationsDiffer) {
  Snippet S("void f() { auto g = [](auto x) { return x; }; g(1); g(2.0); }");
  auto *Template = S.lambda(0).getDependentLambdaCallOperator();
  std::vector<std::string> Seen;
  for (const clang::FunctionDecl *F : Template->specializations())
    Seen.push_back(S.Identity.function(*F));
  ASSERT_EQ(Seen.size(), 2u);
  EXPECT_NE(Seen[0], Seen[1]);
}

} // namespace
} // namespace latchkey::lower
