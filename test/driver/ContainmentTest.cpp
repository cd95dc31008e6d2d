// One file's misfortune is its own, and the outcome is the same however the work is spread.
#include "test/driver/Project.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::HasSubstr;

namespace {

void fill(Project &P) {
  P.addLeak("a.cpp", "f");
  P.addLeak("bad.cpp", "g");
  P.addLeak("c.cpp", "h");
}

TEST(Containment, Crash) {
  Project P;
  fill(P);
  for (const char *Jobs : {"-j1", "-j3"}) {
    Ran R = P.run({Jobs, "--internal-worker-fault=crash:bad.cpp"});
    EXPECT_EQ(R.Status, 2);
    EXPECT_THAT(R.Err, HasSubstr("bad.cpp: crashed its worker process (Aborted)"));
    EXPECT_THAT(R.Out, HasSubstr("a.cpp:5:"));
    EXPECT_THAT(R.Out, HasSubstr("c.cpp:5:"));
    EXPECT_THAT(R.Out, HasSubstr(" in 3 files; 1 file not wholly analysed\n"));
  }
}

TEST(Containment, Hang) {
  Project P;
  fill(P);
  Ran R = P.run({"-j2", "--timeout=2", "--internal-worker-fault=hang:bad.cpp"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("bad.cpp: not done after 2 s; raise --timeout"));
  EXPECT_THAT(R.Out, HasSubstr("2 findings"));
}

TEST(Containment, Memory) {
  Project P;
  fill(P);
  Ran R = P.run({"-j1", "--memory-limit=2048", "--internal-worker-fault=memory:bad.cpp"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("bad.cpp: needs more memory than 2048 MiB; raise --memory-limit"));
  EXPECT_THAT(R.Out, HasSubstr("2 findings"));
}

TEST(Containment, EveryFormatIsTheSameForAnyNumberOfWorkers) {
  Project P;
  P.write("shared.h", "#pragma once\n#include \"thread.h\"\ninline " + leak("inHeader"));
  for (char Name = 'a'; Name < 'k'; ++Name) {
    std::string File = std::string(1, Name) + ".cpp";
    P.write(File, "#include \"shared.h\"\n" + leak(std::string("f_") + Name) + (Name == 'e' ? "oops\n" : ""));
    P.addEntry(File);
  }
  for (std::string Format : {"--format=text", "--format=sarif", "--format=json"}) {
    Ran One = P.run({Format, "-j1", "--internal-worker-fault=crash:h.cpp"});
    EXPECT_EQ(One.Status, 2);
    for (const char *Jobs : {"-j2", "-j7"}) {
      Ran Many = P.run({Format, Jobs, "--internal-worker-fault=crash:h.cpp"});
      EXPECT_EQ(One.Out, Many.Out);
      EXPECT_EQ(One.Err, Many.Err);
    }
  }
}

} // namespace
