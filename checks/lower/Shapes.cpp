#include "checks/lower/Shapes.h"

#include "checks/lower/BodyScan.h"
#include "checks/lower/Names.h"
#include "checks/lower/Syntax.h"
#include "checks/model/Model.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"

using namespace clang;

namespace latchkey::lower {
namespace {

/// Constructors, those that templates make and their patterns included.
std::vector<const CXXConstructorDecl *> constructors(const CXXRecordDecl &Class) {
  std::vector<const CXXConstructorDecl *> Result;
  for (const Decl *D : Class.decls())
    if (const FunctionDecl *F = D->getAsFunction())
      if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(F))
        Result.push_back(Constructor);
  return Result;
}

bool isCopyOrMove(const CXXConstructorDecl &Constructor) {
  return Constructor.isCopyOrMoveConstructor();
}

std::optional<unsigned> sourceOf(const CXXConstructorDecl &Constructor, StringRef Member, const CXXRecordDecl &Class,
                                 const model::Library &Models, unsigned Depth);

/// Member is in a base, or another constructor does the work.
std::optional<unsigned> delegatedSource(const CXXCtorInitializer &Initialiser, StringRef Member,
                                        const model::Library &Models, unsigned Depth) {
  const auto *Construct =
      dyn_cast_or_null<CXXConstructExpr>(Initialiser.getInit() ? Initialiser.getInit()->IgnoreImplicit() : nullptr);
  if (!Construct || Depth > 2)
    return std::nullopt;
  const CXXConstructorDecl &Target = *Construct->getConstructor();
  auto Index = sourceOf(Target, Member, *Target.getParent(), Models, Depth + 1);
  if (!Index || *Index >= Construct->getNumArgs())
    return std::nullopt;
  const ParmVarDecl *Parameter = namedParameter(Construct->getArg(*Index));
  return Parameter ? std::optional(Parameter->getFunctionScopeIndex()) : std::nullopt;
}

std::optional<unsigned> sourceOf(const CXXConstructorDecl &Constructor, StringRef Member, const CXXRecordDecl &Class,
                                 const model::Library &Models, unsigned Depth) {
  const auto *Body = dyn_cast_or_null<CXXConstructorDecl>(bodyOrPattern(&Constructor));
  if (!Body || isCopyOrMove(Constructor))
    return std::nullopt;
  BodyFacts Scan = scanBody(*Body, Class, Models);
  for (auto [Field, Value] : Scan.Assigned)
    if (Field && Value && Field->getName() == Member)
      if (const ParmVarDecl *Parameter = namedParameter(Value))
        return Parameter->getFunctionScopeIndex();
  for (const CXXCtorInitializer *Initialiser : Body->inits())
    if (Initialiser->isBaseInitializer() || Initialiser->isDelegatingInitializer())
      if (auto Index = delegatedSource(*Initialiser, Member, Models, Depth))
        return Index;
  return std::nullopt;
}

bool isFlag(const FieldDecl &Field) {
  QualType T = Field.getType();
  if (T->isBooleanType() || T->isIntegerType())
    return true;
  const auto *Record = T->getAsCXXRecordDecl();
  return Record && Record->getIdentifier() && Record->getName() == "atomic";
}

void findFlag(const BodyFacts &Scan, Shape &S) {
  for (const BodyFacts::Test &Test : Scan.Tests)
    if (Test.Field == S.Member || isFlag(*Test.Field)) {
      S.Flag = Test.Field;
      S.ArmedWhen = Test.ActsWhen;
      return;
    }
}

/// More than a guard needs makes it something else: a class with a callback.
bool isSmall(const CXXRecordDecl &Class) {
  unsigned Public = 0;
  for (const CXXMethodDecl *Method : Class.methods()) {
    if (Method->isVirtual() && !isa<CXXDestructorDecl>(Method))
      return false;
    if (Method->getAccess() == AS_public && !Method->isImplicit() && !Method->isDeleted() &&
        !isa<CXXConstructorDecl, CXXDestructorDecl>(Method))
      ++Public;
  }
  return Public <= 8;
}

bool isLiteral(const Expr *Value, bool Wanted) {
  const Expr *Plain = Value ? bare(Value) : nullptr;
  if (const auto *Integer = dyn_cast_or_null<IntegerLiteral>(Plain))
    return Integer->getValue().getBoolValue() == Wanted;
  const auto *Literal = dyn_cast_or_null<CXXBoolLiteralExpr>(Plain);
  return Literal && Literal->getValue() == Wanted;
}

/// What empties a pointer or a callable: nullptr, {} or reset().
bool isEmpty(const Expr *Value) {
  const Expr *Plain = Value ? bare(Value) : nullptr;
  if (const auto *List = dyn_cast_or_null<InitListExpr>(Plain))
    return List->getNumInits() == 0;
  if (const auto *Construct = dyn_cast_or_null<CXXConstructExpr>(Plain))
    return Construct->getNumArgs() == 0;
  return !Plain || isa<CXXNullPtrLiteralExpr, GNUNullExpr, CXXScalarValueInitExpr>(Plain);
}

bool isCopyable(const CXXRecordDecl &Class) {
  for (const CXXConstructorDecl *Constructor : Class.ctors())
    if (Constructor->isCopyConstructor())
      return !Constructor->isDeleted() && Constructor->getAccess() == AS_public;
  if (Class.hasUserDeclaredMoveOperation())
    return false;
  for (const CXXBaseSpecifier &Base : Class.bases())
    if (const auto *Record = Base.getType()->getAsCXXRecordDecl(); Record && Record->hasDefinition())
      if (!isCopyable(*Record->getDefinition()))
        return false;
  for (const FieldDecl *Field : Class.fields())
    if (const auto *Record = Field->getType()->getAsCXXRecordDecl(); Record && Record->hasDefinition())
      if (!isCopyable(*Record->getDefinition()))
        return false;
  return true;
}

/// A copy or move constructor of the user's that takes the callable and leaves the other object as it is. One that
/// does anything but copy its fields is taken to disarm the other.
bool copiesAll(const CXXConstructorDecl &Transfer, const Shape &S) {
  const auto *Body = dyn_cast_or_null<CXXConstructorDecl>(bodyOrPattern(&Transfer));
  const auto *Block = Body ? dyn_cast_or_null<CompoundStmt>(Body->getBody()) : nullptr;
  if (!Block || !Block->body_empty() || Transfer.getParent()->getNumBases() != 0)
    return false;
  bool Takes = false;
  for (const CXXCtorInitializer *Initialiser : Body->inits()) {
    if (!Initialiser->isAnyMemberInitializer() || !Initialiser->isWritten())
      continue;
    const Expr *From = bare(Initialiser->getInit());
    while (const auto *Construct = dyn_cast<CXXConstructExpr>(From)) {
      if (Construct->getNumArgs() != 1)
        return false;
      From = bare(Construct->getArg(0));
    }
    const auto *Member = dyn_cast<MemberExpr>(From);
    const auto *Other = Member ? dyn_cast<DeclRefExpr>(bare(Member->getBase())) : nullptr;
    if (!Other || Other->getDecl() != Body->getParamDecl(0) ||
        Member->getMemberDecl()->getName() != Initialiser->getAnyMember()->getName())
      return false;
    Takes |= Initialiser->getAnyMember()->getName() == S.Member->getName();
  }
  return Takes;
}

struct PublicMembers {
  bool Constructor = false;
  bool Method = false;
  bool Field = false;
  bool FixedField = false; ///< A public field that can't be assigned: it is there to be initialised only.
};

PublicMembers publicMembers(const CXXRecordDecl &Class) {
  PublicMembers Result;
  for (const Decl *D : Class.decls()) {
    if (D->getAccess() != AS_public || D->isImplicit())
      continue;
    if (const auto *Field = dyn_cast<FieldDecl>(D))
      (Field->getType()->isReferenceType() ? Result.FixedField : Result.Field) = true;
    const FunctionDecl *F = D->getAsFunction();
    if (!F || F->isDeleted() || isa<CXXDestructorDecl>(F))
      continue;
    if (isa<CXXConstructorDecl>(F))
      Result.Constructor |= !cast<CXXConstructorDecl>(F)->isCopyOrMoveConstructor();
    else if (F->getOverloadedOperator() != OO_Equal && F->getOverloadedOperator() != OO_New &&
             F->getOverloadedOperator() != OO_Delete)
      Result.Method = true;
  }
  for (const CXXBaseSpecifier &Base : Class.bases())
    if (Base.getAccessSpecifier() == AS_public)
      if (const auto *Record = Base.getType()->getAsCXXRecordDecl(); Record && Record->hasDefinition()) {
        PublicMembers Inherited = publicMembers(*Record->getDefinition());
        Result.Method |= Inherited.Method;
        Result.Field |= Inherited.Field;
      }
  return Result;
}

bool isPresumed(const CXXRecordDecl &Class, const FunctionDecl *Body, const model::Library &Models) {
  const CXXDestructorDecl *Destructor = Class.getDestructor();
  if (!Destructor || !Destructor->isUserProvided() || Destructor->isVirtual() || Class.isUnion())
    return false;
  PublicMembers Public = publicMembers(Class);
  if (Public.Method || Public.Field)
    return false;
  if (!Body)
    return Public.Constructor && !Public.FixedField && !isCopyable(Class);
  BodyFacts Scan = scanBody(*Body, Class, Models);
  return Scan.Acts && (Public.Constructor || Public.FixedField);
}

bool isMutex(const CXXRecordDecl &Class) {
  bool Locks = false, Unlocks = false;
  for (const CXXMethodDecl *Method : Class.methods()) {
    if (Method->getAccess() != AS_public || !Method->getIdentifier() || Method->getNumParams() != 0 ||
        Method->isStatic())
      continue;
    QualType Result = Method->getReturnType();
    if (!Result->isVoidType() && !Result->isIntegralOrEnumerationType())
      continue;
    LockCall Call = lockMethod(Method->getName());
    Locks |= Call == LockCall::Lock && !Method->getName().ltrim('_').starts_with_insensitive("try");
    Unlocks |= Call == LockCall::Unlock;
  }
  return Locks && Unlocks;
}

} // namespace

const Shape &Shapes::of(const CXXRecordDecl &Record) {
  const CXXRecordDecl *Class = Record.getDefinition() ? Record.getDefinition() : &Record;
  auto [Entry, New] = Known.try_emplace(Class);
  if (New)
    Entry->second = make(*Class);
  return Entry->second;
}

Shape Shapes::make(const CXXRecordDecl &Class) {
  Shape S;
  if (!Class.hasDefinition() || Class.isInvalidDecl() || Class.isLambda() || Class.isDependentContext())
    return S;
  const CXXDestructorDecl *Destructor = Class.getDestructor();
  const FunctionDecl *Body = Destructor ? readableBody(Destructor) : nullptr;
  if (Body && isSmall(Class) &&
      (findGuard(Class, *Body, S) || findLocker(Class, *Body, S) || findPassing(Class, *Body, S)))
    return S;
  if (isMutex(Class))
    S.K = Shape::Kind::Mutex;
  else if (isPresumed(Class, Body, Models))
    S.K = Shape::Kind::Presumed;
  return S;
}

bool Shapes::findGuard(const CXXRecordDecl &Class, const FunctionDecl &Destructor, Shape &S) {
  BodyFacts Scan = scanBody(Destructor, Class, Models);
  for (const FieldDecl *Field : Scan.Called) {
    bool Given = Class.isAggregate() || llvm::any_of(constructors(Class), [&](const CXXConstructorDecl *C) {
                   return sourceOf(*C, Field->getName(), Class, Models, 0).has_value();
                 });
    if (!Given)
      continue;
    S.K = Shape::Kind::Guard;
    S.Member = Field;
    findFlag(Scan, S);
    return true;
  }
  return false;
}

bool Shapes::findPassing(const CXXRecordDecl &Class, const FunctionDecl &Destructor, Shape &S) {
  const auto *Block = dyn_cast_or_null<CompoundStmt>(Destructor.getBody());
  const auto *Only =
      Class.isLocalClass() && Block && Block->size() == 1 ? dyn_cast<Expr>(Block->body_front()) : nullptr;
  const auto *Call = Only ? dyn_cast<CallExpr>(Only->IgnoreImplicit()) : nullptr;
  const auto *Body = Call ? dyn_cast_or_null<CXXMethodDecl>(Call->getDirectCallee()) : nullptr;
  if (!Body || !Body->isStatic() || Body->getParent()->getCanonicalDecl() != Class.getCanonicalDecl())
    return false;
  S.K = Shape::Kind::Guard;
  S.Passes = Call;
  return true;
}

bool Shapes::findLocker(const CXXRecordDecl &Class, const FunctionDecl &Destructor, Shape &S) {
  BodyFacts Scan = scanBody(Destructor, Class, Models);
  for (const BodyFacts::LockUse &Use : Scan.Locks) {
    if (!Use.Field || !isUnlock(Use.Call))
      continue;
    QualType T = Use.Field->getType();
    S.Member = Use.Field;
    if (!(T->isReferenceType() || T->isPointerType()) ||
        llvm::none_of(constructors(Class), [&](const CXXConstructorDecl *C) { return locks(*C); }))
      continue;
    S.K = Shape::Kind::Locker;
    S.Shared = Use.Call == LockCall::SharedUnlock;
    findFlag(Scan, S);
    return true;
  }
  S.Member = nullptr;
  return false;
}

model::TypeModel Shapes::mutexModel(const CXXRecordDecl &Class) const {
  model::TypeModel Result;
  Result.Name = qualifiedName(Class);
  Result.Traits.K = ir::Type::Kind::Mutex;
  // Whether its holder may lock it again is known only from what it is made of.
  Result.Traits.Reentrant =
      llvm::none_of(Class.fields(),
                    [&](const FieldDecl *Field) {
                      const auto *Record = Field->getType()->getAsRecordDecl();
                      const model::TypeModel *Part = Record ? Models.type(qualifiedName(*Record)) : nullptr;
                      return Part && Part->Traits.K == ir::Type::Kind::Mutex && !Part->Traits.Reentrant;
                    }) ||
      llvm::any_of(constructors(Class), [&](const CXXConstructorDecl *C) {
        const FunctionDecl *Body = readableBody(C);
        return Body && scanBody(*Body, Class, Models).Attributes;
      });
  for (const CXXMethodDecl *Method : Class.methods()) {
    LockCall Call = Method->getIdentifier() && Method->getAccess() == AS_public && Method->getNumParams() == 0
                        ? lockMethod(Method->getName())
                        : LockCall::None;
    bool Tries = Method->getReturnType()->isBooleanType();
    if (Call == LockCall::None || (!Tries && !Method->getReturnType()->isVoidType()))
      continue;
    model::Action Action;
    Action.O = isUnlock(Call) ? ir::Op::Unlock : Tries ? ir::Op::TryLock : ir::Op::Lock;
    Action.Subject.K = model::Operand::Kind::This;
    Action.Shared = Call == LockCall::SharedLock || Call == LockCall::SharedUnlock;
    if (Action.O == ir::Op::TryLock)
      Action.When = ir::Success::WhenNonZero;
    model::FunctionModel Function;
    Function.Name = Method->getName().str();
    Function.MinArgs = Function.MaxArgs = 0;
    Function.Actions.push_back(Action);
    Result.Methods.push_back(std::move(Function));
  }
  return Result;
}

bool Shapes::locks(const CXXConstructorDecl &Constructor) {
  const FunctionDecl *Body = readableBody(&Constructor);
  if (!Body || isCopyOrMove(Constructor))
    return false;
  BodyFacts Scan = scanBody(*Body, *Constructor.getParent(), Models);
  return llvm::any_of(Scan.Locks, [](const BodyFacts::LockUse &Use) { return isLock(Use.Call); });
}

bool Shapes::asksToLock(const CXXConstructorDecl &Constructor) {
  const FunctionDecl *Body = readableBody(&Constructor);
  return Body && llvm::all_of(scanBody(*Body, *Constructor.getParent(), Models).Locks,
                              [](const BodyFacts::LockUse &Use) { return Use.Asked || !isLock(Use.Call); });
}

LockCall Shapes::lockerCall(const CXXMethodDecl &Method, const CXXRecordDecl &Locker) {
  const FunctionDecl *Body = readableBody(&Method);
  const Shape &S = of(Locker);
  if (!Body || S.K != Shape::Kind::Locker || isa<CXXConstructorDecl, CXXDestructorDecl>(Method) ||
      Method.getOverloadedOperator() == OO_Equal)
    return LockCall::None;
  LockCall Only = LockCall::None;
  for (const BodyFacts::LockUse &Use : scanBody(*Body, Locker, Models).Locks) {
    if (Use.Field != S.Member || (Only != LockCall::None && Only != Use.Call))
      return LockCall::None;
    Only = Use.Call;
  }
  return Only;
}

std::optional<unsigned> Shapes::source(const CXXConstructorDecl &Constructor) {
  const Shape &S = of(*Constructor.getParent());
  if (!S.Member)
    return std::nullopt;
  return sourceOf(Constructor, S.Member->getName(), *Constructor.getParent(), Models, 0);
}

bool Shapes::dismisses(const CXXMethodDecl &Method, const CXXRecordDecl *Guard) {
  const FunctionDecl *Body = readableBody(&Method);
  const CXXRecordDecl *Class = Guard ? Guard : Method.getParent();
  const Shape &S = of(*Class);
  if (!Body || isa<CXXConstructorDecl, CXXDestructorDecl>(Method) || Method.getOverloadedOperator() == OO_Equal)
    return false;
  BodyFacts Scan = scanBody(*Body, *Class, Models);
  for (auto [Field, Value] : Scan.Assigned)
    if (Field && Field == S.Flag && (isFlag(*Field) ? isLiteral(Value, !S.ArmedWhen) : isEmpty(Value)))
      return true;
  return false;
}

std::optional<unsigned> Shapes::rearms(const CXXMethodDecl &Method, const CXXRecordDecl &Guard) {
  const FunctionDecl *Body = readableBody(&Method);
  const Shape &S = of(Guard);
  if (!Body || !S.Member || S.K != Shape::Kind::Guard || isa<CXXConstructorDecl, CXXDestructorDecl>(Method) ||
      Method.getOverloadedOperator() == OO_Equal)
    return std::nullopt;
  BodyFacts Scan = scanBody(*Body, Guard, Models);
  for (auto [Field, Value] : Scan.Assigned)
    if (Field == S.Member && Value)
      if (const ParmVarDecl *Parameter = namedParameter(Value))
        return Parameter->getFunctionScopeIndex();
  return std::nullopt;
}

bool Shapes::fires(const CXXMethodDecl &Method, const CXXRecordDecl *Guard) {
  const FunctionDecl *Body = readableBody(&Method);
  const CXXRecordDecl *Class = Guard ? Guard : Method.getParent();
  const Shape &S = of(*Class);
  if (!Body || S.K != Shape::Kind::Guard || isa<CXXConstructorDecl, CXXDestructorDecl>(Method))
    return false;
  BodyFacts Scan = scanBody(*Body, *Class, Models);
  return llvm::is_contained(Scan.Called, S.Member);
}

bool Shapes::doubles(const CXXRecordDecl &Class) {
  const Shape &S = of(Class);
  const CXXConstructorDecl *Transfer = nullptr;
  for (const CXXConstructorDecl *Constructor : Class.ctors())
    if (isCopyOrMove(*Constructor) && !Constructor->isDeleted() && Constructor->getAccess() == AS_public &&
        (!Transfer || Constructor->isMoveConstructor()))
      Transfer = Constructor;
  bool Implicit = !Transfer && !Class.hasUserDeclaredCopyConstructor() && !Class.hasUserDeclaredMoveOperation();
  if (!Transfer && !Implicit)
    return false;
  if (!isCopyable(Class) && !(Transfer && Transfer->isMoveConstructor()))
    return false;
  if (Transfer && Transfer->isUserProvided())
    return S.Member && copiesAll(*Transfer, S);
  // A callable that is asked whether it is there is gone from what it was moved from; shared state is asked too.
  bool Moves = Transfer && Transfer->isMoveConstructor();
  if (Moves && S.Flag == S.Member)
    return false;
  return S.Member && !S.Member->getType()->isReferenceType();
}

} // namespace latchkey::lower
