#include "checks/lower/Syntax.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"

using namespace clang;

namespace latchkey::lower {
namespace {

StringRef calleeName(const Expr *Callee) {
  Callee = Callee->IgnoreParenImpCasts();
  if (const auto *Reference = dyn_cast<DeclRefExpr>(Callee))
    return Reference->getDecl()->getIdentifier() ? Reference->getDecl()->getName() : "";
  if (const auto *Overloads = dyn_cast<OverloadExpr>(Callee))
    return Overloads->getName().isIdentifier() ? Overloads->getName().getAsIdentifierInfo()->getName() : "";
  if (const auto *Dependent = dyn_cast<DependentScopeDeclRefExpr>(Callee))
    return Dependent->getDeclName().isIdentifier() ? Dependent->getDeclName().getAsIdentifierInfo()->getName() : "";
  return "";
}

/// What E stands for one step further in, or null.
const Expr *inner(const Expr *E) {
  if (const auto *Construct = dyn_cast<CXXConstructExpr>(E)) {
    unsigned Given = 0;
    while (Given < Construct->getNumArgs() && !Construct->getArg(Given)->isDefaultArgument())
      ++Given;
    return Given == 1 ? Construct->getArg(0) : nullptr;
  }
  if (const auto *Construct = dyn_cast<CXXUnresolvedConstructExpr>(E))
    return Construct->getNumArgs() == 1 ? Construct->getArg(0) : nullptr;
  if (const auto *List = dyn_cast<InitListExpr>(E))
    return List->getNumInits() == 1 ? List->getInit(0) : nullptr;
  if (const auto *List = dyn_cast<ParenListExpr>(E))
    return List->getNumExprs() == 1 ? List->getExpr(0) : nullptr;
  if (const auto *Call = dyn_cast<CallExpr>(E); Call && Call->getNumArgs() == 1 && !isa<CXXOperatorCallExpr>(E)) {
    StringRef Name = calleeName(Call->getCallee());
    return Name == "move" || Name == "forward" || Name == "addressof" ? Call->getArg(0) : nullptr;
  }
  return nullptr;
}

/// Without the address and dereferencing operators and the accessors that come to the same.
const Expr *withoutIndirection(const Expr *E) {
  while (true) {
    E = bare(E);
    if (const auto *Operator = dyn_cast<UnaryOperator>(E);
        Operator && (Operator->getOpcode() == UO_AddrOf || Operator->getOpcode() == UO_Deref)) {
      E = Operator->getSubExpr();
      continue;
    }
    if (const auto *Operator = dyn_cast<CXXOperatorCallExpr>(E);
        Operator && Operator->getNumArgs() == 1 &&
        (Operator->getOperator() == OO_Star || Operator->getOperator() == OO_Arrow)) {
      E = Operator->getArg(0);
      continue;
    }
    if (auto Method = methodCall(*E); Method && Method->Object && (Method->Name == "get" || Method->Name == "load")) {
      E = Method->Object;
      continue;
    }
    return E;
  }
}

bool isThis(const Expr *Base) {
  return isa<CXXThisExpr>(Base->IgnoreParenCasts());
}

} // namespace

const Expr *bare(const Expr *E) {
  while (true) {
    const Expr *Next = E->IgnoreParenCasts();
    if (const auto *Cleanups = dyn_cast<FullExpr>(Next))
      Next = Cleanups->getSubExpr();
    else if (const auto *Temporary = dyn_cast<MaterializeTemporaryExpr>(Next))
      Next = Temporary->getSubExpr();
    else if (const auto *Bind = dyn_cast<CXXBindTemporaryExpr>(Next))
      Next = Bind->getSubExpr();
    else if (const auto *Default = dyn_cast<CXXDefaultInitExpr>(Next))
      Next = Default->getExpr();
    else if (const auto *Replaced = dyn_cast<SubstNonTypeTemplateParmExpr>(Next))
      Next = Replaced->getReplacement();
    else if (const Expr *Inner = inner(Next))
      Next = Inner;
    if (Next == E)
      return E;
    E = Next;
  }
}

const FieldDecl *fieldByName(const CXXRecordDecl &Class, StringRef Name) {
  const CXXRecordDecl *Definition = Class.getDefinition();
  if (!Definition || Name.empty())
    return nullptr;
  for (const FieldDecl *Field : Definition->fields())
    if (Field->getName() == Name)
      return Field;
  for (const CXXBaseSpecifier &Base : Definition->bases())
    if (const CXXRecordDecl *Record = Base.getType()->getAsCXXRecordDecl())
      if (const FieldDecl *Field = fieldByName(*Record, Name))
        return Field;
  return nullptr;
}

const FieldDecl *namedField(const Expr *E, const CXXRecordDecl &Class) {
  E = withoutIndirection(E);
  // A template's field and its instance's have the same name: look it up in the class that was asked about.
  if (const auto *Member = dyn_cast<MemberExpr>(E); Member && isThis(Member->getBase()))
    return isa<FieldDecl>(Member->getMemberDecl()) ? fieldByName(Class, Member->getMemberDecl()->getName()) : nullptr;
  if (const auto *Member = dyn_cast<CXXDependentScopeMemberExpr>(E))
    if ((Member->isImplicitAccess() || isThis(Member->getBase())) && Member->getMember().isIdentifier())
      return fieldByName(Class, Member->getMember().getAsIdentifierInfo()->getName());
  return nullptr;
}

const ParmVarDecl *namedParameter(const Expr *E) {
  const auto *Reference = dyn_cast<DeclRefExpr>(withoutIndirection(E));
  return Reference ? dyn_cast<ParmVarDecl>(Reference->getDecl()) : nullptr;
}

std::optional<MethodCall> methodCall(const Expr &E) {
  const auto *Call = dyn_cast<CallExpr>(&E);
  if (!Call || isa<CXXOperatorCallExpr>(Call))
    return std::nullopt;
  const Expr *Callee = Call->getCallee()->IgnoreParenImpCasts();
  if (const auto *Member = dyn_cast<MemberExpr>(Callee)) {
    const auto *Method = dyn_cast<CXXMethodDecl>(Member->getMemberDecl());
    if (!Method || !Method->getIdentifier())
      return std::nullopt;
    return MethodCall{isThis(Member->getBase()) ? nullptr : Member->getBase(), Method->getName()};
  }
  if (const auto *Member = dyn_cast<CXXDependentScopeMemberExpr>(Callee)) {
    if (!Member->getMember().isIdentifier())
      return std::nullopt;
    bool OnThis = Member->isImplicitAccess() || isThis(Member->getBase());
    return MethodCall{OnThis ? nullptr : Member->getBase(), Member->getMember().getAsIdentifierInfo()->getName()};
  }
  if (const auto *Member = dyn_cast<UnresolvedMemberExpr>(Callee)) {
    if (!Member->getMemberName().isIdentifier())
      return std::nullopt;
    bool OnThis = Member->isImplicitAccess() || isThis(Member->getBase());
    return MethodCall{OnThis ? nullptr : Member->getBase(), Member->getMemberName().getAsIdentifierInfo()->getName()};
  }
  return std::nullopt;
}

const FunctionDecl *bodyOrPattern(const FunctionDecl *F) {
  if (!F)
    return nullptr;
  const FunctionDecl *Definition = nullptr;
  if (F->hasBody(Definition))
    return Definition;
  const FunctionDecl *Pattern = F->getTemplateInstantiationPattern();
  return Pattern && Pattern->hasBody(Definition) ? Definition : nullptr;
}

} // namespace latchkey::lower
