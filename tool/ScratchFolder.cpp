#include "tool/ScratchFolder.h"

#include "llvm/Support/FileSystem.h"

#include <csignal>
#include <cstring>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

namespace latchkey::driver {

/// What a signal handler can read.
static char ToRemove[4096];

/// Only what a signal handler may call: removing a tree is another program's work.
static void removeAndDie(int Signal) {
  if (ToRemove[0]) {
    pid_t Child = fork();
    if (Child == 0) {
      execl("/bin/rm", "rm", "-rf", "--", ToRemove, static_cast<char *>(nullptr));
      _exit(1);
    }
    if (Child > 0)
      waitpid(Child, nullptr, 0);
  }
  signal(Signal, SIG_DFL);
  raise(Signal);
}

llvm::Expected<ScratchFolder> ScratchFolder::create() {
  llvm::SmallString<128> Made, Path;
  if (std::error_code Wrong = llvm::sys::fs::createUniqueDirectory("latchkey", Made))
    return llvm::createStringError("cannot make a temporary folder: " + Wrong.message() + "; set TMPDIR");
  if (llvm::sys::fs::real_path(Made, Path))
    Path = Made;
  return ScratchFolder(Path.str().str());
}

ScratchFolder::ScratchFolder(std::string Own) : Path(std::move(Own)) {
  if (Path.size() >= sizeof(ToRemove))
    return;
  std::memcpy(ToRemove, Path.c_str(), Path.size() + 1);
  for (int Signal : {SIGINT, SIGTERM, SIGHUP})
    if (signal(Signal, removeAndDie) == SIG_IGN) // As under nohup.
      signal(Signal, SIG_IGN);
}

ScratchFolder::ScratchFolder(ScratchFolder &&O) : Path(std::exchange(O.Path, {})) {}

ScratchFolder::~ScratchFolder() {
  if (Path.empty())
    return;
  (void)llvm::sys::fs::remove_directories(Path);
  ToRemove[0] = 0;
}

} // namespace latchkey::driver
