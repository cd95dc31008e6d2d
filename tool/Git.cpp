#include "tool/Git.h"

#include "tool/LinkedProgram.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

#include <fmt/format.h>

#include <unistd.h>

namespace latchkey::driver {

using llvm::StringRef;

llvm::Expected<Git> Git::open(StringRef Folder, const ScratchFolder &Scratch) {
  auto Program = llvm::sys::findProgramByName("git");
  if (!Program)
    return llvm::createStringError("--new-from needs git: it is not in PATH");
  Git Result(*Program, Folder.str(), Scratch);
  auto Root = Result.run({"rev-parse", "--show-toplevel"});
  if (!Root)
    return llvm::createStringError(
        fmt::format("--new-from: {} is in no work tree of git: {}", Folder.str(), llvm::toString(Root.takeError())));
  llvm::SmallString<256> Real;
  Result.Root = StringRef(*Root).rtrim('\n').str();
  if (!llvm::sys::fs::real_path(Result.Root, Real))
    Result.Root = Real.str().str();
  return Result;
}

llvm::Expected<std::string> Git::run(std::vector<std::string> Arguments, StringRef Input, StringRef Index) const {
  const std::string In = Scratch.file("git.in"), Out = Scratch.file("git.out"), Err = Scratch.file("git.err");
  if (llvm::Error Failed = writeFile(In, Input))
    return Failed;
  for (const std::string &Old : {Out, Err})
    (void)llvm::sys::fs::remove(Old);
  std::vector<StringRef> Words{Program, "-C", Root, "--no-optional-locks"};
  Words.insert(Words.end(), Arguments.begin(), Arguments.end());
  std::vector<StringRef> Environment;
  const std::string OwnIndex = "GIT_INDEX_FILE=" + Index.str();
  for (char **Variable = environ; *Variable; ++Variable)
    if (Index.empty() || !StringRef(*Variable).starts_with("GIT_INDEX_FILE="))
      Environment.emplace_back(*Variable);
  if (!Index.empty())
    Environment.push_back(OwnIndex);
  std::optional<StringRef> Redirects[] = {StringRef(In), StringRef(Out), StringRef(Err)};
  std::string Wrong;
  int Status = llvm::sys::ExecuteAndWait(Program, Words, llvm::ArrayRef(Environment), Redirects, /*SecondsToWait=*/0,
                                         /*MemoryLimit=*/0, &Wrong);
  auto Text = [](const std::string &Path) {
    auto Buffer = llvm::MemoryBuffer::getFile(Path);
    return Buffer ? (*Buffer)->getBuffer().str() : std::string();
  };
  if (Status == 0)
    return Text(Out);
  std::string Said = StringRef(Text(Err)).trim().str();
  std::replace(Said.begin(), Said.end(), '\n', ' ');
  if (Said.empty())
    Said = Wrong.empty() ? fmt::format("git {} ended with status {}", Arguments.front(), Status) : Wrong;
  return llvm::createStringError(Said);
}

llvm::Expected<std::string> Git::mergeBase(StringRef Revision) const {
  auto Commit = run({"rev-parse", "--verify", "--quiet", "--end-of-options", Revision.str() + "^{commit}"});
  if (!Commit) {
    llvm::consumeError(Commit.takeError());
    return llvm::createStringError(
        fmt::format("--new-from={}: there is no such revision in {}; fetch it first (a CI checks out little: "
                    "`git fetch origin main`, or fetch-depth: 0)",
                    Revision.str(), Root));
  }
  auto Base = run({"merge-base", "HEAD", StringRef(*Commit).trim().str()});
  if (!Base) {
    llvm::consumeError(Base.takeError());
    return llvm::createStringError(
        fmt::format("--new-from={}: it has no commit in common with HEAD; in a shallow clone "
                    "fetch more: `git fetch --unshallow`",
                    Revision.str()));
  }
  return StringRef(*Base).trim().str();
}

/// Words that end with a zero byte.
static std::vector<StringRef> words(StringRef Text) {
  llvm::SmallVector<StringRef> Words;
  Text.split(Words, '\0', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  return {Words.begin(), Words.end()};
}

llvm::Expected<std::vector<ChangedFile>> Git::changedSince(StringRef Commit) const {
  auto Differences =
      run({"diff", "--raw", "-z", "--find-renames", "--no-ext-diff", "--no-relative", Commit.str(), "--"});
  if (!Differences)
    return Differences.takeError();
  auto Unknown = run({"ls-files", "-z", "--others", "--exclude-standard"});
  if (!Unknown)
    return Unknown.takeError();
  std::vector<ChangedFile> Result;
  std::vector<StringRef> Words = words(*Differences);
  for (size_t I = 0; I + 1 < Words.size(); ++I) { // ":mode mode id id status", path, for a renamed one another path
    llvm::SmallVector<StringRef> Fields;
    Words[I].split(Fields, ' ');
    if (Fields.size() != 5)
      return llvm::createStringError("git diff --raw: cannot read '" + Words[I].str() + "'");
    char Kind = Fields[4].front();
    ChangedFile File;
    File.Before = Kind == 'A' ? "" : Words[I + 1].str();
    File.Regular = Kind == 'A' || Fields[0].starts_with(":100");
    bool Renamed = Kind == 'R' || Kind == 'C';
    I += Renamed ? 2 : 1;
    File.Now = Kind == 'D' ? "" : Words[I].str();
    Result.push_back(std::move(File));
  }
  for (StringRef Path : words(*Unknown))
    if (!Path.ends_with("/")) // A repository in this one.
      Result.push_back({"", Path.str()});
  return Result;
}

llvm::Error Git::checkOut(StringRef Commit, llvm::ArrayRef<std::string> Paths, StringRef Folder) const {
  const std::string Index = Scratch.file("git.index");
  auto Read = run({"read-tree", Commit.str()}, "", Index);
  if (!Read)
    return Read.takeError();
  std::string List;
  for (const std::string &Path : Paths)
    List.append(Path).push_back('\0');
  auto Written = run({"checkout-index", "-z", "--stdin", "--prefix=" + Folder.str() + "/"}, List, Index);
  return Written ? llvm::Error::success() : Written.takeError();
}

} // namespace latchkey::driver
