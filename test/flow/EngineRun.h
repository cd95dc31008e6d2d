// Runs the engine on textual IR. A line that ends in `# name` can be asked for by that name.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/ir/Text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace latchkey::test {

inline constexpr char EngineTypes[] = R"(type int number
type thread handle terminate
type pthread handle leak
type threads container of thread
type items container of int
type latch counter singleuse
type group counter shares
type guard guard
type closure callable
type int_ref pointer of int reference
type latch_ref pointer of latch reference
type items_ref pointer of items reference
type thread_ref pointer of thread reference
)";

class Engine : public ::testing::Test {
protected:
  /// Interprets Body with the types above; facts of all functions are put together.
  void run(const std::string &Body) {
    std::string Marked = std::string(EngineTypes) + Body, Text;
    unsigned Line = 1;
    for (size_t At = 0; At < Marked.size(); ++Line) {
      size_t End = Marked.find('\n', At);
      std::string Row = Marked.substr(At, End - At);
      if (size_t Mark = Row.find(" # "); Mark != std::string::npos) {
        Points[Line] = Row.substr(Mark + 3);
        Row.resize(Mark);
      }
      Text += Row + "\n";
      At = End + 1;
    }
    llvm::Expected<ir::Module> Parsed = ir::parse(Text, ir::ParseRanges::FromText);
    if (!Parsed) {
      FAIL() << llvm::toString(Parsed.takeError());
    }
    M = std::move(*Parsed);
    EXPECT_THAT(ir::verify(M), ::testing::IsEmpty());
    for (flow::FunctionFacts &Facts : flow::analyse(M, {}, Stats)) {
      take(Lost, Facts.Lost);
      take(BadJoins, Facts.BadJoins);
      take(Mismatches, Facts.Mismatches);
      take(Missing, Facts.Missing);
      take(LateAdds, Facts.LateAdds);
    }
    EXPECT_THAT(Stats.NotAnalysed, ::testing::IsEmpty());
  }

  template <typename T> std::vector<std::string> at(const std::vector<T> &Facts) {
    std::vector<std::string> Names;
    for (const T &F : Facts)
      Names.push_back(Points.contains(F.Where.Line) ? Points[F.Where.Line] : "line " + std::to_string(F.Where.Line));
    return Names;
  }

  std::vector<flow::LostHandle> Lost;
  std::vector<flow::BadJoin> BadJoins;
  std::vector<flow::CountMismatch> Mismatches;
  std::vector<flow::MissingCompletion> Missing;
  std::vector<flow::LateAdd> LateAdds;
  flow::Statistics Stats;

private:
  template <typename T> static void take(std::vector<T> &All, std::vector<T> &Some) {
    All.insert(All.end(), Some.begin(), Some.end());
  }

  ir::Module M;
  std::map<unsigned, std::string> Points;
};

} // namespace latchkey::test
