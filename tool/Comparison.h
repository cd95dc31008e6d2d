// New, known and gone: what was found now beside what was found before.
#pragma once

#include "tool/Results.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace latchkey::driver {

/// Sorts the reports into new, known and gone. Two are the same if check, file's name, function and subject are, so
/// often as they are there; of several that could be meant, those of the same file and wording are taken first.
///
/// \param Before what was found then, wherever its lines were.
/// \param CouldBeFound whether this run would have found it, if it were still there.
/// \return what was not found and could not be: nobody knows whether it is gone.
std::vector<Report> compare(Results &Now, std::vector<Report> Before, std::string ComparedTo,
                            llvm::function_ref<bool(const Report &)> CouldBeFound);

} // namespace latchkey::driver
