#include "test/driver/Project.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

namespace latchkey::test {

namespace fs = llvm::sys::fs;
using llvm::StringRef;

// The models know std::thread by its name. This one parses in no time.
static constexpr StringRef ThreadHeader = R"(#pragma once
namespace std {
class thread {
public:
  thread() noexcept;
  template <class F, class... A> explicit thread(F &&, A &&...);
  thread(thread &&) noexcept;
  thread &operator=(thread &&) noexcept;
  ~thread();
  void join();
  void detach();
  bool joinable() const noexcept;
};
} // namespace std
void work();
)";

std::string leak(StringRef Function) {
  return ("void " + Function + "(bool early) {\n  std::thread t(work);\n  if (early)\n    return;\n  t.join();\n}\n")
      .str();
}

Project::Project() {
  llvm::SmallString<128> Unique, Real;
  EXPECT_FALSE(fs::createUniqueDirectory("latchkey-test", Unique));
  EXPECT_FALSE(fs::real_path(Unique, Real));
  Root = Real.str().str();
  write("thread.h", ThreadHeader);
}

Project::~Project() {
  (void)fs::remove_directories(Root);
}

std::string Project::path(StringRef Relative) const {
  return Root + "/" + Relative.str();
}

std::string Project::write(StringRef Path, StringRef Text) const {
  std::string Absolute = path(Path);
  EXPECT_FALSE(fs::create_directories(llvm::sys::path::parent_path(Absolute)));
  std::error_code Wrong;
  llvm::raw_fd_ostream(Absolute, Wrong) << Text;
  EXPECT_FALSE(Wrong) << Absolute;
  return Absolute;
}

void Project::addLeak(StringRef Path, StringRef Function) {
  write(Path, "#include \"thread.h\"\n" + leak(Function));
  addEntry(Path);
}

void Project::addEntry(StringRef Path, std::vector<std::string> Flags, StringRef Compiler) {
  std::vector<std::string> Arguments{Compiler.str(), "-I" + Root};
  Arguments.insert(Arguments.end(), Flags.begin(), Flags.end());
  Arguments.insert(Arguments.end(), {"-c", path(Path)});
  addCommand(Path, std::move(Arguments));
}

void Project::addCommand(StringRef Path, const std::vector<std::string> &Arguments) {
  Entries.push_back(
      llvm::json::Object{{"directory", Root}, {"file", path(Path)}, {"arguments", llvm::json::Array(Arguments)}});
}

std::string Project::read(StringRef Path) const {
  auto Text = llvm::MemoryBuffer::getFile(path(Path));
  return Text ? (*Text)->getBuffer().str() : std::string();
}

Ran Project::run(std::vector<std::string> Arguments) const {
  return runIn("", std::move(Arguments));
}

Ran Project::runIn(StringRef Folder, std::vector<std::string> Arguments) const {
  if (!Entries.empty()) {
    llvm::json::Array Copy = Entries;
    write("compile_commands.json", llvm::formatv("{0:2}", llvm::json::Value(std::move(Copy))).str());
  }
  const std::string Here = path(Folder), Out = path("stdout.txt"), Err = path("stderr.txt");
  for (const std::string &Old : {Out, Err}) // Redirected output is written over what is there, not instead of it.
    (void)fs::remove(Old);
  const std::string CacheHome = "XDG_CACHE_HOME=" + path(".cache"); // Each project starts cold.
  std::vector<StringRef> Words{"env", "-C", Here, CacheHome, LATCHKEY_BINARY_DIR "/tool/latchkey"};
  Words.insert(Words.end(), Arguments.begin(), Arguments.end());
  std::optional<StringRef> Redirects[] = {StringRef(), Out, Err};
  Ran Result;
  Result.Status = llvm::sys::ExecuteAndWait("/usr/bin/env", Words, std::nullopt, Redirects, /*SecondsToWait=*/120);
  Result.Out = read("stdout.txt");
  Result.Err = read("stderr.txt");
  return Result;
}

} // namespace latchkey::test
