#include "checks/lower/Names.h"

#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace clang;

namespace latchkey::lower {
namespace {

std::string recordName(const TagDecl &Tag) {
  if (const auto *Record = dyn_cast<CXXRecordDecl>(&Tag); Record && Record->isLambda())
    return "(lambda)";
  if (const TypedefNameDecl *Typedef = Tag.getTypedefNameForAnonDecl())
    return Typedef->getName().str();
  return Tag.getIdentifier() ? Tag.getName().str() : "(unnamed)";
}

/// The last component. The name Clang prints for constructors and destructors has template arguments.
std::string simpleName(const NamedDecl &D) {
  if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(&D))
    return recordName(*Constructor->getParent());
  if (const auto *Destructor = dyn_cast<CXXDestructorDecl>(&D))
    return "~" + recordName(*Destructor->getParent());
  if (const auto *Tag = dyn_cast<TagDecl>(&D))
    return recordName(*Tag);
  if (const auto *Namespace = dyn_cast<NamespaceDecl>(&D); Namespace && Namespace->isAnonymousNamespace())
    return "(anonymous)";
  return D.getDeclName() ? D.getNameAsString() : "(unnamed)";
}

bool isTransparent(const DeclContext &Context) {
  if (const auto *Namespace = dyn_cast<NamespaceDecl>(&Context))
    return Namespace->isInline();
  // An unnamed union's or struct's members are named like its owner's.
  if (const auto *Record = dyn_cast<RecordDecl>(&Context))
    return Record->isAnonymousStructOrUnion();
  return !isa<NamedDecl>(Context);
}

std::string joined(SmallVectorImpl<std::string> &Parts) {
  std::reverse(Parts.begin(), Parts.end());
  return llvm::join(Parts, "::");
}

} // namespace

std::string qualifiedName(const NamedDecl &D) {
  SmallVector<std::string, 6> Parts{simpleName(D)};
  for (const DeclContext *Context = D.getDeclContext(); Context; Context = Context->getParent())
    if (!isTransparent(*Context))
      Parts.push_back(simpleName(*cast<NamedDecl>(Decl::castFromDeclContext(Context))));
  return joined(Parts);
}

bool names(const Expr *E, StringRef Name) {
  const auto *Reference = dyn_cast_or_null<DeclRefExpr>(E ? E->IgnoreParenImpCasts() : nullptr);
  return Reference && qualifiedName(*Reference->getDecl()) == Name;
}

std::string displayName(const FunctionDecl &F) {
  const auto *Method = dyn_cast<CXXMethodDecl>(&F);
  if (Method && Method->getParent()->isLambda())
    return "lambda";
  SmallVector<std::string, 4> Parts{simpleName(F)};
  for (const DeclContext *Context = F.getDeclContext(); Context && Context->isRecord(); Context = Context->getParent())
    if (!isTransparent(*Context))
      Parts.push_back(recordName(*cast<TagDecl>(Context)));
  return joined(Parts);
}

} // namespace latchkey::lower
