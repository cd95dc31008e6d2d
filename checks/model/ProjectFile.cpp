#include "checks/model/ProjectFile.h"

#include "checks/model/CheckedYaml.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace latchkey::model {

namespace yaml = llvm::yaml;
namespace path = llvm::sys::path;
using llvm::StringRef;

/// Braces may stand for so many globs.
static constexpr size_t MostAlternatives = 1024;

/// The globs that one entry stands for; the error is the first that is none.
static llvm::Error expand(StringRef Text, std::vector<PathGlob> &Into) {
  bool Anywhere = !Text.trim('/').contains('/') && !Text.starts_with("/");
  std::string Name = Text.trim('/').str();
  std::vector<std::string> All{Name + "/*"};
  if (!Text.ends_with("/"))
    All.push_back(Name);
  if (Anywhere)
    for (size_t I = 0, Count = All.size(); I < Count; ++I)
      All.push_back("*/" + All[I]);
  for (const std::string &One : All) {
    auto Text = std::make_unique<const std::string>(One);
    auto Glob = llvm::GlobPattern::create(*Text, MostAlternatives);
    if (!Glob)
      return Glob.takeError();
    Into.push_back({std::move(Text), std::move(*Glob)});
  }
  return llvm::Error::success();
}

static void readPatterns(CheckedYaml &In, yaml::Node &Value, std::vector<PathPattern> &Into) {
  In.list(Value, [&](yaml::Node &Node) {
    llvm::SmallString<64> Storage;
    bool Scalar = llvm::isa<yaml::ScalarNode>(Node);
    StringRef Text = In.scalar(Node, Storage, "a glob of paths, as `vendor/` or `*_generated.cc`").trim();
    PathPattern P;
    P.TakesBack = Text.consume_front("!");
    P.Text = Text.str();
    P.Place = In.place(Node);
    Text.consume_front("./");
    if (Scalar && (Text.empty() || Text.starts_with("../") || Text == ".."))
      In.error(Node, Text.empty() ? "expected a glob of paths"
                                  : "paths outside of this file's folder are not for it to decide: put a file there");
    else if (llvm::Error Wrong = expand(Text, P.Globs))
      In.error(Node, "`" + Text + "` is no glob: " + llvm::toString(std::move(Wrong)));
    else if (Scalar)
      Into.push_back(std::move(P));
  });
}

static void readModelFiles(CheckedYaml &In, yaml::Node &Value, StringRef Folder, std::vector<ModelFile> &Into) {
  In.list(Value, [&](yaml::Node &Node) {
    llvm::SmallString<64> Storage;
    StringRef Text = In.scalar(Node, Storage, "a file of models");
    llvm::SmallString<256> Path(Text);
    path::make_absolute(Folder, Path);
    path::remove_dots(Path, /*remove_dot_dot=*/true);
    if (Text.empty() && llvm::isa<yaml::ScalarNode>(Node))
      In.error(Node, "expected a file of models");
    else if (!Text.empty())
      Into.push_back({Path.str().str(), In.place(Node)});
  });
}

llvm::Expected<ProjectFile> readProjectFile(StringRef Yaml, StringRef Path) {
  ProjectFile Result;
  Result.Path = Path.str();
  CheckedYaml In(Yaml, Result.Path);
  llvm::Error Wrong = In.read([&](yaml::Node &Root) {
    In.mapping(Root, "a project file", {"models", "third-party", "exclude", "root"},
               [&](StringRef Key, yaml::Node &, yaml::Node &Value) {
                 if (Key == "models")
                   readModelFiles(In, Value, path::parent_path(Path), Result.Models);
                 else if (Key == "root")
                   Result.Root = In.boolean(Value);
                 else
                   readPatterns(In, Value, Key == "exclude" ? Result.Excluded : Result.ThirdParty);
               });
  });
  if (Wrong)
    return Wrong;
  return Result;
}

std::vector<ModelFile> ProjectSettings::models() const {
  std::vector<ModelFile> All;
  for (const ProjectFile *File : Files)
    llvm::append_range(All, File->Models);
  return All;
}

/// The last pattern that fits, of the innermost file that has one.
static const PathPattern *decisive(llvm::ArrayRef<const ProjectFile *> Files,
                                   std::vector<PathPattern> ProjectFile::*List, StringRef AbsolutePath) {
  for (const ProjectFile *File : llvm::reverse(Files)) {
    StringRef Rest = AbsolutePath;
    if (!Rest.consume_front(path::parent_path(File->Path)))
      continue;
    Rest = Rest.ltrim('/');
    for (const PathPattern &P : llvm::reverse(File->*List))
      if (llvm::any_of(P.Globs, [&](const PathGlob &One) { return One.Glob.match(Rest); }))
        return &P;
  }
  return nullptr;
}

const PathPattern *ProjectSettings::thirdParty(StringRef AbsolutePath) const {
  return decisive(Files, &ProjectFile::ThirdParty, AbsolutePath);
}

const PathPattern *ProjectSettings::excluded(StringRef AbsolutePath) const {
  return decisive(Files, &ProjectFile::Excluded, AbsolutePath);
}

const ProjectSettings &ProjectFiles::of(StringRef AbsolutePath) {
  return ofFolder(path::parent_path(AbsolutePath));
}

const ProjectSettings &ProjectFiles::ofFolder(StringRef Folder) {
  if (auto Known = ByFolder.find(Folder); Known != ByFolder.end())
    return *Known->second;
  auto Result = std::make_unique<ProjectSettings>();
  llvm::SmallString<256> Path(Folder);
  path::append(Path, ProjectFileName);
  const ProjectFile *Own = nullptr;
  if (Files->exists(Path)) {
    auto Text = Files->getBufferForFile(Path);
    auto Parsed = Text ? readProjectFile((*Text)->getBuffer(), Path)
                       : llvm::createStringError(Path + ": cannot read it: " + Text.getError().message());
    if (Parsed)
      Own = (Read[Path] = std::make_unique<ProjectFile>(std::move(*Parsed))).get();
    else
      Result->Mistakes.push_back(llvm::toString(Parsed.takeError()));
  }
  StringRef Above = path::parent_path(Folder);
  if (!Above.empty() && Above != Folder && !(Own && Own->Root)) {
    const ProjectSettings &Outer = ofFolder(Above);
    Result->Files = Outer.Files;
    Result->Mistakes.insert(Result->Mistakes.begin(), Outer.Mistakes.begin(), Outer.Mistakes.end());
  }
  if (Own)
    Result->Files.push_back(Own);
  return *(ByFolder[Folder] = std::move(Result));
}

} // namespace latchkey::model
