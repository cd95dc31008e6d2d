// A baseline: the findings that a project knows of, in a file that it keeps. One finding a line, sorted, without line
// numbers, so that it changes only where findings come or go.
#pragma once

#include "tool/CommandLine.h"
#include "tool/Results.h"

namespace latchkey::driver {

/// The error names the file, and the way out.
llvm::Expected<std::vector<Report>> readBaseline(const std::string &Path);

/// Compares with the file of --baseline and, with --write-baseline, writes it anew. What a run over a part of the
/// files, checks or headers could not find is not gone, and stays in the file.
llvm::Error applyBaseline(Results &, const CommandLine &);

/// Replaces the file, or leaves it as it was.
llvm::Error writeBaseline(const std::string &Path, llvm::ArrayRef<Report>);

} // namespace latchkey::driver
