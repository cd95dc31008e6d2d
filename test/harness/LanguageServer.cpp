#include "test/harness/LanguageServer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace latchkey::test;
using llvm::StringRef;
namespace json = llvm::json;
using Clock = std::chrono::steady_clock;

std::string latchkey::test::fileUri(StringRef Path) {
  return "file://" + Path.str();
}

std::string latchkey::test::uriPath(StringRef Uri) {
  Uri.consume_front("file://");
  std::string Path;
  for (size_t I = 0; I < Uri.size(); ++I) {
    unsigned Byte = 0;
    if (Uri[I] == '%' && !Uri.substr(I + 1, 2).getAsInteger(16, Byte)) {
      Path += static_cast<char>(Byte);
      I += 2;
    } else {
      Path += Uri[I];
    }
  }
  return Path;
}

llvm::Expected<std::unique_ptr<LanguageServer>> LanguageServer::start(StringRef Program,
                                                                      const std::vector<std::string> &Arguments,
                                                                      const std::vector<std::string> &Environment) {
  std::vector<std::string> Owned{Program.str()};
  Owned.insert(Owned.end(), Arguments.begin(), Arguments.end());
  std::vector<char *> Argv;
  for (std::string &Argument : Owned)
    Argv.push_back(Argument.data());
  Argv.push_back(nullptr);

  // A server that dies must be an error of ours and not a signal.
  ::signal(SIGPIPE, SIG_IGN);
  int ToChild[2], FromChild[2];
  if (::pipe2(ToChild, O_CLOEXEC) != 0 || ::pipe2(FromChild, O_CLOEXEC) != 0)
    return llvm::createStringError(std::error_code(errno, std::generic_category()), "pipe");
  int Pid = ::fork();
  if (Pid < 0)
    return llvm::createStringError(std::error_code(errno, std::generic_category()), "fork");
  if (Pid == 0) {
    ::dup2(ToChild[0], STDIN_FILENO);
    ::dup2(FromChild[1], STDOUT_FILENO);
    for (const std::string &Setting : Environment)
      ::putenv(const_cast<char *>(Setting.c_str()));
    ::execvp(Argv[0], Argv.data());
    ::_exit(127);
  }
  ::close(ToChild[0]);
  ::close(FromChild[1]);
  return std::unique_ptr<LanguageServer>(new LanguageServer(Pid, ToChild[1], FromChild[0]));
}

LanguageServer::~LanguageServer() {
  if (In >= 0)
    ::close(In);
  if (Pid > 0) {
    ::kill(Pid, SIGKILL);
    ::waitpid(Pid, nullptr, 0);
  }
  ::close(Out);
}

llvm::Error LanguageServer::send(json::Object Message) {
  Message["jsonrpc"] = "2.0";
  std::string Body;
  llvm::raw_string_ostream(Body) << json::Value(std::move(Message));
  std::string Frame = fmt::format("Content-Length: {}\r\n\r\n{}", Body.size(), Body);
  for (StringRef Rest = Frame; !Rest.empty();) {
    ssize_t Written = ::write(In, Rest.data(), Rest.size());
    if (Written < 0 && errno == EINTR)
      continue;
    if (Written <= 0)
      return llvm::createStringError("the language server does not read any more");
    Rest = Rest.drop_front(static_cast<size_t>(Written));
  }
  return llvm::Error::success();
}

llvm::Error LanguageServer::notify(StringRef Method, json::Value Parameters) {
  return send(json::Object{{"method", Method}, {"params", std::move(Parameters)}});
}

llvm::Expected<std::string> LanguageServer::readFrame(Clock::time_point Deadline) {
  while (true) {
    if (size_t End = Buffer.find("\r\n\r\n"); End != std::string::npos) {
      StringRef Header = StringRef(Buffer).take_front(End);
      size_t Length = 0;
      if (!Header.consume_front("Content-Length: ") || Header.split("\r\n").first.getAsInteger(10, Length))
        return llvm::createStringError("no Content-Length in: " + Header.str());
      if (Buffer.size() >= End + 4 + Length) {
        std::string Body = Buffer.substr(End + 4, Length);
        Buffer.erase(0, End + 4 + Length);
        return Body;
      }
    }
    auto Left = std::chrono::duration_cast<std::chrono::milliseconds>(Deadline - Clock::now()).count();
    pollfd Readable{Out, POLLIN, 0};
    int Ready = Left > 0 ? ::poll(&Readable, 1, static_cast<int>(Left)) : 0;
    if (Ready < 0 && errno == EINTR)
      continue;
    if (Ready <= 0)
      return llvm::createStringError("the language server does not answer in time");
    char Chunk[65536];
    ssize_t Size = ::read(Out, Chunk, sizeof(Chunk));
    if (Size <= 0)
      return llvm::createStringError("the language server has died");
    Buffer.append(Chunk, static_cast<size_t>(Size));
  }
}

llvm::Error LanguageServer::receive(Clock::time_point Deadline) {
  llvm::Expected<std::string> Body = readFrame(Deadline);
  if (!Body)
    return Body.takeError();
  llvm::Expected<json::Value> Message = json::parse(*Body);
  if (!Message)
    return Message.takeError();
  if (json::Object *Object = Message->getAsObject())
    return file(std::move(*Object));
  return llvm::createStringError("not a message: " + *Body);
}

llvm::Error LanguageServer::file(json::Object Message) {
  std::optional<int64_t> Id = Message.getInteger("id");
  std::optional<StringRef> Method = Message.getString("method");
  if (Method && Id) // A request of the server's: nothing that we could do for it.
    return send(json::Object{{"id", *Id}, {"result", nullptr}});
  if (Id) {
    if (json::Value *Wrong = Message.get("error"))
      return llvm::createStringError("the language server refuses: " + llvm::formatv("{0}", *Wrong).str());
    json::Value *Result = Message.get("result");
    Answers.insert_or_assign(*Id, Result ? std::move(*Result) : json::Value(nullptr));
    return llvm::Error::success();
  }
  if (Method != "textDocument/publishDiagnostics")
    return llvm::Error::success();
  json::Object *Parameters = Message.getObject("params");
  json::Array *Diagnostics = Parameters ? Parameters->getArray("diagnostics") : nullptr;
  if (Diagnostics)
    Newest[uriPath(Parameters->getString("uri").value_or(""))] = {Parameters->getInteger("version").value_or(0),
                                                                  std::move(*Diagnostics)};
  return llvm::Error::success();
}

llvm::Expected<json::Value> LanguageServer::request(StringRef Method, json::Value Parameters, Seconds Timeout) {
  int64_t Id = NextId++;
  if (llvm::Error Failed = send(json::Object{{"id", Id}, {"method", Method}, {"params", std::move(Parameters)}}))
    return Failed;
  Clock::time_point Deadline = Clock::now() + Timeout;
  while (!Answers.count(Id))
    if (llvm::Error Failed = receive(Deadline))
      return Failed;
  json::Value Answer = std::move(Answers.at(Id));
  Answers.erase(Id);
  return Answer;
}

llvm::Error LanguageServer::initialize(StringRef Root) {
  json::Object Capabilities{
      {"textDocument",
       json::Object{
           {"publishDiagnostics", json::Object{{"relatedInformation", true}, {"versionSupport", true}}},
           {"codeAction",
            json::Object{{"codeActionLiteralSupport",
                          json::Object{{"codeActionKind", json::Object{{"valueSet", json::Array{"quickfix"}}}}}}}}}}};
  llvm::Expected<json::Value> Answer = request(
      "initialize",
      json::Object{{"processId", ::getpid()}, {"rootUri", fileUri(Root)}, {"capabilities", std::move(Capabilities)}});
  if (!Answer)
    return Answer.takeError();
  return notify("initialized", json::Object{});
}

llvm::Error LanguageServer::open(StringRef Path, StringRef Language, StringRef Text) {
  int64_t Version = ++Versions[Path.str()];
  return notify("textDocument/didOpen", json::Object{{"textDocument", json::Object{{"uri", fileUri(Path)},
                                                                                   {"languageId", Language},
                                                                                   {"version", Version},
                                                                                   {"text", Text}}}});
}

llvm::Error LanguageServer::change(StringRef Path, StringRef Text) {
  int64_t Version = ++Versions[Path.str()];
  return notify("textDocument/didChange",
                json::Object{{"textDocument", json::Object{{"uri", fileUri(Path)}, {"version", Version}}},
                             {"contentChanges", json::Array{json::Object{{"text", Text}}}}});
}

llvm::Error LanguageServer::close(StringRef Path) {
  return notify("textDocument/didClose", json::Object{{"textDocument", json::Object{{"uri", fileUri(Path)}}}});
}

llvm::Expected<json::Array> LanguageServer::diagnostics(StringRef Path, Seconds Timeout) {
  Clock::time_point Deadline = Clock::now() + Timeout;
  Published &Last = Newest[Path.str()];
  while (Last.Version < Versions[Path.str()])
    if (llvm::Error Failed = receive(Deadline))
      return Failed;
  return Last.Diagnostics;
}

llvm::Error LanguageServer::shutdown() {
  llvm::Expected<json::Value> Answer = request("shutdown", nullptr);
  if (!Answer)
    return Answer.takeError();
  if (llvm::Error Failed = notify("exit", nullptr))
    return Failed;
  ::close(std::exchange(In, -1));
  int Status = 0;
  for (int Tries = 0; Tries < 300; ++Tries) {
    if (::waitpid(Pid, &Status, WNOHANG) == Pid) {
      Pid = 0;
      if (WIFEXITED(Status) && WEXITSTATUS(Status) == 0)
        return llvm::Error::success();
      return llvm::createStringError(fmt::format("the language server ends with status {}", Status));
    }
    ::usleep(100000);
  }
  return llvm::createStringError("the language server does not end");
}
