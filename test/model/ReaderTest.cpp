#include "checks/model/Model.h"

#include <gtest/gtest.h>

using namespace latchkey;
using namespace latchkey::model;

namespace {

/// The library with the entries of Yaml alone.
Library read(llvm::StringRef Yaml) {
  Library L;
  if (llvm::Error E = L.add(Yaml, "test.yaml"))
    ADD_FAILURE() << llvm::toString(std::move(E));
  return L;
}

TEST(Reader, ReadsATypeWithEverything) {
  Library L = read(R"(
types:
  acme::Group:
    is: counter shares
    constructors:
      (): init this 0
      (_): init this arg0
    methods:
      done: done this arg0 or 2; wait this timed
      run: spawn this runs arg0(arg1...) when nonzero; rejects
)");
  const TypeModel *T = L.type("acme::Group");
  ASSERT_TRUE(T);
  EXPECT_EQ(T->Name, "acme::Group");
  EXPECT_EQ(T->Traits.K, ir::Type::Kind::Counter);
  EXPECT_TRUE(T->Traits.SharedCopies);

  const FunctionModel *One = select(T->Constructors, "", {"int"});
  ASSERT_TRUE(One);
  EXPECT_EQ(One->Actions.at(0).O, ir::Op::Init);
  EXPECT_EQ(One->Actions.at(0).Amount.K, Operand::Kind::Argument);
  EXPECT_EQ(select(T->Constructors, "", {}), &T->Constructors[0]);
  EXPECT_FALSE(select(T->Constructors, "", {"int", "int"}));

  const FunctionModel *Done = select(T->Methods, "done", {});
  ASSERT_TRUE(Done && Done->Actions.size() == 2);
  EXPECT_EQ(Done->Actions[0].Amount.Constant, 2);
  EXPECT_TRUE(Done->Actions[1].Timed);

  const FunctionModel *Run = select(T->Methods, "run", {"F", "int", "int"});
  ASSERT_TRUE(Run);
  EXPECT_EQ(Run->Actions[0].Subject.K, Operand::Kind::This);
  EXPECT_EQ(Run->Actions[0].Callable, 0u);
  EXPECT_EQ(Run->Actions[0].CallableArgs, 1u);
  EXPECT_FALSE(Run->Actions[0].LastCallableArg);
  EXPECT_TRUE(Run->Actions[0].CallableTakesThis);
  EXPECT_EQ(Run->Actions[0].When, ir::Success::WhenNonZero);
  EXPECT_TRUE(Run->MayReject);
  EXPECT_FALSE(select(T->Methods, "stop", {}));
}

TEST(Reader, ReadsFunctionsAndTheirOverloads) {
  Library L = read(R"(
functions:
  start: spawn *arg0 runs arg2(arg3) when zero; in "acme/start.h"
  acme::guard:
    (OnThrow, _): arm result runs arg1 on throw
    (_, _?): arm result runs arg0
  die: exit; noreturn; nothrow
  parse: throws acme::Error, std::exception
  lock_two: lock *arg0; lock *arg1 shared
  make: spawn *result runs arg0; returns handle
)");
  const Action &Start = L.functions("start")[0].Actions.at(0);
  EXPECT_EQ(Start.Subject.K, Operand::Kind::Pointee);
  EXPECT_EQ(Start.CallableArgs, 3u);
  EXPECT_EQ(Start.LastCallableArg, 3u);
  EXPECT_FALSE(Start.CallableTakesThis);
  EXPECT_EQ(L.functions("start")[0].DeclaredIn, "acme/start.h");

  llvm::ArrayRef<FunctionModel> Guards = L.functions("acme::guard");
  const FunctionModel *OnThrow = select(Guards, "", {"acme::OnThrow", "F"});
  ASSERT_TRUE(OnThrow);
  EXPECT_EQ(OnThrow->Actions[0].On, ir::Cleanup::Mask::Throw);
  EXPECT_EQ(select(Guards, "acme::guard", {"F", "int"}), &Guards[1]);
  EXPECT_EQ(select(Guards, "", {"F"}), &Guards[1]);
  EXPECT_FALSE(select(Guards, "", {}));

  EXPECT_TRUE(L.functions("die")[0].NoReturn && L.functions("die")[0].NoThrow);
  EXPECT_EQ(L.functions("parse")[0].Throws, (std::vector<std::string>{"acme::Error", "std::exception"}));
  EXPECT_TRUE(L.functions("lock_two")[0].Actions[1].Shared);
  EXPECT_EQ(L.functions("make")[0].Actions[0].Subject.K, Operand::Kind::ResultPointee);
  EXPECT_EQ(L.functions("make")[0].ReturnsOf, "handle");
  EXPECT_TRUE(L.functions("other").empty());
}

TEST(Reader, LikeTakesOverAndChanges) {
  Library L = read(R"(
types:
  Mutex:
    is: mutex
    methods:
      lock: lock this
      unlock: unlock this
  Recursive:
    like: Mutex
    is: mutex reentrant
    methods:
      lock: trylock this when nonzero
)");
  const TypeModel *T = L.type("Recursive");
  ASSERT_TRUE(T);
  EXPECT_EQ(T->Name, "Recursive");
  EXPECT_TRUE(T->Traits.Reentrant);
  EXPECT_EQ(T->Methods.size(), 2u);
  EXPECT_EQ(select(T->Methods, "lock", {})->Actions[0].O, ir::Op::TryLock);
  EXPECT_TRUE(select(T->Methods, "unlock", {}));
}

TEST(Reader, LaterEntriesReplaceEarlierOnes) {
  Library L = read("functions:\n  f: block\ntypes:\n  T: mutex\n");
  uint64_t Before = L.fingerprint();
  ASSERT_FALSE(bool(L.add("functions:\n  f: pure\ntypes:\n  U:\n    like: T\n", "user.yaml")));
  EXPECT_TRUE(L.functions("f")[0].Pure);
  EXPECT_TRUE(L.type("T") && L.type("U"));
  EXPECT_NE(L.fingerprint(), Before);
}

TEST(Reader, ABrokenTableAddsNothing) {
  Library L;
  llvm::consumeError(L.add("types:\n  T: mutex\n  U: nonsense\n", "user.yaml"));
  EXPECT_FALSE(L.type("T"));
  EXPECT_EQ(L.fingerprint(), Library().fingerprint());
}

TEST(Reader, EmptyTablesAreFine) {
  read("");
  read("# nothing yet\n");
}

struct Wrong {
  const char *Yaml, *Message;
};

class ReaderErrors : public ::testing::TestWithParam<Wrong> {};

TEST_P(ReaderErrors, SayWhereAndWhat) {
  Library L;
  llvm::Error E = L.add(GetParam().Yaml, "m.yaml");
  ASSERT_TRUE(bool(E)) << GetParam().Yaml;
  EXPECT_EQ(llvm::toString(std::move(E)), GetParam().Message);
}

INSTANTIATE_TEST_SUITE_P(
    Model, ReaderErrors,
    ::testing::Values(
        Wrong{"tpyes:\n  T: mutex", "m.yaml:1:1: unknown key `tpyes` in a table of models: did you mean `types`?"},
        Wrong{"types:\n  T:\n    is: mutex\n    metods:\n      f: pure",
              "m.yaml:4:5: unknown key `metods` in a type: did you mean `methods`?"},
        Wrong{"types:\n  T: hanlde", "m.yaml:2:6: `hanlde` is no kind of object: did you mean `handle`?"},
        Wrong{"types:\n  T: counter singleUse",
              "m.yaml:2:14: `singleUse` is nothing that a type can be: did you mean `singleuse`?"},
        Wrong{"types:\n  T: {}", "m.yaml:2:6: the type `T` says nothing: give `is` or `like`"},
        Wrong{"types:\n  T:\n    like: U", "m.yaml:3:11: there is no model of `U` before this one"},
        Wrong{"types:\n  T:\n    is: mutex\n    like: U\n  U: mutex",
              "m.yaml:4:11: there is no model of `U` before this one"},
        Wrong{"types:\n  U: mutex\n  T:\n    is: mutex\n    like: U",
              "m.yaml:5:11: `like` must come first: what follows changes the copy"},
        Wrong{"functions:\n  f: pure; jion arg0", "m.yaml:2:12: `jion` is no effect of a model: did you mean `join`?"},
        Wrong{"functions:\n  f: \"block; join\"",
              "m.yaml:2:14: `join` needs an object: `this`, `arg0`, `*arg0` or `result`"},
        Wrong{"functions:\n  f: init arg0", "m.yaml:2:6: `init` needs a number, as `init this arg0` or `init this 0`"},
        Wrong{"functions:\n  f: arm result",
              "m.yaml:2:6: `arm` needs what runs at the end: `runs arg0`, or `mutex arg0` for a locker"},
        Wrong{"functions:\n  f: join this runs arg0", "m.yaml:2:6: `join` runs nothing"},
        Wrong{"functions:\n  f: spawn runs x", "m.yaml:2:17: expected an argument, as `arg0`"},
        Wrong{"functions:\n  f: join this when true", "m.yaml:2:21: expected `zero` or `nonzero`"},
        Wrong{"functions:\n  f: pure pure", "m.yaml:2:11: expected `;` or the end"},
        Wrong{"functions:\n  f: returns handel", "m.yaml:2:14: `handel` is no kind of object: did you mean `handle`?"},
        Wrong{"functions:\n  f: pure\n  f: block", "m.yaml:3:3: `f` is there twice"},
        Wrong{"functions:\n  f:\n    _, _: pure", "m.yaml:3:5: expected a signature, as `(_, defer_lock_t)`"},
        Wrong{"functions:\n  f:\n    (_?, _): pure", "m.yaml:3:10: an argument that is needed follows one that is not"},
        Wrong{"functions:\n  f:\n    (..., _): pure", "m.yaml:3:11: nothing can follow `...`"},
        Wrong{"functions:\n  f: [pure]",
              "m.yaml:2:6: expected what it does, as `join this`, or overloads by signature"},
        Wrong{"functions:\n  - f", "m.yaml:2:3: expected functions by name"},
        Wrong{"types:\n  T:\n    is: mutex\n    waits-in-constructor: yes", "m.yaml:4:27: expected `true` or `false`"},
        Wrong{"types:\n  T:\n    is: handle\n    fix:\n      join: join()",
              "m.yaml:5:13: expected code with `{}` for the object, as `\"{}.join();\"`"},
        Wrong{"just text", "m.yaml:1:1: expected a table of models"},
        // Every mistake is said at once.
        Wrong{"types:\n  T: mutx\n  U: mutexx", "m.yaml:2:6: `mutx` is no kind of object: did you mean `mutex`?\n"
                                                "m.yaml:3:6: `mutexx` is no kind of object: did you mean `mutex`?"}));

TEST(Reader, YamlThatIsNoneIsAnErrorToo) {
  Library L;
  std::string Message = llvm::toString(L.add("types:\n  A: {\n  - x", "m.yaml"));
  EXPECT_TRUE(llvm::StringRef(Message).starts_with("m.yaml:3:3: ")) << Message;
}

TEST(Reader, CutOffTablesNeverCrash) {
  llvm::StringRef Yaml = "types:\n  T:\n    is: handle leak\n    fix: {join: \"{}.join();\"}\n    constructors:\n"
                         "      (_, x?): spawn this runs arg0(arg1...); returns handle\nfunctions: {f: 'join arg0'}\n";
  for (size_t Length = 0; Length != Yaml.size(); ++Length) {
    Library L;
    llvm::consumeError(L.add(Yaml.take_front(Length), "cut.yaml"));
  }
}

} // namespace
