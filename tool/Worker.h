// A worker process: reads its settings and then jobs from standard input, one JSON value a line, and
// answers each with its outcome. The same binary runs it, under the hidden option --internal-worker.
#pragma once

namespace latchkey::driver {

/// How a worker says that it ran out of memory, whatever it was doing.
inline constexpr int ExitOutOfMemory = 77;

/// Returns the process's exit status when standard input ends.
///
/// For tests, Settings::Fault (option --internal-worker-fault) is "crash:PART", "hang:PART" or "memory:PART": what
/// happens instead of the analysis of a file whose name has PART in it.
int runWorker();

} // namespace latchkey::driver
