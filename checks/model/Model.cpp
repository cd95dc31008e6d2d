#include "checks/model/Model.h"

#include "checks/model/Builtin.h"
#include "checks/model/Reader.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/xxhash.h"

namespace latchkey::model {

const Library &Library::builtin() {
  static const Library Shipped = [] {
    Library L;
    for (const BuiltinTable &Table : builtinTables())
      if (llvm::Error E = L.add(Table.Text, Table.Name))
        llvm::report_fatal_error(std::move(E));
    return L;
  }();
  return Shipped;
}

llvm::Error Library::add(llvm::StringRef Yaml, llvm::StringRef Name) {
  llvm::Expected<Tables> Read = readTables(Yaml, Name, [this](llvm::StringRef TypeName) { return type(TypeName); });
  if (!Read)
    return Read.takeError();
  for (TypeModel &T : Read->Types)
    Types[T.Name] = std::move(T);
  for (auto &Function : Read->Functions)
    Functions[Function.first] = std::move(Function.second);
  // Order matters, as a later table replaces entries of an earlier one.
  Fingerprint = Fingerprint * 0x9e3779b97f4a7c15 + llvm::xxh3_64bits(Yaml);
  return llvm::Error::success();
}

const TypeModel *Library::type(llvm::StringRef QualifiedName) const {
  auto It = Types.find(QualifiedName);
  return It == Types.end() ? nullptr : &It->second;
}

llvm::ArrayRef<FunctionModel> Library::functions(llvm::StringRef QualifiedName) const {
  auto It = Functions.find(QualifiedName);
  return It == Functions.end() ? llvm::ArrayRef<FunctionModel>() : llvm::ArrayRef<FunctionModel>(It->second);
}

static bool fits(const FunctionModel &Model, llvm::ArrayRef<std::string> ArgTypes) {
  if (Model.MinArgs && ArgTypes.size() < *Model.MinArgs)
    return false;
  if (Model.MaxArgs && ArgTypes.size() > *Model.MaxArgs)
    return false;
  for (size_t I = 0; I < Model.ArgTypes.size() && I < ArgTypes.size(); ++I)
    if (!llvm::StringRef(ArgTypes[I]).contains(Model.ArgTypes[I]))
      return false;
  return true;
}

const FunctionModel *select(llvm::ArrayRef<FunctionModel> Models, llvm::StringRef MethodName,
                            llvm::ArrayRef<std::string> ArgTypes) {
  for (const FunctionModel &Model : Models)
    if ((MethodName.empty() || Model.Name == MethodName) && fits(Model, ArgTypes))
      return &Model;
  return nullptr;
}

} // namespace latchkey::model
