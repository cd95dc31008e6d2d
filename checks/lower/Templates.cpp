#include "checks/lower/Templates.h"

#include "checks/lower/Names.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/ADT/StringMap.h"

using namespace clang;

namespace latchkey::lower {
namespace {

using Traits = TemplateTraits;

constexpr Traits Owner{Traits::Kind::Pointer, 0, true, false, false};
constexpr Traits SharedOwner{Traits::Kind::Pointer, 0, true, true, false};
constexpr Traits Observer{Traits::Kind::Pointer, 0, false, true, false};
constexpr Traits Container{Traits::Kind::Container, 0, true, false, false};
constexpr Traits Map{Traits::Kind::Container, 1, true, false, false};
constexpr Traits View{Traits::Kind::Container, 0, false, false, true};
constexpr Traits Holder{Traits::Kind::Callable, 0, true, false, false};

constexpr Traits Atomic{Traits::Kind::Atomic, 0, true, false, false};

const llvm::StringMap<Traits> &byName() {
  static const llvm::StringMap<Traits> Table = {
      {"std::unique_ptr", Owner},
      {"std::auto_ptr", Owner},
      {"std::optional", Owner},
      {"std::experimental::optional", Owner},
      {"boost::scoped_ptr", Owner},
      {"boost::optional", Owner},
      {"absl::optional", Owner},
      {"folly::Optional", Owner},
      {"tl::optional", Owner},
      {"QScopedPointer", Owner},
      {"std::shared_ptr", SharedOwner},
      {"boost::shared_ptr", SharedOwner},
      {"boost::intrusive_ptr", SharedOwner},
      {"QSharedPointer", SharedOwner},
      {"llvm::IntrusiveRefCntPtr", SharedOwner},
      {"std::weak_ptr", Observer},
      {"boost::weak_ptr", Observer},
      {"std::reference_wrapper", Observer},
      {"gsl::not_null", Observer},
      {"QPointer", Observer},
      {"std::queue", Container},
      {"std::stack", Container},
      {"std::priority_queue", Container},
      {"llvm::SmallVector", Container},
      {"llvm::StringMap", Container},
      {"absl::flat_hash_set", Container},
      {"absl::node_hash_set", Container},
      {"absl::btree_set", Container},
      {"llvm::DenseMap", Map},
      {"absl::flat_hash_map", Map},
      {"absl::node_hash_map", Map},
      {"absl::btree_map", Map},
      {"std::initializer_list", View},
      {"std::span", View},
      {"gsl::span", View},
      {"absl::Span", View},
      {"llvm::ArrayRef", View},
      {"llvm::MutableArrayRef", View},
      {"std::function", Holder},
      {"std::move_only_function", Holder},
      {"std::copyable_function", Holder},
      {"std::function_ref", Holder},
      {"std::packaged_task", Holder},
      {"std::_Bind", Holder},
      {"std::_Bind_result", Holder},
      {"std::_Bind_front", Holder},
      {"std::_Bind_partial", Holder},
      {"std::_Mem_fn", Holder},
      {"std::__bind", Holder},
      {"std::__bind_r", Holder},
      {"std::__bind_front_t", Holder},
      {"std::__mem_fn", Holder},
      {"boost::function", Holder},
      {"boost::_bi::bind_t", Holder},
      {"folly::Function", Holder},
      {"folly::FunctionRef", Holder},
      {"absl::AnyInvocable", Holder},
      {"absl::FunctionRef", Holder},
      {"llvm::unique_function", Holder},
      {"llvm::function_ref", Holder},
      {"std::atomic", Atomic},
      {"std::atomic_ref", Atomic},
      {"std::atomic_flag", Atomic},
      {"boost::atomic", Atomic},
  };
  return Table;
}

/// The class whose declarations are there although the instance need not be complete.
const CXXRecordDecl *declared(const CXXRecordDecl &Record) {
  if (const auto *Instance = dyn_cast<ClassTemplateSpecializationDecl>(&Record))
    return Instance->getSpecializedTemplate()->getTemplatedDecl()->getDefinition();
  return Record.getDefinition();
}

std::optional<Traits> containerByShape(const CXXRecordDecl &Record) {
  const CXXRecordDecl *Class = declared(Record);
  if (!Class || !isa<ClassTemplateSpecializationDecl>(Record))
    return std::nullopt;
  ASTContext &Context = Class->getASTContext();
  auto Has = [&](StringRef Name) { return !Class->lookup(&Context.Idents.get(Name)).empty(); };
  if (!Has("value_type") || !Has("iterator") || !Has("begin") || !Has("end"))
    return std::nullopt;
  if (!Has("insert") && !Has("push_back") && !Has("push_front") && !Has("emplace") && !Has("emplace_back") &&
      !Has("fill"))
    return std::nullopt;
  // A string is a value to us.
  if (Has("substr") || Has("c_str"))
    return std::nullopt;
  return Has("mapped_type") ? Map : Container;
}

} // namespace

std::optional<TemplateTraits> templateTraits(const RecordDecl &Record) {
  const auto *Class = dyn_cast<CXXRecordDecl>(&Record);
  if (!Class || !Class->getIdentifier() || Class->isLambda())
    return std::nullopt;
  auto Found = byName().find(qualifiedName(*Class));
  return Found != byName().end() ? std::optional(Found->second) : containerByShape(*Class);
}

QualType writtenArgument(QualType T, unsigned Index) {
  for (const auto *Written = T->getAs<TemplateSpecializationType>(); Written;
       Written = Written->getAliasedType()->getAs<TemplateSpecializationType>()) {
    if (Written->isTypeAlias())
      continue;
    ArrayRef<TemplateArgument> Arguments = Written->template_arguments();
    if (Index < Arguments.size() && Arguments[Index].getKind() == TemplateArgument::Type &&
        !Arguments[Index].getAsType()->isDependentType())
      return Arguments[Index].getAsType();
    break;
  }
  const auto *Instance = dyn_cast_or_null<ClassTemplateSpecializationDecl>(T->getAsCXXRecordDecl());
  if (!Instance || Index >= Instance->getTemplateArgs().size())
    return {};
  const TemplateArgument &Argument = Instance->getTemplateArgs()[Index];
  return Argument.getKind() == TemplateArgument::Type ? Argument.getAsType() : QualType();
}

std::optional<uint64_t> fixedSize(QualType T, const ASTContext &Context) {
  if (const auto *Array = Context.getAsConstantArrayType(T))
    return Array->getSize().getZExtValue();
  const auto *Class = dyn_cast_or_null<ClassTemplateSpecializationDecl>(T->getAsCXXRecordDecl());
  if (!Class || !Class->isInStdNamespace() || Class->getName() != "array" || Class->getTemplateArgs().size() != 2 ||
      Class->getTemplateArgs()[1].getKind() != TemplateArgument::Integral)
    return std::nullopt;
  return Class->getTemplateArgs()[1].getAsIntegral().getZExtValue();
}

} // namespace latchkey::lower
