// clangd links the name of a clang-tidy check to its page on clang.llvm.org, which has none for our checks. This links
// ours to the pages that were installed with the program, or to nothing.

#include "checks/tidy/Selection.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

namespace json = llvm::json;
using llvm::StringRef;

// Declared in a header of clangd that is not shipped.
namespace clang::clangd {
struct PublishDiagnosticsParams;
}
using clang::clangd::PublishDiagnosticsParams;

#define LATCHKEY_TO_JSON "_ZN5clang6clangd6toJSONERKNS0_24PublishDiagnosticsParamsE"
json::Value realToJson(const PublishDiagnosticsParams &) __asm__("__real_" LATCHKEY_TO_JSON);
json::Value wrappedToJson(const PublishDiagnosticsParams &) __asm__("__wrap_" LATCHKEY_TO_JSON);

/// Beside the installed program, or in the source tree that it was built from. Empty if there are none.
static std::string pagesFolder() {
  static char Here = 0;
  const std::string Program = llvm::sys::fs::getMainExecutable(/*argv0=*/nullptr, &Here);
  llvm::SmallString<256> Installed(llvm::sys::path::parent_path(llvm::sys::path::parent_path(Program)));
  llvm::sys::path::append(Installed, LATCHKEY_DOCUMENTS, "checks");
  for (StringRef Folder : {Installed.str(), StringRef(LATCHKEY_SOURCE_PAGES)})
    if (llvm::sys::fs::is_directory(Folder))
      return Folder.str();
  return {};
}

static std::string fileUri(StringRef Path) {
  std::string Uri = "file://";
  for (char C : Path)
    if (llvm::isAlnum(C) || StringRef("/-_.~").contains(C))
      Uri += C;
    else
      Uri += "%" + llvm::utohexstr(static_cast<unsigned char>(C), /*LowerCase=*/false, /*Width=*/2);
  return Uri;
}

static void linkPage(json::Object &Diagnostic, StringRef Folder) {
  StringRef Check = Diagnostic.getString("code").value_or("");
  if (!Check.consume_front(latchkey::tidy::Prefix))
    return;
  if (Folder.empty())
    Diagnostic.erase("codeDescription");
  else
    Diagnostic["codeDescription"] = json::Object{{"href", fileUri((Folder + "/" + Check + ".md").str())}};
}

json::Value wrappedToJson(const PublishDiagnosticsParams &Params) {
  static const std::string Folder = pagesFolder();
  json::Value Result = realToJson(Params);
  if (json::Object *All = Result.getAsObject())
    if (json::Array *Diagnostics = All->getArray("diagnostics"))
      for (json::Value &One : *Diagnostics)
        if (json::Object *Diagnostic = One.getAsObject())
          linkPage(*Diagnostic, Folder);
  return Result;
}
