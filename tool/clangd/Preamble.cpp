// clangd drops the bodies of all functions in headers when it builds a preamble. Joining destructors, home-made guards
// and inline helpers would be invisible, and the editor would know less than the other faces. This keeps the bodies
// that those see: everything outside system headers, and of system headers what recognition by shape looks at.

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Frontend/CompilerInvocation.h"
#include "clang/Frontend/PrecompiledPreamble.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Serialization/ASTWriter.h"
#include "clang/Serialization/PCHContainerOperations.h"
#include "llvm/Support/ErrorOr.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"

using namespace clang;

#define LATCHKEY_BUILD                                                                                                 \
  "_ZN5clang19PrecompiledPreamble5BuildERKNS_18CompilerInvocationEPKN4llvm12MemoryBufferENS_"                          \
  "14PreambleBoundsENS4_18IntrusiveRefCntPtrINS_17DiagnosticsEngineEEENS9_INS4_3vfs10FileSystemEEESt10shared_ptrINS_"  \
  "22PCHContainerOperationsEEbNS4_9StringRefERNS_17PreambleCallbacksE"

llvm::ErrorOr<PrecompiledPreamble> realBuild(const CompilerInvocation &, const llvm::MemoryBuffer *, PreambleBounds,
                                             IntrusiveRefCntPtr<DiagnosticsEngine>,
                                             IntrusiveRefCntPtr<llvm::vfs::FileSystem>,
                                             std::shared_ptr<PCHContainerOperations>, bool, StringRef,
                                             PreambleCallbacks &) __asm__("__real_" LATCHKEY_BUILD);

llvm::ErrorOr<PrecompiledPreamble> wrappedBuild(const CompilerInvocation &, const llvm::MemoryBuffer *, PreambleBounds,
                                                IntrusiveRefCntPtr<DiagnosticsEngine>,
                                                IntrusiveRefCntPtr<llvm::vfs::FileSystem>,
                                                std::shared_ptr<PCHContainerOperations>, bool, StringRef,
                                                PreambleCallbacks &) __asm__("__wrap_" LATCHKEY_BUILD);

namespace {

/// Hands everything on to clangd's own callbacks, but keeps more bodies.
class KeepBodies : public PreambleCallbacks {
public:
  explicit KeepBodies(PreambleCallbacks &Inner) : Inner(Inner) {}

  void BeforeExecute(CompilerInstance &CI) override { Inner.BeforeExecute(CI); }
  void AfterExecute(CompilerInstance &CI) override { Inner.AfterExecute(CI); }
  void AfterPCHEmitted(ASTWriter &Writer) override { Inner.AfterPCHEmitted(Writer); }
  void HandleTopLevelDecl(DeclGroupRef Group) override { Inner.HandleTopLevelDecl(Group); }
  std::unique_ptr<PPCallbacks> createPPCallbacks() override { return Inner.createPPCallbacks(); }
  CommentHandler *getCommentHandler() override { return Inner.getCommentHandler(); }
  bool shouldSkipFunctionBody(Decl *D) override { return isForeign(*D) && Inner.shouldSkipFunctionBody(D); }

private:
  /// Outside of what Latchkey reads (design, section 11, 2).
  static bool isForeign(const Decl &D) {
    const Decl *Function = &D;
    if (const auto *Template = dyn_cast<FunctionTemplateDecl>(Function))
      Function = Template->getTemplatedDecl();
    if (isa<CXXConstructorDecl, CXXDestructorDecl>(Function))
      return false;
    if (const auto *Method = dyn_cast<CXXMethodDecl>(Function); Method && Method->getOverloadedOperator() == OO_Call)
      return false;
    const SourceManager &Sources = D.getASTContext().getSourceManager();
    return Sources.isInSystemHeader(Sources.getExpansionLoc(D.getLocation()));
  }

  PreambleCallbacks &Inner;
};

} // namespace

llvm::ErrorOr<PrecompiledPreamble> wrappedBuild(const CompilerInvocation &Invocation,
                                                const llvm::MemoryBuffer *MainFile, PreambleBounds Bounds,
                                                IntrusiveRefCntPtr<DiagnosticsEngine> Diagnostics,
                                                IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files,
                                                std::shared_ptr<PCHContainerOperations> Containers, bool InMemory,
                                                StringRef StoragePath, PreambleCallbacks &Callbacks) {
  KeepBodies Keep(Callbacks);
  return realBuild(Invocation, MainFile, Bounds, std::move(Diagnostics), std::move(Files), std::move(Containers),
                   InMemory, StoragePath, Keep);
}
