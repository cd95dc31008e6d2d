#include "tool/NewFrom.h"

#include "tool/Comparison.h"
#include "tool/EarlierFiles.h"
#include "tool/Git.h"
#include "tool/Paths.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

namespace latchkey::driver {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using llvm::StringRef;

static std::string realPath(StringRef Path) {
  llvm::SmallString<256> Real;
  return fs::real_path(Path, Real) ? Path.str() : Real.str().str();
}

static bool isBelow(StringRef Path, StringRef Folder) {
  return !Folder.empty() && Path.consume_front(Folder) && Path.starts_with("/");
}

/// The repository of the folder that we are in, or else of the sources.
static llvm::Expected<Git> openRepository(const Selection &Selected, const ScratchFolder &Scratch) {
  auto HasSources = [&](const Git &Found) {
    return llvm::any_of(Selected.Units,
                        [&](const TranslationUnit &U) { return isBelow(realPath(U.File), Found.root()); });
  };
  auto Here = Git::open(workingDirectory(), Scratch);
  if (Here && HasSources(*Here))
    return Here;
  auto There = Git::open(path::parent_path(realPath(Selected.Units.front().File)), Scratch);
  if (There && HasSources(*There)) {
    llvm::consumeError(Here.takeError());
    return There;
  }
  llvm::consumeError(There.takeError());
  if (!Here)
    return Here.takeError();
  return llvm::createStringError("--new-from: no file of the compile database is in the work tree " + Here->root());
}

namespace {

struct Earlier {
  EarlierFiles Files;
  std::map<std::string, std::string> RenamedFrom, RenamedTo; ///< Absolute paths.
  std::vector<std::string> Notices;
};

} // namespace

/// Folders that are gone by now, up to the root, have to be there for what was in them.
static void addGoneFolders(EarlierFiles &Files, StringRef File, StringRef Root, const std::string &Tree) {
  for (StringRef Folder = path::parent_path(File); isBelow(Folder, Root) && !fs::exists(Folder);
       Folder = path::parent_path(Folder))
    Files[Folder.str()] = Tree + Folder.drop_front(Root.size()).str();
}

/// \param Build the build's folder, if it has one: what git was never told of there was made from what it was told of.
static llvm::Expected<Earlier> earlier(const Git &Repository, StringRef Commit, StringRef Build,
                                       const ScratchFolder &Scratch) {
  auto Changed = Repository.changedSince(Commit);
  if (!Changed)
    return Changed.takeError();
  Earlier Result;
  std::vector<std::string> Needed;
  const std::string Tree = Scratch.file("earlier-tree"), &Root = Repository.root();
  for (const ChangedFile &File : *Changed) {
    const std::string Now = Root + "/" + File.Now, Before = Root + "/" + File.Before;
    if (!File.Regular) {
      Result.Notices.push_back(File.Before + ": a link or submodule, taken as it is now and not as it was");
      continue;
    }
    if (File.Before.empty() && isBelow(Now, Build))
      continue;
    if (!File.Now.empty())
      Result.Files.try_emplace(Now, "");
    if (File.Before.empty())
      continue;
    Needed.push_back(File.Before);
    Result.Files[Before] = Tree + "/" + File.Before;
    addGoneFolders(Result.Files, Before, Root, Tree);
    if (!File.Now.empty() && File.Now != File.Before) {
      Result.RenamedFrom[Now] = Before;
      Result.RenamedTo[Before] = Now;
    }
  }
  if (llvm::Error Failed = Repository.checkOut(Commit, Needed, Tree))
    return Failed;
  return Result;
}

/// The units that were there then, by their names of then.
static std::vector<TranslationUnit> unitsOf(const Earlier &Then, llvm::ArrayRef<TranslationUnit> Units) {
  auto Files = filesAsOf(Then.Files);
  std::vector<TranslationUnit> Result;
  for (TranslationUnit Unit : Units) {
    if (auto Old = Then.RenamedFrom.find(realPath(Unit.File)); Old != Then.RenamedFrom.end()) {
      for (std::string &Word : Unit.Command)
        if (absolutePath(Word, Unit.Directory) == Unit.File)
          Word = Old->second;
      Unit.File = Old->second;
    }
    if (Files->exists(Unit.File) || !fs::exists(Unit.File)) // What is missing now is a problem then as well.
      Result.push_back(std::move(Unit));
  }
  return Result;
}

llvm::Error compareWithRevision(Results &Now, const Inputs &Given, const std::string &Revision, bool Whole,
                                const ScratchFolder &Scratch,
                                llvm::function_ref<llvm::Expected<Results>(const Inputs &)> Analyse) {
  if (Given.Selected.Units.empty()) { // All of them are left out by the configuration.
    Now.ComparedTo = Revision;
    return llvm::Error::success();
  }
  auto Repository = openRepository(Given.Selected, Scratch);
  if (!Repository)
    return Repository.takeError();
  auto Commit = Repository->mergeBase(Revision);
  if (!Commit)
    return Commit.takeError();
  StringRef Database = Given.Selected.Database; // None for a command line of the user's.
  std::string Build = Database.empty() ? "" : realPath(path::parent_path(realPath(Database)));
  if (Build == Repository->root())
    Build.clear();
  auto Then = earlier(*Repository, *Commit, Build, Scratch);
  if (!Then)
    return Then.takeError();

  Inputs Before = Given;
  Before.Selected.Units = unitsOf(*Then, Given.Selected.Units);
  Before.User.Earlier = Then->Files;
  std::vector<Report> Old;
  const std::string Name = fmt::format("{} ({:.12})", Revision, *Commit);
  if (Then->Files.empty()) {
    Old = Now.Reports;
  } else if (!Before.Selected.Units.empty()) {
    auto Was = Analyse(Before);
    if (!Was)
      return Was.takeError();
    for (const Problem &P : Was->Problems)
      Then->Notices.push_back(fmt::format("{}: as of {}: {}; what was known there may be shown as new",
                                          shortPath(P.File, workingDirectory()), Name, P.Message));
    Old = std::move(Was->Reports);
  }
  for (Report &R : Old)
    if (auto To = Then->RenamedTo.find(R.What.Where.File); To != Then->RenamedTo.end())
      R.What.Where.File = To->second;
  // What a file with errors hides is not gone.
  (void)compare(Now, std::move(Old), Name, [&](const Report &) { return Whole && Now.Problems.empty(); });
  std::move(Then->Notices.begin(), Then->Notices.end(), std::back_inserter(Now.Notices));
  return llvm::Error::success();
}

} // namespace latchkey::driver
