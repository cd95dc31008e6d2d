// YAML to models.
#pragma once

#include "checks/model/Model.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <utility>

namespace latchkey::model {

struct Tables {
  std::vector<TypeModel> Types;
  std::vector<std::pair<std::string, std::vector<FunctionModel>>> Functions;
};

/// Known finds types of earlier tables, for `like`. Errors carry `Name:line:column: message`; all of them are
/// reported, one per line.
llvm::Expected<Tables> readTables(llvm::StringRef Yaml, llvm::StringRef Name,
                                  llvm::function_ref<const TypeModel *(llvm::StringRef)> Known);

} // namespace latchkey::model
