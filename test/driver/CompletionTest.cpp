// Shell completions and the man page, which are made from the table of options, in the real shells.
#include "test/driver/Project.h"

#include "llvm/Support/Program.h"

#include <gmock/gmock.h>

using namespace latchkey::test;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

/// Runs a program of the system in the project with our binary in its path; empty without it.
std::string runIn(const Project &P, const std::string &Program, std::vector<std::string> Arguments) {
  auto Path = llvm::sys::findProgramByName(Program);
  if (!Path)
    return {};
  const std::string Out = P.path("system.txt");
  std::vector<std::string> Words{"env", "-C", P.path(""), "PATH=" LATCHKEY_BINARY_DIR "/tool:/usr/bin:/bin", *Path};
  Words.insert(Words.end(), Arguments.begin(), Arguments.end());
  std::vector<llvm::StringRef> Views(Words.begin(), Words.end());
  std::optional<llvm::StringRef> Redirects[] = {llvm::StringRef(), llvm::StringRef(Out), llvm::StringRef(Out)};
  int Status = llvm::sys::ExecuteAndWait("/usr/bin/env", Views, std::nullopt, Redirects, 120);
  return P.read("system.txt") + "status " + std::to_string(Status) + "\n";
}

TEST(Completion, NeedsAShell) {
  Project P;
  Ran R = P.run({"completion", "tcsh"});
  EXPECT_EQ(R.Status, 2);
  EXPECT_THAT(R.Err, HasSubstr("name one shell: bash, zsh or fish"));
}

TEST(Completion, Bash) {
  Project P;
  P.write("latchkey.bash", P.run({"completion", "bash"}).Out);
  P.write("try.bash", "source ./latchkey.bash\ncompopt() { :; }\n"
                      "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _latchkey; echo \"${COMPREPLY[*]}\"; }\n"
                      "try latchkey --ex\ntry latchkey --format = s\ntry latchkey --explain = latchkey-leak\n"
                      "try latchkey lower --ra\ntry latchkey doc\n");
  std::string Said = runIn(P, "bash", {"try.bash"});
  if (Said.empty())
    GTEST_SKIP() << "there is no bash";
  EXPECT_THAT(Said, HasSubstr("--explain= --explain-config"));
  EXPECT_THAT(Said, ContainsRegex("\n[a-z ]*sarif[a-z ]*\nlatchkey-leaked-thread\n--ranges=\ndoctor\nstatus 0\n"));
}

TEST(Completion, Zsh) {
  Project P;
  P.write("_latchkey", P.run({"completion", "zsh"}).Out);
  // A shell in a shell: completion needs somebody who types.
  P.write("try.zsh", "zmodload zsh/zpty\nzpty z zsh -f -i\n"
                     "zpty -w z 'PS1= fpath=('$PWD' $fpath); autoload -U compinit; compinit -u -d '$PWD'/dump'\n"
                     "zpty -w z 'zstyle \":completion:*\" list-prompt \"\"; setopt no_always_last_prompt'\n"
                     "zpty -n -w z $'latchkey --verify-c\\t\\n'\n"
                     "zpty -n -w z $'latchkey --explain=latchkey-leaked-t\\t\\n'\n"
                     "zpty -w z exit\nzpty -r z all '*exit*'\nwhile zpty -r z line; do all+=$line; done\n"
                     "print -r -- $all\n");
  std::string Said = runIn(P, "zsh", {"-f", "try.zsh"});
  if (Said.empty())
    GTEST_SKIP() << "there is no zsh";
  EXPECT_THAT(Said, HasSubstr("--verify-config"));
  EXPECT_THAT(Said, HasSubstr("# latchkey-leaked-thread")); // The completed command ran.
}

TEST(Completion, Fish) {
  Project P;
  P.write("latchkey.fish", P.run({"completion", "fish"}).Out);
  std::string Said = runIn(P, "fish",
                           {"--no-config", "-c",
                            "source latchkey.fish; complete -C 'latchkey --verify'; complete -C 'latchkey "
                            "--format=sar'; complete -C 'latchkey --explain=latchkey-leak'; complete -C "
                            "'latchkey lower --ra'; complete -C 'latchkey doc'"});
  if (Said.empty())
    GTEST_SKIP() << "there is no fish";
  EXPECT_THAT(Said, ContainsRegex("^--verify-config\t[^\n]*\n--format=sarif\t[^\n]*\n"
                                  "--explain=latchkey-leaked-thread\t[^\n]*\n--ranges\t[^\n]*\ndoctor\t"));
}

TEST(ManPage, HasAllThatHelpHas) {
  Project P;
  std::string Page = P.run({"man"}).Out, Help = P.run({"--help"}).Out;
  P.write("latchkey.1", Page);
  for (const char *Option : {"--checks", "--explain-config", "--html", "--timeout"}) {
    EXPECT_THAT(Help, HasSubstr(Option));
    EXPECT_THAT(Page, HasSubstr(std::string("\\fB\\-\\-") + (Option[2]))) << Option;
  }
  EXPECT_THAT(Page, Not(HasSubstr("internal")));
  std::string Warnings = runIn(P, "man", {"--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "latchkey.1"});
  if (Warnings.empty())
    GTEST_SKIP() << "there is no man";
  EXPECT_THAT(Warnings, HasSubstr("status 0"));
  EXPECT_THAT(Warnings, Not(HasSubstr("warning")));
}

} // namespace
