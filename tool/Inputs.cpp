#include "tool/Inputs.h"

#include "checks/model/ProjectFile.h"
#include "tool/Frontend.h"
#include "tool/ResourceDirectory.h"

namespace latchkey::driver {

llvm::Expected<Inputs> findInputs(const CommandLine &How) {
  initialiseClang();
  Inputs Result;
  Result.User = How.User;
  if (Result.User.ResourceDirectory.empty()) {
    auto Found = findResourceDirectory();
    if (!Found)
      return Found.takeError();
    Result.User.ResourceDirectory = *Found;
  }
  auto Selected = How.Flags ? unitsWithFlags(How.Paths, *How.Flags) : selectUnits(How.BuildPath, How.Paths);
  if (!Selected)
    return Selected.takeError();
  Result.Selected = std::move(*Selected);
  model::ProjectFiles Projects(llvm::vfs::getRealFileSystem());
  llvm::erase_if(Result.Selected.Units, [&](const TranslationUnit &Unit) {
    bool Out = Projects.of(Unit.File).isExcluded(Unit.File);
    Result.Excluded += Out;
    return Out;
  });
  return Result;
}

} // namespace latchkey::driver
