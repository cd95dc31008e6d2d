// --stale-nolint: comments that were needed once.
#pragma once

#include "checks/rules/Rule.h"
#include "tool/Results.h"

#include <set>

namespace latchkey::driver {

/// As of a check, which it is to whoever reads a report.
const Metadata &staleNolint();

/// Adds to the findings the comments in these files that name a check of ours and silence none of its findings. Where
/// not everything was analysed nothing is said, but why. The error is one of the settings.
llvm::Error addStaleComments(Results &, Suppressions &, const std::set<std::string> &Files, const Settings &);

} // namespace latchkey::driver
