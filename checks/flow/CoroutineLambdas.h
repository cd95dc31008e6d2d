// Lambdas that are coroutines and die before these are done.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/flow/Program.h"

namespace latchkey::flow {

/// Coroutines that F starts from a lambda with captures, which they use when the lambda is gone.
std::vector<DanglingCapture> coroutineLambdas(const Program &P, const ir::Function &F);

} // namespace latchkey::flow
