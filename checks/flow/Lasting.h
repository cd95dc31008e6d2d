// What is seen outside of the process, and so is missing when the process ends before it is done.
#pragma once

#include "checks/flow/Program.h"

namespace latchkey::flow {

class Lasting {
public:
  explicit Lasting(const Program &P) : P(P) {}

  /// The function, or what it calls, acts outside of the process: a model says so, or the name of a function that
  /// nobody can look into. By is told its name.
  bool acts(const ir::Function &, std::string &By);
  bool acts(const ir::Effect &Call, std::string &By);

private:
  const Program &P;
  llvm::DenseMap<const ir::Function *, std::string> Known; ///< Empty: does not.
};

} // namespace latchkey::flow
