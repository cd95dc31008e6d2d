// Which classes matter, and their entries in the module.
#include "checks/lower/Types.h"

#include "checks/lower/Moves.h"
#include "checks/lower/Names.h"
#include "checks/lower/PlainUse.h"
#include "checks/lower/Templates.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/ADT/MapVector.h"

using namespace clang;

namespace latchkey::lower {
namespace {

using Kind = ir::Type::Kind;

/// Its destructor does something, or a derived class's may.
bool hasOwnEnd(const CXXRecordDecl &Class) {
  const CXXDestructorDecl *Destructor = Class.getDestructor();
  if (!Destructor || Destructor->isDeleted())
    return false;
  return Destructor->isVirtual() || Destructor->isUserProvided();
}

/// Asks the declarations, as implicit members may not be declared yet.
bool canTransfer(const CXXRecordDecl &Class, bool Move) {
  for (const CXXConstructorDecl *Constructor : Class.ctors())
    if (Move ? Constructor->isMoveConstructor() : Constructor->isCopyConstructor())
      return !Constructor->isDeleted() && Constructor->getAccess() == AS_public;
  if (Move ? Class.hasUserDeclaredCopyConstructor() || Class.hasUserDeclaredCopyAssignment() ||
                 Class.hasUserDeclaredDestructor()
           : Class.hasUserDeclaredMoveOperation())
    return Move && canTransfer(Class, false);
  auto PartCan = [&](QualType T) {
    const auto *Record = T->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
    return !Record || !Record->hasDefinition() || canTransfer(*Record->getDefinition(), Move);
  };
  return llvm::all_of(Class.bases(), [&](const CXXBaseSpecifier &Base) { return PartCan(Base.getType()); }) &&
         llvm::all_of(Class.fields(), [&](const FieldDecl *Field) { return PartCan(Field->getType()); });
}

} // namespace

bool isUserDeleter(QualType T, const Sources &Places) {
  if (T.isNull())
    return false;
  if (T->isFunctionPointerType() || T->isFunctionReferenceType())
    return true;
  const CXXRecordDecl *Class = T->getAsCXXRecordDecl();
  if (!Class || qualifiedName(*Class) == "std::default_delete")
    return false;
  auto Traits = templateTraits(*Class);
  return !Places.isSystem(*Class) || (Traits && Traits->K == TemplateTraits::Kind::Callable);
}

uint8_t TypeTable::interest(QualType T) {
  std::vector<Edge> Edges;
  uint8_t Result = T.isNull() || T->isDependentType() ? 0 : follow(T, Matters | Ends, Edges);
  for (const Edge &E : Edges)
    Result |= interest(*E.To) & E.Mask;
  return Result;
}

/// What T means by itself, and the classes that decide the rest.
uint8_t TypeTable::follow(QualType T, uint8_t Mask, std::vector<Edge> &Edges) {
  if (T.isNull() || T->isDependentType())
    return 0;
  if (typedefModel(T))
    return (Matters | Ends) & Mask;
  if (T->isFunctionType() || T->isMemberFunctionPointerType())
    return Matters & Mask;
  if (QualType Pointee = T->getPointeeType(); !Pointee.isNull())
    return follow(Pointee, Mask & Matters, Edges);
  if (const auto *Array = Context.getAsArrayType(T))
    return follow(Array->getElementType(), Mask, Edges);
  if (const auto *Record = T->getAsRecordDecl()) {
    // The template arguments as written are lost in the canonical type (vector<pthread_t>).
    uint8_t Result = 0;
    if (auto Traits = templateTraits(*Record)) {
      bool Owns = Traits->Owning && !Traits->View;
      Result = follow(element(T), Owns ? Mask : Mask & Matters, Edges);
    }
    Edges.push_back({Record, Mask});
    return Result;
  }
  return 0;
}

uint8_t TypeTable::ownInterest(const RecordDecl &Record, std::vector<Edge> &Edges) {
  const model::TypeModel *Model = model(Record);
  bool Transparent = Model && (Model->Traits.K == Kind::Pointer || Model->Traits.K == Kind::Container);
  if (Model && (Model->Traits.K == Kind::Number || Model->Traits.K == Kind::Other))
    return 0;
  if (Model && !Transparent)
    return Matters | Ends;
  const auto *Class = dyn_cast<CXXRecordDecl>(&Record);
  QualType T = Context.getCanonicalTagType(&Record);
  if (Class && Class->isLambda()) {
    uint8_t Captured = Matters;
    for (const FieldDecl *Capture : Class->fields())
      Captured |= follow(Capture->getType(), Ends, Edges);
    return Captured;
  }
  if (auto Traits = templateTraits(Record); Traits || Transparent) {
    if (Traits && Traits->K == TemplateTraits::Kind::Atomic)
      return follow(writtenArgument(T, 0), Matters | Ends, Edges);
    if (Traits && Traits->K == TemplateTraits::Kind::Callable)
      return Matters | Ends;
    bool Owns = Traits ? Traits->Owning && !Traits->View : Model->Traits.Owning || Model->Traits.K == Kind::Container;
    uint8_t Result = follow(element(T), Owns ? Matters | Ends : Matters, Edges);
    // A deleter that the user wrote, and a map's keys.
    QualType Second = writtenArgument(T, Traits && Traits->Argument == 1 ? 0 : 1);
    if (Traits && Traits->K == TemplateTraits::Kind::Pointer && isUserDeleter(Second, Places))
      return Matters | Ends;
    return Result;
  }
  if (!Record.getDefinition() || Record.getDefinition()->isInvalidDecl())
    return 0;
  bool System = Places.isSystem(Record);
  uint8_t Result = 0;
  if (Class) {
    Class = Class->getDefinition();
    if (ByShape.of(*Class).K != Shape::Kind::None)
      return Matters | Ends;
    // What is in a library's class that is no template can't be ours.
    if (System && !isa<ClassTemplateSpecializationDecl>(Class))
      return 0;
    if (!System && hasOwnEnd(*Class))
      Result |= Ends;
    // What can be run leads to what its members point to.
    bool Leads = llvm::any_of(Class->fields(), [](const FieldDecl *Field) {
      return Field->getType()->isReferenceType() || Field->getType()->isPointerType();
    });
    if (!System && Leads && !Class->lookup(Context.DeclarationNames.getCXXOperatorName(OO_Call)).empty())
      Result |= Matters;
    for (const CXXBaseSpecifier &Base : Class->bases())
      Result |= follow(Base.getType(), Matters | Ends, Edges);
  }
  for (const FieldDecl *Field : Record.getDefinition()->fields())
    Result |= follow(Field->getType(), Matters | Ends, Edges);
  return Result;
}

/// Classes refer to each other in circles: collects all that are reachable and not known yet, then lets interest flow
/// back along the edges. Each class is visited once in a translation unit.
uint8_t TypeTable::interest(const RecordDecl &Record) {
  const auto *Root = cast<RecordDecl>(Record.getCanonicalDecl());
  if (auto Found = Interest.find(Root); Found != Interest.end())
    return Found->second;
  llvm::MapVector<const RecordDecl *, uint8_t> Open;
  struct Back {
    const RecordDecl *From;
    uint8_t Mask;
  };
  llvm::DenseMap<const RecordDecl *, std::vector<Back>> Users;
  std::vector<const RecordDecl *> Next{Root};
  Open[Root] = 0;
  while (!Next.empty()) {
    const RecordDecl *Current = Next.back();
    Next.pop_back();
    std::vector<Edge> Edges;
    uint8_t Own = ownInterest(*Current, Edges);
    for (const Edge &E : Edges) {
      const auto *To = cast<RecordDecl>(E.To->getCanonicalDecl());
      if (auto Found = Interest.find(To); Found != Interest.end()) {
        Own |= Found->second & E.Mask;
        continue;
      }
      Users[To].push_back({Current, E.Mask});
      if (Open.insert({To, 0}).second)
        Next.push_back(To);
    }
    Open[Current] |= Own;
  }
  for (auto &[Class, Bits] : Open)
    if (Bits)
      Next.push_back(Class);
  while (!Next.empty()) {
    const RecordDecl *Current = Next.back();
    Next.pop_back();
    uint8_t Bits = Open[Current];
    for (const Back &User : Users[Current]) {
      uint8_t &Before = Open[User.From];
      if (uint8_t After = Before | (Bits & User.Mask); After != Before) {
        Before = After;
        Next.push_back(User.From);
      }
    }
  }
  for (auto &[Class, Bits] : Open)
    Interest[Class] = Bits;
  return Interest[Root];
}

const std::string &TypeTable::classId(const RecordDecl &Record) {
  const std::string &Id = Identity.record(Record);
  if (!HasEntry.insert(cast<RecordDecl>(Record.getCanonicalDecl())).second)
    return Id;
  // Sorted from the start, as Module::classById() asks for.
  auto Before = [](const ir::Class &C, const std::string &Id) { return C.Id < Id; };
  auto Place = llvm::lower_bound(Module.Classes, Id, Before);
  if (Place == Module.Classes.end() || Place->Id != Id) {
    Module.Classes.insert(Place, ir::Class())->Id = Id;
    Records.push_back(Record.getDefinition() ? Record.getDefinition() : &Record);
  }
  if (Depth == 0)
    fillClasses();
  return Id;
}

void TypeTable::fillClasses() {
  // Field types make further classes; they queue up behind.
  ++Depth;
  while (Filled < Records.size()) {
    ir::Class Entry = describe(*Records[Filled++]);
    auto Before = [](const ir::Class &C, const std::string &Id) { return C.Id < Id; };
    *llvm::lower_bound(Module.Classes, Entry.Id, Before) = std::move(Entry);
  }
  --Depth;
}

/// Somebody else has a say in the class: a friend, or a method whose body is not in this translation unit.
static bool isOpen(const CXXRecordDecl &Class) {
  return Class.hasFriends() || llvm::any_of(Class.methods(), [](const CXXMethodDecl *Method) {
           const FunctionDecl *Pattern = Method->getTemplateInstantiationPattern();
           return !Method->isImplicit() && !Method->isDeleted() && !Method->isDefaulted() && !Method->isPureVirtual() &&
                  !Method->isDefined() && !(Pattern && Pattern->isDefined());
         });
}

ir::Class TypeTable::describe(const RecordDecl &Record) {
  ir::Class Result;
  Result.Id = Identity.record(Record);
  Result.Name = qualifiedName(Record);
  Result.Internal = Ids::isInternal(Record);
  Result.Where = Places.range(Record.getLocation());
  if (const auto *Class = dyn_cast<CXXRecordDecl>(&Record); Class && Class->hasDefinition()) {
    for (const CXXBaseSpecifier &Base : Class->bases())
      if (const auto *BaseRecord = Base.getType()->getAsCXXRecordDecl())
        if (!Places.isSystem(*BaseRecord) || interest(*BaseRecord))
          Result.Bases.push_back(classId(*BaseRecord));
    const CXXDestructorDecl *Destructor = Class->getDestructor();
    Result.UserDestructor = Destructor && Destructor->isUserProvided();
    if (Result.UserDestructor || (interest(Record) & Ends))
      Result.Destructor = Identity.destructor(*Class);
    Result.Copyable = canTransfer(*Class, false);
    Result.Movable = canTransfer(*Class, true);
    Result.Open = isOpen(*Class);
    for (const CXXMethodDecl *Method : Class->methods())
      if (!Method->isImplicit() && !Method->isDeleted() && !Method->getDescribedFunctionTemplate())
        Result.Methods.push_back(Identity.function(*Method));
  } else {
    Result.Copyable = Result.Movable = true;
  }
  for (const FieldDecl *Field : Record.fields())
    Result.Fields.push_back({fieldName(*Field), index(Field->getType()), Field->hasInClassInitializer(),
                             Field->getType().isDestructedType() == QualType::DK_none,
                             Places.range(Field->getLocation()), Field->getAccess() == AS_private,
                             couldBeAtomic(*Field, Context)
                                 ? Places.range(Field->getTypeSourceInfo()->getTypeLoc().getSourceRange())
                                 : ir::Range()});
  for (const FieldDecl *Field : Record.fields())
    if (Kind K = type(Field->getType()).K; (K == Kind::Handle || K == Kind::Guard) && !Places.isSystem(Record))
      if (std::optional<ir::MovableCode> Moves = movable(*Field, Context, Places))
        Result.Movables.push_back(std::move(*Moves));
  return Result;
}

std::string TypeTable::fieldName(const FieldDecl &Field) {
  return Field.getIdentifier() ? Field.getName().str() : "(unnamed " + std::to_string(Field.getFieldIndex() + 1) + ")";
}

std::string TypeTable::baseField(const CXXRecordDecl &Base) {
  return "(base " + Identity.record(Base) + ")";
}

const FunctionDecl *TypeTable::destructor(QualType T) const {
  const CXXRecordDecl *Class = T.isNull() ? nullptr : T->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition() || Class->getDefinition()->hasTrivialDestructor())
    return nullptr;
  return Class->getDefinition()->getDestructor();
}

} // namespace latchkey::lower
