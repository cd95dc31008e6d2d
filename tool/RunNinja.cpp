// Lowering, linking and judging as jobs of a build system, which runs them side by side, on other machines too, and
// again for what has changed.
#include "tool/Cache.h"
#include "tool/Inputs.h"
#include "tool/LinkedProgram.h"
#include "tool/Paths.h"
#include "tool/PlainText.h"
#include "tool/Program.h"
#include "tool/Run.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

static constexpr StringRef FirstLine = "# Made by latchkey ninja.\n";

/// One word of a command, for the shell and then for ninja.
static std::string word(StringRef Text) {
  std::string Escaped;
  for (char C : shellWord(Text)) {
    if (C == '$')
      Escaped += '$';
    Escaped += C;
  }
  return Escaped;
}

/// A path in a build line.
static std::string path(StringRef Text) {
  std::string Escaped;
  for (char C : Text) {
    if (C == ' ' || C == ':' || C == '$')
      Escaped += '$';
    Escaped += C;
  }
  return Escaped;
}

static std::string options(StringRef Name, llvm::ArrayRef<std::string> Values) {
  std::string Text;
  for (const std::string &Value : Values)
    Text += fmt::format(" --{}={}", Name.str(), word(Value));
  return Text;
}

/// A unit is lowered again when its command changes: the hash of that stands in a comment behind ninja's.
static std::string hashOf(const TranslationUnit &Unit) {
  std::vector<StringRef> Parts(Unit.Command.begin(), Unit.Command.end());
  Parts.push_back(Unit.Directory);
  return cacheKey(Parts);
}

static std::string lowered(StringRef Folder, const TranslationUnit &Unit) {
  return (Folder + "/lowered/" + loweredName(Unit.File)).str();
}

static std::string rules(const CommandLine &How, const Selection &Selected, const std::string &Output) {
  std::string Common = options("models", How.User.Models);
  if (!How.User.ResourceDirectory.empty())
    Common += options("resource-dir", {How.User.ResourceDirectory});
  std::string Database = " -p " + word(Selected.Database), Link, Paths, Self = word(ownProgram());
  if (How.Flags)
    for (const std::string &Option : *How.Flags)
      Link += " " + word(Option);
  for (const std::string &Path : How.Paths)
    Paths += " " + word(Path);
  std::string Again = Self + " ninja" + Database + Common + " -o " + word(Output) + Paths;
  if (!Link.empty())
    Again += " --" + Link;
  const std::string List = (llvm::sys::path::parent_path(Output) + "/judge.rsp").str(); // ninja quotes it nowhere
  return "ninja_required_version = 1.5\n"
         "builddir = " +
         path(llvm::sys::path::parent_path(Output)) +
         "\n\n"
         "rule lower\n"
         "  command = " +
         Self + " lower" + Database + Common +
         " -o $out --depfile $out.d $file # $hash\n"
         "  depfile = $out.d\n"
         "  deps = gcc\n"
         "  restat = 1\n"
         "  description = lower $in\n\n"
         "rule judge\n"
         "  command = cd " +
         word(workingDirectory()) + " && " + Self + " link" + Link + " @" + word(List) + "\n  rspfile = " + path(List) +
         "\n"
         "  rspfile_content = $in_newline\n"
         "  pool = console\n"
         "  description = judge the program\n\n"
         "rule again\n"
         "  command = cd " +
         word(workingDirectory()) + " && " + Again +
         " > /dev/null\n"
         "  generator = 1\n"
         "  description = make $out again\n\n";
}

static std::string buildFile(const CommandLine &How, const Selection &Selected, const std::string &Output) {
  StringRef Folder = llvm::sys::path::parent_path(Output);
  std::string Text = FirstLine.str() + rules(How, Selected, Output), All;
  for (const TranslationUnit &Unit : Selected.Units) {
    std::string Out = path(lowered(Folder, Unit));
    Text += fmt::format("build {}: lower {} | {}\n  file = {}\n  hash = {}\n", Out, path(Unit.File), path(ownProgram()),
                        word(Unit.File), hashOf(Unit));
    All += " $\n  " + Out;
  }
  Text += "\nbuild lowered: phony" + All + "\n";
  Text += fmt::format("build judge: judge{} | {}\n", All, path(ownProgram()));
  // Ninja compares this name with that of the file it was started on, in whose folder it works.
  Text += fmt::format("build {}: again {} {}\n", path(llvm::sys::path::filename(Output)), path(Selected.Database),
                      path(ownProgram()));
  return Text + "default judge\n";
}

/// A build.ninja that somebody else made is not ours to replace.
static llvm::Error checkOurs(const std::string &Output) {
  auto Old = llvm::MemoryBuffer::getFile(Output);
  if (!Old || (*Old)->getBuffer().starts_with(FirstLine))
    return llvm::Error::success();
  return llvm::createStringError(Output + ": this file is not ours; name another one with -o FILE");
}

llvm::Expected<int> runNinja(const CommandLine &Given) {
  CommandLine How = Given;
  How.Flags.reset(); // those of the step that links, here
  auto In = findInputs(How);
  if (!In)
    return In.takeError();
  std::string Output = absolutePath(How.Output);
  if (How.Output.empty()) {
    llvm::SmallString<256> Beside(llvm::sys::path::parent_path(In->Selected.Database));
    llvm::sys::path::append(Beside, "latchkey", "build.ninja");
    Output = Beside.str().str();
  }
  if (llvm::Error Wrong = checkOurs(Output))
    return Wrong;
  std::string Folder = llvm::sys::path::parent_path(Output).str();
  if (std::error_code Wrong = llvm::sys::fs::create_directories(Folder + "/lowered"))
    return llvm::createStringError(Folder + ": cannot make this folder: " + Wrong.message());
  if (llvm::Error Failed = writeFile(Output, buildFile(Given, In->Selected, Output)))
    return Failed;
  StringRef Name = llvm::sys::path::filename(Output);
  llvm::outs() << fmt::format("{}; now run: ninja -C {}{}\n", counted(In->Selected.Units.size(), "file"),
                              shellWord(shortPath(Folder, workingDirectory())),
                              Name == "build.ninja" ? "" : " -f " + shellWord(Name));
  return 0;
}

} // namespace latchkey::driver
