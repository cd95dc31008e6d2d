// Library templates whose meaning for places is the same everywhere: owners, containers and holders of callables. They
// have no effects of their own that a model would say; a model of the same name wins.
#pragma once

#include "clang/AST/Type.h"

#include <cstdint>
#include <optional>

namespace clang {
class ASTContext;
class RecordDecl;
} // namespace clang

namespace latchkey::lower {

struct TemplateTraits {
  enum class Kind : uint8_t { Pointer, Container, Callable, Atomic };
  Kind K = Kind::Pointer;
  unsigned Argument = 0;     ///< The template argument that is pointee or element.
  bool Owning = false;       ///< Pointer: destroys it.
  bool SharedCopies = false; ///< Pointer: as many owners as copies.
  bool View = false;         ///< Container: does not own its elements.
};

/// By name, and a container also by its members: value_type, iterator, begin(), end() and a way to put elements in.
std::optional<TemplateTraits> templateTraits(const clang::RecordDecl &);

/// Template argument Index of a class type as the user wrote it, typedefs kept (`vector<pthread_t>`); null if there is
/// none that is a type.
clang::QualType writtenArgument(clang::QualType, unsigned Index);

/// Number of elements that the type itself says (arrays, std::array).
std::optional<uint64_t> fixedSize(clang::QualType, const clang::ASTContext &);

} // namespace latchkey::lower
