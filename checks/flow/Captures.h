// What the list of a lambda's captures says, for fixes that change it.
#pragma once

#include "checks/flow/Fact.h"
#include "checks/flow/Locations.h"

namespace latchkey::flow {

class Program;
struct Resolved;

/// Of the capture of that number.
CaptureSite captureSite(const ir::Function &Body, size_t Number);
/// Where the list of captures names the variable, or has a default for it.
CaptureSite captureOf(const Program &, const Resolved &Closure, Loc);
/// A copy of an object of this type can be made, and is as good, as the body does not change it.
bool copiesWell(const Program &, const Resolved &Closure, const ir::Type &);

} // namespace latchkey::flow
