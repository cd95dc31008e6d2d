#include "tool/LinkedProgram.h"

#include "checks/flow/SummaryDb.h"
#include "checks/ir/Binary.h"
#include "tool/Cache.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"

#include <set>

namespace latchkey::driver {

using llvm::StringRef;

llvm::Expected<ir::Module> readModule(const std::string &Path) {
  auto Bytes = llvm::MemoryBuffer::getFile(Path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!Bytes)
    return llvm::createStringError(Path + ": cannot read it: " + Bytes.getError().message());
  auto M = ir::readBinary((*Bytes)->getBuffer());
  if (!M)
    return llvm::createStringError(Path + ": " + llvm::toString(M.takeError()));
  return M;
}

static std::error_code writeInto(StringRef Path, StringRef Bytes) {
  std::error_code Wrong;
  llvm::raw_fd_ostream Out(Path, Wrong);
  if (Wrong)
    return Wrong;
  Out << Bytes;
  Out.flush();
  Wrong = Out.error();
  Out.clear_error();
  return Wrong;
}

llvm::Error writeFile(const std::string &Path, StringRef Bytes) {
  llvm::SmallString<256> Target(Path); // A link stays one.
  if (llvm::sys::fs::exists(Path))
    (void)llvm::sys::fs::real_path(Path, Target);
  llvm::sys::fs::file_status Status;
  // What is no file cannot be replaced by one: `/dev/stdout`, a pipe.
  bool Special = !llvm::sys::fs::status(Target, Status) && !llvm::sys::fs::is_regular_file(Status);
  llvm::Error Failed = llvm::Error::success();
  if (Special || StringRef(Target).contains('%')) // LLVM puts a number for it when it makes a name for now.
    Failed = llvm::errorCodeToError(writeInto(Path, Bytes));
  else
    Failed = llvm::writeToOutput(Target, [&](llvm::raw_ostream &Out) {
      Out << Bytes;
      return llvm::Error::success();
    });
  if (Failed)
    return llvm::createStringError(Path + ": cannot write it: " + llvm::toString(std::move(Failed)));
  return llvm::Error::success();
}

llvm::Error writeIfOther(const std::string &Path, StringRef Bytes) {
  auto Old = llvm::MemoryBuffer::getFile(Path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (Old && (*Old)->getBuffer() == Bytes)
    return llvm::Error::success();
  return writeFile(Path, Bytes);
}

/// Null for functions of system headers, which are not judged.
static const ir::File *judgedWith(const ir::Module &M, const ir::Function &F) {
  return F.System ? nullptr : flow::fileOf(M, F);
}

LinkedProgram::LinkedProgram(ir::Module Linked) : M(std::move(Linked)), Program(M) {
  for (const ir::Function &F : M.Functions)
    if (const ir::File *File = judgedWith(M, F))
      ByFile[File->Path].push_back(&F);
}

llvm::Expected<std::unique_ptr<LinkedProgram>> LinkedProgram::read(const std::string &Path) {
  auto M = readModule(Path);
  if (!M)
    return M.takeError();
  return std::unique_ptr<LinkedProgram>(new LinkedProgram(std::move(*M)));
}

llvm::Expected<std::unique_ptr<LinkedProgram>> LinkedProgram::of(ProgramFile File) {
  if (!File.Linked)
    return read(File.Path);
  return std::unique_ptr<LinkedProgram>(new LinkedProgram(std::move(*File.Linked)));
}

llvm::ArrayRef<const ir::Function *> LinkedProgram::functionsOf(StringRef File) const {
  auto Found = ByFile.find(File);
  if (Found == ByFile.end())
    return {};
  return Found->second;
}

static ProgramFile describe(const std::string &Path, const ir::Module &M, StringRef Code) {
  std::set<std::string> Sources;
  for (const ir::Function &F : M.Functions)
    if (const ir::File *File = judgedWith(M, F))
      Sources.insert(File->Path);
  std::vector<std::string> Files;
  for (const ir::File &F : M.Files)
    if (!F.System)
      Files.push_back(F.Path);
  return {Path, {Sources.begin(), Sources.end()}, std::move(Files), cacheKey({Code}), std::nullopt};
}

/// The same summaries are not written again: whoever reads them need not look twice.
static llvm::Error writeSummaries(const ir::Module &Linked, const std::string &Hash, const std::string &Path) {
  if (auto Old = llvm::MemoryBuffer::getFile(Path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
      Old && (*Old)->getBuffer().ends_with(Hash))
    if (!llvm::errorToBool(flow::SummaryDb::open(std::move(*Old)).takeError()))
      return llvm::Error::success();
  return writeFile(Path, flow::SummaryDb::write(Linked) + Hash);
}

llvm::Expected<ProgramFile> linkFiles(const LinkRequest &Wanted, flow::LinkStatistics &Stats, std::string &Unwritten) {
  std::vector<ir::Module> Modules;
  for (const std::string &Unit : Wanted.Units) {
    auto M = readModule(Unit);
    if (!M)
      return M.takeError();
    Modules.push_back(std::move(*M));
  }
  ir::Module Linked = flow::link(std::move(Modules), Stats, Wanted.Whole);
  std::string Code = ir::writeBinary(Linked);
  if (llvm::Error Failed = writeFile(Wanted.Path, Code))
    return Failed;
  ProgramFile Result = describe(Wanted.Path, Linked, Code);
  if (!Wanted.SummaryDb.empty())
    if (llvm::Error Failed = writeSummaries(Linked, Result.Hash, Wanted.SummaryDb))
      Unwritten = llvm::toString(std::move(Failed));
  Result.Linked = std::move(Linked);
  return Result;
}

llvm::Expected<ProgramFile> singleUnit(const std::string &Path) {
  auto M = readModule(Path);
  if (!M)
    return M.takeError();
  return describe(Path, *M, ir::writeBinary(*M));
}

} // namespace latchkey::driver
