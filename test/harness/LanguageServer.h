// A small client of the language server protocol: a child process, messages framed by Content-Length over its pipes,
// and as much of the protocol as an editor needs to show diagnostics and apply fixes.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace latchkey::test {

class LanguageServer {
public:
  using Seconds = std::chrono::seconds;

  /// Environment is added to ours, as NAME=VALUE.
  static llvm::Expected<std::unique_ptr<LanguageServer>> start(llvm::StringRef Program,
                                                               const std::vector<std::string> &Arguments,
                                                               const std::vector<std::string> &Environment);
  ~LanguageServer(); ///< Kills the process if shutdown() did not end it.
  LanguageServer(const LanguageServer &) = delete;
  LanguageServer &operator=(const LanguageServer &) = delete;

  llvm::Error initialize(llvm::StringRef Root);
  llvm::Error open(llvm::StringRef Path, llvm::StringRef Language, llvm::StringRef Text);
  /// Replaces the whole text of an open file.
  llvm::Error change(llvm::StringRef Path, llvm::StringRef Text);
  llvm::Error close(llvm::StringRef Path);
  /// Waits for the diagnostics of the text sent last.
  llvm::Expected<llvm::json::Array> diagnostics(llvm::StringRef Path, Seconds Timeout = Seconds(60));
  /// Waits for the answer; what else comes meanwhile is kept.
  llvm::Expected<llvm::json::Value> request(llvm::StringRef Method, llvm::json::Value Parameters,
                                            Seconds Timeout = Seconds(60));
  llvm::Error notify(llvm::StringRef Method, llvm::json::Value Parameters);
  /// Ends the server as the protocol wants it; an error if it crashed or does not go.
  llvm::Error shutdown();

private:
  struct Published {
    int64_t Version = -1;
    llvm::json::Array Diagnostics;
  };

  LanguageServer(int Pid, int In, int Out) : Pid(Pid), In(In), Out(Out) {}
  llvm::Error send(llvm::json::Object Message);
  /// Reads one message and files it.
  llvm::Error receive(std::chrono::steady_clock::time_point Deadline);
  llvm::Expected<std::string> readFrame(std::chrono::steady_clock::time_point Deadline);
  llvm::Error file(llvm::json::Object Message);

  int Pid, In, Out;
  std::string Buffer;
  int64_t NextId = 1;
  std::map<std::string, int64_t> Versions; ///< By path.
  std::map<std::string, Published> Newest; ///< By URI.
  std::map<int64_t, llvm::json::Value> Answers;
};

/// `file://` and the path.
std::string fileUri(llvm::StringRef Path);
/// The path of a `file://` address.
std::string uriPath(llvm::StringRef Uri);

} // namespace latchkey::test
