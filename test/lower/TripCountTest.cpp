#include "test/lower/Snippet.h"

#include "checks/lower/TripCount.h"

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"

#include <gtest/gtest.h>

namespace latchkey::lower {
namespace {

const char *const Prelude = R"(
namespace std {
template <typename T> struct vector {
  using value_type = T; using iterator = T *;
  struct wrapped { T &operator*(); T *operator->(); wrapped &operator++(); bool operator!=(const wrapped &) const; };
  T *begin(); T *end(); wrapped wbegin(); unsigned long size() const; T &operator[](unsigned long); T &at(unsigned long);
  vector(); explicit vector(unsigned long); void resize(unsigned long);
  void push_back(T); void clear();
};
}
struct Thread { void join(); };
void use(int); bool test();
)";

/// The loop's trip as text: constants by value, other ends by their source.
std::string trip(Snippet &S, const std::optional<CanonicalLoop> &Loop) {
  if (!Loop)
    return "none";
  auto Text = [&](const clang::Expr *E) { return S.Places.compactText(E->getSourceRange()); };
  if (Loop->K == CanonicalLoop::Kind::Elements)
    return "each " + Text(Loop->Container) +
           (Loop->IndexUsed    ? " by index and more"
            : Loop->Subscripts ? " by index"
            : Loop->ByValue    ? " by value"
                               : "");
  ir::Term Start, Bound;
  auto Term = [&](const clang::Expr *E, unsigned Place) {
    if (!E)
      return Place == 1 ? ir::Term::constant(0) : ir::Term::atom({ir::Atom::Kind::Value, ir::Place::variable(0)});
    clang::Expr::EvalResult Value;
    if (E->EvaluateAsInt(Value, S.context()))
      return ir::Term::constant(Value.Val.getInt().getExtValue());
    return ir::Term::atom({ir::Atom::Kind::Value, ir::Place::variable(Place)});
  };
  Start = Term(Loop->Start, 2);
  Bound = Term(Loop->Bound, 1);
  ir::Term Trip = tripCount(*Loop, Start, Bound);
  std::string Result;
  if (!Trip.Known)
    Result = "unknown";
  for (const ir::Monomial &Part : Trip.Sum) {
    Result += (Result.empty() ? "" : " ") + std::to_string(Part.Coefficient);
    for (const ir::Atom &Factor : Part.Factors)
      Result += Factor.P.Index == 1   ? "*" + Text(Loop->Bound)
                : Factor.P.Index == 2 ? "*" + Text(Loop->Start)
                                      : "*" + Loop->Index->getName().str();
  }
  return (Result.empty() ? "0" : Result) + (Loop->Container ? " of " + Text(Loop->Container) : "");
}

std::string trip(const std::string &Code, unsigned N = 0) {
  Snippet S(Prelude + ("void f(int n, int *a, std::vector<Thread> v, Thread (&t)[4]) { " + Code + " }"));
  return trip(S, canonicalLoop(S.loop(N), S.context()));
}

TEST(TripCount, countsUpAndDown) {
  EXPECT_EQ(trip("for (int i = 0; i < 4; ++i) use(i);"), "4");
  EXPECT_EQ(trip("for (int i = 0; i <= 4; i++) use(i);"), "5");
  EXPECT_EQ(trip("for (int i = 1; i != 4; i += 1) use(i);"), "3");
  EXPECT_EQ(trip("for (int i = 4; i > 0; --i) use(i);"), "4");
  EXPECT_EQ(trip("for (int i = 4; i >= 0; i--) use(i);"), "5");
  EXPECT_EQ(trip("for (int i = 4; i; --i) use(i);"), "4");
  EXPECT_EQ(trip("for (int i = 0; 10 > i; i = i + 3) use(i);"), "4");
  EXPECT_EQ(trip("for (int i = 5; i < 2; ++i) use(i);"), "0");
  EXPECT_EQ(trip("int i; for (i = 0; i < n; ++i) use(i);"), "1*n");
  EXPECT_EQ(trip("for (int i = 0, e = n; i < e; ++i) use(i);"), "1*e");
  EXPECT_EQ(trip("for (int i = n; i-- > 0;) use(i);"), "1*n");
  EXPECT_EQ(trip("for (; n > 0; --n) use(n);"), "1*n");
  EXPECT_EQ(trip("for (int i = 0; i < n; i += 2) use(i);"), "unknown");
}

TEST(TripCount, whileLoops) {
  EXPECT_EQ(trip("while (n--) use(1);"), "1*n");
  EXPECT_EQ(trip("while (n-- > 0) use(1);"), "1*n");
  EXPECT_EQ(trip("int i = 0; while (i < 3) { use(1); ++i; }"), "3 -1*i");
  EXPECT_EQ(trip("int i = 0; while (i < 3) { if (test()) continue; ++i; }"), "none");
  EXPECT_EQ(trip("while (test()) use(1);"), "none");
}

TEST(TripCount, notCanonical) {
  EXPECT_EQ(trip("for (int i = 0; i < n; ++i) { --n; }"), "none");
  EXPECT_EQ(trip("for (int i = 0; i < n; ++i) { i += n; }"), "none");
  EXPECT_EQ(trip("for (int i = 0; i < n && test(); ++i) use(i);"), "none");
  EXPECT_EQ(trip("for (int i = 0; i < n; --i) use(i);"), "none");
  EXPECT_EQ(trip("for (;;) use(1);"), "none");
}

TEST(TripCount, elementsOfOneContainer) {
  EXPECT_EQ(trip("for (auto &x : v) x.join();"), "each v");
  EXPECT_EQ(trip("for (auto x : v) x.join();"), "each v by value");
  EXPECT_EQ(trip("for (unsigned long i = 0; i < v.size(); ++i) v[i].join();"), "each v by index");
  EXPECT_EQ(trip("for (unsigned long i = 0; i < v.size(); ++i) v.at(i).join();"), "each v by index");
  EXPECT_EQ(trip("for (unsigned long i = 0, e = v.size(); i != e; ++i) v[i].join();"), "each v by index");
  EXPECT_EQ(trip("for (int i = v.size() - 1; i >= 0; --i) v[i].join();"), "each v by index");
  EXPECT_EQ(trip("for (auto i = v.begin(); i != v.end(); ++i) i->join();"), "each v");
  EXPECT_EQ(trip("for (auto i = v.begin(), e = v.end(); i != e; ++i) (*i).join();"), "each v");
  EXPECT_EQ(trip("for (int i = 0; i < 4; ++i) t[i].join();"), "each t by index");
  EXPECT_EQ(trip("for (int i = 0; i < 3; ++i) t[i].join();"), "3");
  // The index is used for something else too.
  EXPECT_EQ(trip("for (unsigned long i = 0; i < v.size(); ++i) { v[i].join(); use(i); }"), "each v by index and more");
  EXPECT_EQ(trip("for (unsigned long i = 1; i < v.size(); ++i) v[i].join();"), "-1 1*v.size()");
  EXPECT_EQ(trip("for (unsigned long i = 0; i < v.size(); ++i) use(1);"), "1*v.size() of v");
  // The container changes.
  EXPECT_EQ(trip("for (auto &x : v) { x.join(); v.push_back(x); }"), "none");
  EXPECT_EQ(trip("for (unsigned long i = 0; i < v.size(); ++i) v.push_back(v[i]);"), "none");
  EXPECT_EQ(trip("for (unsigned long i = 0; i < v.size(); ++i) [&] { v[i].join(); }();"), "1*v.size() of v");
}

TEST(TripCount, containersOfAKnownSize) {
  EXPECT_EQ(trip("std::vector<Thread> w(n); for (int i = 0; i < n; ++i) w[i].join();"), "each w by index");
  EXPECT_EQ(trip("std::vector<Thread> w; w.resize(8); for (int i = 0; i < 8; ++i) w[i].join();"), "each w by index");
  EXPECT_EQ(trip("std::vector<Thread> w(v.size()); for (int i = 0; i < v.size(); ++i) { v[i]; w[i].join(); }"),
            "each v by index and more");
  EXPECT_EQ(trip("std::vector<Thread> w; for (int i = 0; i < n; ++i) w.push_back({}); for (int i = 0; i < n; ++i)"
                 " w[i].join();",
                 1),
            "each w by index");
  EXPECT_EQ(trip("std::vector<Thread> w; for (int i = 0; i < n; ++i) { if (test()) break; w.push_back({}); }"
                 " for (int i = 0; i < n; ++i) w[i].join();",
                 1),
            "1*n");
  EXPECT_EQ(trip("std::vector<Thread> w(n); for (int i = 0; i < 4; ++i) w[i].join();"), "4");
  EXPECT_EQ(trip("std::vector<Thread> w(n); w.push_back({}); for (int i = 0; i < n; ++i) w[i].join();"), "1*n");
  EXPECT_EQ(trip("std::vector<Thread> w(n); ++n; for (int i = 0; i < n; ++i) w[i].join();"), "1*n");
}

TEST(TripCount, stepsDivide) {
  CanonicalLoop Loop;
  Loop.Step = 2;
  ir::Term N = ir::Term::atom({ir::Atom::Kind::Value, ir::Place::variable(0)});
  EXPECT_EQ(tripCount(Loop, ir::Term::constant(0), N + N), N);
  EXPECT_FALSE(tripCount(Loop, ir::Term::constant(0), N).Known);
  Loop.Inclusive = true;
  EXPECT_EQ(tripCount(Loop, ir::Term::constant(0), N + N), N + ir::Term::constant(1));
}

} // namespace
} // namespace latchkey::lower
