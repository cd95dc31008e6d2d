#include "checks/tidy/SharedAnalysis.h"

#include "checks/flow/Program.h"
#include "checks/lower/Lower.h"
#include "checks/lower/Sources.h"
#include "checks/tidy/Nearest.h"
#include "checks/tidy/Summaries.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/FileManager.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <mutex>

using namespace latchkey;
using namespace latchkey::tidy;
using llvm::StringRef;

std::shared_ptr<SharedAnalysis> SharedAnalysis::of(const clang::tidy::ClangTidyContext &Host) {
  static std::mutex Mutex;
  static llvm::DenseMap<const clang::tidy::ClangTidyContext *, std::weak_ptr<SharedAnalysis>> Living;
  std::lock_guard<std::mutex> Lock(Mutex);
  if (std::shared_ptr<SharedAnalysis> Known = Living.lookup(&Host).lock())
    return Known;
  auto Fresh = std::make_shared<SharedAnalysis>();
  // A host's context may be gone, and nobody tells us.
  for (auto It = Living.begin(), End = Living.end(); It != End; ++It)
    if (It->second.expired())
      Living.erase(It);
  Living[&Host] = Fresh;
  return Fresh;
}

void SharedAnalysis::begin() {
  Context = nullptr;
  Findings.reset();
}

void SharedAnalysis::enable(StringRef Check, CheckOptions Given) {
  Enabled[Check] = true;
  Options.Options[Check] = std::move(Given);
}

bool SharedAnalysis::claimCatcher() {
  return !std::exchange(Claimed, true);
}

const std::vector<Finding> &SharedAnalysis::findings() {
  if (!Findings) {
    Findings.emplace();
    if (Context)
      run();
  }
  return *Findings;
}

bool SharedAnalysis::inEditor() const {
  llvm::ArrayRef<clang::Decl *> Scope = Context->getTraversalScope();
  return Scope.size() != 1 || !llvm::isa<clang::TranslationUnitDecl>(Scope.front());
}

void SharedAnalysis::run() {
  const clang::SourceManager &Sources = Context->getSourceManager();
  const std::string MainFile = lower::filePath(Sources, Sources.getMainFileID());
  model::ProjectFiles Projects(Sources.getFileManager().getVirtualFileSystemPtr());
  const model::ProjectSettings &Project = Projects.of(MainFile);
  Errors = Project.Mistakes;
  if (Project.isExcluded(MainFile))
    return;
  std::optional<model::Library> Models = userModels(Project, llvm::sys::path::parent_path(MainFile));
  lower::Options Lowering;
  Lowering.Models = Models ? &*Models : nullptr;
  Lowering.TraversalScopeOnly = inEditor();
  Options.Enabled = [this](StringRef Check) { return Enabled.lookup(Check); };
  Findings = judge(Lowering);
  llvm::erase_if(*Findings, [&](const Finding &F) { return Projects.of(F.Where.File).isThirdParty(F.Where.File); });
}

std::vector<Finding> SharedAnalysis::judge(const lower::Options &Lowering) {
  const clang::SourceManager &Sources = Context->getSourceManager();
  std::optional<flow::SummaryDb> Db = openSummaries(SummaryDb, Sources, Lowering.TraversalScopeOnly);
  if (!Db && !lower::mayMatter(*Context, Lowering)) // What is called may matter if it can be seen.
    return {};
  ir::Module Unit = lower::lower(*Context, Lowering);
  if (!Db)
    return analyse(Unit, Options).Findings;
  flow::SummaryDb::Completed All = withSummaries(*Db, std::move(Unit), Sources);
  flow::Program Program(All.Linked);
  std::vector<const ir::Function *> Functions;
  for (const std::string &Id : All.Judged)
    if (const ir::Function *F = All.Linked.function(Id))
      Functions.push_back(F);
  return analyse(Program, Functions, Options).Findings;
}

std::optional<model::Library> SharedAnalysis::userModels(const model::ProjectSettings &Project, StringRef Folder) {
  const std::vector<model::ModelFile> OfProject = Project.models();
  llvm::SmallVector<StringRef> Names;
  llvm::SplitString(ModelFiles, Names, ";");
  if (Names.empty() && OfProject.empty())
    return std::nullopt;
  llvm::vfs::FileSystem &Files = Context->getSourceManager().getFileManager().getVirtualFileSystem();
  model::Library Models = model::Library::builtin();
  auto Add = [&](StringRef Name, llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> Buffer, StringRef Place) {
    if (!Buffer)
      Errors.push_back(Place.str() + ": " + Buffer.getError().message());
    else if (llvm::Error Wrong = Models.add((*Buffer)->getBuffer(), Name))
      Errors.push_back(llvm::toString(std::move(Wrong)));
  };
  for (const model::ModelFile &File : OfProject)
    Add(File.Path, Files.getBufferForFile(File.Path), File.Place + ": " + File.Path);
  for (StringRef Name : Names)
    Add(Name, Files.getBufferForFile(nearest(Name, Folder, Files)), Name);
  return Models;
}
