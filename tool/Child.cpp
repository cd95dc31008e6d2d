#include "tool/Child.h"

#include "tool/Program.h"

#include "llvm/Support/Errno.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace latchkey::driver {

static void closePipe(int (&Pipe)[2]) {
  close(Pipe[0]);
  close(Pipe[1]);
}

llvm::Expected<Child> Child::start(const std::string &Argument, bool Quiet) {
  auto Failure = [](llvm::StringRef What, int Number) {
    return llvm::createStringError("cannot start a worker process: " + What + ": " + llvm::sys::StrError(Number));
  };
  int To[2], From[2];
  if (pipe2(To, O_CLOEXEC))
    return Failure("pipe", errno);
  if (pipe2(From, O_CLOEXEC)) {
    int Number = errno;
    closePipe(To);
    return Failure("pipe", Number);
  }
  posix_spawn_file_actions_t Actions;
  posix_spawn_file_actions_init(&Actions);
  posix_spawn_file_actions_adddup2(&Actions, To[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&Actions, From[1], STDOUT_FILENO);
  if (Quiet)
    posix_spawn_file_actions_addopen(&Actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  static const std::string Program = ownProgram();
  char *const Arguments[] = {const_cast<char *>(Program.c_str()), const_cast<char *>(Argument.c_str()), nullptr};
  pid_t Pid = 0;
  int Status = posix_spawn(&Pid, Program.c_str(), &Actions, nullptr, Arguments, environ);
  posix_spawn_file_actions_destroy(&Actions);
  close(To[0]);
  close(From[1]);
  if (Status) {
    close(To[1]);
    close(From[0]);
    return Failure(Program, Status);
  }
  return Child(Pid, To[1], From[0]);
}

Child::Child(Child &&O)
    : Pid(std::exchange(O.Pid, 0)), To(std::exchange(O.To, -1)), From(std::exchange(O.From, -1)),
      Received(std::move(O.Received)) {}

Child::~Child() {
  if (To >= 0)
    close(To);
  if (From >= 0)
    close(From);
  if (Pid) {
    kill();
    wait();
  }
}

bool Child::tell(llvm::StringRef Line) {
  std::string Data = (Line + "\n").str();
  for (llvm::StringRef Rest = Data; !Rest.empty();) {
    ssize_t Written = write(To, Rest.data(), Rest.size());
    if (Written < 0 && errno == EINTR)
      continue;
    if (Written < 0)
      return false;
    Rest = Rest.drop_front(Written);
  }
  return true;
}

bool Child::receive() {
  char Buffer[1 << 16];
  ssize_t Size;
  do
    Size = read(From, Buffer, sizeof(Buffer));
  while (Size < 0 && errno == EINTR);
  if (Size <= 0)
    return false;
  Received.append(Buffer, Size);
  return true;
}

std::optional<std::string> Child::nextLine() {
  size_t End = Received.find('\n');
  if (End == std::string::npos)
    return std::nullopt;
  std::string Line = Received.substr(0, End);
  Received.erase(0, End + 1);
  return Line;
}

int Child::wait() {
  int Status = 0;
  while (Pid && waitpid(Pid, &Status, 0) < 0 && errno == EINTR) {
  }
  Pid = 0;
  return Status;
}

void Child::kill() {
  if (Pid)
    ::kill(Pid, SIGKILL);
}

} // namespace latchkey::driver
