// What code may say of itself: `[[clang::annotate("latchkey:runs later")]]` on a function or a parameter.
#pragma once

#include "checks/model/Model.h"

namespace latchkey::model {

/// How the annotation's text begins.
inline constexpr llvm::StringRef AnnotationPrefix = "latchkey:";

/// What an annotation stands at.
struct Annotated {
  std::optional<unsigned> Parameter; ///< Its index; none for the function itself.
  bool Pointer = false;              ///< The parameter points to the object that is meant.
  bool ReturnsHandle = false;        ///< Of the task that is started.
};

/// Adds what a phrase (without the prefix) says there to the function's model. False if it says nothing there.
bool addPhrase(llvm::StringRef Phrase, const Annotated &, FunctionModel &);

} // namespace latchkey::model
