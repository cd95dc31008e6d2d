// What every command does that works on many files: jobs with the user's limits and a line of progress.
#pragma once

#include "tool/CommandLine.h"

#include "llvm/ADT/ArrayRef.h"

namespace latchkey::driver {

/// Leaves those of the shard, whatever their order.
void takeShard(std::vector<TranslationUnit> &, const Shard &);
/// To lower them.
std::vector<Job> jobsOf(llvm::ArrayRef<TranslationUnit>);

/// One outcome for each job, in their order. The error is that no worker can be started.
/// \param What is done to each, for the line of progress: "reading".
llvm::Expected<std::vector<Outcome>> runJobs(llvm::ArrayRef<Job>, const Settings &, const CommandLine &,
                                             llvm::StringRef What);

} // namespace latchkey::driver
