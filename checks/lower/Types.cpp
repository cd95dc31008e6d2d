#include "checks/lower/Types.h"

#include "checks/lower/Names.h"
#include "checks/lower/Templates.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"

using namespace clang;

namespace latchkey::lower {
namespace {

using Kind = ir::Type::Kind;

/// A unique_ptr whose user gave it a deleter.
bool hasUserDeleter(const RecordDecl &Record, QualType T, const Sources &Places) {
  return qualifiedName(Record) == "std::unique_ptr" && isUserDeleter(writtenArgument(T, 1), Places);
}

std::vector<std::string> publicMethods(const CXXRecordDecl &Class) {
  std::vector<std::string> Names;
  for (const CXXMethodDecl *Method : Class.methods())
    if (Method->getAccess() == AS_public && Method->getIdentifier())
      Names.push_back(Method->getName().str());
  for (const CXXBaseSpecifier &Base : Class.bases())
    if (const auto *Record = Base.getType()->getAsCXXRecordDecl(); Record && Record->hasDefinition())
      llvm::append_range(Names, publicMethods(*Record->getDefinition()));
  return Names;
}

/// Nothing in an object of the class leads to anything that its copies could have in common, and what copying does is
/// to be seen.
bool countsApart(const CXXRecordDecl &Class) {
  for (const CXXConstructorDecl *Copy : Class.ctors())
    if (Copy->isCopyConstructor() && (Copy->isDeleted() || (Copy->isUserProvided() && !Copy->isDefined())))
      return false;
  for (const FieldDecl *Field : Class.fields()) {
    QualType T = Field->getType();
    const auto *Record = T->getAsCXXRecordDecl();
    auto Traits = Record ? templateTraits(*Record) : std::nullopt;
    bool Number = Traits && Traits->K == TemplateTraits::Kind::Atomic;
    if (T->isReferenceType() || T->isAnyPointerType() || (Traits && !Number))
      return false;
    // A system's own plain types, as pthread_mutex_t, mean themselves, whatever they are made of.
    bool Plain = Record && Record->hasDefinition() && Record->isCLike() &&
                 Class.getASTContext().getSourceManager().isInSystemHeader(Record->getLocation());
    if (Record && !Number && !Plain && Record->hasDefinition() && !Record->isInStdNamespace() &&
        !countsApart(*Record->getDefinition()))
      return false;
  }
  return llvm::all_of(Class.bases(), [](const CXXBaseSpecifier &Base) {
    const auto *Record = Base.getType()->getAsCXXRecordDecl();
    return Record && Record->hasDefinition() && countsApart(*Record->getDefinition());
  });
}

QualType plain(QualType T) {
  return T.getNonReferenceType();
}

} // namespace

TypeTable::TypeTable(ASTContext &Context, const model::Library &Models, Sources &Places, Ids &Identity,
                     ir::Module &Module)
    : Context(Context), Models(Models), Places(Places), Identity(Identity), Module(Module), ByShape(Models) {
  if (Module.Types.empty())
    Module.Types.emplace_back();
}

uint32_t TypeTable::index(QualType T) {
  if (T.isNull() || T->isDependentType() || T->isUndeducedType())
    return 0;
  if (auto Found = Known.find(T.getTypePtr()); Found != Known.end())
    return Found->second;
  // A typedef may have a model of its own (pthread_t), so the canonical type answers only for those without sugar.
  const clang::Type *Key = T.getTypePtr();
  ++Depth;
  uint32_t Result = make(T);
  --Depth;
  Known[Key] = Result;
  if (Depth == 0)
    fillClasses();
  return Result;
}

uint32_t TypeTable::make(QualType T) {
  ir::Type Result = recognise(T);
  if (Result.K == Kind::Other)
    return 0;
  return add(std::move(Result));
}

uint32_t TypeTable::add(ir::Type T) {
  auto [Entry, New] = Entries.try_emplace(T, static_cast<uint32_t>(Module.Types.size()));
  if (New)
    Module.Types.push_back(std::move(T));
  return Entry->second;
}

ir::Type TypeTable::recognise(QualType T) {
  ir::Type Result;
  if (const model::TypeModel *Model = typedefModel(T))
    return fromModel(*Model, T);
  if (T->isReferenceType() || T->isAnyPointerType()) {
    QualType Pointee = T->getPointeeType();
    Result.K = Pointee->isFunctionType() ? Kind::Callable : Kind::Pointer;
    if (Result.K == Kind::Pointer)
      Result.Element = index(Pointee);
    Result.Reference = T->isReferenceType();
    return Result;
  }
  if (T->isMemberFunctionPointerType() || T->isFunctionType()) {
    Result.K = Kind::Callable;
    return Result;
  }
  if (const auto *Array = Context.getAsArrayType(T)) {
    Result.K = Kind::Container;
    Result.Element = index(Array->getElementType());
    // `pthread_t[4]`, not what it is a typedef of.
    Result = named(Result, T);
    if (const auto *Sized = dyn_cast<ConstantArrayType>(Array); Sized && !Result.Name.empty())
      if (const std::string &Of = Module.Types[Result.Element].Name; !Of.empty())
        Result.Name = Of + "[" + llvm::toString(Sized->getSize(), 10, false) + "]";
    return Result;
  }
  if (const auto *Record = T->getAsRecordDecl())
    return fromRecord(*Record, T);
  if (T->isAtomicType() || T->isIntegralOrEnumerationType()) {
    Result.K = Kind::Number;
    Result.Atomic = T->isAtomicType();
  }
  return Result;
}

/// Only what a message may speak about gets a name.
ir::Type TypeTable::named(ir::Type Result, QualType T) const {
  ir::Type Element = Module.Types[Result.Element];
  bool Plain = Result.K == Kind::Container || Result.K == Kind::Pointer;
  if (Plain && (Element.K == Kind::Other || Element.K == Kind::Number))
    return Result;
  PrintingPolicy Policy(Context.getLangOpts());
  Policy.SuppressTagKeyword = true;
  Policy.AnonymousTagLocations = false;
  Policy.SuppressInlineNamespace = llvm::to_underlying(PrintingPolicy::SuppressInlineNamespaceMode::All);
  Policy.SuppressUnwrittenScope = true;
  Result.Name = T.getCanonicalType().getUnqualifiedType().getAsString(Policy);
  return Result;
}

const model::TypeModel *TypeTable::typedefModel(QualType T) const {
  while (true) {
    if (const auto *Typedef = dyn_cast<TypedefType>(T.getTypePtr()))
      if (const model::TypeModel *Model = Models.type(qualifiedName(*Typedef->getDecl())))
        return Model;
    QualType Next = T.getSingleStepDesugaredType(Context);
    if (Next == T)
      return nullptr;
    T = Next;
  }
}

ir::Type TypeTable::fromModel(const model::TypeModel &Model, QualType T) {
  ir::Type Result = Model.Traits;
  if (Result.K == Kind::Pointer || Result.K == Kind::Container) {
    QualType Element = element(T);
    Result.Element = Element.isNull() ? 0 : index(Element);
  }
  if (Result.K == Kind::Number || Result.K == Kind::Other)
    return Result;
  // Readers and writers of such a mutex unlock by different calls.
  if (Result.K == Kind::Mutex)
    Result.Apart = llvm::any_of(Model.Methods, [](const model::FunctionModel &Method) {
      return llvm::any_of(Method.Actions, [](const model::Action &A) { return A.O == ir::Op::Unlock && A.Shared; });
    });
  Result = named(Result, T);
  // A scalar is shown by the name that gives it its meaning.
  if (!T->isRecordType())
    Result.Name = Model.Name;
  return Result;
}

ir::Type TypeTable::fromRecord(const RecordDecl &Record, QualType T) {
  ir::Type Result;
  if (const model::TypeModel *Model = model(Record)) {
    if (!hasUserDeleter(Record, T, Places))
      return fromModel(*Model, T);
  }
  const auto *Class = dyn_cast<CXXRecordDecl>(&Record);
  if (Class && Class->isLambda()) {
    Result.K = Kind::Callable;
    return Result;
  }
  auto Traits = templateTraits(Record);
  if (Traits && Traits->K == TemplateTraits::Kind::Atomic) {
    // Of a pointer or a class it is that; atomic_flag has no argument.
    QualType Value = writtenArgument(T, 0);
    Result = Value.isNull() ? Result : recognise(Value);
    if (Value.isNull() || Result.K == Kind::Number)
      Result.K = Kind::Number, Result.Atomic = true;
    return Result;
  }
  if (Traits) {
    QualType Element = element(T);
    Result.Element = Element.isNull() ? 0 : index(Element);
    Result.Owning = Traits->Owning && Traits->K == TemplateTraits::Kind::Pointer;
    Result.SharedCopies = Traits->SharedCopies;
    if (hasUserDeleter(Record, T, Places))
      Result.K = Kind::Guard, Result.Dismissable = true, Result.Element = 0;
    else if (Traits->K == TemplateTraits::Kind::Pointer)
      Result.K = Kind::Pointer;
    else if (Traits->K == TemplateTraits::Kind::Container)
      Result.K = Kind::Container, Result.Keyed = isKeyed(T);
    // A reference_wrapper of a callable is the callable.
    if (Traits->K == TemplateTraits::Kind::Callable ||
        (Result.K == Kind::Pointer && Module.Types[Result.Element].K == Kind::Callable && !Result.Owning)) {
      Result = {};
      Result.K = Kind::Callable;
    }
    return named(Result, T);
  }
  if (Class) {
    const Shape &S = shape(T);
    if (S.K == Shape::Kind::Guard || S.K == Shape::Kind::Locker) {
      Result.K = S.K == Shape::Kind::Guard ? Kind::Guard : Kind::Locker;
      Result.Dismissable = S.Flag != nullptr;
      Result.Doubles = S.K == Shape::Kind::Guard && ByShape.doubles(*Class);
      return named(Result, T);
    }
    Result.ByShape = S.K == Shape::Kind::Presumed && holdsOnly(*Class, nullptr);
    // A destructor of the user's is looked at by itself, here or in another translation unit.
    if (Result.ByShape && Places.isSystem(*Class)) {
      Result.K = Kind::Guard;
      return named(Result, T);
    }
  }
  if (!Record.getDefinition() || interest(Record) == 0)
    return {};
  Result.K = Kind::Class;
  Result.Class = classId(Record);
  return named(Result, T);
}

bool TypeTable::holdsOnly(const CXXRecordDecl &Class, const FieldDecl *Member) {
  for (const FieldDecl *Field : Class.fields())
    if (Field != Member && !Field->getType()->isReferenceType() && !Field->getType()->isPointerType() &&
        (interest(Field->getType()) & Matters))
      return false;
  return true;
}

bool TypeTable::ofInterest(QualType T) {
  return interest(T) != 0;
}

bool TypeTable::needsDestroy(QualType T) {
  if (T.isNull() || T->isDependentType() || T->isReferenceType())
    return false;
  // Copies of a scalar handle end without a trace unless the type says otherwise.
  if (const model::TypeModel *Model = typedefModel(T); Model && !T->isRecordType())
    return Model->Traits.End != ir::Type::Ending::Nothing;
  return (interest(T) & Ends) != 0;
}

const model::TypeModel *TypeTable::model(QualType T) {
  if (T.isNull() || T->isDependentType())
    return nullptr;
  T = plain(T);
  if (const model::TypeModel *Model = typedefModel(T))
    return Model;
  const auto *Record = T->getAsRecordDecl();
  return Record ? model(*Record) : nullptr;
}

const model::TypeModel *TypeTable::model(const RecordDecl &Record) {
  const auto *Key = cast<RecordDecl>(Record.getCanonicalDecl());
  if (auto Found = RecordModels.find(Key); Found != RecordModels.end())
    return Found->second;
  // Everything that looks at a class comes by here first.
  if (Complete && !Record.getDefinition())
    if (const auto *Instance = dyn_cast<ClassTemplateSpecializationDecl>(Key);
        Instance && !Places.isSystem(*Instance->getSpecializedTemplate()))
      Complete(*Key);
  const model::TypeModel *Result = findModel(*Key);
  return RecordModels[Key] = Result;
}

const model::TypeModel *TypeTable::findModel(const RecordDecl &Record) {
  std::string Name = qualifiedName(Record);
  if (const model::TypeModel *Model = Models.type(Name))
    return Model;
  const auto *Class = dyn_cast<CXXRecordDecl>(&Record);
  if (!Class || !Class->hasDefinition() || Class->isDependentContext() || Class->isLambda())
    return nullptr;
  Class = Class->getDefinition();
  // A class that adds nothing to what it is derived from means the same.
  const CXXDestructorDecl *Destructor = Class->getDestructor();
  if (Class->field_empty() && Class->getNumBases() == 1 && !(Destructor && Destructor->isUserProvided()) &&
      Class->bases_begin()->getAccessSpecifier() == AS_public)
    if (const auto *Base = Class->bases_begin()->getType()->getAsRecordDecl())
      if (const model::TypeModel *Model = model(*Base))
        return Model;
  std::optional<model::TypeModel> Made;
  if (Class->getIdentifier())
    Made = model::counterByName(Name, publicMethods(*Class));
  if (Made)
    Made->Traits.Apart = countsApart(*Class);
  if (!Made && ByShape.of(*Class).K == Shape::Kind::Mutex)
    Made = ByShape.mutexModel(*Class);
  return Made ? &(MadeModels[&Record] = std::move(*Made)) : nullptr;
}

bool TypeTable::isLambda(QualType T) const {
  const CXXRecordDecl *Class = T.isNull() ? nullptr : plain(T)->getAsCXXRecordDecl();
  return Class && Class->isLambda();
}

bool TypeTable::isCallableHolder(QualType T) {
  return !T.isNull() && !isLambda(T) && plain(T)->isRecordType() && type(plain(T)).K == Kind::Callable;
}

bool TypeTable::isCallable(QualType T) {
  if (T.isNull() || T->isDependentType())
    return false;
  T = plain(T);
  if (type(T).K == Kind::Callable)
    return true;
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition())
    return false;
  return !Class->lookup(Context.DeclarationNames.getCXXOperatorName(OO_Call)).empty();
}

bool TypeTable::isSmartPointer(QualType T) {
  if (T.isNull() || T->isDependentType() || !plain(T)->isRecordType())
    return false;
  const auto *Record = plain(T)->getAsRecordDecl();
  if (const model::TypeModel *Model = model(*Record))
    return Model->Traits.K == Kind::Pointer;
  auto Traits = templateTraits(*Record);
  return Traits && Traits->K == TemplateTraits::Kind::Pointer && type(plain(T)).K != Kind::Callable;
}

bool TypeTable::isKeyed(QualType Container) {
  const CXXRecordDecl *Class = Container->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition())
    return false;
  return llvm::any_of(Class->decls(), [](const Decl *D) {
    const auto *Named = dyn_cast<TypedefNameDecl>(D);
    return Named && Named->getName() == "mapped_type";
  });
}

bool TypeTable::isContainer(QualType T) {
  if (T.isNull() || T->isDependentType())
    return false;
  T = plain(T);
  if (T->isArrayType())
    return true;
  const auto *Record = T->getAsRecordDecl();
  if (!Record)
    return false;
  if (const model::TypeModel *Model = model(*Record))
    return Model->Traits.K == Kind::Container;
  auto Traits = templateTraits(*Record);
  return Traits && Traits->K == TemplateTraits::Kind::Container;
}

QualType TypeTable::element(QualType T) {
  if (T.isNull() || T->isDependentType())
    return {};
  if (!T->getPointeeType().isNull())
    return T->getPointeeType();
  if (const auto *Array = Context.getAsArrayType(T))
    return Array->getElementType();
  const auto *Record = T->getAsRecordDecl();
  if (!Record)
    return {};
  auto Traits = templateTraits(*Record);
  const model::TypeModel *Model = model(*Record);
  bool Modelled = Model && (Model->Traits.K == Kind::Pointer || Model->Traits.K == Kind::Container);
  if (Traits ? Traits->K != TemplateTraits::Kind::Pointer && Traits->K != TemplateTraits::Kind::Container : !Modelled)
    return {};
  QualType Element = writtenArgument(T, Traits ? Traits->Argument : 0);
  // gsl::not_null<T *> and its kin.
  if (Traits && !Traits->Owning && !Element.isNull() && Element->isPointerType())
    return Element->getPointeeType();
  return Element;
}

const Shape &TypeTable::shape(QualType T) {
  static const Shape None;
  const CXXRecordDecl *Class = T.isNull() ? nullptr : plain(T)->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition() || model(*Class))
    return None;
  const Shape &S = ByShape.of(*Class);
  bool Armed = S.K == Shape::Kind::Guard || S.K == Shape::Kind::Locker;
  return !Armed || holdsOnly(*Class, S.Member) ? S : None;
}

} // namespace latchkey::lower
