// Loaded into clang-tidy when it checks our own code: what comes from the precompiled header is out of the checks'
// sight. Checks that ask for a node's parents or walk the unit themselves read all of that header otherwise, which
// makes five seconds and a gigabyte for each file that includes Clang. clangd limits the traversal in the same way.

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Frontend/FrontendPluginRegistry.h"

using namespace clang;

namespace {

class OwnCodeConsumer : public ASTConsumer {
  std::vector<Decl *> Parsed;

  bool HandleTopLevelDecl(DeclGroupRef Group) override {
    llvm::copy_if(Group, std::back_inserter(Parsed), [](const Decl *D) { return !D->isFromASTFile(); });
    return true;
  }

  void HandleTranslationUnit(ASTContext &Context) override { Context.setTraversalScope(Parsed); }
};

class OwnCodeAction : public PluginASTAction {
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &, StringRef) override {
    return std::make_unique<OwnCodeConsumer>();
  }
  bool ParseArgs(const CompilerInstance &, const std::vector<std::string> &) override { return true; }
  ActionType getActionType() override { return AddBeforeMainAction; }
};

const FrontendPluginRegistry::Add<OwnCodeAction> Registered("latchkey-own-code",
                                                            "checks see only what the file parses");

} // namespace
