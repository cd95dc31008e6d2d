// A child process of this same binary, with a pipe for what it is told and one for what it answers, line by line.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

#include <sys/types.h>

namespace latchkey::driver {

class Child {
public:
  /// Runs this binary with one argument. With Quiet, what it says on standard error is dropped.
  static llvm::Expected<Child> start(const std::string &Argument, bool Quiet);
  Child(Child &&);
  Child &operator=(Child &&) = delete;
  /// Kills the process if it still runs.
  ~Child();

  /// False if the process is no longer there to read it.
  bool tell(llvm::StringRef Line);
  /// For poll().
  int answers() const { return From; }
  /// Takes what has come so far. False at the end of the answers: the process is dead or dying.
  bool receive();
  /// A whole line that came, without its end.
  std::optional<std::string> nextLine();
  /// Waits until the process is gone and returns its status as waitpid() gives it.
  int wait();
  void kill();

private:
  Child(pid_t Pid, int To, int From) : Pid(Pid), To(To), From(From) {}

  pid_t Pid; ///< 0 once waited for.
  int To, From;
  std::string Received;
};

} // namespace latchkey::driver
