#include "tool/Worker.h"

#include "tool/Analyser.h"
#include "tool/Frontend.h"

#include "llvm/Support/ErrorHandling.h"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <new>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace latchkey::driver {

namespace json = llvm::json;
using llvm::StringRef;

static void outOfMemory() {
  _exit(ExitOutOfMemory);
}

static void limitMemory(uint64_t Bytes) {
  std::set_new_handler(outOfMemory);
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { outOfMemory(); });
  if (!Bytes)
    return;
  rlimit Limit{Bytes, Bytes};
  setrlimit(RLIMIT_AS, &Limit);
}

/// The pipe to the driver must only carry outcomes, whatever Clang prints: it moves away from standard output.
static int takeStandardOutput() {
  int Answers = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return Answers;
}

template <typename T> static bool readLine(T &Out) {
  std::string Line;
  if (!std::getline(std::cin, Line))
    return false;
  auto Parsed = json::parse<T>(Line);
  if (!Parsed) {
    llvm::errs() << "worker: " << llvm::toString(Parsed.takeError()) << "\n";
    return false;
  }
  Out = std::move(*Parsed);
  return true;
}

static void exhaustMemory() {
  for (;;) {
    char *volatile Kept = new char[size_t(64) << 20];
    Kept[0] = 1;
  }
}

static void injectFault(StringRef Fault, StringRef File) {
  auto [Kind, Part] = Fault.split(':');
  if (Part.empty() || !File.contains(Part))
    return;
  if (Kind == "crash")
    abort();
  while (Kind == "hang")
    pause();
  if (Kind == "memory")
    exhaustMemory();
}

static void answer(llvm::raw_ostream &Out, const Outcome &Result) {
  Out << toJSON(Result) << "\n";
  Out.flush();
}

int runWorker() {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // No use without the driver.
  int Answers = takeStandardOutput();
  std::ios::sync_with_stdio(false);
  Settings User;
  if (!readLine(User))
    return 1;
  limitMemory(User.MemoryLimit);
  std::string Fault = User.Fault;
  auto Analysis = Analyser::create(std::move(User));
  if (!Analysis) { // The driver made one of the same settings before.
    llvm::errs() << "worker: " << llvm::toString(Analysis.takeError()) << "\n";
    return 1;
  }
  llvm::raw_fd_ostream Out(Answers, /*shouldClose=*/true);
  for (Job Next; readLine(Next);) {
    injectFault(Fault, Next.File);
    answer(Out, Next.Unit ? Analysis->lower(*Next.Unit) : Analysis->analyse(Next));
  }
  return 0;
}

} // namespace latchkey::driver
