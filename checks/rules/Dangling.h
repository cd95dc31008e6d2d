// What detached-capture and task-outlives-capture share.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/rules/Finding.h"

namespace latchkey::rules {

/// A finding about what a task uses after its end, with the path from the start of the task to that end.
Finding danglingFinding(const ir::Module &, const flow::FunctionFacts &, const flow::DanglingCapture &, Confidence,
                        std::string Message);

} // namespace latchkey::rules
