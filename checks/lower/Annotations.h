// Models of functions that say themselves what they do; see checks/model/Phrases.h.
#pragma once

#include "checks/lower/Types.h"
#include "checks/model/Model.h"

#include "llvm/ADT/DenseMap.h"

#include <memory>

namespace clang {
class FunctionDecl;
} // namespace clang

namespace latchkey::lower {

/// Whether one of its declarations, or of its parameters', has an annotation of ours.
bool isAnnotated(const clang::FunctionDecl &);

class Annotations {
public:
  explicit Annotations(TypeTable &Types) : Types(Types) {}

  /// Null without annotations, or if they leave open what becomes of another argument that is followed. What else the
  /// function is given is taken to be known elsewhere from then on.
  const model::FunctionModel *model(const clang::FunctionDecl &);

private:
  std::unique_ptr<model::FunctionModel> read(const clang::FunctionDecl &);

  TypeTable &Types;
  llvm::DenseMap<const clang::FunctionDecl *, std::unique_ptr<model::FunctionModel>> Known; ///< Canonical declarations.
};

} // namespace latchkey::lower
