// Wait groups recognised by their names: projects write their own and call them all the same.
#include "checks/model/Model.h"

#include "checks/model/Statements.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::model {

using llvm::StringRef;

/// `count_down`, `countDown`, `CountDown` and `countdown_` without case and separators.
static std::string normalised(StringRef Name) {
  std::string Result;
  for (char C : Name)
    if (C != '_')
      Result += llvm::toLower(C);
  return Result;
}

/// The end of a class's name says what it is: `SimpleWaitGroup`, `rpc_count_down_latch_t`.
static bool isCounterClass(StringRef ClassName) {
  StringRef Last = ClassName.rsplit("::").second.empty() ? ClassName : ClassName.rsplit("::").second;
  std::string Name = normalised(Last);
  StringRef Stem = Name;
  if (Last.ends_with("_t"))
    Stem = Stem.drop_back();
  for (StringRef Suffix : {"impl", "base"})
    Stem.consume_back(Suffix);
  static constexpr StringRef Endings[] = {
      "waitgroup",       "waitgroups",  "countdownlatch",  "countdownevent", "countdown",       "countdownlock",
      "latch",           "taskcounter", "blockingcounter", "waitcounter",    "pendingcounter",  "jobcounter",
      "asynccounter",    "joincounter", "workcounter",     "countingevent",  "syncgroup",       "dispatchgroup",
      "completionlatch", "taskgroup",   "workgroup",       "jobgroup",       "waitablecounter", "completioncounter"};
  return llvm::any_of(Endings, [&](StringRef Ending) { return Stem.ends_with(Ending); });
}

namespace {

enum class Role : uint8_t { Other, Completes, Waits, Both };

struct Meaning {
  Role As;
  StringRef Statements;
  llvm::ArrayRef<StringRef> Names;
};

constexpr StringRef AddNames[] = {"add",   "addcount",   "addone",         "addtask",  "inc",
                                  "incr",  "increment",  "incrementcount", "register", "registertask",
                                  "enter", "addpending", "countup"};
constexpr StringRef DoneNames[] = {"done",       "countdown",  "decrement",  "decrementcount", "dec",
                                   "decr",       "signal",     "finish",     "finished",       "complete",
                                   "completed",  "leave",      "taskdone",   "finishtask",     "markdone",
                                   "notifydone", "deregister", "unregister", "arrive",         "completeone"};
constexpr StringRef WaitNames[] = {
    "wait",     "await",         "waitall",           "join",        "joinall",      "waitforall",
    "waitdone", "waituntildone", "waitforcompletion", "waitforzero", "waitforcount", "block"};
constexpr StringRef TimedNames[] = {"waitfor", "waituntil", "timedwait", "waitfortimeout", "trywaitfor"};
constexpr StringRef BothNames[] = {"arriveandwait", "countdownandwait", "doneandwait", "decrementandwait"};
constexpr StringRef PollNames[] = {"trywait", "iszero", "isdone", "ready"};
constexpr StringRef ResetNames[] = {"reset", "init", "setcount"};

constexpr Meaning Meanings[] = {{Role::Other, "add this arg0 or 1", AddNames},
                                {Role::Completes, "done this arg0 or 1", DoneNames},
                                {Role::Waits, "wait this", WaitNames},
                                {Role::Other, "wait this timed", TimedNames},
                                {Role::Both, "done this arg0 or 1; wait this", BothNames},
                                {Role::Other, "poll this", PollNames},
                                {Role::Other, "write this", ResetNames}};

void addMethod(TypeModel &T, StringRef Name, StringRef Statements, StringRef Signature) {
  FunctionModel &Model = T.Methods.emplace_back();
  Model.Name = Name.str();
  parseStatements(Statements, Model);
  if (!Signature.empty())
    parseSignature(Signature, Model);
}

} // namespace

std::optional<TypeModel> counterByName(StringRef ClassName, llvm::ArrayRef<std::string> Methods) {
  if (!isCounterClass(ClassName))
    return std::nullopt;
  TypeModel T;
  T.Name = ClassName.str();
  T.Traits.K = ir::Type::Kind::Counter;
  bool Completes = false, Waits = false;
  for (const std::string &Method : Methods) {
    std::string Name = normalised(Method);
    if (llvm::any_of(T.Methods, [&](const FunctionModel &Known) { return Known.Name == Method; }))
      continue;
    for (const Meaning &M : Meanings) {
      if (!llvm::is_contained(M.Names, StringRef(Name)))
        continue;
      // With an argument it is a wait with a time limit.
      addMethod(T, Method, M.Statements, M.As == Role::Waits ? "()" : "");
      if (M.As == Role::Waits)
        addMethod(T, Method, "wait this timed", "(_, ...)");
      Completes |= M.As == Role::Completes || M.As == Role::Both;
      Waits |= M.As == Role::Waits || M.As == Role::Both;
    }
  }
  if (!Completes || !Waits)
    return std::nullopt;
  for (auto [Signature, Statements] : {std::pair("()", "init this 0"), std::pair("(_)", "init this arg0")}) {
    FunctionModel &Model = T.Constructors.emplace_back();
    parseStatements(Statements, Model);
    parseSignature(Signature, Model);
  }
  return T;
}

} // namespace latchkey::model
