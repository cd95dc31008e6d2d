// From the engine's ranges and path steps to findings' places and notes: the wording that all rules share.
#pragma once

#include "checks/flow/Facts.h"
#include "checks/rules/Finding.h"

#include <string>

namespace latchkey::rules {

SourcePlace place(const ir::Module &, ir::Range);

/// A finding about a fact: place, subject, function and the path as notes.
Finding finding(const ir::Module &, const flow::FunctionFacts &, const flow::Fact &, Confidence, std::string Message);

/// Puts a note before all others, in place of one that stands there. Without a kind it keeps that one's.
void noteFirst(Finding &, const ir::Module &, ir::Range, std::string Message, unsigned Lane = 0,
               StepKind = StepKind::Other);
/// The same, behind all others.
void noteLast(Finding &, const ir::Module &, ir::Range, std::string Message, unsigned Lane = 0,
              StepKind = StepKind::Other);

/// `name` in backquotes, as messages show code.
std::string code(llvm::StringRef Name);

} // namespace latchkey::rules
