#include "checks/lower/Shapes.h"

#include "checks/lower/Names.h"
#include "checks/lower/Syntax.h"
#include "checks/model/Model.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringSwitch.h"

using namespace clang;

namespace latchkey::lower {
namespace {

enum class LockCall : uint8_t { None, Lock, Unlock, SharedLock, SharedUnlock };

LockCall lockMethod(StringRef Name) {
  std::string Plain = Name.lower();
  llvm::erase(Plain, '_');
  return llvm::StringSwitch<LockCall>(Plain)
      .Cases({"lock", "trylock", "writelock", "wrlock", "lockexclusive", "acquirewritelock"}, LockCall::Lock)
      .Cases({"unlock", "writeunlock", "wrunlock", "unlockexclusive", "releasewritelock"}, LockCall::Unlock)
      .Cases({"lockshared", "readlock", "rdlock", "readerlock", "acquirereadlock"}, LockCall::SharedLock)
      .Cases({"unlockshared", "readunlock", "rdunlock", "readerunlock", "releasereadlock"}, LockCall::SharedUnlock)
      .Default(LockCall::None);
}

bool isLock(LockCall C) {
  return C == LockCall::Lock || C == LockCall::SharedLock;
}
bool isUnlock(LockCall C) {
  return C == LockCall::Unlock || C == LockCall::SharedUnlock;
}

/// Body of F that may be read: bodies of other functions in system headers are there in some faces only.
const FunctionDecl *readable(const FunctionDecl *F) {
  const FunctionDecl *Body = bodyOrPattern(F);
  if (!Body)
    return nullptr;
  const SourceManager &Manager = Body->getASTContext().getSourceManager();
  bool Always = isa<CXXConstructorDecl, CXXDestructorDecl>(Body) || Body->getOverloadedOperator() == OO_Call;
  return Always || !Manager.isInSystemHeader(Body->getLocation()) ? Body : nullptr;
}

/// The method of Class (or of a base) with a body that a call on `this` names; overloads are not told apart.
const FunctionDecl *methodNamed(const CXXRecordDecl &Class, StringRef Name) {
  const CXXRecordDecl *Definition = Class.getDefinition();
  if (!Definition)
    return nullptr;
  for (const Decl *D : Definition->decls()) {
    const auto *Method = dyn_cast<CXXMethodDecl>(D->getAsFunction() ? D->getAsFunction() : D);
    if (Method && Method->getIdentifier() && Method->getName() == Name && readable(Method))
      return readable(Method);
  }
  for (const CXXBaseSpecifier &Base : Definition->bases())
    if (const CXXRecordDecl *Record = Base.getType()->getAsCXXRecordDecl())
      if (const FunctionDecl *Method = methodNamed(*Record, Name))
        return Method;
  return nullptr;
}

/// Collects what a body of a class's method does to the object's fields, one level of helpers included.
class BodyScan : public RecursiveASTVisitor<BodyScan> {
public:
  struct Test {
    const FieldDecl *Field;
    bool ActsWhen;
  };

  BodyScan(const CXXRecordDecl &Class, const model::Library &Models, unsigned Depth = 0)
      : Class(Class), Models(Models), Depth(Depth) {}

  void scan(const FunctionDecl &F) {
    if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(&F))
      for (const CXXCtorInitializer *Initialiser : Constructor->inits())
        initialiser(*Initialiser);
    TraverseStmt(F.getBody());
  }

  bool TraverseLambdaExpr(LambdaExpr *) { return true; }

  bool VisitIfStmt(IfStmt *If) {
    const Expr *Condition = bare(If->getCond());
    bool ActsWhen = true;
    while (const auto *Not = dyn_cast<UnaryOperator>(Condition)) {
      if (Not->getOpcode() != UO_LNot)
        break;
      ActsWhen = !ActsWhen;
      Condition = bare(Not->getSubExpr());
    }
    if (const auto *Compare = dyn_cast<BinaryOperator>(Condition); Compare && Compare->isEqualityOp()) {
      // `if (f_ != nullptr)`, `if (active_ == true)`.
      const Expr *Other = bare(Compare->getRHS());
      const auto *Literal = dyn_cast<CXXBoolLiteralExpr>(Other);
      ActsWhen = ActsWhen == ((Compare->getOpcode() == BO_EQ) == (Literal && Literal->getValue()));
      Condition = Compare->getLHS();
    }
    const FieldDecl *Field = namedField(Condition, Class);
    if (!Field)
      return true;
    const Stmt *Then = If->getThen();
    if (const auto *Block = dyn_cast<CompoundStmt>(Then); Block && Block->size() == 1)
      Then = Block->body_front();
    Tests.push_back({Field, isa<ReturnStmt>(Then) ? !ActsWhen : ActsWhen});
    return true;
  }

  bool VisitCallExpr(CallExpr *Call) {
    if (auto *Operator = dyn_cast<CXXOperatorCallExpr>(Call)) {
      if (Operator->getOperator() == OO_Call)
        called(Operator->getArg(0));
      else if (Operator->getOperator() == OO_Equal && Operator->getNumArgs() == 2)
        assigned(Operator->getArg(0), Operator->getArg(1));
      return true;
    }
    Acts = true;
    if (auto Method = methodCall(*Call)) {
      method(*Method, *Call);
      return true;
    }
    called(Call->getCallee());
    function(*Call);
    return true;
  }

  bool VisitBinaryOperator(BinaryOperator *Operator) {
    if (Operator->getOpcode() == BO_Assign)
      assigned(Operator->getLHS(), Operator->getRHS());
    return true;
  }
  bool VisitCXXDeleteExpr(CXXDeleteExpr *) {
    Acts = true;
    return true;
  }

  std::vector<const FieldDecl *> Called;
  std::vector<Test> Tests;
  std::vector<std::pair<const FieldDecl *, const Expr *>> Assigned; ///< In order; null value for reset().
  struct LockUse {
    const FieldDecl *Field;       ///< Or
    const ParmVarDecl *Parameter; ///< this.
    LockCall Call;
  };
  std::vector<LockUse> Locks;
  bool Acts = false; ///< Calls or deletes something.

private:
  void initialiser(const CXXCtorInitializer &Initialiser) {
    if (!Initialiser.getInit())
      return;
    if (const FieldDecl *Field = Initialiser.getAnyMember())
      Assigned.emplace_back(fieldByName(Class, Field->getName()), Initialiser.getInit());
    TraverseStmt(Initialiser.getInit());
  }

  void called(const Expr *Callee) {
    if (const FieldDecl *Field = namedField(Callee, Class))
      Called.push_back(Field);
  }

  void assigned(const Expr *Left, const Expr *Right) {
    if (const FieldDecl *Field = namedField(Left, Class))
      Assigned.emplace_back(Field, Right);
  }

  void lock(const Expr *Object, LockCall Call) {
    const FieldDecl *Field = namedField(Object, Class);
    const ParmVarDecl *Parameter = Field ? nullptr : namedParameter(Object);
    if (Field || Parameter)
      Locks.push_back({Field, Parameter, Call});
  }

  void method(const MethodCall &Method, const CallExpr &Call) {
    if (!Method.Object) {
      helper(methodNamed(Class, Method.Name));
      return;
    }
    if (LockCall Kind = lockMethod(Method.Name); Kind != LockCall::None)
      lock(Method.Object, Kind);
    const FieldDecl *Field = namedField(Method.Object, Class);
    if (!Field)
      return;
    if (Method.Name == "reset" && Call.getNumArgs() == 0)
      Assigned.emplace_back(Field, nullptr);
    if (Method.Name == "store" && Call.getNumArgs() != 0)
      Assigned.emplace_back(Field, Call.getArg(0));
    // A part of the object that holds the callable and has a method to call it.
    const CXXRecordDecl *Part = Field->getType()->getAsCXXRecordDecl();
    const FunctionDecl *Helper = Part && Depth == 0 ? methodNamed(*Part, Method.Name) : nullptr;
    if (!Helper)
      return;
    BodyScan Scan(*Part, Models, Depth + 1);
    Scan.scan(*Helper);
    if (!Scan.Called.empty())
      Called.push_back(Field);
  }

  void helper(const FunctionDecl *Helper) {
    if (!Helper || Depth != 0)
      return;
    BodyScan Scan(Class, Models, Depth + 1);
    Scan.scan(*Helper);
    llvm::append_range(Called, Scan.Called);
    llvm::append_range(Tests, Scan.Tests);
    llvm::append_range(Assigned, Scan.Assigned);
    llvm::append_range(Locks, Scan.Locks);
  }

  void function(const CallExpr &Call) {
    const FunctionDecl *Callee = Call.getDirectCallee();
    if (!Callee || !Callee->getIdentifier())
      return;
    if (Callee->getName() == "invoke" && Callee->isInStdNamespace() && Call.getNumArgs() != 0)
      called(Call.getArg(0));
    lockFunction(Call, *Callee);
    const FunctionDecl *Body = Depth == 0 ? readable(Callee) : nullptr;
    if (!Body)
      return;
    // A helper that is given the callable and calls it.
    for (unsigned I = 0, E = std::min(Call.getNumArgs(), Body->getNumParams()); I != E; ++I)
      if (const FieldDecl *Field = namedField(Call.getArg(I), Class))
        if (callsParameter(*Body, *Body->getParamDecl(I)))
          Called.push_back(Field);
  }

  void lockFunction(const CallExpr &Call, const FunctionDecl &Callee) {
    for (const model::FunctionModel &Model : Models.functions(qualifiedName(Callee)))
      for (const model::Action &Action : Model.Actions) {
        bool Locks = Action.O == ir::Op::Lock || Action.O == ir::Op::TryLock;
        if ((Locks || Action.O == ir::Op::Unlock) && Action.Subject.Index < Call.getNumArgs())
          lock(Call.getArg(Action.Subject.Index), Locks ? LockCall::Lock : LockCall::Unlock);
      }
  }

  static bool callsParameter(const FunctionDecl &Body, const ParmVarDecl &Parameter) {
    struct Finder : RecursiveASTVisitor<Finder> {
      explicit Finder(const ParmVarDecl &Parameter) : Parameter(Parameter) {}
      bool VisitCallExpr(CallExpr *Call) {
        auto *Operator = dyn_cast<CXXOperatorCallExpr>(Call);
        const Expr *Callee = Operator && Operator->getOperator() == OO_Call ? Operator->getArg(0) : Call->getCallee();
        Found |= namedParameter(Callee) == &Parameter;
        return !Found;
      }
      const ParmVarDecl &Parameter;
      bool Found = false;
    } Finder(Parameter);
    Finder.TraverseStmt(Body.getBody());
    return Finder.Found;
  }

  const CXXRecordDecl &Class;
  const model::Library &Models;
  unsigned Depth;
};

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
  BodyScan Scan(Class, Models);
  Scan.scan(*Body);
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

void findFlag(const BodyScan &Scan, Shape &S) {
  for (const BodyScan::Test &Test : Scan.Tests)
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
  BodyScan Scan(Class, Models);
  Scan.scan(*Body);
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
    Locks |= Call == LockCall::Lock && !Method->getName().starts_with_insensitive("try");
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
  const FunctionDecl *Body = Destructor ? readable(Destructor) : nullptr;
  if (Body && isSmall(Class) && (findGuard(Class, *Body, S) || findLocker(Class, *Body, S)))
    return S;
  if (isMutex(Class))
    S.K = Shape::Kind::Mutex;
  else if (isPresumed(Class, Body, Models))
    S.K = Shape::Kind::Presumed;
  return S;
}

bool Shapes::findGuard(const CXXRecordDecl &Class, const FunctionDecl &Destructor, Shape &S) {
  BodyScan Scan(Class, Models);
  Scan.scan(Destructor);
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

bool Shapes::findLocker(const CXXRecordDecl &Class, const FunctionDecl &Destructor, Shape &S) {
  BodyScan Scan(Class, Models);
  Scan.scan(Destructor);
  for (const BodyScan::LockUse &Use : Scan.Locks) {
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
  Result.Traits.Reentrant = llvm::none_of(Class.fields(), [&](const FieldDecl *Field) {
    const auto *Record = Field->getType()->getAsRecordDecl();
    const model::TypeModel *Part = Record ? Models.type(qualifiedName(*Record)) : nullptr;
    return Part && Part->Traits.K == ir::Type::Kind::Mutex && !Part->Traits.Reentrant;
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
  const FunctionDecl *Body = readable(&Constructor);
  if (!Body || isCopyOrMove(Constructor))
    return false;
  BodyScan Scan(*Constructor.getParent(), Models);
  Scan.scan(*Body);
  return llvm::any_of(Scan.Locks, [](const BodyScan::LockUse &Use) { return isLock(Use.Call); });
}

std::optional<unsigned> Shapes::source(const CXXConstructorDecl &Constructor) {
  const Shape &S = of(*Constructor.getParent());
  if (!S.Member)
    return std::nullopt;
  return sourceOf(Constructor, S.Member->getName(), *Constructor.getParent(), Models, 0);
}

bool Shapes::dismisses(const CXXMethodDecl &Method, const CXXRecordDecl *Guard) {
  const FunctionDecl *Body = readable(&Method);
  const CXXRecordDecl *Class = Guard ? Guard : Method.getParent();
  const Shape &S = of(*Class);
  if (!Body || isa<CXXConstructorDecl, CXXDestructorDecl>(Method) || Method.getOverloadedOperator() == OO_Equal)
    return false;
  BodyScan Scan(*Class, Models);
  Scan.scan(*Body);
  for (auto [Field, Value] : Scan.Assigned)
    if (Field && Field == S.Flag && (isFlag(*Field) ? isLiteral(Value, !S.ArmedWhen) : isEmpty(Value)))
      return true;
  return false;
}

bool Shapes::fires(const CXXMethodDecl &Method, const CXXRecordDecl *Guard) {
  const FunctionDecl *Body = readable(&Method);
  const CXXRecordDecl *Class = Guard ? Guard : Method.getParent();
  const Shape &S = of(*Class);
  if (!Body || S.K != Shape::Kind::Guard || isa<CXXConstructorDecl, CXXDestructorDecl>(Method))
    return false;
  BodyScan Scan(*Class, Models);
  Scan.scan(*Body);
  return llvm::is_contained(Scan.Called, S.Member);
}

} // namespace latchkey::lower
