#include "tool/Pool.h"

#include "tool/Child.h"
#include "tool/Worker.h"

#include "llvm/Support/Errno.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <deque>

#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace latchkey::driver {

namespace {

using Clock = std::chrono::steady_clock;

struct Worker {
  explicit Worker(Child Process) : Process(std::move(Process)) {}

  Child Process;
  size_t Job = 0;    ///< What it works on.
  bool Fresh = true; ///< Has answered nothing yet.
  Clock::time_point Deadline = Clock::time_point::max();
};

class Pool {
public:
  Pool(llvm::ArrayRef<Job> Jobs, const Settings &User, const PoolOptions &Options, ProgressFunction Progress)
      : Jobs(Jobs), User(User), Options(Options), Progress(Progress), Outcomes(Jobs.size()) {
    for (size_t I = 0; I < Jobs.size(); ++I)
      Waiting.push_back(I);
  }

  llvm::Expected<std::vector<Outcome>> run();

private:
  llvm::Error startWorkers();
  bool give(Worker &);
  void finish(Worker &, Outcome);
  bool serve(Worker &);
  bool died(Worker &);
  void timeOut(Worker &);
  int pollTimeout() const;
  std::string describeEnd(int Status) const;

  llvm::ArrayRef<Job> Jobs;
  const Settings &User;
  const PoolOptions &Options;
  ProgressFunction Progress;
  std::vector<Outcome> Outcomes;
  std::deque<size_t> Waiting; ///< Jobs that nobody works on.
  std::vector<Worker> Workers;
  size_t Done = 0;
};

} // namespace

llvm::Error Pool::startWorkers() {
  while (!Waiting.empty() && Workers.size() < std::max(1u, Options.Jobs)) {
    auto Process = Child::start("--internal-worker", !Options.Verbose);
    if (!Process)
      return Process.takeError();
    Workers.emplace_back(std::move(*Process));
    Workers.back().Process.tell(llvm::formatv("{0}", toJSON(User)).str());
    give(Workers.back());
  }
  return llvm::Error::success();
}

/// A worker that died before it could be told shows that at its pipe, like any other that dies.
bool Pool::give(Worker &W) {
  if (Waiting.empty())
    return false;
  W.Job = Waiting.front();
  Waiting.pop_front();
  W.Deadline = Options.Timeout.count() ? Clock::now() + Options.Timeout : Clock::time_point::max();
  W.Process.tell(llvm::formatv("{0}", toJSON(Jobs[W.Job])).str());
  return true;
}

void Pool::finish(Worker &W, Outcome Result) {
  Outcomes[W.Job] = std::move(Result);
  Progress(++Done, Outcomes[W.Job]);
}

/// Takes what the worker answered. False if there is nothing more for it to do.
bool Pool::serve(Worker &W) {
  if (!W.Process.receive())
    return died(W);
  auto Line = W.Process.nextLine();
  if (!Line)
    return true;
  Outcome Result;
  if (auto Parsed = llvm::json::parse<Outcome>(*Line)) {
    Result = std::move(*Parsed);
  } else {
    Result.File = Jobs[W.Job].File;
    Result.Problem = "its worker answered nonsense: " + llvm::toString(Parsed.takeError());
  }
  finish(W, std::move(Result));
  W.Fresh = false;
  return give(W);
}

std::string Pool::describeEnd(int Status) const {
  if (WIFEXITED(Status) && WEXITSTATUS(Status) == ExitOutOfMemory)
    return fmt::format("needs more memory than {} MiB; raise --memory-limit", User.MemoryLimit >> 20);
  if (WIFSIGNALED(Status))
    return fmt::format("crashed its worker process ({}); please report it with this file's command line",
                       strsignal(WTERMSIG(Status)));
  return fmt::format("ended its worker process (status {}); --verbose shows what it said", WEXITSTATUS(Status));
}

/// What a worker did before may have cost memory, or worse. Only what happens to a new one is the file's own fault, so
/// that outcomes do not depend on which files shared a worker.
bool Pool::died(Worker &W) {
  int Status = W.Process.wait();
  if (!W.Fresh) {
    Waiting.push_front(W.Job);
    return false;
  }
  Outcome Result;
  Result.File = Jobs[W.Job].File;
  Result.Problem = describeEnd(Status);
  finish(W, std::move(Result));
  return false;
}

void Pool::timeOut(Worker &W) {
  W.Process.kill();
  W.Process.wait();
  Outcome Result;
  Result.File = Jobs[W.Job].File;
  Result.Problem = fmt::format("not done after {} s; raise --timeout", Options.Timeout.count());
  finish(W, std::move(Result));
}

/// Milliseconds until the first deadline, or -1.
int Pool::pollTimeout() const {
  auto First = Clock::time_point::max();
  for (const Worker &W : Workers)
    First = std::min(First, W.Deadline);
  if (First == Clock::time_point::max())
    return -1;
  auto Left = std::chrono::duration_cast<std::chrono::milliseconds>(First - Clock::now()).count() + 1;
  return static_cast<int>(std::clamp<long>(Left, 0, 60'000));
}

llvm::Expected<std::vector<Outcome>> Pool::run() {
  while (Done < Jobs.size()) {
    if (llvm::Error Failed = startWorkers())
      return Failed;
    std::vector<pollfd> Pipes;
    Pipes.reserve(Workers.size());
    for (const Worker &W : Workers)
      Pipes.push_back({W.Process.answers(), POLLIN, 0});
    if (poll(Pipes.data(), Pipes.size(), pollTimeout()) < 0 && errno != EINTR)
      return llvm::createStringError("cannot wait for the worker processes: " + llvm::sys::StrError());
    std::vector<Worker> Kept;
    for (auto [W, Pipe] : llvm::zip(Workers, Pipes)) {
      bool Keep = true;
      if (Pipe.revents) {
        Keep = serve(W);
      } else if (Clock::now() >= W.Deadline) {
        timeOut(W);
        Keep = false;
      }
      if (Keep)
        Kept.push_back(std::move(W));
    }
    Workers = std::move(Kept);
  }
  return std::move(Outcomes);
}

/// Lowering and the engine follow the code's nesting, and generated code nests deeply.
static void allowDeepStacks() {
  rlimit Limit;
  if (getrlimit(RLIMIT_STACK, &Limit))
    return;
  constexpr rlim_t Wanted = 64 << 20;
  if (Limit.rlim_cur == RLIM_INFINITY || Limit.rlim_cur >= Wanted)
    return;
  Limit.rlim_cur = Limit.rlim_max == RLIM_INFINITY ? Wanted : std::min(Wanted, Limit.rlim_max);
  setrlimit(RLIMIT_STACK, &Limit);
}

llvm::Expected<std::vector<Outcome>> runAll(llvm::ArrayRef<Job> Jobs, const Settings &User, const PoolOptions &Options,
                                            ProgressFunction Progress) {
  signal(SIGPIPE, SIG_IGN); // A dead worker is seen at its answers.
  allowDeepStacks();
  return Pool(Jobs, User, Options, Progress).run();
}

} // namespace latchkey::driver
