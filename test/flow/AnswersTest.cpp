#include "checks/flow/Answers.h"

#include "checks/flow/Facts.h"
#include "checks/flow/Link.h"
#include "checks/ir/Text.h"

#include <gtest/gtest.h>

using namespace latchkey;

namespace {

/// A program of one unit for each text, and what judging the function asks of it.
class Asked {
public:
  explicit Asked(llvm::ArrayRef<std::string> Texts) {
    std::vector<ir::Module> Units;
    for (llvm::StringRef Text : Texts) {
      llvm::Expected<ir::Module> Unit = ir::parse(Text);
      EXPECT_TRUE(bool(Unit)) << llvm::toString(Unit.takeError());
      if (Unit)
        Units.push_back(std::move(*Unit));
    }
    flow::LinkStatistics Stats;
    M = flow::link(std::move(Units), Stats);
    P.emplace(M);
  }

  std::vector<uint64_t> questionsOf(const char *Function) {
    flow::Questions Questions;
    P->listen(&Questions);
    flow::Statistics Stats;
    if (const ir::Function *F = P->function(Function))
      flow::analyse(*P, {F}, {}, Stats);
    P->listen(nullptr);
    std::vector<uint64_t> Sorted(Questions.begin(), Questions.end());
    llvm::sort(Sorted);
    return Sorted;
  }
  std::string answers(llvm::ArrayRef<uint64_t> Questions) {
    return flow::Answers(*P, [](const ir::File &) { return std::string(); }).to(Questions);
  }

private:
  ir::Module M;
  std::optional<flow::Program> P;
};

const std::string Types = R"(file "a.h"
type thread handle terminate
type Owner class
)";

const std::string Main = "module \"main.cpp\"\nfile \"main.cpp\"\n" + Types + R"(
class Owner {
  field t: thread
}
function run(o: Owner&) @1:1 {
  call start(address o.*)
  call finish(address o.*)
}
function main() @9:1 {
  block "sleep"
}
)";

std::string finish(llvm::StringRef Body, unsigned Line = 1) {
  return "module \"z.cpp\"\nfile \"z.cpp\"\n" + Types + "function finish(o: Owner&) @" + std::to_string(Line) +
         ":1 {\n" + Body.str() + "\n}\n";
}

std::string other(llvm::StringRef Body) {
  return "module \"b.cpp\"\nfile \"b.cpp\"\nfile \"c.h\"\ntype latch counter singleuse\nfunction other() @1:1 {\n" +
         Body.str() + "\n}\n";
}

const std::string Join = "join o.*.t", Wait = "var l: latch\ninit l 1 initial\nwait l";

TEST(Answers, AreTheSameWhereNothingThatWasAskedChanged) {
  Asked Before({Main, finish(Join)}), After({Main, finish(Join), other(Wait)});
  std::vector<uint64_t> Questions = Before.questionsOf("run");
  EXPECT_FALSE(Questions.empty());
  EXPECT_EQ(Before.answers(Questions), After.answers(Questions)) << "indices are others, and nothing else is";
}

TEST(Answers, AreOthersWhereACalleeChanged) {
  Asked Before({Main, finish(Join)});
  std::vector<uint64_t> Questions = Before.questionsOf("run");
  for (const std::string &Changed : {finish("detach o.*.t"), finish(Join, 2)})
    EXPECT_NE(Before.answers(Questions), Asked({Main, Changed}).answers(Questions));
}

TEST(Answers, AreOthersWhereWhatWasNotThereIsNow) {
  Asked Before({Main});
  std::vector<uint64_t> Questions = Before.questionsOf("run");
  EXPECT_NE(Before.answers(Questions), Asked({Main, finish(Join)}).answers(Questions));
}

TEST(Answers, KnowTheClassesOfWhatIsNamed) {
  Asked Before({Main, finish(Join)});
  std::vector<uint64_t> Questions = Before.questionsOf("run");
  std::string Changed = Main;
  Changed.replace(Changed.find("field t: thread"), 15, "field t: thread private");
  EXPECT_NE(Before.answers(Questions), Asked({Changed, finish(Join)}).answers(Questions));
}

} // namespace
