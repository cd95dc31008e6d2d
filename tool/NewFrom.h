// --new-from: which findings the revision had that the work is based on. New is what it did not have, wherever the
// changed lines are: the join() that was removed is rarely where the finding is.
#pragma once

#include "tool/Inputs.h"
#include "tool/Results.h"
#include "tool/ScratchFolder.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace latchkey::driver {

/// Sorts the findings into new, known and gone.
///
/// The merge base is analysed at the same paths, with the same compile database and the present configuration: only
/// files that differ are read from elsewhere, so units that did not change come from the cache. The repository is only
/// read. The error is what git says, with the way out.
///
/// \param Whole Now is of the whole program, not of a shard, so that what it does not have is gone.
/// \param Analyse the analysis that Now is the result of; of the whole program.
llvm::Error compareWithRevision(Results &Now, const Inputs &, const std::string &Revision, bool Whole,
                                const ScratchFolder &,
                                llvm::function_ref<llvm::Expected<Results>(const Inputs &)> Analyse);

} // namespace latchkey::driver
