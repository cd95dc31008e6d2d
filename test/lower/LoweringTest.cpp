// Whole functions: the text of their IR without places in the source. What the engine relies on is in docs/ir.md.
#include "checks/ir/Text.h"
#include "checks/lower/Lower.h"

#include "clang/Frontend/ASTUnit.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/Regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::lower {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Stand-ins for a system header; the real ones are what the fixtures are for.
const char *const Std = R"(# 1 "/usr/include/std.h" 1 3
using size_t = decltype(sizeof 0);
namespace std {
struct thread {
  thread(); template <typename F, typename... A> explicit thread(F &&, A &&...); thread(thread &&);
  thread &operator=(thread &&); ~thread(); void join(); void detach(); bool joinable() const;
};
struct mutex { void lock(); void unlock(); bool try_lock(); };
template <typename M> struct lock_guard { explicit lock_guard(M &); ~lock_guard(); };
struct latch { explicit latch(long); void count_down(long = 1); void wait() const; };
template <typename T> struct remove_reference { using type = T; };
template <typename T> struct remove_reference<T &> { using type = T; };
template <typename T> typename remove_reference<T>::type &&move(T &&t) noexcept;
template <typename T> struct vector {
  using value_type = T; using iterator = T *; vector(); explicit vector(size_t); ~vector(); T *begin(); T *end();
  size_t size() const; T &operator[](size_t); template <typename... A> void emplace_back(A &&...); void push_back(T &&);
  void clear();
};
template <typename T> struct default_delete { void operator()(T *) const; };
template <typename T, typename D = default_delete<T>> struct unique_ptr {
  explicit unique_ptr(T *); unique_ptr(T *, D); ~unique_ptr(); T *operator->() const; T &operator*() const; T *release();
};
template <typename T, typename... A> unique_ptr<T> make_unique(A &&...);
struct exception { virtual ~exception(); };
struct runtime_error : exception { explicit runtime_error(const char *); };
}
# 1 "/src/input.cpp" 2
void work(int = 0); bool ok();
)";

ir::Module lowered(const std::string &Code, std::vector<std::string> Args = {"-std=c++20"},
                   const char *File = "/src/input.cpp") {
  auto Unit = clang::tooling::buildASTFromCodeWithArgs(Code, Args, File);
  Options Opts;
  Opts.Sema = &Unit->getSema();
  return lower(Unit->getASTContext(), Opts);
}

/// The function's block as printed, without positions and indentation.
std::string function(const ir::Module &M, llvm::StringRef Name) {
  std::string Text;
  llvm::raw_string_ostream Stream(Text);
  ir::print(M, Stream);
  llvm::StringRef Rest(Text);
  Rest = Rest.substr(Rest.find(("\nfunction " + Name + " ").str()) + 1);
  llvm::SmallVector<llvm::StringRef, 32> Lines;
  Rest.substr(0, Rest.find("\n}")).split(Lines, '\n');
  std::string Result;
  llvm::Regex Position(" ?(in |begin |end |spelled |default |bare |outside )?@[0-9:+~]+!?");
  for (llvm::StringRef Line : llvm::drop_begin(Lines)) {
    std::string Plain = Line.trim().str();
    while (Position.match(Plain))
      Plain = llvm::StringRef(Position.sub("", Plain)).trim().str();
    if (!llvm::StringRef(Plain).starts_with("var "))
      Result += Plain + "\n";
  }
  return Result;
}

/// The body of `f` in C++ with the stand-ins above.
std::string body(const std::string &Code, llvm::StringRef Name = "f") {
  ir::Module M = lowered(Std + Code);
  EXPECT_THAT(ir::verify(M), IsEmpty());
  return function(M, Name);
}

TEST(Lowering, aLocalEndsWithItsScope) {
  EXPECT_EQ(body("void f() { std::thread t(work); if (!ok()) return; t.join(); }"),
            "spawn t = closure \"c:@F@work#I#\" initial \"thread\"\n"
            "cleanup {\n"
            "destroy t\n"
            "}\n"
            "if {\n"
            "call \"c:@F@ok#\"() -> bool#1 \"ok\"\n"
            "} test bool#1 == 0 \"!ok()\" unbraced {\n"
            "return\n"
            "}\n"
            "join t \"join\"\n");
}

TEST(Lowering, aTemporaryEndsWithItsFullExpression) {
  EXPECT_EQ(body("void f(std::thread &t) { t = std::thread(work); }"),
            "full unbraced {\n"
            "spawn std::thread#1 = closure \"c:@F@work#I#\" initial \"thread\"\n"
            "cleanup {\n"
            "destroy std::thread#1\n"
            "}\n"
            "assign t.* = move std::thread#1\n"
            "}\n");
}

TEST(Lowering, whatIsEmplacedIsMovedIn) {
  std::string F =
      body("void f(int n) { std::vector<std::thread> v; for (int i = 0; i < n; ++i) v.emplace_back(work, i);"
           " for (auto &t : v) t.join(); }");
  EXPECT_THAT(F, HasSubstr("trip n index i"));
  EXPECT_THAT(F, HasSubstr("initial\npush v = move std::thread"));
  EXPECT_THAT(F, HasSubstr("foreach t in v unbraced {\njoin t.* \"join\"\n}"));
}

TEST(Lowering, arraysHaveAllTheirElements) {
  std::string F = body("void f() { std::thread t[4]; for (int i = 0; i < 4; ++i) t[i] = std::thread(work, i);"
                       " for (int i = 0; i < 4; ++i) t[i].join(); }");
  EXPECT_THAT(F, HasSubstr("declare t\nresize t 4\n"));
  EXPECT_THAT(F, HasSubstr("unbraced {\nwrite i")); // the index is another number in each turn
  EXPECT_THAT(F, HasSubstr(".* = move std::thread"));
  EXPECT_THAT(F, HasSubstr(".* \"join\""));
}

TEST(Lowering, guardsByShapeAreArmed) {
  const char *Guards =
      "template <typename F> struct Defer { explicit Defer(F f) : f(f) {} ~Defer() { if (on) f(); }"
      " void dismiss() { on = false; } F f; bool on = true; }; struct Plain { void (*f)(); ~Plain() { f(); } };"
      "struct Free { void operator()(int *p) const; }; void end();";
  EXPECT_EQ(body(Guards + std::string("void f() { Defer d([] { end(); }); d.dismiss(); }")),
            "arm d = closure \"c:@F@f#/lambda1/()\" initial\n"
            "cleanup {\n"
            "destroy d\n"
            "}\n"
            "dismiss d \"dismiss\"\n");
  EXPECT_THAT(body(Guards + std::string("void f() { Plain p{end}; }")), HasSubstr("arm p = closure \"c:@F@end#\""));
  EXPECT_THAT(body(Guards + std::string("void f(int *n) { std::unique_ptr<int, Free> p(n); p.release(); }")),
              ::testing::AllOf(HasSubstr("arm p = closure \"c:@S@Free@F@operator()#*I#1\""), HasSubstr("dismiss p")));
}

TEST(Lowering, lockersUnlockWhatTheyLocked) {
  EXPECT_EQ(body("std::mutex m; void f() { std::lock_guard<std::mutex> l(m); work(); }"),
            "lock ::m \"lock_guard\"\n"
            "arm l = closure op:unlock(address ::m) initial \"lock_guard\"\n"
            "cleanup {\n"
            "destroy l\n"
            "}\n"
            "call \"c:@F@work#I#\"(0) \"work\"\n");
  EXPECT_THAT(body("struct Mu { void Lock(); void Unlock(); }; struct L { explicit L(Mu *m) : m(m) { m->Lock(); }"
                   " ~L() { m->Unlock(); } Mu *m; }; Mu mu; void f() { L l(&mu); }"),
              HasSubstr("lock ::mu\narm l = closure op:unlock(address ::mu) initial"));
}

TEST(Lowering, aTemporaryOfOneBranchIsArmedThere) {
  EXPECT_THAT(body("std::mutex m; void f() { if (ok() && (std::lock_guard<std::mutex>(m), ok())) work(); }"),
              ::testing::AllOf(HasSubstr("cleanup armed bool#"), HasSubstr("lock ::m")));
}

TEST(Lowering, exceptionsHaveTheirBases) {
  std::string F = body("void f() { try { throw std::runtime_error(\"\"); } catch (const std::exception &) { throw; }"
                       " catch (...) { work(); } }");
  EXPECT_THAT(F, HasSubstr("throw std::runtime_error, std::exception\n"));
  EXPECT_THAT(F, HasSubstr("} catch std::exception {\nthrow\n} catch {\ncall"));
}

TEST(Lowering, constructorsAndDestructorsGoMemberByMember) {
  const char *Class =
      "struct C { std::latch &done; std::thread t; explicit C(std::latch &d) : done(d), t([this] { run(); })"
      " {} void run() { done.count_down(); } ~C() { t.join(); } };";
  EXPECT_EQ(body(Class, "C::C"),
            "assign this.*.done = address d.* initial\n"
            "spawn this.*.t = closure \"c:@S@C@F@C#&$@N@std@S@latch#/lambda1/()\"[copy this] initial \"thread\"\n"
            "cleanup throw {\n"
            "destroy this.*.t\n"
            "}\n");
  EXPECT_EQ(body(Class, "C::~C"), "{\njoin this.*.t \"join\"\n}\ndestroy this.*.t\n");
  EXPECT_EQ(body(Class, "C::run"), "done this.*.done.* \"done.count_down()\"\n");
}

TEST(Lowering, capturesOfEveryKind) {
  std::string F =
      body("void f(std::thread t) { int n = 1; std::latch d(n); auto g = [&d, n, u = std::move(t)]() mutable"
           " { d.count_down(n); u.join(); }; g(); }");
  EXPECT_THAT(F, HasSubstr("/lambda1/()\"[address d, copy n, move t]"));
}

TEST(Lowering, aGenericLambdaIsTheBodyItIsRunWith) {
  ir::Module M = lowered(Std + std::string("void f() { std::latch d(1); auto g = [&](auto) { d.count_down(); };"
                                           " std::thread t(g, 1); t.join(); }"));
  EXPECT_THAT(ir::verify(M), IsEmpty());
  EXPECT_TRUE(M.function("c:@F@f#/lambda1/()"));
}

TEST(Lowering, pointersToThreads) {
  std::string F =
      body("void f() { auto p = std::make_unique<std::thread>(work); p->join(); auto *q = new std::thread(work);"
           " q->join(); delete q; }");
  EXPECT_THAT(F, HasSubstr("assign p = fresh initial\nspawn p.* = closure"));
  EXPECT_THAT(F, HasSubstr("join p.* \"join\""));
  EXPECT_THAT(F, HasSubstr("join q.* \"join\"\ndestroy q.*"));
}

TEST(Lowering, gotoOutOfCleanups) {
  std::string F = body("void f() { std::thread t(work); if (ok()) goto out; work(); out: t.join(); }");
  EXPECT_THAT(F, HasSubstr("goto out\n"));
  EXPECT_THAT(F, HasSubstr("label out\njoin t"));
}

TEST(Lowering, threadsOfC) {
  ir::Module M =
      lowered("typedef unsigned long pthread_t; int pthread_create(pthread_t *, const void *, void *(*)(void *),"
              " void *); int pthread_join(pthread_t, void **); void *run(void *);"
              "void f(int n) { pthread_t t; if (pthread_create(&t, 0, run, &n)) return; pthread_join(t, 0); }",
              {"-xc", "-std=c17"}, "/src/input.c");
  EXPECT_THAT(ir::verify(M), IsEmpty());
  std::string F = function(M, "f");
  EXPECT_THAT(F, HasSubstr("spawn t = closure \"c:@F@run\"(address n) -> int#2 when zero"));
  EXPECT_THAT(F, HasSubstr("join t"));
}

TEST(Lowering, structsAreAssignedInC) {
  ir::Module M = lowered("typedef unsigned long pthread_t; int pthread_join(pthread_t, void **);"
                         "struct job { pthread_t t; };"
                         "void f(struct job *p, struct job *q) { struct job j; *p = j = *q; pthread_join(p->t, 0); }",
                         {"-xc", "-std=c17"}, "/src/input.c");
  std::string F = function(M, "f");
  EXPECT_THAT(F, Not(HasSubstr("opaque")));
  EXPECT_THAT(F, HasSubstr("assign j = copy q.*"));
  EXPECT_THAT(F, HasSubstr("assign p.* = copy j"));
}

TEST(Lowering, arraysOfPointersAreMadeFromNothing) {
  ir::Module M =
      lowered(Std + std::string("template <typename T, int N> struct Array { T Items[N]; };"
                                "struct Pool { Array<std::thread *, 8> All; std::thread Own; Pool() : All{} {} };"
                                "void f() { Pool pool; }"));
  for (const ir::Function &F : M.Functions)
    EXPECT_EQ(F.OpaqueReason, "") << F.Name;
}

TEST(Lowering, functionsWithErrorsAreLeftOut) {
  ir::Module M =
      lowered(Std + std::string("void f() { std::thread t(work); unknown(); } void g() { std::thread t(work); }"));
  EXPECT_THAT(function(M, "f"), Not(HasSubstr("spawn")));
  EXPECT_THAT(function(M, "g"), HasSubstr("spawn"));
}

TEST(Lowering, twiceIsTheSame) {
  std::string Code =
      Std + std::string("struct A { std::thread t; ~A(); }; struct B { A a; std::vector<A> more; };"
                        "void f(B &b) { for (auto &a : b.more) a.t.join(); auto g = [&] { b.a.t.join(); }; g(); }");
  std::string First, Second;
  llvm::raw_string_ostream One(First), Two(Second);
  ir::print(lowered(Code), One);
  ir::print(lowered(Code), Two);
  EXPECT_EQ(First, Second);
}

TEST(MayMatter, onlyWhatCanMatter) {
  auto Matters = [](const std::string &Code) {
    auto Unit = clang::tooling::buildASTFromCodeWithArgs(Code, {"-std=c++20"}, "/src/input.cpp");
    return mayMatter(Unit->getASTContext(), {});
  };
  EXPECT_FALSE(Matters("int add(int a, int b) { return a + b; } struct P { int x; }; P p;"));
  EXPECT_FALSE(Matters("template <typename F> void call(F f) { f(); } void g() { call([] {}); }"));
  EXPECT_TRUE(Matters("struct R { ~R() {} };"));
  EXPECT_TRUE(Matters("namespace std { struct mutex { void lock(); }; } struct S { std::mutex m; };"));
  EXPECT_TRUE(Matters("extern \"C\" int pthread_mutex_lock(void *); void f(void *m) { pthread_mutex_lock(m); }"));
}

} // namespace
} // namespace latchkey::lower
