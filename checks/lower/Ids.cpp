#include "checks/lower/Ids.h"

#include "checks/lower/Names.h"
#include "checks/lower/Sources.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Index/USRGeneration.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/xxhash.h"

using namespace clang;

namespace latchkey::lower {
namespace {

/// Template-heavy code has USRs of kilobytes; beyond this the rest is replaced by its hash.
constexpr size_t LongestId = 240;

std::string shortened(std::string Id) {
  if (Id.size() > LongestId) {
    uint64_t Hash = llvm::xxh3_64bits(Id);
    Id.resize(LongestId);
    Id += "~" + llvm::utohexstr(Hash, /*LowerCase=*/true);
  }
  return Id;
}

/// Lambdas, local classes and static locals written in one declaration, not those inside of them.
class LocalNames : public RecursiveASTVisitor<LocalNames> {
public:
  /// Found must outlive the walk.
  explicit LocalNames(llvm::function_ref<void(const Decl &)> Found) : Found(Found) {}
  bool shouldVisitTemplateInstantiations() const { return false; }

  bool TraverseLambdaExpr(LambdaExpr *Lambda) {
    Found(*Lambda->getLambdaClass());
    for (Expr *Initialiser : Lambda->capture_inits())
      TraverseStmt(Initialiser);
    return true;
  }
  bool TraverseCXXRecordDecl(CXXRecordDecl *Record) {
    if (Record->isThisDeclarationADefinition() && !Record->isLambda())
      Found(*Record);
    return true;
  }
  bool TraverseRecordDecl(RecordDecl *Record) {
    if (Record->isThisDeclarationADefinition())
      Found(*Record);
    return true;
  }
  bool VisitVarDecl(VarDecl *Variable) {
    if (Variable->isStaticLocal())
      Found(*Variable);
    return true;
  }

private:
  llvm::function_ref<void(const Decl &)> Found;
};

bool isLocal(const NamedDecl &D) {
  return D.getParentFunctionOrMethod() != nullptr;
}

ArrayRef<TemplateArgument> argumentsOf(const NamedDecl &D) {
  if (const auto *Function = dyn_cast<FunctionDecl>(&D)) {
    const TemplateArgumentList *List = Function->getTemplateSpecializationArgs();
    return List ? List->asArray() : ArrayRef<TemplateArgument>();
  }
  if (const auto *Record = dyn_cast<ClassTemplateSpecializationDecl>(&D))
    return Record->getTemplateArgs().asArray();
  if (const auto *Variable = dyn_cast<VarTemplateSpecializationDecl>(&D))
    return Variable->getTemplateArgs().asArray();
  return {};
}

/// A USR would name this argument by its offset in a file, or not by its folder.
bool isUnstable(const TemplateArgument &Argument) {
  switch (Argument.getKind()) {
  case TemplateArgument::Type:
    return Argument.getAsType()->getLinkage() != Linkage::External;
  case TemplateArgument::Declaration:
    return !Argument.getAsDecl()->isExternallyVisible();
  case TemplateArgument::Pack:
    return llvm::any_of(Argument.pack_elements(), isUnstable);
  default:
    return false;
  }
}

const NamedDecl *primaryTemplate(const NamedDecl &D) {
  if (const auto *Function = dyn_cast<FunctionDecl>(&D))
    return Function->getPrimaryTemplate();
  if (const auto *Record = dyn_cast<ClassTemplateSpecializationDecl>(&D))
    return Record->getSpecializedTemplate();
  if (const auto *Variable = dyn_cast<VarTemplateSpecializationDecl>(&D))
    return Variable->getSpecializedTemplate();
  return nullptr;
}

std::string usr(const Decl &D) {
  SmallString<128> Buffer;
  return index::generateUSRForDecl(&D, Buffer) ? std::string() : std::string(Buffer);
}

bool isUnnamed(const NamedDecl &D) {
  const auto *Tag = dyn_cast<TagDecl>(&D);
  return Tag && !Tag->getIdentifier() && !Tag->getTypedefNameForAnonDecl();
}

} // namespace

bool Ids::isInternal(const NamedDecl &D) {
  return !D.isExternallyVisible();
}

const std::string &Ids::function(const FunctionDecl &F) {
  return get(F);
}
const std::string &Ids::record(const RecordDecl &R) {
  return get(R);
}
const std::string &Ids::variable(const VarDecl &V) {
  return get(V);
}

// One scheme whether it is declared already or not.
std::string Ids::destructor(const CXXRecordDecl &Record) {
  return shortened(get(Record) + "/~");
}

const std::string &Ids::get(const NamedDecl &D) {
  const auto &Canonical = *cast<NamedDecl>(D.getCanonicalDecl());
  auto Found = Known.find(&Canonical);
  if (Found == Known.end())
    Found = Known.emplace(&Canonical, shortened(make(Canonical))).first;
  return Found->second;
}

std::string Ids::make(const NamedDecl &D) {
  if (const auto *Destructor = dyn_cast<CXXDestructorDecl>(&D))
    return destructor(*Destructor->getParent());
  if (const Decl *Owner = owner(D))
    return local(D, *Owner);
  const auto *Class = dyn_cast<RecordDecl>(D.getDeclContext());
  if (Class && (isUnnamed(D) || isUnstable(*Class)))
    return member(D, *Class);
  return global(D);
}

std::string Ids::global(const NamedDecl &D) {
  std::string Id;
  // What makes the instance internal is named by its arguments.
  if (llvm::any_of(argumentsOf(D), [](const TemplateArgument &A) { return lower::isUnstable(A); }))
    return get(*primaryTemplate(D)) + arguments(argumentsOf(D));
  if (!isUnnamed(D))
    Id = usr(D);
  if (Id.empty())
    Id = "n:" + qualifiedName(D) + "/" + std::to_string(ordinal(D, *Context.getTranslationUnitDecl()));
  // Each translation unit has its own object of a static in a header, but the functions of two are alike.
  if (isInternal(D)) {
    const SourceManager &Manager = Context.getSourceManager();
    Id += "@" + filePath(Manager, isa<VarDecl>(D) ? Manager.getMainFileID()
                                                  : Manager.getFileID(Manager.getExpansionLoc(D.getLocation())));
  }
  return Id;
}

std::string Ids::local(const NamedDecl &D, const Decl &Owner) {
  const auto *Named = dyn_cast<NamedDecl>(&Owner);
  std::string Id = Named ? get(*Named) : std::string();
  const auto *Record = dyn_cast<CXXRecordDecl>(&D);
  Id += Record && Record->isLambda() ? "/lambda" : isa<VarDecl>(D) ? "/static" : "/class";
  Id += std::to_string(ordinal(D, Owner));
  if (D.getIdentifier())
    Id += " " + D.getName().str();
  return Id;
}

std::string Ids::member(const NamedDecl &D, const RecordDecl &Class) {
  std::string Id = get(Class) + "/";
  const auto *Method = dyn_cast<CXXMethodDecl>(&D);
  const auto *Record = dyn_cast<CXXRecordDecl>(&Class);
  if (Method && Record && Record->isLambda() && Method->getOverloadedOperator() == OO_Call)
    return Id + "()" + arguments(argumentsOf(D));
  if (!Method || !Method->isImplicit())
    Id +=
        qualifiedName(D).substr(qualifiedName(*cast<NamedDecl>(Decl::castFromDeclContext(D.getDeclContext()))).size());
  // Overloads, and what the compiler declares when it is first used, by their type.
  if (Method) {
    Id += "(";
    for (const ParmVarDecl *Parameter : Method->parameters())
      Id += type(Parameter->getType()) + ",";
    Id += ")";
    if (Method->isConst())
      Id += "const";
    Id += Method->getRefQualifier() == RQ_LValue ? "&" : Method->getRefQualifier() == RQ_RValue ? "&&" : "";
  } else if (isUnnamed(D)) {
    Id += std::to_string(ordinal(D, Class));
  }
  return Id + arguments(argumentsOf(D));
}

std::string Ids::arguments(ArrayRef<TemplateArgument> Arguments) {
  if (Arguments.empty())
    return {};
  std::string Result = "<";
  for (const TemplateArgument &Argument : Arguments) {
    if (Argument.getKind() == TemplateArgument::Type) {
      Result += type(Argument.getAsType());
    } else if (Argument.getKind() == TemplateArgument::Pack) {
      Result += arguments(Argument.pack_elements());
    } else if (Argument.getKind() == TemplateArgument::Declaration) {
      Result += get(*Argument.getAsDecl());
    } else {
      llvm::raw_string_ostream Stream(Result);
      Argument.print(PrintingPolicy(Context.getLangOpts()), Stream, /*IncludeType=*/false);
    }
    Result += ",";
  }
  return Result + ">";
}

std::string Ids::type(QualType T) {
  T = T.getCanonicalType();
  if (T->getLinkage() == Linkage::External) {
    SmallString<64> Buffer;
    if (!index::generateUSRForType(T, Context, Buffer))
      return std::string(Buffer);
  }
  std::string Qualifiers = T.getLocalQualifiers().getAsString();
  if (const auto *Tag = T->getAs<TagType>())
    return Qualifiers + get(*Tag->getDecl());
  if (T->isReferenceType())
    return type(T.getNonReferenceType()) + (T->isRValueReferenceType() ? "&&" : "&");
  if (T->isPointerType())
    return type(T->getPointeeType()) + "*" + Qualifiers;
  if (const auto *Array = Context.getAsArrayType(T))
    return type(Array->getElementType()) + "[]";
  if (const auto *Function = T->getAs<FunctionProtoType>()) {
    std::string Result = type(Function->getReturnType()) + "(";
    for (QualType Parameter : Function->param_types())
      Result += type(Parameter) + ",";
    return Result + ")";
  }
  PrintingPolicy Policy(Context.getLangOpts());
  Policy.AnonymousTagLocations = false;
  return T.getAsString(Policy);
}

const Decl *Ids::owner(const NamedDecl &D) {
  const auto *Record = dyn_cast<CXXRecordDecl>(&D);
  if (Record && Record->isLambda()) {
    // What is in a default argument or member initialiser has a namespace or class as its context.
    const Decl *Place = Record->getLambdaContextDecl();
    if (const auto *Parameter = dyn_cast_or_null<ParmVarDecl>(Place))
      return cast<Decl>(Parameter->getDeclContext());
    if (Place)
      return Place;
    if (isLocal(D))
      return cast<Decl>(D.getParentFunctionOrMethod());
    number(*cast<Decl>(D.getDeclContext()));
    auto Found = LambdaOwners.find(&D);
    return Found == LambdaOwners.end() ? Context.getTranslationUnitDecl() : Found->second;
  }
  const auto *Variable = dyn_cast<VarDecl>(&D);
  if (Variable ? Variable->isStaticLocal() : isa<TagDecl>(D) && isa<FunctionDecl>(D.getDeclContext()))
    return cast<Decl>(D.getDeclContext());
  return nullptr;
}

unsigned Ids::ordinal(const Decl &D, const Decl &Owner) {
  number(Owner);
  // What the walk does not reach (unevaluated operands) comes behind, in the order of asking.
  auto [Found, New] = Ordinals.try_emplace(D.getCanonicalDecl(), 0);
  if (New)
    Found->second = ++Numbered[&Owner];
  return Found->second;
}

void Ids::number(const Decl &Owner) {
  if (!Numbered.try_emplace(&Owner, 0).second)
    return;
  unsigned Last = 0;
  auto Count = [&](const Decl &D) { Ordinals.try_emplace(D.getCanonicalDecl(), ++Last); };
  LocalNames Walk(Count);
  if (const auto *Function = dyn_cast<FunctionDecl>(&Owner)) {
    const FunctionDecl *Definition = Function;
    Function->isDefined(Definition);
    for (const ParmVarDecl *Parameter : Definition->parameters())
      if (Parameter->hasInit() && !Parameter->hasUninstantiatedDefaultArg() && !Parameter->hasUnparsedDefaultArg())
        Walk.TraverseStmt(const_cast<Expr *>(Parameter->getInit()));
    if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(Definition))
      for (const CXXCtorInitializer *Initialiser : Constructor->inits())
        if (Initialiser->isWritten())
          Walk.TraverseStmt(Initialiser->getInit());
    if (Definition->doesThisDeclarationHaveABody())
      Walk.TraverseStmt(Definition->getBody());
  } else if (const auto *Variable = dyn_cast<VarDecl>(&Owner)) {
    if (const Expr *Initialiser = Variable->getAnyInitializer())
      Walk.TraverseStmt(const_cast<Expr *>(Initialiser));
  } else if (const auto *Field = dyn_cast<FieldDecl>(&Owner)) {
    if (Field->hasInClassInitializer() && Field->getInClassInitializer())
      Walk.TraverseStmt(Field->getInClassInitializer());
  } else if (const auto *Scope = dyn_cast<DeclContext>(&Owner); Scope && !Scope->isTranslationUnit()) {
    for (const Decl *D : Scope->decls())
      if (const auto *Record = dyn_cast<RecordDecl>(D); Record && isUnnamed(*Record))
        Ordinals.try_emplace(D->getCanonicalDecl(), ++Last);
  }
  if (const auto *Scope = dyn_cast<DeclContext>(&Owner); Scope && Scope->isFileContext())
    for (const Decl *D : Scope->decls())
      if (const auto *Variable = dyn_cast<VarDecl>(D); Variable && Variable->hasInit())
        LocalNames([&](const Decl &Lambda) {
          LambdaOwners.try_emplace(Lambda.getCanonicalDecl(), Variable);
        }).TraverseStmt(const_cast<Expr *>(Variable->getAnyInitializer()));
  Numbered[&Owner] = std::max(Numbered[&Owner], Last);
}

bool Ids::isUnstable(const RecordDecl &Record) {
  if (owner(Record) || isUnnamed(Record))
    return true;
  if (llvm::any_of(argumentsOf(Record), [](const TemplateArgument &A) { return lower::isUnstable(A); }))
    return true;
  const auto *Outer = dyn_cast<RecordDecl>(Record.getDeclContext());
  return Outer && isUnstable(*Outer);
}

} // namespace latchkey::lower
