#include "checks/lower/Annotations.h"

#include "checks/model/Phrases.h"

#include "clang/AST/Attr.h"
#include "clang/AST/DeclCXX.h"

namespace latchkey::lower {

using namespace clang;

/// Calls Visit with each phrase at the declaration, until it returns true.
template <typename Function> static bool anyPhrase(const Decl &D, Function Visit) {
  for (const auto *Annotation : D.specific_attrs<AnnotateAttr>())
    if (llvm::StringRef Text = Annotation->getAnnotation(); Text.consume_front(model::AnnotationPrefix))
      if (Visit(Text.trim()))
        return true;
  return false;
}

/// All declarations of the function, and of the template that it is made from.
template <typename Function> static bool anyDeclaration(const FunctionDecl &F, Function Visit) {
  for (const FunctionDecl *Redeclaration : F.redecls())
    if (Visit(*Redeclaration))
      return true;
  const FunctionDecl *Pattern = F.getTemplateInstantiationPattern(/*ForDefinition=*/false);
  return Pattern && Pattern->getNumParams() == F.getNumParams() &&
         llvm::any_of(Pattern->redecls(), [&](const FunctionDecl *One) { return Visit(*One); });
}

bool isAnnotated(const FunctionDecl &F) {
  auto Any = [](llvm::StringRef) { return true; };
  return anyDeclaration(F, [&](const FunctionDecl &One) {
    return anyPhrase(One, Any) ||
           llvm::any_of(One.parameters(), [&](const ParmVarDecl *P) { return anyPhrase(*P, Any); });
  });
}

const model::FunctionModel *Annotations::model(const FunctionDecl &F) {
  auto [Entry, New] = Known.try_emplace(F.getCanonicalDecl());
  if (New)
    Entry->second = read(F);
  return Entry->second.get();
}

static model::Action escape(model::Operand::Kind Kind, unsigned Index) {
  model::Action Result;
  Result.O = ir::Op::Escape;
  Result.Subject.K = Kind;
  Result.Subject.Index = Index;
  return Result;
}

std::unique_ptr<model::FunctionModel> Annotations::read(const FunctionDecl &F) {
  if (!isAnnotated(F))
    return nullptr;
  auto Model = std::make_unique<model::FunctionModel>();
  Model->Name = F.getNameAsString();
  bool ReturnsHandle = F.getReturnType()->isRecordType() && Types.ofInterest(F.getReturnType());
  std::set<unsigned> Described;
  std::set<std::pair<int, std::string>> Said; // Redeclarations say the same again.
  // In C an earlier declaration may know of no parameters.
  auto Add = [&](llvm::StringRef Phrase, std::optional<unsigned> Parameter, bool Pointer) {
    if (!Said.insert({Parameter ? int(*Parameter) : -1, Phrase.str()}).second)
      return false;
    if (addPhrase(Phrase, {Parameter, Pointer, ReturnsHandle}, *Model) && Parameter)
      Described.insert(*Parameter);
    return false;
  };
  anyDeclaration(F, [&](const FunctionDecl &One) {
    anyPhrase(One, [&](llvm::StringRef Phrase) { return Add(Phrase, std::nullopt, false); });
    for (unsigned I = 0; I < One.getNumParams(); ++I)
      anyPhrase(*One.getParamDecl(I), [&](llvm::StringRef Phrase) {
        return Add(Phrase, I, One.getParamDecl(I)->getType()->isPointerType());
      });
    return false;
  });
  if (Model->Actions.empty() && !Model->NoReturn)
    return nullptr;
  if (Model->MayReject) {
    if (!F.getReturnType()->isBooleanType() && !F.getReturnType()->isAnyPointerType())
      return nullptr; // Of a status's values one cannot tell which are good.
    for (model::Action &A : Model->Actions)
      A.When = ir::Success::WhenNonZero;
  }
  std::vector<model::Action> Others;
  const auto *Method = dyn_cast<CXXMethodDecl>(&F);
  bool JoinsThis =
      llvm::any_of(Model->Actions, [](const model::Action &A) { return A.Subject.K == model::Operand::Kind::This; });
  if (Method && Method->isInstance() && !Method->isConst() && !JoinsThis)
    Others.push_back(escape(model::Operand::Kind::This, 0));
  for (unsigned I = 0; I < F.getNumParams(); ++I) {
    QualType T = F.getParamDecl(I)->getType();
    if (Described.contains(I))
      continue;
    if (T->isPointerType() || T->isReferenceType())
      Others.push_back(escape(T->isPointerType() ? model::Operand::Kind::Pointee : model::Operand::Kind::Argument, I));
    if (Types.isCallable(T.getNonReferenceType()) || (T->isRecordType() && Types.ofInterest(T)))
      return nullptr;
  }
  Model->Actions.insert(Model->Actions.begin(), Others.begin(), Others.end());
  return Model;
}

} // namespace latchkey::lower
