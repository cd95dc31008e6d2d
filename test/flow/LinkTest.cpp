#include "checks/flow/Link.h"

#include "checks/flow/Facts.h"
#include "checks/ir/Text.h"

#include "gmock/gmock.h"
#include <gtest/gtest.h>

using namespace latchkey;

namespace {

ir::Module unit(llvm::StringRef Text) {
  llvm::Expected<ir::Module> M = ir::parse(Text);
  EXPECT_TRUE(bool(M)) << llvm::toString(M.takeError());
  return M ? std::move(*M) : ir::Module();
}

ir::Module linked(std::vector<ir::Module> Units) {
  flow::LinkStatistics Stats;
  ir::Module M = flow::link(std::move(Units), Stats);
  EXPECT_THAT(ir::verify(M), testing::IsEmpty());
  return M;
}

std::string printed(const ir::Module &M) {
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  ir::print(M, Out);
  return Text;
}

const char Worker[] = R"(module "worker.cpp" c++17
file "worker.cpp"
file "worker.h"
type number number
type latch counter singleuse
function worker(l: latch&, ok: number) @1:1 {
  if !(ok == 0) {
    done l.*
  }
}
function shared() @#1:2:1 { block "sleep" }
)";

const char Main[] = R"(module "main.cpp" c++20
file "main.cpp"
file "other.h"
file "worker.h"
type pad mutex
type latch counter singleuse
function shared() @#2:2:1 { block "sleep" }
function main() @3:1 {
  var l: latch
  init l 1 initial
  spawn = closure worker(address l, ?)
  wait l
}
)";

TEST(Link, DoesNotDependOnTheOrderOfUnits) {
  EXPECT_EQ(printed(linked({unit(Worker), unit(Main)})), printed(linked({unit(Main), unit(Worker)})));
}

TEST(Link, IndicesOfUnitsBecomeThoseOfTheProgram) {
  ir::Module M = linked({unit(Worker), unit(Main)});
  const ir::Function *W = M.function("worker"), *Shared = M.function("shared");
  ASSERT_TRUE(W && Shared);
  EXPECT_EQ(M.Files[W->Where.File].Path, "worker.cpp");
  EXPECT_EQ(M.Files[Shared->Where.File].Path, "worker.h");
  EXPECT_EQ(M.Types[M.Types[W->Variables[0].Type].Element].Name, "latch");
}

TEST(Link, EqualFunctionsAreOneAndDifferentOnesOneForEachUnit) {
  flow::LinkStatistics Stats;
  std::string Other = Worker;
  Other.replace(Other.find("worker.cpp"), 10, "second.cpp");
  Other.replace(Other.find("worker.cpp"), 10, "second.cpp");
  Other.replace(Other.find("\"sleep\""), 7, "\"read\"");
  Other.replace(Other.find("worker(l"), 8, "caller(l");
  Other += "function caller2() { call shared() }\n";
  ir::Module M = flow::link({unit(Worker), unit(Main), unit(Other)}, Stats);
  EXPECT_EQ(Stats.Units, 3u);
  EXPECT_EQ(Stats.Functions, 7u);
  EXPECT_EQ(Stats.Merged, 1u);
  EXPECT_EQ(Stats.Conflicting, 1u);
  const ir::Function *Caller = M.function("caller2");
  ASSERT_TRUE(Caller);
  EXPECT_EQ(Caller->Body.Children.front().as<ir::Effect>()->Callee, "shared@second.cpp");
  EXPECT_TRUE(M.function("shared@second.cpp"));
  EXPECT_TRUE(M.function("shared@main.cpp")); // and the same in worker.cpp
  EXPECT_FALSE(M.function("shared"));
}

TEST(Link, StandardsAreWhatAllUnitsHaveInCommon) {
  ir::Module M = linked({unit(Worker), unit(Main), unit("module \"c.c\" c11\nfile \"c.c\"\nfile \"other.h\"\n")});
  auto At = [&](llvm::StringRef Path) {
    ir::Range R;
    R.File = uint32_t(llvm::find_if(M.Files, [&](const ir::File &F) { return F.Path == Path; }) - M.Files.begin());
    return R;
  };
  EXPECT_TRUE(M.hasCPlusPlus(At("main.cpp"), 20));
  EXPECT_TRUE(M.hasCPlusPlus(At("worker.h"), 17));
  EXPECT_FALSE(M.hasCPlusPlus(At("worker.h"), 20));
  EXPECT_FALSE(M.hasCPlusPlus(At("other.h")));
}

TEST(Link, TheProgramShowsWhatNoUnitDoes) {
  auto Missing = [](const ir::Module &M) {
    flow::Statistics Stats;
    size_t Count = 0;
    for (const flow::FunctionFacts &F : flow::analyse(M, {}, Stats))
      Count += F.Missing.size();
    return Count;
  };
  EXPECT_EQ(Missing(unit(Worker)) + Missing(unit(Main)), 0u);
  EXPECT_EQ(Missing(linked({unit(Worker), unit(Main)})), 1u);
}

const char Caller[] = R"(module "caller.cpp" c++17
file "caller.cpp"
type latch counter singleuse
function main() @1:1 {
  var l: latch
  init l 1 initial
  spawn = closure task(address l)
  wait l
}
function task(l: latch&) @9:1 {
  call "Base::finish"(address l.*, ?) virtual
}
)";

const char Implementation[] = R"(module "implementation.cpp" c++17
file "implementation.cpp"
type number number
type latch counter singleuse
function "Derived::finish"(l: latch&, ok: number) virtual overrides("Base::finish") @1:1 {
  if !(ok == 0) {
    done l.*
  }
}
)";

/// How many paths of tasks complete less than others.
size_t missing(std::vector<ir::Module> Units, bool Whole = true) {
  flow::LinkStatistics Ignored;
  ir::Module M = flow::link(std::move(Units), Ignored, Whole);
  EXPECT_THAT(ir::verify(M), testing::IsEmpty());
  flow::Statistics Stats;
  size_t Count = 0;
  for (const flow::FunctionFacts &F : flow::analyse(M, {}, Stats))
    Count += F.Missing.size();
  return Count;
}

std::string renamed(std::string Text, llvm::StringRef From, llvm::StringRef To) {
  for (size_t At = 0; (At = Text.find(From, At)) != std::string::npos; At += To.size())
    Text.replace(At, From.size(), To);
  return Text;
}

TEST(Link, AVirtualCallIsOneOfTheFunctionsThatTheProgramHas) {
  std::string Second = renamed(renamed(Implementation, "implementation.cpp", "second.cpp"), "Derived", "Other");
  std::string Base =
      renamed(renamed(Implementation, "implementation.cpp", "base.cpp"), " overrides(\"Base::finish\")", "");
  Base = renamed(Base, "Derived", "Base");
  EXPECT_EQ(missing({unit(Caller), unit(Implementation)}), 1u);
  EXPECT_EQ(missing({unit(Caller), unit(Base)}), 1u);
  EXPECT_EQ(missing({unit(Caller), unit(Implementation), unit(Second)}), 0u);
  EXPECT_EQ(missing({unit(Caller), unit(Implementation), unit(Base)}), 0u);
  EXPECT_EQ(missing({unit(Caller), unit(Implementation)}, /*Whole=*/false), 0u);
  EXPECT_EQ(missing({unit(renamed(Caller, "main()", "other()")), unit(Implementation)}), 0u) << "no program";
}

TEST(Link, DefinitionsThatDifferAreSeveralForAVirtualCall) {
  std::string Other = renamed(renamed(Implementation, "implementation.cpp", "other.cpp"), "done l.*", "block \"read\"");
  EXPECT_EQ(missing({unit(Caller), unit(Implementation), unit(Other)}), 0u);
  auto AsBase = [](std::string Text) {
    return renamed(renamed(std::move(Text), " overrides(\"Base::finish\")", ""), "Derived", "Base");
  };
  EXPECT_EQ(missing({unit(Caller), unit(AsBase(Implementation)), unit(AsBase(Other))}), 0u);
}

const std::string Table = R"(module "table.cpp" c++17
file "table.cpp"
type ending callable
type Ops class
type thread handle terminate
global ops: Ops constant
global hook: ending
class Ops {
  field end: ending
}
function join(t: thread&) @1:1 {
  join t.*
}
function leave(t: thread&) @2:1 {
  block "sleep"
}
function setHook(f: ending) @3:1 {
  assign ::hook = closure at f
}
function "initialisation of globals"() internal {
  assign ::ops.end = closure join() initial
  assign ::hook = default initial
}
)";

const std::string User = R"(module "user.cpp" c++17
file "user.cpp"
type ending callable
type Ops class
type thread handle terminate
global ops: Ops constant
global hook: ending
class Ops {
  field end: ending
}
function main() @1:1 {
  var t: thread
  call setHook(closure join())
  invoke = closure at ::ops.end args(address t)
  invoke = closure at ::hook args(address t)
}
)";

/// How many calls through pointers are left in main.
size_t unresolved(std::vector<ir::Module> Units, bool Whole = true) {
  flow::LinkStatistics Stats;
  ir::Module M = flow::link(std::move(Units), Stats, Whole);
  return llvm::StringRef(printed(M)).count("invoke");
}

TEST(Link, APointerWithOneValueIsThatFunction) {
  EXPECT_EQ(unresolved({unit(Table), unit(User)}), 0u);
  EXPECT_EQ(unresolved({unit(Table), unit(User)}, /*Whole=*/false), 1u) << "constants have no other value elsewhere";
}

TEST(Link, APointerWithSeveralValuesIsNone) {
  std::string Second =
      renamed(User, "call setHook(closure join())", "call setHook(closure join()); call setHook(closure leave())");
  EXPECT_EQ(unresolved({unit(Table), unit(Second)}), 1u);
  std::string Written = renamed(User, "call setHook(closure join())", "call setHook(closure join()); write ::hook");
  EXPECT_EQ(unresolved({unit(Table), unit(Written)}), 1u);
  std::string Given =
      renamed(User, "call setHook(closure join())", "call setHook(closure join()); call fill(address ::hook)");
  EXPECT_EQ(unresolved({unit(Table), unit(Given)}), 1u);
  std::string Unknown = renamed(User, "call setHook(closure join())", "call setHook(?)");
  EXPECT_EQ(unresolved({unit(Table), unit(Unknown)}), 1u);
}

} // namespace
