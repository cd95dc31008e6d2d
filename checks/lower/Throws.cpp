#include "checks/lower/Throws.h"

#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/CXXInheritance.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <deque>
#include <set>

using namespace clang;

namespace latchkey::lower {
namespace {

std::string recordName(const RecordDecl &Record) {
  std::string Name = qualifiedName(Record);
  if (const auto *Instance = dyn_cast<ClassTemplateSpecializationDecl>(&Record)) {
    llvm::raw_string_ostream Stream(Name);
    printTemplateArgumentList(Stream, Instance->getTemplateArgs().asArray(),
                              PrintingPolicy(Record.getASTContext().getLangOpts()));
  }
  return Name;
}

/// Public bases reachable from Record, nearest first, without those that are there twice.
std::vector<std::string> publicBases(const CXXRecordDecl &Record) {
  std::vector<std::string> Names;
  std::set<std::string> Seen, Twice;
  std::deque<const CXXRecordDecl *> Next{&Record};
  while (!Next.empty()) {
    const CXXRecordDecl *Class = Next.front();
    Next.pop_front();
    if (!Class->hasDefinition())
      continue;
    for (const CXXBaseSpecifier &Specifier : Class->getDefinition()->bases()) {
      const CXXRecordDecl *Base = Specifier.getType()->getAsCXXRecordDecl();
      if (!Base || Specifier.getAccessSpecifier() != AS_public)
        continue;
      std::string Name = recordName(*Base);
      if (Seen.insert(Name).second)
        Names.push_back(Name), Next.push_back(Base);
      else if (!Specifier.isVirtual())
        Twice.insert(Name);
    }
  }
  llvm::erase_if(Names, [&](const std::string &Name) { return Twice.count(Name) != 0; });
  return Names;
}

} // namespace

std::string exceptionName(QualType T) {
  if (T.isNull())
    return {};
  T = T.getNonReferenceType().getCanonicalType().getUnqualifiedType();
  if (const auto *Record = T->getAsRecordDecl())
    return recordName(*Record);
  PrintingPolicy Policy(LangOptions{});
  Policy.Bool = true;
  Policy.SuppressInlineNamespace = llvm::to_underlying(PrintingPolicy::SuppressInlineNamespaceMode::All);
  return T.getAsString(Policy);
}

std::vector<std::string> thrownTypes(QualType T) {
  std::vector<std::string> Result{exceptionName(T)};
  if (const auto *Record = T.getNonReferenceType()->getAsCXXRecordDecl())
    llvm::append_range(Result, publicBases(*Record));
  else if (T->isPointerType() && !T->isFunctionPointerType() && !T->isVoidPointerType())
    Result.push_back("void *");
  return Result;
}

std::vector<std::string> thrownTypes(const CXXThrowExpr &Throw) {
  return Throw.getSubExpr() ? thrownTypes(Throw.getSubExpr()->getType()) : std::vector<std::string>();
}

std::string caughtType(const CXXCatchStmt &Handler) {
  return exceptionName(Handler.getCaughtType());
}

bool catches(llvm::StringRef Caught, const std::vector<std::string> &Thrown) {
  return Caught.empty() || llvm::is_contained(Thrown, Caught);
}

} // namespace latchkey::lower
