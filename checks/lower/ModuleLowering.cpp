#include "checks/lower/ModuleLowering.h"

#include "checks/lower/Deferred.h"
#include "checks/lower/Effectless.h"
#include "checks/lower/FunctionLowering.h"
#include "checks/lower/Names.h"
#include "checks/lower/Prune.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

namespace latchkey::lower {

using namespace clang;

ModuleLowering::ModuleLowering(ASTContext &Context, const Options &Opts, ir::Module &Module)
    : Context(Context), Models(Opts.Models ? *Opts.Models : model::Library::builtin()), Module(Module),
      Places(Context, Module), Identity(Context), Types(Context, Models, Places, Identity, Module), Said(Types),
      Bodies(Context, Opts.Sema, Places), Opts(Opts) {
  Types.completeWith([this](const RecordDecl &Record) { Bodies.complete(Record); });
}

bool ModuleLowering::inMainFile(const Decl &D) const {
  const SourceManager &SM = Context.getSourceManager();
  return SM.isInMainFile(SM.getExpansionLoc(D.getLocation()));
}

void ModuleLowering::queue(const FunctionDecl &Definition) {
  if (Queued.insert(Definition.getCanonicalDecl()).second)
    Pending.push_back(&Definition);
}

std::string ModuleLowering::generic(const CXXRecordDecl &Lambda) {
  return Identity.record(Lambda) + "/()";
}

bool ModuleLowering::hasBody(const FunctionDecl &F) {
  return Bodies.definition(&F) != nullptr;
}

const std::string &ModuleLowering::need(const FunctionDecl &F) {
  if (const FunctionDecl *Definition = Bodies.definition(&F)) {
    queue(*Definition);
    if (const auto *Method = dyn_cast<CXXMethodDecl>(&F))
      needCompanions(*Method->getParent());
  }
  return Identity.function(F);
}

void ModuleLowering::needCompanions(const CXXRecordDecl &Class) {
  // What one method of a class leaves in a member, another one ends: where that matters all of them are read.
  if (Class.isLambda() || Companions.contains(&Class) || Places.isSystem(Class))
    return;
  Companions.insert(&Class);
  if (hasMeaningfulPart(Class))
    for (const CXXMethodDecl *Method : Class.methods())
      if (Method->isUserProvided() && !Method->isDependentContext() && Method->isDefined())
        need(*Method);
}

bool ModuleLowering::hasMeaningfulPart(const CXXRecordDecl &Class) {
  if (auto It = Meaningful.find(&Class); It != Meaningful.end())
    return It->second;
  bool Has = !Class.isDependentContext() &&
             llvm::any_of(Class.fields(), [&](const FieldDecl *Field) { return isMeaningful(Field->getType()); });
  return Meaningful[&Class] = Has;
}

bool ModuleLowering::isMeaningful(QualType T) {
  const ir::Type *Type = &Types.type(T);
  for (unsigned Depth = 0; Depth < 8; ++Depth) {
    if (Type->K != ir::Type::Kind::Pointer && Type->K != ir::Type::Kind::Container)
      return Type->K >= ir::Type::Kind::Handle;
    Type = &Module.Types[Type->Element];
  }
  return false;
}

void ModuleLowering::needMembers(const CXXRecordDecl &Record) {
  const CXXRecordDecl *Class = Record.getDefinition();
  if (!Class || Class->isDependentContext() || Class->isInvalidDecl() || !Members.insert(Class).second)
    return;
  for (const auto *Method : Class->methods())
    if (!Method->isDeleted() && !Method->isDependentContext() && Method->isUserProvided())
      need(*Method);
}

void ModuleLowering::needDestructor(const RecordDecl &Record) {
  CanQualType T = Context.getCanonicalTagType(&Record);
  if (Types.type(T).K != ir::Type::Kind::Class || !Types.needsDestroy(T))
    return; // A model says what the end of an object means.
  if (const FunctionDecl *Destructor = Types.destructor(T))
    need(*Destructor);
}

uint32_t ModuleLowering::global(const VarDecl &Var) {
  const VarDecl *Canonical = Var.getCanonicalDecl();
  if (auto It = Globals.find(Canonical); It != Globals.end())
    return It->second;
  ir::Global G;
  G.Id = Identity.variable(Var);
  G.Name = Var.getNameAsString();
  G.Type = Types.index(Var.getType());
  G.Internal = Ids::isInternal(Var) || Var.isStaticLocal();
  G.Constant = Var.getType().isConstQualified() || Var.isConstexpr();
  if (const VarDecl *Definition = Var.getDefinition())
    G.Where = Places.range(Definition->getLocation());
  auto Index = static_cast<uint32_t>(Module.Globals.size());
  Module.Globals.push_back(std::move(G));
  Globals[Canonical] = Index;
  return Index;
}

void ModuleLowering::collectFunction(const FunctionDecl &F) {
  // What the language writes is lowered when it is called; a template's own pattern is dependent, its instantiations
  // come from the template.
  if (F.isDependentContext() || F.isInvalidDecl() || F.isDeleted() || F.isImplicit() ||
      (!F.doesThisDeclarationHaveABody() && !F.isExplicitlyDefaulted()))
    return;
  ++Module.Stats.FunctionsSeen;
  // Of a header's inline functions only those matter here that are called here: who calls the others lowers them.
  bool Strong = !F.isInlined() && F.getTemplateSpecializationKind() == TSK_Undeclared &&
                F.getFormalLinkage() == Linkage::External;
  if (inMainFile(F) || Strong)
    need(F);
}

void ModuleLowering::collect(const Decl &D) {
  if (D.isInvalidDecl() || (D.getLocation().isValid() && Places.isSystem(D) && !isa<TranslationUnitDecl>(D)))
    return;
  if (isa<NamespaceDecl, LinkageSpecDecl, ExportDecl, TranslationUnitDecl>(D))
    return collectChildren(cast<DeclContext>(D));
  if (const auto *F = dyn_cast<FunctionDecl>(&D))
    return collectFunction(*F);
  if (!inMainFile(D))
    return;
  if (const auto *T = dyn_cast<FunctionTemplateDecl>(&D)) {
    for (const FunctionDecl *F : T->specializations())
      if (const FunctionDecl *Definition = F->getDefinition())
        collectFunction(*Definition);
  } else if (const auto *T = dyn_cast<ClassTemplateDecl>(&D)) {
    if (T->isThisDeclarationADefinition())
      for (const ClassTemplateSpecializationDecl *S : T->specializations())
        if (S->getSpecializationKind() != TSK_ExplicitSpecialization)
          collect(*S);
  } else if (const auto *Record = dyn_cast<CXXRecordDecl>(&D)) {
    if (Record->isDependentContext() || !Record->isThisDeclarationADefinition())
      return;
    CanQualType T = Context.getCanonicalTagType(Record);
    if (Types.ofInterest(T))
      Types.index(T);
    collectChildren(*Record);
    // Members that are initialised where they are declared, by a constructor that nobody wrote.
    auto Initialised = [](const FieldDecl *Field) { return Field->hasInClassInitializer(); };
    if (!Record->hasUserDeclaredConstructor() && llvm::any_of(Record->fields(), Initialised) &&
        hasMeaningfulPart(*Record))
      if (const FunctionDecl *Constructor = Bodies.constructor(Context.getCanonicalTagType(Record), {}))
        need(*Constructor);
  } else if (const auto *Var = dyn_cast<VarDecl>(&D)) {
    if (Var->hasGlobalStorage() && Var->isThisDeclarationADefinition() && !Var->isConstexpr() && Var->hasInit() &&
        !Var->getType()->isDependentType() && !Var->getInit()->isValueDependent())
      Initialised.push_back(Var);
  }
}

void ModuleLowering::collectChildren(const DeclContext &Context) {
  for (const Decl *Child : Context.decls())
    collect(*Child);
}

/// Which functions a virtual call can mean, only the program knows; for that it has to see all of them, in classes that
/// stand in headers, in functions or in templates, too.
void ModuleLowering::collectVirtual() {
  llvm::SmallVector<const CXXRecordDecl *> Polymorphic;
  for (const clang::Type *T : Context.getTypes())
    if (const auto *Record = dyn_cast<RecordType>(T))
      if (const auto *Class = dyn_cast<CXXRecordDecl>(Record->getDecl()))
        if (const CXXRecordDecl *Definition = Class->getDefinition();
            Definition && !Definition->isInvalidDecl() && !Definition->isDependentContext() &&
            Definition->isPolymorphic() && !Places.isSystem(*Definition))
          Polymorphic.push_back(Definition);
  for (const CXXRecordDecl *Class : Polymorphic) // lowering makes new types
    for (const CXXMethodDecl *Method : Class->methods())
      if (Method->isVirtual() && Method->isUserProvided() && !isa<CXXDestructorDecl>(Method) &&
          !Method->isInvalidDecl())
        need(*Method);
}

void ModuleLowering::lowerOne(const FunctionDecl &Definition) {
  ir::Function F;
  FunctionLowering(*this, Definition, F).run();
  dropIdleCalls(F);
  prune(F, Module);
  ++Module.Stats.FunctionsLowered;
  if (!F.OpaqueReason.empty())
    ++Module.Stats.Opaque;
  if (Definition.isInlined() || F.Internal || Definition.getTemplateSpecializationKind() != TSK_Undeclared)
    Discardable.insert(F.Id);
  const auto *Method = dyn_cast<CXXMethodDecl>(&Definition);
  if (Method && Method->getParent()->isGenericLambda() && Generic.insert(Method->getParent()).second) {
    ir::Function Any = F;
    Any.Id = generic(*Method->getParent());
    Module.Functions.push_back(std::move(Any));
  }
  Module.Functions.push_back(std::move(F));
}

void ModuleLowering::lowerInitialisers() {
  if (Initialised.empty())
    return;
  ir::Function F;
  F.Id = "init:" + Module.MainFile;
  F.Name = "initialisation of globals";
  F.Internal = true;
  FunctionLowering(*this, F).runInitialisers(Initialised);
  prune(F, Module);
  if (!F.Body.Children.empty())
    Module.Functions.push_back(std::move(F));
}

void ModuleLowering::run() {
  const SourceManager &SM = Context.getSourceManager();
  const LangOptions &Lang = Context.getLangOpts();
  Module.MainFile = Places.path(SM.getLocForStartOfFile(SM.getMainFileID()));
  Module.CPlusPlus = Lang.CPlusPlus;
  Module.Standard = Lang.CPlusPlus23   ? 23
                    : Lang.CPlusPlus20 ? 20
                    : Lang.CPlusPlus17 ? 17
                    : Lang.CPlusPlus14 ? 14
                    : Lang.CPlusPlus   ? 11
                    : Lang.C23         ? 23
                    : Lang.C17         ? 17
                                       : 11;
  if (Module.Types.empty())
    Module.Types.emplace_back();
  if (Opts.TraversalScopeOnly) {
    for (const Decl *D : Context.getTraversalScope())
      collect(*D);
  } else {
    collect(*Context.getTranslationUnitDecl());
  }
  lowerInitialisers();
  if (!Opts.TraversalScopeOnly)
    collectVirtual();
  // Lowering a body asks for more bodies, and every class that is met for its destructor's.
  for (size_t Function = 0, Record = 0; Function < Pending.size() || Record < Types.records().size();) {
    if (Function < Pending.size())
      lowerOne(*Pending[Function++]);
    else
      needDestructor(*Types.records()[Record++]);
  }
  llvm::StringSet<> Seen;
  llvm::erase_if(Module.Functions, [&](const ir::Function &F) { return !Seen.insert(F.Id).second; });
  llvm::sort(Module.Functions, [](const ir::Function &A, const ir::Function &B) { return A.Id < B.Id; });
  dropEffectless(Module, Discardable);
}

} // namespace latchkey::lower
