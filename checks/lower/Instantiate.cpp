#include "checks/lower/Instantiate.h"

#include "checks/lower/Sources.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Sema/EnterExpressionEvaluationContext.h"
#include "clang/Sema/Overload.h"
#include "clang/Sema/Scope.h"
#include "clang/Sema/Sema.h"

using namespace clang;

namespace latchkey::lower {
namespace {

/// Sema once the parser is through: nothing that we make it do is the user's to read, and it has no scope any more to
/// declare a builtin in, as an implicit assignment of an array needs (`memcpy`).
class Afterwards {
public:
  explicit Afterwards(Sema &S)
      : S(S), Diagnostics(S.getDiagnostics()), Suppressed(Diagnostics.getSuppressAllDiagnostics()),
        Global(nullptr, Scope::DeclScope, Diagnostics), Outer(S.TUScope) {
    Diagnostics.setSuppressAllDiagnostics(true);
    if (!Outer)
      S.TUScope = &Global;
  }
  ~Afterwards() {
    Diagnostics.setSuppressAllDiagnostics(Suppressed);
    S.TUScope = Outer;
  }
  Afterwards(const Afterwards &) = delete;
  Afterwards &operator=(const Afterwards &) = delete;

private:
  Sema &S;
  DiagnosticsEngine &Diagnostics;
  bool Suppressed;
  Scope Global;
  Scope *Outer;
};

/// The only bodies that are read in system headers, as all faces have them.
bool isAlwaysParsed(const FunctionDecl &F) {
  return isa<CXXConstructorDecl, CXXDestructorDecl>(F) || F.getOverloadedOperator() == OO_Call;
}

bool isSpecialMember(const FunctionDecl &F) {
  return isa<CXXMethodDecl>(F) && F.isDefaulted() && !F.isDeleted() && !F.isUserProvided();
}

bool isSound(const FunctionDecl &F) {
  return !F.isInvalidDecl() && F.getBody() && !isa<RecoveryExpr>(F.getBody());
}

QualType decayed(QualType T, ASTContext &Context) {
  T = T.getNonReferenceType();
  return T->isArrayType() || T->isFunctionType() ? Context.getDecayedType(T) : T.getUnqualifiedType();
}

/// The argument is of a class that is neither Class nor derived from it, so it is not copied or moved from.
bool isOther(const CXXRecordDecl &Class, ArrayRef<QualType> Args) {
  const CXXRecordDecl *Given =
      Args.empty() || Args[0].isNull() ? nullptr : Args[0].getNonReferenceType()->getAsCXXRecordDecl();
  return Given && Given->hasDefinition() && Given->getCanonicalDecl() != Class.getCanonicalDecl() &&
         !Given->isDerivedFrom(&Class);
}

/// How well Args fit F without Sema: nothing if the number is wrong, else how many are of the very type.
std::optional<unsigned> fit(const FunctionDecl &F, ArrayRef<QualType> Args, ASTContext &Context) {
  if (Args.size() < F.getMinRequiredArguments() || (Args.size() > F.getNumParams() && !F.isVariadic()))
    return std::nullopt;
  unsigned Same = 0;
  for (unsigned I = 0, E = std::min<unsigned>(Args.size(), F.getNumParams()); I != E; ++I)
    Same += !Args[I].isNull() &&
            Context.hasSameUnqualifiedType(decayed(Args[I], Context), decayed(F.getParamDecl(I)->getType(), Context));
  return Same;
}

const FunctionDecl *bestFit(ArrayRef<const FunctionDecl *> Candidates, ArrayRef<QualType> Args, ASTContext &Context) {
  const FunctionDecl *Best = nullptr;
  unsigned Score = 0, Equals = 0;
  for (const FunctionDecl *Candidate : Candidates) {
    auto Same = fit(*Candidate, Args, Context);
    if (!Same || Candidate->isDeleted() || (Best && *Same < Score))
      continue;
    Equals = Best && *Same == Score ? Equals + 1 : 1;
    Best = Candidate, Score = *Same;
  }
  return Equals == 1 ? Best : nullptr;
}

/// Expressions that stand for arguments of these types.
std::vector<Expr *> operands(ArrayRef<QualType> Args, ASTContext &Context) {
  std::vector<Expr *> Result;
  for (QualType T : Args) {
    ExprValueKind Kind = T->isLValueReferenceType() || T->isFunctionType() ? VK_LValue : VK_XValue;
    Result.push_back(new (Context) OpaqueValueExpr(SourceLocation(), T.getNonReferenceType(), Kind));
  }
  return Result;
}

/// Overload resolution by Sema; Templates and Functions are what the lookup found.
FunctionDecl *resolve(Sema &S, CXXRecordDecl &Class, ArrayRef<NamedDecl *> Found, ArrayRef<QualType> Args,
                      bool Constructors) {
  if (llvm::any_of(Args, [](QualType T) { return T.isNull() || T->isDependentType(); }))
    return nullptr;
  Afterwards Restored(S);
  EnterExpressionEvaluationContext Unevaluated(S, Sema::ExpressionEvaluationContext::Unevaluated);
  std::vector<Expr *> Operands = operands(Args, S.Context);
  OverloadCandidateSet Candidates(Class.getLocation(), OverloadCandidateSet::CSK_Normal);
  QualType Object = S.Context.getCanonicalTagType(&Class);
  Expr::Classification Kind = Expr::Classification::makeSimpleLValue();
  for (NamedDecl *D : Found) {
    DeclAccessPair Pair = DeclAccessPair::make(D, AS_public);
    auto *Template = dyn_cast<FunctionTemplateDecl>(D);
    auto *Function = dyn_cast<FunctionDecl>(D);
    if (Constructors && Template)
      S.AddTemplateOverloadCandidate(Template, Pair, nullptr, Operands, Candidates);
    else if (Constructors && Function)
      S.AddOverloadCandidate(Function, Pair, Operands, Candidates);
    else if (Template)
      S.AddMethodTemplateCandidate(Template, Pair, &Class, nullptr, Object, Kind, Operands, Candidates);
    else if (auto *Method = dyn_cast_or_null<CXXMethodDecl>(Function))
      S.AddMethodCandidate(Method, Pair, &Class, Object, Kind, Operands, Candidates);
  }
  OverloadCandidateSet::iterator Best;
  return Candidates.BestViableFunction(S, Class.getLocation(), Best) == OR_Success ? Best->Function : nullptr;
}

/// What can be chosen from without Sema: functions, and specialisations that are there already.
std::vector<const FunctionDecl *> existing(ArrayRef<NamedDecl *> Found) {
  std::vector<const FunctionDecl *> Result;
  for (NamedDecl *D : Found) {
    if (auto *Template = dyn_cast<FunctionTemplateDecl>(D))
      llvm::append_range(Result, Template->specializations());
    else if (auto *Function = dyn_cast<FunctionDecl>(D))
      Result.push_back(Function);
  }
  return Result;
}

} // namespace

Instantiator::Instantiator(ASTContext &Context, clang::Sema *S, const Sources &Places)
    : Context(Context), Sema(S), Places(Places) {}

const FunctionDecl *Instantiator::definition(const FunctionDecl *F) {
  if (!F || F->isInvalidDecl() || F->isDependentContext())
    return nullptr;
  const FunctionDecl *Definition = nullptr;
  if (F->isDefined(Definition)) {
    if (Definition->isDeleted())
      return nullptr;
    if (isSpecialMember(*Definition))
      return Definition;
    bool Readable = isAlwaysParsed(*Definition) || !Places.isSystem(*Definition);
    return Readable && isSound(*Definition) ? Definition : nullptr;
  }
  if (isSpecialMember(*F))
    return F;
  return instantiate(*F);
}

const FunctionDecl *Instantiator::instantiate(const FunctionDecl &F) {
  const FunctionDecl *Pattern = F.getTemplateInstantiationPattern();
  if (!Sema || !Pattern || Pattern->isInvalidDecl() || Places.isSystem(*Pattern) || !Pattern->isDefined() ||
      !Tried.insert(&F).second)
    return nullptr;
  Afterwards Restored(*Sema);
  Sema->InstantiateFunctionDefinition(F.getLocation(), const_cast<FunctionDecl *>(&F), /*Recursive=*/true,
                                      /*DefinitionRequired=*/false, /*AtEndOfTU=*/true);
  const FunctionDecl *Definition = nullptr;
  return F.isDefined(Definition) && isSound(*Definition) ? Definition : nullptr;
}

const CXXMethodDecl *Instantiator::callOperator(QualType Callable, ArrayRef<QualType> Args) {
  CXXRecordDecl *Class = Callable.isNull() ? nullptr : Callable.getNonReferenceType()->getAsCXXRecordDecl();
  if (!Class || !Class->hasDefinition())
    return nullptr;
  SmallVector<NamedDecl *, 4> Found;
  llvm::append_range(Found, Class->lookup(Context.DeclarationNames.getCXXOperatorName(OO_Call)));
  if (Found.size() == 1)
    if (auto *Method = dyn_cast<CXXMethodDecl>(Found.front()))
      return Method;
  if (Found.empty()) {
    for (const CXXBaseSpecifier &Base : Class->bases())
      if (const CXXMethodDecl *Method = callOperator(Base.getType(), Args))
        return Method;
    return nullptr;
  }
  const FunctionDecl *Best = Sema ? resolve(*Sema, *Class, Found, Args, /*Constructors=*/false) : nullptr;
  return dyn_cast_or_null<CXXMethodDecl>(Best ? Best : bestFit(existing(Found), Args, Context));
}

void Instantiator::complete(const RecordDecl &Record) {
  if (!Sema || Record.getDefinition())
    return;
  Afterwards Restored(*Sema);
  (void)Sema->isCompleteType(Record.getLocation(), Context.getCanonicalTagType(&Record));
}

const FunctionDecl *Instantiator::constructor(QualType T, ArrayRef<QualType> Args) {
  CXXRecordDecl *Class = T.isNull() ? nullptr : T.getNonReferenceType()->getAsCXXRecordDecl();
  if (Class)
    complete(*Class);
  if (!Class || !Class->hasDefinition() || Class->getDefinition()->isInvalidDecl())
    return nullptr;
  Class = Class->getDefinition();
  SmallVector<NamedDecl *, 4> Found;
  if (Sema)
    llvm::append_range(Found, Sema->LookupConstructors(Class));
  else
    for (Decl *D : Class->decls())
      if (auto *Constructor = dyn_cast_or_null<CXXConstructorDecl>(D->getAsFunction());
          Constructor && !(Constructor->isCopyOrMoveConstructor() && isOther(*Class, Args)))
        Found.push_back(cast<NamedDecl>(D));
  const FunctionDecl *Best = Sema ? resolve(*Sema, *Class, Found, Args, /*Constructors=*/true) : nullptr;
  return Best ? Best : bestFit(existing(Found), Args, Context);
}

} // namespace latchkey::lower
