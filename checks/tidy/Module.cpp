// Registers the checks with clang-tidy or clangd, when the plugin is loaded or the program starts.

#include "checks/tidy/RuleCheck.h"
#include "checks/tidy/Selection.h"

#include "clang-tidy/ClangTidyModule.h"
#if __has_include("clang-tidy/ClangTidyModuleRegistry.h")
#include "clang/Basic/Version.h"
#if CLANG_VERSION_MAJOR < 22 // Where the registry is not yet in the header above, and this one does not warn.
#include "clang-tidy/ClangTidyModuleRegistry.h"
#endif
#endif
#include "clang/Basic/Version.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>
#include <optional>

using namespace latchkey;
using llvm::StringRef;

namespace {

class LatchkeyModule : public clang::tidy::ClangTidyModule {
public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories &Factories) override {
    for (const Rule *R : allRules())
      Factories.registerCheckFactory(std::string(tidy::Prefix) + R->Info.Name.str(),
                                     [R](StringRef Name, clang::tidy::ClangTidyContext *Host) {
                                       return std::make_unique<tidy::RuleCheck>(Name, Host, *R);
                                     });
  }
};

/// A plugin is good for one version of LLVM only. Whoever loads it elsewhere learns why there are no checks.
class Registration {
public:
  Registration() {
    std::string Host = clang::getClangFullVersion();
    if (StringRef(Host).contains("version " CLANG_VERSION_MAJOR_STRING ".")) {
      Added.emplace("latchkey-module", "Threads, waits and defers.");
      return;
    }
    llvm::errs() << fmt::format("latchkey: this plugin was built for LLVM {}, and its host is {}; build it with "
                                "-DLATCHKEY_LLVM_ROOT=<the host's prefix>\n",
                                CLANG_VERSION_MAJOR, Host);
  }

private:
  std::optional<clang::tidy::ClangTidyModuleRegistry::Add<LatchkeyModule>> Added;
};

const Registration AtLoad;

} // namespace
