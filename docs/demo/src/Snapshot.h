// Writes what an index knows to a file that other programs may read at any time.
#pragma once

#include "Index.h"

#include <filesystem>
#include <string>
#include <vector>

namespace logdex {

/// Writes the hits of the words to a file beside Path first, then renames it. False if that is impossible.
bool writeSnapshot(const Index &From, const std::vector<std::string> &Words, const std::filesystem::path &Path);

} // namespace logdex
