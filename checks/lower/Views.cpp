// Values that lead into an object without owning any of it: views, iterators, pointers to what a string or container
// holds. They are addresses of an element, whatever class they are of.
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Templates.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::lower {

using namespace clang;

static bool holdsPointer(const CXXRecordDecl &Class, unsigned Depth = 0) {
  auto Holds = [&](QualType T) {
    const CXXRecordDecl *Inner = T->getAsCXXRecordDecl();
    return T->isPointerType() || (Inner && Inner->hasDefinition() && Depth < 3 && holdsPointer(*Inner, Depth + 1));
  };
  return llvm::any_of(Class.fields(), [&](const FieldDecl *Field) { return Holds(Field->getType()); }) ||
         llvm::any_of(Class.bases(), [&](const CXXBaseSpecifier &Base) { return Holds(Base.getType()); });
}

/// By shape: a library's class that is copied like a pointer and holds one.
bool FunctionLowering::isView(QualType T) {
  const CXXRecordDecl *Class = T.isNull() ? nullptr : T.getNonReferenceType()->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition() || Class->isLambda() || !Mod.Places.isSystem(*Class) ||
      !Class->isTriviallyCopyable() || !holdsPointer(*Class))
    return false;
  auto Traits = templateTraits(*Class);
  return (!Traits || Traits->View) && !Mod.Types.model(*Class) && !Mod.Types.isCallable(T);
}

/// A string, an array, or a container of what is not of interest by itself: elements of others have states.
bool FunctionLowering::ownsElements(const Expr &E) {
  QualType T = E.getType().getNonReferenceType();
  if (T->isArrayType())
    return !Mod.Types.ofInterest(Mod.Types.element(T));
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition() || !Mod.Places.isSystem(*Class) || Class->isTriviallyCopyable() ||
      Mod.Types.isSmartPointer(T) || Mod.Types.model(*Class) || Mod.Types.isCallable(T))
    return false;
  return Mod.Types.isContainer(T) ? !Mod.Types.ofInterest(T) : isa<ClassTemplateSpecializationDecl>(Class);
}

std::optional<ir::Value> FunctionLowering::viewOf(const Expr &Of) {
  const Expr *E = strip(&Of);
  if (const auto *M = dyn_cast<MaterializeTemporaryExpr>(E))
    return isView(M->getType()) ? viewOf(*M->getSubExpr()) : std::nullopt;
  const Expr *Named = E->IgnoreParenImpCasts();
  if (!E->isGLValue() && !E->getType()->isArrayType())
    return view(*E);
  if (!isa<DeclRefExpr, MemberExpr>(Named))
    return std::nullopt;
  std::optional<ir::Place> P = isView(Named->getType()) || ownsElements(*Named) ? place(Named) : std::nullopt;
  if (!P)
    return std::nullopt;
  return isView(Named->getType()) ? ir::Value::copy(*P) : ir::Value::address(P->element());
}

std::optional<ir::Value> FunctionLowering::view(const Expr &Of) {
  const Expr *E = strip(&Of);
  Nesting Guard(*this);
  if (Guard.tooDeep() || !(isView(E->getType()) || E->getType()->isPointerType()))
    return std::nullopt;
  const Expr *From = nullptr;
  if (const auto *C = dyn_cast<CXXConstructExpr>(E)) {
    if (C->getNumArgs() >= 1 && isView(E->getType()))
      From = C->getArg(0);
  } else if (const auto *Member = dyn_cast<CXXMemberCallExpr>(E)) {
    const Expr *Object = Member->getImplicitObjectArgument();
    const auto *Access = dyn_cast<MemberExpr>(Member->getCallee()->IgnoreParens());
    if (Access && !Access->isArrow() && Object && (isView(Object->getType()) || ownsElements(*Object)))
      From = Object;
  } else if (const auto *Operator = dyn_cast<CXXOperatorCallExpr>(E)) {
    if (isView(E->getType()) && Operator->getNumArgs() >= 1 && isView(Operator->getArg(0)->getType()))
      From = Operator->getArg(0);
  } else if (const auto *Call = dyn_cast<CallExpr>(E)) {
    const FunctionDecl *Callee = Call->getDirectCallee();
    bool Walks = Callee && Callee->getIdentifier() && Mod.Places.isSystem(*Callee) && Call->getNumArgs() >= 1 &&
                 llvm::StringSwitch<bool>(Callee->getName())
                     .Cases({"begin", "end", "cbegin", "cend", "rbegin", "rend", "data"}, true)
                     .Cases({"next", "prev", "as_bytes", "as_writable_bytes"}, true)
                     .Default(false);
    if (Walks)
      From = Call->getArg(0);
  } else if (const auto *Cast = dyn_cast<CastExpr>(E); Cast && isView(E->getType())) {
    From = Cast->getSubExpr();
  }
  if (!From)
    return std::nullopt;
  // A view of a pointer leads where that does.
  if (const Expr *Plain = strip(From); Plain->getType()->isPointerType() && isView(E->getType())) {
    ir::Value V = pointerValue(*Plain);
    bool Known = V.K == ir::Value::Kind::Copy || V.K == ir::Value::Kind::Address;
    return Known ? std::optional(std::move(V)) : std::nullopt;
  }
  return viewOf(*From);
}

} // namespace latchkey::lower
