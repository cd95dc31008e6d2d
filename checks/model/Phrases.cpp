#include "checks/model/Phrases.h"

namespace latchkey::model {

using llvm::StringRef;

static bool addFunctionPhrase(StringRef Phrase, FunctionModel &Model) {
  if (Phrase == "never returns")
    return Model.NoReturn = true;
  if (Phrase == "may reject")
    return Model.MayReject = true;
  if (Phrase != "joins")
    return false;
  Action Join;
  Join.O = ir::Op::Join;
  Join.Subject.K = Operand::Kind::This;
  Model.Actions.push_back(Join);
  return true;
}

bool addPhrase(StringRef Phrase, const Annotated &At, FunctionModel &Model) {
  if (!At.Parameter)
    return addFunctionPhrase(Phrase, Model);
  Action A;
  A.Subject.K = At.Pointer ? Operand::Kind::Pointee : Operand::Kind::Argument;
  A.Subject.Index = *At.Parameter;
  if (Phrase == "joins") {
    A.O = ir::Op::Join;
  } else if (Phrase == "takes ownership") {
    A.O = ir::Op::Escape;
  } else if (Phrase == "runs later") {
    A.O = ir::Op::Spawn;
    A.Callable = A.Subject.Index;
    A.Subject = {};
    A.Subject.K = At.ReturnsHandle ? Operand::Kind::Result : Operand::Kind::None;
  } else {
    return false;
  }
  Model.Actions.push_back(A);
  return true;
}

} // namespace latchkey::model
