// SARIF 2.1.0: what its schema requires of the properties that we write, and what services make use of.
#include "test/driver/Project.h"

#include <gmock/gmock.h>

#include <set>

using namespace latchkey::test;
using llvm::StringRef;
namespace json = llvm::json;

namespace {

/// Follows keys and indices ("runs.0.results"); null if there is nothing.
const json::Value *at(const json::Value &From, StringRef Path) {
  const json::Value *Here = &From;
  llvm::SmallVector<StringRef> Steps;
  Path.split(Steps, '.');
  for (StringRef Step : Steps) {
    size_t Index;
    if (const json::Object *O = Here->getAsObject())
      Here = O->get(Step);
    else if (const json::Array *A = Here->getAsArray(); A && !Step.getAsInteger(10, Index) && Index < A->size())
      Here = &(*A)[Index];
    else
      Here = nullptr;
    if (!Here)
      return nullptr;
  }
  return Here;
}

StringRef textAt(const json::Value &From, StringRef Path) {
  const json::Value *V = at(From, Path);
  return V ? V->getAsString().value_or("") : "";
}

int64_t numberAt(const json::Value &From, StringRef Path) {
  const json::Value *V = at(From, Path);
  return V ? V->getAsInteger().value_or(-1) : -1;
}

json::Value sarif(const Project &P, std::vector<std::string> More = {}) {
  More.push_back("--format=sarif");
  Ran R = P.run(More);
  auto Parsed = json::parse(R.Out);
  EXPECT_TRUE(bool(Parsed)) << R.Err;
  return Parsed ? std::move(*Parsed) : json::Value(nullptr);
}

/// The schema's rules for the objects in our logs: required properties, their types, and no others
/// ("additionalProperties": false everywhere but in property bags).
class Schema {
public:
  void log(const json::Value &V) {
    object(V, "log", {"version", "runs"}, {"$schema"});
    EXPECT_EQ(textAt(V, "version"), "2.1.0");
    each(V, "runs", [&](const json::Value &Run) { run(Run); });
  }

private:
  using Names = std::set<std::string>;

  void object(const json::Value &V, StringRef What, Names Required, Names Optional) {
    const json::Object *O = V.getAsObject();
    ASSERT_TRUE(O) << What.str();
    for (const std::string &Name : Required)
      EXPECT_TRUE(O->get(Name)) << What.str() << " lacks " << Name;
    for (const auto &[Key, Value] : *O)
      EXPECT_TRUE(Required.count(StringRef(Key).str()) || Optional.count(StringRef(Key).str()))
          << What.str() << " may not have " << StringRef(Key).str();
  }

  template <typename Function> void each(const json::Value &V, StringRef Name, Function Check) {
    const json::Value *Items = at(V, Name);
    if (!Items)
      return;
    ASSERT_TRUE(Items->getAsArray()) << Name.str();
    for (const json::Value &Item : *Items->getAsArray())
      Check(Item);
  }

  template <typename Function> void maybe(const json::Value &V, StringRef Name, Function Check) {
    if (const json::Value *Item = at(V, Name))
      Check(*Item);
  }

  void run(const json::Value &V) {
    object(V, "run", {"tool"}, {"invocations", "originalUriBaseIds", "columnKind", "results"});
    EXPECT_THAT(textAt(V, "columnKind"), testing::AnyOf("utf16CodeUnits", "unicodeCodePoints"));
    object(*at(V, "tool"), "tool", {"driver"}, {});
    const json::Value &Driver = *at(V, "tool.driver");
    object(Driver, "toolComponent", {"name"}, {"version", "semanticVersion", "rules"});
    each(Driver, "rules", [&](const json::Value &Rule) { rule(Rule); });
    each(V, "invocations", [&](const json::Value &I) { invocation(I); });
    each(V, "results", [&](const json::Value &R) { result(R); });
  }

  void rule(const json::Value &V) {
    object(V, "reportingDescriptor", {"id"},
           {"name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration", "properties"});
    for (const char *Text : {"shortDescription", "fullDescription", "help"})
      object(*at(V, Text), Text, {"text"}, {"markdown"});
    level(textAt(V, "defaultConfiguration.level"));
  }

  void level(StringRef Level) { EXPECT_THAT(Level, testing::AnyOf("none", "note", "warning", "error")); }

  void invocation(const json::Value &V) {
    object(V, "invocation", {"executionSuccessful"},
           {"exitCode", "workingDirectory", "toolExecutionNotifications", "toolConfigurationNotifications"});
    for (const char *Kind : {"toolExecutionNotifications", "toolConfigurationNotifications"})
      each(V, Kind, [&](const json::Value &N) {
        object(N, "notification", {"message"}, {"level", "locations"});
        level(textAt(N, "level"));
        each(N, "locations", [&](const json::Value &L) { location(L); });
      });
  }

  void location(const json::Value &V) {
    object(V, "location", {}, {"id", "physicalLocation", "message"});
    maybe(V, "physicalLocation", [&](const json::Value &P) {
      object(P, "physicalLocation", {"artifactLocation"}, {"region"});
      artifact(*at(P, "artifactLocation"));
      maybe(P, "region", [&](const json::Value &R) { region(R); });
    });
    maybe(V, "message", [&](const json::Value &M) { object(M, "message", {"text"}, {}); });
  }

  void artifact(const json::Value &V) {
    object(V, "artifactLocation", {"uri"}, {"uriBaseId"});
    EXPECT_FALSE(textAt(V, "uri").contains(' '));
  }

  void region(const json::Value &V) {
    object(V, "region", {"startLine"}, {"startColumn", "endLine", "endColumn", "byteOffset", "byteLength"});
    for (const char *Positive : {"startLine", "startColumn", "endLine", "endColumn"})
      EXPECT_GE(numberAt(V, Positive), 1) << Positive;
    EXPECT_GE(numberAt(V, "byteOffset"), 0);
    EXPECT_GE(numberAt(V, "byteLength"), 0);
  }

  void result(const json::Value &V) {
    object(V, "result", {"message"},
           {"ruleId", "ruleIndex", "level", "locations", "relatedLocations", "codeFlows", "fixes",
            "partialFingerprints", "baselineState", "suppressions", "properties"});
    if (at(V, "baselineState"))
      EXPECT_THAT(textAt(V, "baselineState"), testing::AnyOf("new", "unchanged", "updated", "absent"));
    each(V, "suppressions", [&](const json::Value &S) {
      object(S, "suppression", {"kind"}, {"justification"});
      EXPECT_THAT(textAt(S, "kind"), testing::AnyOf("inSource", "external"));
    });
    level(textAt(V, "level"));
    each(V, "locations", [&](const json::Value &L) { location(L); });
    each(V, "relatedLocations", [&](const json::Value &L) { location(L); });
    each(V, "codeFlows", [&](const json::Value &F) {
      object(F, "codeFlow", {"threadFlows"}, {});
      each(F, "threadFlows", [&](const json::Value &T) {
        object(T, "threadFlow", {"locations"}, {});
        each(T, "locations", [&](const json::Value &L) { step(L); });
      });
    });
    each(V, "fixes", [&](const json::Value &F) { fix(F); });
  }

  void step(const json::Value &V) {
    object(V, "threadFlowLocation", {}, {"location", "executionOrder", "nestingLevel", "importance", "properties"});
    EXPECT_THAT(textAt(V, "importance"), testing::AnyOf("important", "essential", "unimportant"));
    location(*at(V, "location"));
  }

  void fix(const json::Value &V) {
    object(V, "fix", {"artifactChanges"}, {"description", "properties"});
    each(V, "artifactChanges", [&](const json::Value &C) {
      object(C, "artifactChange", {"artifactLocation", "replacements"}, {});
      each(C, "replacements", [&](const json::Value &R) {
        object(R, "replacement", {"deletedRegion"}, {"insertedContent"});
        region(*at(R, "deletedRegion"));
      });
    });
  }
};

TEST(Sarif, FollowsTheSchema) {
  Project P;
  P.addLeak("with space/a.cpp", "f");
  P.write("b.cpp", "#include \"thread.h\"\n" + leak("g") + "oops\n");
  P.addEntry("b.cpp", {"-fconcepts-ts"});
  P.write(".clang-tidy", "CheckOptions: { latchkey-leaked-thread.Nonsense: 1 }\n");
  json::Value Log = sarif(P);
  Schema().log(Log);
  EXPECT_EQ(at(Log, "runs.0.results")->getAsArray()->size(), 2u);
}

TEST(Sarif, BucketsAndSuppressionsFollowTheSchema) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addLeak("b.cpp", "g");
  P.run({"--baseline=known.json", "--write-baseline"});
  P.write("b.cpp", "#include \"thread.h\"\nint x; // NO"
                   "LINT(latchkey-late-add)\n// NO"
                   "LINTBEGIN: why\n" +
                       leak("h") +
                       "// NO"
                       "LINTEND\n");
  json::Value Log = sarif(P, {"--baseline=known.json", "--stale-nolint"});
  Schema().log(Log);
  std::vector<std::string> States;
  for (const json::Value &R : *at(Log, "runs.0.results")->getAsArray()) {
    States.push_back(textAt(R, "baselineState").str());
    const json::Value *Of = at(Log, ("runs.0.tool.driver.rules." + llvm::Twine(numberAt(R, "ruleIndex"))).str());
    ASSERT_TRUE(Of);
    EXPECT_EQ(textAt(*Of, "id"), textAt(R, "ruleId"));
  }
  EXPECT_THAT(States, testing::ElementsAre("new", "unchanged", "new", "absent")); // stale, a, silenced, g
  EXPECT_EQ(textAt(Log, "runs.0.results.2.suppressions.0.justification"), "why");
}

TEST(Sarif, EmptyRunFollowsTheSchema) {
  Project P;
  P.write("a.cpp", "int x;\n");
  P.addEntry("a.cpp");
  json::Value Log = sarif(P);
  Schema().log(Log);
  EXPECT_EQ(at(Log, "runs.0.results")->getAsArray()->size(), 0u);
  EXPECT_EQ(at(Log, "runs.0.invocations.0.executionSuccessful")->getAsBoolean(), true);
}

TEST(Sarif, ResultOfALeak) {
  Project P;
  P.addLeak("a.cpp", "f");
  json::Value Log = sarif(P);
  const json::Value *R = at(Log, "runs.0.results.0");
  ASSERT_TRUE(R);
  EXPECT_EQ(textAt(*R, "ruleId"), "latchkey-leaked-thread");
  EXPECT_EQ(textAt(*R, "locations.0.physicalLocation.artifactLocation.uri"), "a.cpp");
  EXPECT_EQ(numberAt(*R, "locations.0.physicalLocation.region.startLine"), 5);
  EXPECT_EQ(numberAt(*R, "codeFlows.0.threadFlows.0.locations.0.location.physicalLocation.region.startLine"), 3);
  EXPECT_EQ(numberAt(*R, "relatedLocations.0.id"), 1);
  EXPECT_EQ(textAt(*R, "properties.subject"), "t");
  const json::Array &Rules = *at(Log, "runs.0.tool.driver.rules")->getAsArray();
  EXPECT_EQ(textAt(Rules[numberAt(*R, "ruleIndex")], "id"), "latchkey-leaked-thread");
  EXPECT_EQ(numberAt(Log, "runs.0.invocations.0.exitCode"), 1);
}

TEST(Sarif, FilesThatFailAreNotifications) {
  Project P;
  P.addLeak("a.cpp", "f");
  P.addEntry("gone.cpp");
  json::Value Log = sarif(P);
  const json::Value *Invocation = at(Log, "runs.0.invocations.0");
  EXPECT_EQ(at(*Invocation, "executionSuccessful")->getAsBoolean(), false);
  EXPECT_EQ(textAt(*Invocation, "toolExecutionNotifications.0.locations.0.physicalLocation.artifactLocation.uri"),
            "gone.cpp");
}

TEST(Sarif, FingerprintsSurviveMovedLines) {
  auto Prints = [](const Project &P) {
    json::Value Log = sarif(P);
    std::vector<std::string> All;
    for (const json::Value &R : *at(Log, "runs.0.results")->getAsArray())
      for (const auto &[Key, Value] : *R.getAsObject()->getObject("partialFingerprints"))
        All.push_back(Value.getAsString()->str());
    return All;
  };
  Project P;
  P.write("a.cpp", "#include \"thread.h\"\n" + leak("f") + leak("g"));
  P.addEntry("a.cpp");
  std::vector<std::string> Before = Prints(P);
  P.write("a.cpp", "#include \"thread.h\"\n\nint added;\n" + leak("f") + "\n// more\n" + leak("g"));
  EXPECT_EQ(Before, Prints(P));
  ASSERT_EQ(Before.size(), 2u);
  EXPECT_NE(Before[0], Before[1]);
}

TEST(Sarif, OutputFile) {
  Project P;
  P.addLeak("a.cpp", "f");
  Ran Direct = P.run({"--format=sarif"});
  Ran ToFile = P.run({"--format=sarif", "--output=report.sarif"});
  EXPECT_EQ(ToFile.Status, 1);
  EXPECT_EQ(ToFile.Out, "");
  EXPECT_EQ(P.read("report.sarif"), Direct.Out);
  EXPECT_EQ(P.run({"--format=sarif", "-o", "other.sarif"}).Out, "");
  EXPECT_EQ(P.read("other.sarif"), Direct.Out);
}

} // namespace
