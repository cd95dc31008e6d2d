#include "test/lower/Snippet.h"

#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::lower {
namespace {

using Kind = ir::Type::Kind;

/// Stand-ins; the real headers are what the fixtures are for.
const char *const Std = R"(
namespace std {
inline namespace __1 {
struct thread { thread(); template <typename F> explicit thread(F); ~thread(); void join(); bool joinable() const; };
struct mutex { void lock(); void unlock(); bool try_lock(); };
template <typename M> struct lock_guard { explicit lock_guard(M &); ~lock_guard(); };
template <typename T> struct default_delete { void operator()(T *) const; };
template <typename T, typename D = default_delete<T>> struct unique_ptr { ~unique_ptr(); T *get(); T &operator*(); };
template <typename T> struct shared_ptr { ~shared_ptr(); };
template <typename T> struct weak_ptr { ~weak_ptr(); };
template <typename T> struct optional { ~optional(); };
template <typename T> struct reference_wrapper { T *p; };
template <typename T> struct atomic { T v; };
template <typename F> struct function;
template <typename R, typename... A> struct function<R(A...)> { template <typename F> function(F); ~function(); R operator()(A...) const; };
template <typename T> struct vector {
  using value_type = T; using iterator = T *; ~vector(); T *begin(); T *end(); void push_back(T);
};
template <typename K, typename V> struct map {
  using value_type = V; using mapped_type = V; using iterator = V *; ~map(); V *begin(); V *end(); void insert(V);
};
template <typename A, typename B> struct pair { A first; B second; };
template <typename T> T &&move(T &);
struct latch { explicit latch(long); void count_down(); void wait(); };
}
}
)";

struct Types : testing::Test {
  ir::Type of(const std::string &Declarations) {
    Last = std::make_unique<Snippet>(Std + Declarations);
    return Last->type("x");
  }
  const ir::Type &element(const ir::Type &T) { return Last->Module.Types[T.Element]; }
  const ir::Class &classOf(const ir::Type &T) {
    for (const ir::Class &C : Last->Module.Classes)
      if (C.Id == T.Class)
        return C;
    ADD_FAILURE() << "no class " << T.Class;
    return Last->Module.Classes.front();
  }
  bool interesting() { return Last->Types.ofInterest(Last->variable("x").getType()); }
  bool destroyed() { return Last->Types.needsDestroy(Last->variable("x").getType()); }
  std::unique_ptr<Snippet> Last;
};

TEST_F(Types, models) {
  ir::Type T = of("std::thread x;");
  EXPECT_EQ(T.K, Kind::Handle);
  EXPECT_EQ(T.Name, "std::thread");
  EXPECT_EQ(T.End, ir::Type::Ending::Terminate);
  EXPECT_TRUE(destroyed());
  EXPECT_EQ(of("std::latch x(1);").K, Kind::Counter);
  EXPECT_EQ(of("std::mutex x;").K, Kind::Mutex);
  EXPECT_EQ(of("std::mutex m; std::lock_guard<std::mutex> x(m);").K, Kind::Locker);
  EXPECT_EQ(of("using T = std::thread; const T x;").K, Kind::Handle);
  EXPECT_EQ(of("struct Task : std::thread { using std::thread::thread; }; Task x;").K, Kind::Handle);
}

TEST_F(Types, typedefsHaveModelsOfTheirOwn) {
  EXPECT_EQ(of("typedef unsigned long pthread_t; pthread_t x;").K, Kind::Handle);
  EXPECT_EQ(of("typedef unsigned long pthread_t; unsigned long x;").K, Kind::Number);
  ir::Type T = of("typedef unsigned long pthread_t; std::vector<pthread_t> x;");
  EXPECT_EQ(T.K, Kind::Container);
  EXPECT_EQ(element(T).K, Kind::Handle);
  EXPECT_TRUE(interesting());
  T = of("typedef unsigned long pthread_t; pthread_t x[4];");
  EXPECT_EQ(element(T).K, Kind::Handle);
  EXPECT_TRUE(destroyed());
}

TEST_F(Types, numbersAndPlainThings) {
  EXPECT_EQ(of("int x;").K, Kind::Number);
  EXPECT_EQ(of("enum class E { A }; E x;").K, Kind::Number);
  EXPECT_EQ(of("bool x;").K, Kind::Number);
  EXPECT_TRUE(of("std::atomic<int> x;").Atomic);
  EXPECT_EQ(of("std::atomic<int> x;").K, Kind::Number);
  EXPECT_FALSE(interesting());
  EXPECT_EQ(of("struct P { int a, b; }; P x;").K, Kind::Other);
  EXPECT_FALSE(interesting());
  EXPECT_EQ(of("double x;").K, Kind::Other);
}

TEST_F(Types, pointersOfAllKinds) {
  ir::Type T = of("std::thread *x;");
  EXPECT_EQ(T.K, Kind::Pointer);
  EXPECT_EQ(element(T).K, Kind::Handle);
  EXPECT_TRUE(interesting());
  EXPECT_FALSE(destroyed());
  T = of("std::thread t; std::thread &x = t;");
  EXPECT_TRUE(T.Reference);
  T = of("std::unique_ptr<std::thread> x;");
  EXPECT_TRUE(T.Owning);
  EXPECT_FALSE(T.SharedCopies);
  EXPECT_EQ(element(T).K, Kind::Handle);
  EXPECT_TRUE(destroyed());
  T = of("std::shared_ptr<std::thread> x;");
  EXPECT_TRUE(T.SharedCopies && T.Owning);
  EXPECT_FALSE(of("std::weak_ptr<std::thread> x;").Owning);
  EXPECT_EQ(of("std::optional<std::lock_guard<std::mutex>> x;").K, Kind::Pointer);
  EXPECT_EQ(of("std::unique_ptr<int> x;").K, Kind::Pointer);
  EXPECT_FALSE(interesting());
}

TEST_F(Types, containersOfAllKinds) {
  EXPECT_EQ(element(of("std::vector<std::thread> x;")).K, Kind::Handle);
  EXPECT_TRUE(destroyed());
  EXPECT_EQ(element(of("std::map<int, std::thread> x;")).K, Kind::Handle);
  EXPECT_EQ(element(of("std::thread x[3];")).K, Kind::Handle);
  EXPECT_EQ(of("std::vector<int> x;").K, Kind::Container);
  EXPECT_FALSE(interesting());
  EXPECT_EQ(element(of("template <typename T> struct Ring { using value_type = T; using iterator = T *; T *begin();"
                       " T *end(); void push_back(T); }; Ring<std::thread> x;"))
                .K,
            Kind::Handle);
}

TEST_F(Types, callables) {
  EXPECT_EQ(of("auto x = [] {};").K, Kind::Callable);
  EXPECT_EQ(of("std::function<void()> x = [] {};").K, Kind::Callable);
  EXPECT_TRUE(Last->Types.isCallableHolder(Last->variable("x").getType()));
  EXPECT_EQ(of("void (*x)();").K, Kind::Callable);
  EXPECT_EQ(of("struct C { void m(); }; void (C::*x)();").K, Kind::Callable);
  of("struct F { void operator()(); }; F x;");
  EXPECT_TRUE(Last->Types.isCallable(Last->variable("x").getType()));
  EXPECT_FALSE(Last->Types.isCallableHolder(Last->variable("x").getType()));
}

TEST_F(Types, guardsByShape) {
  ir::Type T = of("template <typename F> struct Defer { explicit Defer(F f) : f_(std::move(f)) {} ~Defer() { f_(); }"
                  " F f_; }; void g(); Defer<void (*)()> x(g);");
  EXPECT_EQ(T.K, Kind::Guard);
  EXPECT_FALSE(T.Dismissable);
  T = of("struct OnExit { template <typename F> OnExit(F &&f) : f(f) {} ~OnExit() { if (!off) run(); }"
         " void cancel() { off = true; } void run() { if (f) f(); } std::function<void()> f; bool off = false; };"
         " OnExit x([] {});");
  EXPECT_EQ(T.K, Kind::Guard);
  EXPECT_TRUE(T.Dismissable);
  const Shape &S = Last->Types.shape(Last->variable("x").getType());
  EXPECT_EQ(S.Flag->getName(), "off");
  EXPECT_FALSE(S.ArmedWhen);
  auto &Cancel = llvm::cast<clang::CXXMethodDecl>(Last->function("OnExit::cancel"));
  EXPECT_TRUE(Last->Types.shapes().dismisses(Cancel));
  EXPECT_TRUE(Last->Types.shapes().fires(llvm::cast<clang::CXXMethodDecl>(Last->function("OnExit::run"))));
}

TEST_F(Types, guardsWithTheirStateInABase) {
  ir::Type T = of("struct Base { bool dismissed = false; void dismiss() { dismissed = true; } };"
                  "template <typename F> struct Impl : Base { explicit Impl(const F &f) : fn(f) {}"
                  " ~Impl() { if (!dismissed) { fn(); } } F fn; }; void g(); Impl<void (*)()> x(g);");
  EXPECT_EQ(T.K, Kind::Guard);
  EXPECT_TRUE(T.Dismissable);
  EXPECT_TRUE(Last->Types.shapes().dismisses(llvm::cast<clang::CXXMethodDecl>(Last->function("Base::dismiss")),
                                             Last->variable("x").getType()->getAsCXXRecordDecl()));
}

TEST_F(Types, lockersAndMutexesByShape) {
  const char *Own = "struct Mutex { void Lock() {} void Unlock() {} };"
                    "struct MutexLock { explicit MutexLock(Mutex *m) : m_(m) { m_->Lock(); }"
                    " ~MutexLock() { m_->Unlock(); } Mutex *const m_; }; Mutex m;";
  EXPECT_EQ(of(Own + std::string("MutexLock x(&m);")).K, Kind::Locker);
  const clang::CXXRecordDecl &Class = Last->record("MutexLock");
  for (const clang::CXXConstructorDecl *C : Class.ctors())
    if (!C->isCopyOrMoveConstructor()) {
      EXPECT_EQ(Last->Types.shapes().source(*C), 0u);
      EXPECT_TRUE(Last->Types.shapes().locks(*C));
    }
  EXPECT_EQ(of(Own + std::string("Mutex x;")).K, Kind::Mutex);
  const model::TypeModel *Model = Last->Types.model(Last->variable("x").getType());
  ASSERT_TRUE(Model);
  ASSERT_EQ(Model->Methods.size(), 2u);
  EXPECT_EQ(Model->Methods[1].Name, "Unlock");
  EXPECT_EQ(Model->Methods[1].Actions[0].O, ir::Op::Unlock);
}

TEST_F(Types, presumedGuards) {
  ir::Type T = of("class Gil { public: Gil(); ~Gil(); Gil(const Gil &) = delete; private: int s; }; Gil x;");
  EXPECT_TRUE(T.ByShape);
  // It has something to use it by.
  EXPECT_FALSE(
      of("class Conn { public: Conn(); ~Conn(); Conn(const Conn &) = delete; void send(); }; Conn x;").ByShape);
  // It can be copied, so it stands for a value.
  EXPECT_FALSE(of("class Name { public: Name(); ~Name(); Name(const Name &); }; Name x;").ByShape);
  // Its destructor is the point.
  EXPECT_FALSE(
      of("class Joiner { public: Joiner(); ~Joiner() { t.join(); } private: std::thread t; }; Joiner x;").ByShape);
}

TEST_F(Types, deletersOfTheUsersAreGuards) {
  ir::Type T = of("struct Close { void operator()(int *) const; }; std::unique_ptr<int, Close> x;");
  EXPECT_EQ(T.K, Kind::Guard);
  EXPECT_EQ(of("auto d = [](int *) {}; std::unique_ptr<int, decltype(d)> x;").K, Kind::Guard);
}

TEST_F(Types, countersByName) {
  EXPECT_EQ(of("struct WaitGroup { void Add(int); void Done(); void Wait(); }; WaitGroup x;").K, Kind::Counter);
}

TEST_F(Types, classesWithParts) {
  ir::Type T = of("struct Base { virtual ~Base(); }; struct Pool : Base { int n = 0; std::vector<std::thread> threads;"
                  " ~Pool(); void stop(); }; Pool x;");
  ASSERT_EQ(T.K, Kind::Class);
  const ir::Class &C = classOf(T);
  EXPECT_EQ(C.Name, "Pool");
  ASSERT_EQ(C.Fields.size(), 2u);
  EXPECT_TRUE(C.Fields[0].InClassInitialiser);
  EXPECT_EQ(Last->Module.Types[C.Fields[1].Type].K, Kind::Container);
  EXPECT_EQ(C.Bases.size(), 1u);
  EXPECT_TRUE(C.UserDestructor);
  EXPECT_EQ(C.Destructor, "c:@S@Pool/~");
}

TEST_F(Types, recursionEnds) {
  ir::Type T = of("struct B; struct A { A *next; std::unique_ptr<B> b; }; struct B { A *a; std::thread t; }; A x;");
  ASSERT_EQ(T.K, Kind::Class);
  EXPECT_TRUE(destroyed());
  // B reaches itself through A, whichever is asked first.
  T = of("struct A; struct B { A *a; int n; }; struct A { B *b; std::thread *t; }; B x;");
  EXPECT_EQ(T.K, Kind::Class);
  EXPECT_FALSE(destroyed());
  EXPECT_EQ(of("struct N { N *next; int n; }; N x;").K, Kind::Other);
}

TEST_F(Types, lambdasDestroyWhatTheyCaptured) {
  of("int x; void f() { std::unique_ptr<std::thread> p; auto g = [p] {}; auto h = [&p] {}; }");
  EXPECT_TRUE(Last->Types.needsDestroy(Last->variable("f::g").getType()));
  EXPECT_FALSE(Last->Types.needsDestroy(Last->variable("f::h").getType()));
}

TEST_F(Types, structsOfC) {
  Snippet S("typedef unsigned long pthread_t; struct pool { int n; pthread_t threads[4]; }; struct pool x;", {"-xc"},
            "/src/input.c");
  ir::Type T = S.Types.type(S.variable("x").getType());
  ASSERT_EQ(T.K, Kind::Class);
  EXPECT_EQ(S.Module.Classes[0].Fields.size(), 2u);
}

} // namespace
} // namespace latchkey::lower
