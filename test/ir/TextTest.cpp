#include "Parsed.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace latchkey::ir;

namespace {

/// Reads Text, prints it, reads that, and expects the same module and the same text.
Module roundTrip(const Module &M) {
  std::string Text = printed(M);
  Module Again = parsed(Text);
  EXPECT_EQ(printed(Again), Text);
  EXPECT_TRUE(Again == M) << Text;
  return Again;
}

/// What a function's body looks like after a round trip.
std::string body(const std::string &Statements) {
  Module M = parsed("type thread handle terminate\nglobal g: thread\n"
                    "function f(t: thread, u: thread, n: int, v: thread[], p: thread*) {\n" +
                    Statements + "\n}\n");
  std::string Text = printed(roundTrip(M));
  size_t Start = Text.find("{\n") + 2;
  return Text.substr(Start, Text.rfind('}') - Start);
}

TEST(Text, EffectsReadLikeTheDocumentation) {
  for (const char *Line : {
           "spawn t = closure \"c:@F@f#lambda\"(copy n) initial",
           "spawn t = closure worker::run[address t, move u](?, default)",
           "spawn = closure at p.*",
           "spawn t = closure work -> n when zero",
           "assign t = move u",
           "assign n = n + 1",
           "assign p = fresh initial",
           "assign p = number ?",
           "destroy t",
           "declare v",
           "push v = move t",
           "resize v n",
           "init t 2*n - 1",
           "add t size(v)",
           "add t -1",
           "done t",
           "done t ?",
           "done t n",
           "wait t timed",
           "trylock t -> n when nonzero shared",
           "await t = closure \"c:lambda\"[address n] args(address u) timed",
           "call helper(address const t, const copy u) -> n noreturn nothrow system virtual",
           "call \"\"(copy n) at p",
           "invoke = closure at p.* args(number ?)",
           "arm t = closure op:unlock(address u) initial",
           "use ::g",
           "use p.*.next.(base Node).value[i + 1][\"a[0]\"]",
           "exit \"longjmp\"",
           "notify t amount 3 callee \"x y\"",
       }) {
    std::string Expected = std::string("  ") + Line + "\n";
    // Constness, flags and such may be said in another order by hand; the printed form is fixed.
    std::string Printed = body(Line);
    Module A = parsed("type thread handle terminate\nglobal g: thread\nfunction f(t: thread, u: thread, n: int, v: "
                      "thread[], p: thread*) {\n" +
                      Printed + "}\n");
    EXPECT_EQ(std::count(Printed.begin(), Printed.end(), '\n'), 1) << Printed;
    if (!llvm::StringRef(Line).contains("const") && !llvm::StringRef(Line).contains("noreturn"))
      EXPECT_EQ(Printed, Expected);
  }
}

TEST(Text, TreesKeepTheirShape) {
  const char Tree[] = R"(  {
    join t
  }
  full {
    cleanup throw armed n idle {
      destroy t
    }
  }
  plain unbraced {
  }
  if constexpr {
    call ask() -> n
  } test n != 0 {
    break
  } else unbraced {
    continue
  }
  if (n < 3 && (joinable t || !armed u) && !(n <= 0)) nodes {
    throw
  }
  if !opaque "a && b" reads n, v {
  }
  for n < 10 trip 10 - n index n {
    goto out
  } step {
    assign n = n + 1
  }
  while endless {
  }
  while n != 0 none
  do true {
  }
  foreach copy t in v {
  }
  switch {
    call ask() -> n
  } test n exhaustive {
    case 1, -2 {
      break
    }
    case 3, default {
    }
  }
  try {
    throw std::runtime_error, std::exception
  } catch std::exception {
    return
  } catch {
    return n + 1
  }
  label out
  suspend "co_await x"
  opaque "asm goto"
  return move t
)";
  std::string Expected = Tree;
  for (size_t At; (At = Expected.find("{\n  }")) != std::string::npos;)
    Expected.replace(At, 5, "{}");
  for (size_t At; (At = Expected.find("{\n    }")) != std::string::npos;)
    Expected.replace(At, 7, "{}");
  EXPECT_EQ(body(Tree), Expected);
}

TEST(Text, KeepsWhatFixesNeed) {
  Module M =
      roundTrip(parsed("type latch counter joincode \"{}.wait();\"\n"
                       "type mutex mutex release \"{}.unlock();\" hold \"lock []({});\"\n"
                       "type guard guard\ntype C class\n"
                       "class C {\n"
                       "  field stop: bool spelled @7:3+4~70\n"
                       "  move \"  T t;\\n\" @6:1+7~60 to @9:1~90 0 0\n"
                       "}\n"
                       "function f(l: latch) lambda capturesall @1:1 begin @1:9 end @9:1 default @1:2+1~1 {\n"
                       "  var g: guard\n"
                       "  move \"  G g;\\n\" @2:1+7~10 names(l, this) to @4:1~30 1 2 tested to @5:1~40 0 1 unused "
                       "outside @8:1~80\n"
                       "  return number 1 bare @3:5+9~24\n"
                       "}\n"));
  ASSERT_EQ(M.Functions[0].Movables.size(), 1u);
  const MovableCode &Moves = M.Functions[0].Movables[0];
  EXPECT_EQ(Moves.Text, "  G g;\n");
  EXPECT_EQ(Moves.Slots.size(), 2u);
  EXPECT_TRUE(Moves.Slots[0].Tested && Moves.Unused);
  EXPECT_EQ(Moves.Outside.Line, 8u);
  EXPECT_EQ(M.Types[2].GuardCode, "lock []({});");
  EXPECT_EQ(M.Classes[0].Movables.size(), 1u);
}

TEST(Text, ShorthandsMeanTheLongForm) {
  EXPECT_EQ(body("if n { } else { }"), "  if n != 0 {} else {}\n");
  EXPECT_EQ(body("if !n && joinable t {}"), "  if (n == 0 && joinable t) {}\n");
  EXPECT_EQ(body("if n > 3 {}"), "  if n > 3 {}\n");
  EXPECT_EQ(body("join t; detach u // both"), "  join t\n  detach u\n");
  EXPECT_EQ(body("done t 1"), "  done t\n");
}

TEST(Text, NamesThatReadAsSomethingElseHaveTheirIndex) {
  Module M = parsed(R"(
function f(initial: int, copy: int) {
  var x: int
  var x: int
  var "std::lock_guard<std::mutex>" temporary
  var ""
  assign x#2 = copy#1
  assign #4 = initial#0 initial
  use #5
}
)");
  roundTrip(M);
  const Nodes &Body = M.Functions[0].Body.Children;
  EXPECT_EQ(Body[0].as<Effect>()->Subject.Index, 2u);
  EXPECT_EQ(Body[0].as<Effect>()->Input, Value::number(Term::atom({Atom::Kind::Value, Place::variable(1)})));
  EXPECT_TRUE(Body[1].as<Effect>()->Initial);
  EXPECT_EQ(Body[2].as<Effect>()->Subject.Index, 5u);
}

TEST(Text, RangesAreShortInTheMainFile) {
  Module M = parsed(R"(
module "/src/a.cpp" c++20
file "/src/a.h"
file "/src/a.cpp" hash 0123456789abcdeffedcba9876543210
function f(t) @3:6+1~40 end @9:1 {
  join t @4:3+8~55! in @4:3+9~55
  join t @#0:1:1
  join t node @5:5
  if @6:3 joinable t @6:7 @7:8 {
  } @8:1
}
)");
  roundTrip(M);
  EXPECT_EQ(M.Functions[0].Where.File, 1u);
  EXPECT_EQ(M.Functions[0].Body.Children[1].Where.File, 0u);
  EXPECT_TRUE(M.Functions[0].Body.Children[0].Where.Macro);
  EXPECT_EQ(printed(M, PrintRanges::None).find('@'), std::string::npos);
  EXPECT_NE(printed(M, PrintRanges::Lines).find("join t @4:3 in @4:3\n"), std::string::npos);
}

TEST(Text, TheFilesOfAProgramSayTheirLanguage) {
  Module M = parsed(R"(
file "/src/a.h"
file "/src/a.c" main c11
file "/src/b.cpp" main c++20 hash 0123456789abcdeffedcba9876543210
)");
  roundTrip(M);
  EXPECT_FALSE(M.Files.at(1).CPlusPlus);
  EXPECT_EQ(M.Files.at(1).Standard, 11u);
  EXPECT_TRUE(M.Files.at(2).CPlusPlus);
}

TEST(Text, AFileIsMadeUpForRangesWithoutOne) {
  Module M = parsed("function f(t) @1:2 {}\n");
  ASSERT_EQ(M.Files.size(), 1u);
  roundTrip(M);
}

TEST(Text, RangesCanComeFromTheTextItself) {
  Module M = parsed("function f(t) {\n  join t\n  if joinable t {\n    detach t\n  }\n}\n", ParseRanges::FromText);
  const Function &F = M.Functions.at(0);
  EXPECT_EQ(F.Body.Children.at(0).Where.Line, 2u);
  EXPECT_EQ(F.Body.Children.at(0).as<Effect>()->Where.Column, 3u);
  EXPECT_EQ(F.Body.Children.at(1).as<If>()->Test.Where.Line, 3u);
  EXPECT_EQ(F.Body.End.Line, 6u);
  EXPECT_TRUE(verify(M).empty());
  roundTrip(M);
}

TEST(Text, DerivedTypesAreMadeOnTheWay) {
  Module M = parsed("type thread handle\nfunction f(r: thread&, p: thread*, v: thread[]&, n: int, ok: bool) {}\n");
  const Function &F = M.Functions.at(0);
  EXPECT_TRUE(M.Types[F.Variables[0].Type].Reference);
  EXPECT_EQ(M.Types[M.Types[F.Variables[2].Type].Element].K, Type::Kind::Container);
  EXPECT_EQ(M.Types[F.Variables[4].Type].K, Type::Kind::Number);
  roundTrip(M);
}

TEST(Text, EverythingOfAModuleRoundTrips) {
  Module M;
  M.MainFile = "/src/main.c";
  M.CPlusPlus = false;
  M.Standard = 11;
  M.Stats = {5, 4, 1};
  M.Files = {{"/src/\"odd\" name.h", true, {1, UINT64_MAX}}, {"/src/main.c", false, {}}};
  Range R{1, 2, 3, 4, 5, true};
  M.Types.emplace_back();
  Type T;
  T.K = Type::Kind::Handle;
  T.Name = "a \"type\"\nwith \\";
  T.Class = "c:@S@x";
  T.Element = 2;
  T.End = Type::Ending::Join;
  T.SharedCopies = T.Owning = T.Reference = T.SingleUse = T.Barrier = T.Reentrant = T.Dismissable = T.Atomic = true;
  T.ByShape = true;
  T.JoinCode = "{}.join();";
  T.JoinableTest = "{}.joinable()";
  T.JoiningTwin = "std::jthread";
  T.JoiningSince = 20;
  M.Types.push_back(T);
  T = {};
  T.JoinCode = "x";
  M.Types.push_back(T);
  M.Types.push_back(T);
  M.Globals = {{"c:@g", "ns::g", 1, true, true, R}, {"h", "ns::g", 2, false, false, {}}};
  Class C{"c:@S@C",
          "C",
          {"c:@S@B", "A"},
          {{"f", 1, true, false, R, true, R}, {"size", 0, false, true, {}, false, {}}},
          "c:~C",
          true,
          {"m", "op:x"},
          true,
          true,
          true,
          true,
          {},
          R};
  M.Classes = {C};
  Function F;
  F.Id = "c:@F@f";
  F.Name = "operator()";
  F.Where = F.Begin = F.End = R;
  F.NoReturn = F.NoExcept = F.Lambda = F.Constructor = F.Destructor = F.Virtual = F.Coroutine = F.Internal = true;
  F.System = true;
  F.OpaqueReason = "computed goto";
  F.Class = "c:@S@C";
  F.ReturnType = 2;
  F.Variables.resize(5);
  F.Variables[0] = {Variable::Kind::Temporary, "std::thread", 1, true, false, false, Place::variable(3), R, R, R};
  F.Variables[1] = {Variable::Kind::Parameter, "this", 0, false, true, true, {}, {}, {}, {}};
  F.Variables[2].K = Variable::Kind::This;
  F.Variables[2].Name = "self";
  F.Variables[3].K = Variable::Kind::Capture;
  F.Variables[3].Name = "this";
  F.Variables[4].K = Variable::Kind::Result;
  F.Parameters = {1};
  F.This = 2;
  F.Captures = {3};
  F.Body.K = Sequence::Kind::Body;
  F.Body.Braced = false;
  F.Body.End = R;
  F.Body.Children.push_back({Opaque{"computed goto"}, R});
  M.Functions = {F};
  roundTrip(M);
}

TEST(Text, EveryEffectRoundTrips) {
  Module M = parsed("function f(a: int, b: int) {}\n");
  for (size_t O = 0; O <= size_t(Op::Block); ++O)
    for (int Full = 0; Full != 2; ++Full) {
      Effect E;
      E.O = Op(O);
      if (Full) {
        E.Subject = Place::variable(1).deref().field("odd name").element();
        E.Amount = Term::constant(INT64_MIN);
        E.Input = Value::address(Place::variable(0), true);
        E.Result = Place::variable(1);
        E.When = Success::WhenZero;
        E.Callee = "c:@x";
        E.Args = {Value::unknown()};
        E.Text = "a \"text\"";
        E.Virtual = E.NoReturn = E.NoThrow = E.System = E.Timed = E.Initial = E.Shared = true;
      }
      M.Functions[0].Body.Children.push_back({E, {}});
    }
  roundTrip(M);
}

struct Wrong {
  const char *Text, *Message;
};

class ParseErrors : public ::testing::TestWithParam<Wrong> {};

TEST_P(ParseErrors, SayWhereAndWhat) {
  llvm::Expected<Module> M = parse(GetParam().Text);
  ASSERT_FALSE(bool(M)) << GetParam().Text;
  EXPECT_EQ(llvm::toString(M.takeError()), GetParam().Message);
}

INSTANTIATE_TEST_SUITE_P(
    Text, ParseErrors,
    ::testing::Values(
        Wrong{"fuction f() {}", "1:1: expected `type`, `global`, `class`, `function`, `file` or `module`"},
        Wrong{"function f() {\n  jion t\n}", "2:3: no effect or statement is called `jion`"},
        Wrong{"function f() {\n  join t\n}", "2:8: there is no variable `t` in this function"},
        Wrong{"function f(t, t) {\n  join t\n}", "2:8: there are several variables `t`: write its index, as in `t#0`"},
        Wrong{"function f(t: thread) {}", "1:15: there is no type `thread`: declare it with `type`"},
        Wrong{"function f(t) {\n  join t", "2:9: expected `}`"},
        Wrong{"function f(t) {\n  join t u\n}", "2:10: expected the end of the line"},
        Wrong{"function f(t) {\n  use ::g\n}", "2:7: there is no global `g`"},
        Wrong{"function f(t) {\n  exit \"x\n}", "2:8: the quoted text has no end"},
        Wrong{"function f(n) {\n  if n == 0 && n == 1 || n == 2 {}\n}",
              "2:23: put parentheses around one of `&&` and `||`"},
        Wrong{"function f(n) {\n  done n 99999999999999999999\n}", "2:10: the number is too large"},
        Wrong{"function f() {}\nfunction f() {}", "2:10: the function `f` is defined twice"},
        Wrong{"type t hande", "1:8: expected what kind of type it is, as `handle`, `counter`, `pointer`, `class` or "
                              "`number`"},
        Wrong{"type t pointer of u", "1:19: there is no type `u`"},
        Wrong{"function f(a#2) {}", "1:10: a variable of `f` is missing: their indices have a hole"}));

TEST(Text, TheDocumentationsExampleIsSound) {
  auto Page = llvm::MemoryBuffer::getFile(LATCHKEY_SOURCE_DIR "/docs/ir.md");
  ASSERT_TRUE(bool(Page));
  llvm::StringRef Text = (*Page)->getBuffer().split("```ir\n").second.split("```").first;
  EXPECT_FALSE(Text.empty());
  Module M = parsed(Text);
  EXPECT_TRUE(verify(M).empty());
  roundTrip(M);
}

TEST(Text, CutOffTextNeverCrashes) {
  std::string Text = printed(parsed(R"(
type thread handle terminate
class Pool { field t: thread @1:2; method x }
function f[c: thread byref](t: thread, n: int) -> int {
  if { call g() -> n } test (n < 3 && joinable t) { goto out } else { done t 2*n }
  switch n { case 1 { return ? } }
  try { throw "A" } catch "A" { spawn t = closure f[address c.*](copy t.x[1]) "text" @3:4+5~6! }
  label out
}
)"));
  for (size_t Length = 0; Length != Text.size(); ++Length)
    llvm::consumeError(parse(llvm::StringRef(Text).take_front(Length)).takeError());
}

} // namespace
