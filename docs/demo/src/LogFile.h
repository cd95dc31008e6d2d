// One log file: its lines, and the words of a line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logdex {

using Lines = std::vector<std::string>;

/// All lines of the file; nothing if it cannot be read.
std::optional<Lines> readLines(const std::filesystem::path &Path);

/// Words in lower case, punctuation left out.
std::vector<std::string> words(std::string_view Line);

/// The `.log` files below a folder, sorted.
std::vector<std::filesystem::path> findLogs(const std::filesystem::path &Folder);

} // namespace logdex
