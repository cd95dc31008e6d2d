// What becomes of a program's sources: from the cache as far as it knows, else from workers.
#pragma once

#include "tool/CommandLine.h"
#include "tool/LinkedProgram.h"

namespace latchkey::driver {

/// One outcome for each source that How's shard has.
llvm::Expected<std::vector<Outcome>> judge(std::vector<ProgramFile> Programs, const Settings &User,
                                           const CommandLine &How);

} // namespace latchkey::driver
